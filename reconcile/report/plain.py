"""A plain page without script or network: the answer at the top, then headings, lines and tables.

Every text is escaped, and invisible characters are made visible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, select_autoescape

from reconcile.report.markup import digest, is_amount, pieces
from reconcile.report.pieces import Segment
from reconcile.report.visible import show_line
from reconcile.wording import Lang, name_of, say

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
    """The version of a message in one or several exports; words null = they do not have the message."""

    holders: str
    words: tuple[Segment, ...] | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A finding on a first page.

    `tone`: conflict or one_sided; `kind` is empty for text; `note`: what else is known.
    """

    label: str
    tone: str
    at: str
    sender: str
    kind: str
    versions: tuple[Version, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The top of a page: what was compared, the verdict, the findings, what is open, what it cannot mean.

    Attributes:
        verdicts: grade (its colour) and sentence of each verdict.
        more: counts the findings that are not listed here.
        absent: shown where a version has no text.
    """

    head: tuple[str, ...]
    compared: tuple[tuple[str, ...], ...]
    zone: str
    verdicts: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    more: str
    undetermined: tuple[str, ...]
    absent: str
    limit: str


def kind_beside(kind: str, lang: Lang) -> str:
    """The kind of a message as shown beside its sender; empty for text, which needs no name."""
    return "" if kind == "text" else name_of(f"verdict.kind.{kind}", lang)


def cause_beside(cause: str | None, lang: Lang) -> str:
    """What is known of a finding; empty where its versions show it, and where nothing is known."""
    if cause in (None, "text_differs", "amount_differs", "unexplained"):
        return ""
    words = name_of(f"verdict.cause.{cause}", lang)
    return words[:1].upper() + words[1:]


def body_of(text: str | None, amount: str | None, gap: str = "\n") -> str:
    """The text of a message, followed by `gap` and the amount where the text does not state it."""
    stated = text or ""
    bare = stated.replace(",", "").replace("，", "")
    return stated if not amount or amount.removesuffix(".00") in bare else f"{stated}{gap}¥{amount}".strip()


@cache
def pages_of(package: str, finalize: Callable[[object], object] | None = None) -> Environment:
    """The page templates of a package, plus the common style sheet; every value is escaped.

    `finalize` converts each value before it is shown.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates"), PackageLoader("reconcile.report", "templates")]),
        autoescape=select_autoescape(default=True),
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"pieces": pieces, "digest": digest}
    environment.tests["amount"] = is_amount
    return environment


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
            F=lambda key: say(f"front.{key}", lang),
        )
    )
