"""A check's result in one sentence with every number."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reconcile.report.plain import cause_beside
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.vocabulary import Cause
from reconcile.wording import Lang, name_of, say
from reconcile.wording.instants import china_time
from reconcile.wording.sentences import sentence

_MOST, _LONGEST, _EACH = 8, 120, 60
_FATES = {"conflict": "conflict", "one_sided": "not_in_export", "doubtful": "doubtful"}
_COUNTED = ("conflicts", "not_in_export", "left_out_inside", "doubtful")
_STATED = ("unread", "openly_left_out", "openly_shortened")


def sentence_of(verdict: Mapping[str, Any], lang: Lang) -> str:
    """The sentence of one export's verdict: what differs, is absent or was left out, else agreement."""
    if "nothing_placed" in verdict["reasons"]:
        clauses = [say("submission.says_nothing_placed", lang)]
    elif "mostly_unplaced" in verdict["reasons"]:
        clauses = [say("submission.says_mostly_unplaced", lang, n=verdict["agreements"], total=verdict["submitted"])]
    else:
        clauses = [say(f"submission.says_{name}", lang, n=verdict[name]) for name in _COUNTED if verdict[name]]
        clauses += [unsure_of(verdict, "says", lang)] if "unsure" in verdict["reasons"] else []
        clauses = clauses or [say("submission.says_agree", lang, n=verdict["agreements"])]
        clauses += [say(f"submission.says_{name}", lang, n=verdict[name]) for name in _STATED if verdict.get(name)]
        clauses += [say("submission.says_selected", lang)] if "selected" in verdict["reasons"] else []
    return sentence(clauses, lang)


def unsure_of(verdict: Mapping[str, Any], form: str, lang: Lang) -> str:
    """What is said (`says`, `open`) of messages that were perhaps submitted, with their kinds."""
    names = [name_of(f"verdict.kind.{k}", lang) for k in verdict["unsure_kinds"]]
    return say(f"submission.{form}_unsure", lang, kinds=("、" if lang == "zh" else ", ").join(names))


def mark_of(code: str, cause: str | None, lang: Lang) -> str:
    """What became of a submitted message; of a difference or doubt also why."""
    mark = say(f"submission.mark_{code}", lang)
    # Of one row, the cause says less than of a whole conversation.
    is_unclear = cause == Cause.PAIRING_UNCLEAR
    why = say("submission.pairing_unclear", lang) if is_unclear else cause_beside(cause, lang)
    why = "" if code == "submitted" else why
    return say("submission.mark_because", lang, mark=mark, why=why) if why else mark


def submitted_lines(findings: SubmissionFindings, lang: Lang) -> list[str]:
    """At most eight submitted messages that differ, are absent or in doubt, with texts and cause."""
    relation = pl.col("relation").cast(pl.String)
    order = relation.replace_strict(list(_FATES), range(len(_FATES)), default=None, return_dtype=pl.UInt8)
    found = findings.rows.with_columns(fate=relation, rank=order).filter(pl.col("rank").is_not_null())
    found = found.sort("rank", "export", "row")
    lines = [_submitted_line(row, lang) for row in found.head(_MOST).iter_rows(named=True)]
    return lines if found.height <= _MOST else [*lines, say("cli.more_found", lang, n=found.height - _MOST)]


def _submitted_line(row: Mapping[str, Any], lang: Lang) -> str:
    """A submitted message in one line: place, words, other words of the export, what became of it."""
    own, held = (_one_line(row[name], _EACH) for name in ("text", "export_text"))
    words = own if row["export_text"] in (None, row["text"]) else f"{own} ↔ {held}"
    return "  " + "  ".join((row["locator"], words, mark_of(_FATES[row["fate"]], row["cause"], lang)))


def _one_line(text: str | None, most: int) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= most else f"{words[:most]}…"


def left_out_lines(findings: SubmissionFindings, lang: Lang) -> list[str]:
    """At most eight messages within passages that were not submitted, with time and sender, a line each."""
    is_it = (pl.col("place").cast(pl.String) == "inside") & pl.col("cause").is_null() & ~pl.col("is_doubtful")
    found = findings.left_out.filter(is_it)
    lines = [_message_line(row) for row in found.head(_MOST).iter_rows(named=True)]
    return lines if found.height <= _MOST else [*lines, say("cli.more_found", lang, n=found.height - _MOST)]


def _message_line(row: Mapping[str, Any]) -> str:
    """A message in one line: time, sender, text."""
    at = china_time(row["sent_at"].isoformat()) if row["sent_at"] else None
    words = _one_line(row["text"], _LONGEST)
    return "  " + "  ".join(part for part in (at, row["sender_name"] or row["sender"], words) if part)


def worst_sentence(findings: SubmissionFindings, lang: Lang) -> str:
    """The sentence of the first export with the gravest verdict."""
    nothing = {"reasons": ["nothing_placed"]}
    found = findings.verdicts.iter_rows(named=True)
    return sentence_of(next((v for v in found if v["grade"] == findings.grade), nothing), lang)
