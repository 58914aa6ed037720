"""The decisions as files to keep: JSON, and CSV without formulas or hidden content."""

import csv
import io

from reconcile.custody.decisions import Decision, read_log, standing
from reconcile.report.visible import show
from reconcile.review.page import local
from reconcile.review.rejudge import Rejudge
from reconcile.review.second_review import latest_by_reviewer, second_of
from reconcile.review.store import CaseFolder, Row
from reconcile.review.words import page_words, word
from reconcile.visible_text import visible_json
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    *"\uff1d\uff0b\uff0d\uff20",
)  # the last four full-width: some spreadsheets take them too
COLUMNS = (
    "at",
    "reviewer",
    "action",
    "judgement",
    "stands",
    "second",
    "note",
    "conversation",
    "found",
    "left_locator",
    "left_text",
    "right_locator",
    "right_text",
    "id",
    "undoes",
)


def decisions_json(case: CaseFolder, rejudge: Rejudge) -> bytes:
    """Every entry of the log, which of them are in force, and the verdicts as found and judged anew."""
    log = read_log(case.folder)
    stands = [d for d in standing(log.entries) if d.basis == case.basis]
    anew = rejudge.verdicts(stands)
    verdicts = [
        {"conversation": v["conversation"], "grade": v["grade"], "judged_anew": a}
        for v, a in zip(case.verdicts, anew, strict=True)
    ]
    whole = {
        "case": case.folder.resolve().name,
        "basis": case.basis,
        "log_sha256_of_last_entry": log.head,
        "unreadable_lines": list(log.torn_lines),
        "changed_at_line": log.broken_at,
        "entries": [entry.model_dump(mode="json") for entry in log.entries],
        "standing": [entry.id for entry in stands],
        "verdicts": verdicts,
    }
    return visible_json(whole).encode()


def decisions_csv(case: CaseFolder, lang: Lang) -> bytes:
    """One CSV row for each log entry, in order, with the judged rows' words.

    UTF-8 with a mark, as Excel needs.
    """
    entries = read_log(case.folder).entries
    stands = {d.id for d in standing(entries) if d.basis == case.basis}
    said = {name: latest_by_reviewer(entries, case.basis, name) for name in {e.conversation for e in entries}}
    texts = {side: case.messages(side, _judged_rows(entries, side, case.basis), ("text",)) for side in Side}
    out = io.StringIO()
    writer = csv.writer(out)
    words = page_words(lang, case.names(lang))
    writer.writerow(without_formula(words[f"csv_{name}"]) for name in COLUMNS)
    for entry in entries:
        row = _export_row(entry, entry.id in stands, entry.basis == case.basis, texts, lang)
        second = {second_of(said[entry.conversation].get(name, {})) for name in entry.rows if entry.id in stands} - {""}
        row["second"] = word("second", second.pop(), lang) if second else ""
        writer.writerow(without_formula(show(str(row[name]))) for name in COLUMNS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def without_formula(cell: str) -> str:
    """The cell, with an apostrophe in front where a spreadsheet would read a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _export_row(entry: Decision, stands: bool, is_this_run: bool, texts: dict[Side, dict[int, Row]], lang: Lang) -> Row:
    """One entry of the log as a row; texts only where it belongs to this run."""
    row: Row = {
        "at": local(entry.at),
        "reviewer": entry.reviewer,
        "action": say(f"review.action_{entry.action}", lang),
        "judgement": _judgement_words(entry, lang),
        "stands": say("review.yes" if stands else "review.no", lang) if entry.action == "judge" else "",
        "note": entry.note,
        "conversation": entry.conversation,
        "found": word("relation", entry.found, lang) if entry.found else "",
        "id": entry.id,
        "undoes": entry.undoes or "",
    }
    for side, key in ((Side.LEFT, entry.left), (Side.RIGHT, entry.right)):
        row[f"{side}_locator"] = (key.locator or "") if key else ""
        row[f"{side}_text"] = texts[side].get(key.row, {}).get("text", "") if key and is_this_run else ""
    return row


def _judgement_words(entry: Decision, lang: Lang) -> str:
    """The judgement in words; '' for an undo."""
    if entry.judgement is None:
        return ""
    is_lone = entry.judgement == "not_same" and None in (entry.left, entry.right)
    suffix = "_differs" if entry.differs else ""
    return say(f"review.judged_{'lone_' if is_lone else ''}{entry.judgement}{suffix}", lang)


def _judged_rows(entries: tuple[Decision, ...], side: Side, basis: str) -> list[int]:
    return sorted({row for entry in entries if entry.basis == basis for of, row in entry.rows if of is side})
