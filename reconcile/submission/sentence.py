"""A check's result in one sentence with every number."""

from collections.abc import Mapping
from typing import Any

from reconcile.submission.check_frames import SubmissionFindings
from reconcile.wording import Lang, say

_COUNTED = ("conflicts", "not_in_export", "left_out_inside", "doubtful")


def sentence_of(verdict: Mapping[str, Any], lang: Lang) -> str:
    """The sentence of one export's verdict: what differs, is absent or was left out, else agreement."""
    if "nothing_placed" in verdict["reasons"]:
        clauses = [say("submission.says_nothing_placed", lang)]
    else:
        clauses = [say(f"submission.says_{name}", lang, n=verdict[name]) for name in _COUNTED if verdict[name]]
        clauses += [say("submission.says_unsure", lang)] if "unsure" in verdict["reasons"] else []
        clauses = clauses or [say("submission.says_agree", lang, n=verdict["agreements"])]
    joined = clauses[-1]
    for clause in reversed(clauses[:-1]):
        joined = say("front.clause_pair", lang, first=clause, rest=joined)
    told_in_full = say("front.sentence", lang, clauses=joined)
    return told_in_full[:1].upper() + told_in_full[1:]


def worst_sentence(findings: SubmissionFindings, lang: Lang) -> str:
    """The sentence of the first export with the gravest verdict."""
    nothing = {"reasons": ["nothing_placed"]}
    found = findings.verdicts.iter_rows(named=True)
    return sentence_of(next((v for v in found if v["grade"] == findings.grade), nothing), lang)
