"""What a comparison found, on the terminal: the verdict in one sentence and the first findings.

The words are those of the report's first page.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reconcile.cli.console import echo
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.report.model import ReportData
    from reconcile.report.model_findings import Discrepancy
    from reconcile.report.pieces import Segment

_MOST = 8
_LONGEST = 120


def print_found(data: "ReportData", names: Mapping[str, str], lang: Lang) -> None:
    """Prints the verdict, at most eight findings with both versions, and what could not be determined."""
    from reconcile.report.first_page import front_of
    from reconcile.report.words import text_of

    front = front_of(data)
    verdict = text_of(front.verdict, lang)
    echo(f"\n{verdict[:1].upper()}{verdict[1:]}")
    for row in data.discrepancies[:_MOST]:
        for line in _discrepancy_lines(row, names, lang):
            echo(line)
    if data.discrepancies_found > _MOST:
        echo(say("cli.more_found", lang, n=data.discrepancies_found - _MOST))
    for phrase in front.undetermined:
        echo(f"  {text_of(phrase, lang)}")
    if front.steps:
        echo(say("cli.steps", lang))
    for phrase in front.steps:
        echo(f"  - {text_of(phrase, lang)}")
    echo("")


def _discrepancy_lines(row: "Discrepancy", names: Mapping[str, str], lang: Lang) -> list[str]:
    """A numbered discrepancy with both versions, in three lines."""
    from reconcile.report.words import code_of

    # The lines below name the side that lacks a message, but not what differs.
    code = ("cause", row.cause) if row.relation == "conflict" and row.cause else ("kind", row.kind)
    head = (row.at, row.sender, code_of(*code, lang))
    kind = code_of("kind", row.kind, lang)
    said = (
        (names[side], _short_words(words, kind, lang)) for side, words in (("left", row.left), ("right", row.right))
    )
    return [
        f"  {row.number}. {'  '.join(h for h in head if h)}",
        *(f"     {name}{say('cli.colon', lang)}{words}" for name, words in said),
    ]


def _short_words(segments: "Sequence[Segment] | None", kind: str, lang: Lang) -> str:
    """The words on one line, cut to _LONGEST characters; the kind where there are none."""
    if segments is None:
        return say("report.absent_here", lang)
    text = " ".join("".join(s.text for s in segments).split()) or kind
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
