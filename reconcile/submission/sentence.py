"""A check's result in one sentence with every number."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reconcile.submission.check_frames import SubmissionFindings
from reconcile.wording import Lang, name_of, say
from reconcile.wording.instants import china_time
from reconcile.wording.sentences import sentence

_MOST, _LONGEST = 8, 120
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


def left_out_lines(findings: SubmissionFindings, lang: Lang) -> list[str]:
    """At most eight messages within passages that were not submitted, with time and sender, a line each."""
    is_it = (pl.col("place").cast(pl.String) == "inside") & pl.col("cause").is_null() & ~pl.col("is_doubtful")
    found = findings.left_out.filter(is_it)
    lines = [_message_line(row) for row in found.head(_MOST).iter_rows(named=True)]
    return lines if found.height <= _MOST else [*lines, say("cli.more_found", lang, n=found.height - _MOST)]


def _message_line(row: Mapping[str, Any]) -> str:
    """A message in one line: time, sender, text."""
    at = china_time(row["sent_at"].isoformat()) if row["sent_at"] else None
    words = " ".join((row["text"] or "").split())
    shortened = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    return "  " + "  ".join(part for part in (at, row["sender_name"] or row["sender"], shortened) if part)


def worst_sentence(findings: SubmissionFindings, lang: Lang) -> str:
    """The sentence of the first export with the gravest verdict."""
    nothing = {"reasons": ["nothing_placed"]}
    found = findings.verdicts.iter_rows(named=True)
    return sentence_of(next((v for v in found if v["grade"] == findings.grade), nothing), lang)
