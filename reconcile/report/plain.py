"""A plain page without script or network: the answer at the top, then headings, lines and tables.

Every text is escaped, and invisible characters are made visible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, select_autoescape

from reconcile.report.visible import show, show_line
from reconcile.wording import Lang, say

TAGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page: a heading, lines under it, and a table where `head` is not empty."""

    heading: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Version:
    """What one or several exports hold of a message; words null = they hold no such message."""

    holders: str
    words: str | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A finding on a first page. `tone`: conflict or one_sided."""

    label: str
    tone: str
    at: str
    sender: str
    kind: str
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The top of a page: what was compared, the verdict, the findings, what is open, what it cannot mean.

    Attributes:
        grade: colours the verdict.
        more: counts the findings that are not listed here.
        absent: shown where a version has no text.
    """

    head: tuple[str, ...]
    compared: tuple[tuple[str, ...], ...]
    zone: str
    grade: str
    verdict: str
    items: tuple[Item, ...]
    more: str
    undetermined: tuple[str, ...]
    absent: str
    limit: str


@cache
def pages_of(package: str, finalize: Callable[[object], object] | None = None) -> Environment:
    """The page templates of a package, plus the common style sheet; every value is escaped.

    `finalize` converts each value before it is shown.
    """
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates"), PackageLoader("reconcile.report", "templates")]),
        autoescape=select_autoescape(default=True),
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def plain_page(
    title: str, sections: Sequence[Section], lang: Lang, answer: Answer | None = None, lead: str = "", grade: str = ""
) -> str:
    """The page as HTML; equal sections give equal bytes.

    Args:
        title: title of the page.
        sections: its parts.
        lang: its language.
        answer: the answer at its top.
        lead: a sentence at its top instead of an answer.
        grade: colour of that sentence.
    """
    return (
        pages_of("reconcile.report")
        .get_template("plain.html")
        .render(
            title=title,
            sections=sections,
            answer=answer,
            lead=lead,
            grade=grade,
            tag=TAGS[lang],
            shown=lambda text: show_line(str(text)),
            said=lambda text: show(str(text)),
            T=lambda key: say(f"front.{key}", lang),
        )
    )
