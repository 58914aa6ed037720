"""A plain page: headings, lines, tables. No script, no network, every text of the material escaped and made visible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, select_autoescape

from reconcile.report.visible import show_line
from reconcile.wording import Lang

TAGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page: a heading, lines under it, and a table where `head` is not empty."""

    heading: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=())


@cache
def pages_of(package: str, finalize: Callable[[object], object] | None = None) -> Environment:
    """The page templates of a package, beside them the common style sheet; every value is escaped, `finalize` makes it what is shown of it."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates"), PackageLoader("reconcile.report", "templates")]),
        autoescape=select_autoescape(default=True),
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def plain_page(title: str, sections: Sequence[Section], lang: Lang) -> str:
    """The page as HTML; the same sections give the same bytes."""
    shown = [
        Section(
            show_line(s.heading), tuple(map(show_line, s.lines)), tuple(map(show_line, s.head)),
            tuple(tuple(show_line(str(c)) for c in row) for row in s.rows),
        )
        for s in sections
    ]  # fmt: skip
    return (
        pages_of("reconcile.report")
        .get_template("plain.html")
        .render(title=show_line(title), sections=shown, tag=TAGS[lang])
    )
