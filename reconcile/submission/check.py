"""check_submission(): compares a submission with full exports; finds omissions and differences."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from reconcile.engine.relations import BY_ID
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.submission.check_frames import CheckVerdicts, LeftOut, Passages, SubmissionFindings, SubmittedRows
from reconcile.submission.pairing import Paired
from reconcile.submission.paper import pairs_of_paper
from reconcile.submission.params import CHECK_PARAMS
from reconcile.submission.passages import Shown, passages_of, selection_of
from reconcile.vocabulary import Cause, Grade, Relation

# Which rows of the submission stand at a row of the export that they may well be.
_IS_PLACED = pl.col("export_row").is_not_null() & (pl.col("cause").fill_null("") != str(Cause.PAIRING_UNCLEAR))


def check_submission(
    submission: Reading,
    against: Sequence[Reading],
    *,
    recognised: bool = False,
    legible: dict[int, float] | None = None,
) -> SubmissionFindings:
    """Omissions and differences of a submission against the conversation it was cut from.

    Args:
        submission: message table, any export, pasted text, or the text of pages.
        against: the party's own full exports, then the other party's where there are any; each is compared with it separately.
        recognised: the words come from text recognition; their differences are doubtful, not conflicts.
        legible: submitted row -> lowest confidence of its digits as recognised; legible digits that differ do conflict.

    Returns:
        Findings in which every submitted row occurs once for each export.
    """
    limits = submission.facts.limits.as_shown(submission.messages["kind"].unique().to_list())
    submission = replace(submission, facts=replace(submission.facts, limits=limits))
    rows: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    passages: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    first = 1
    for number, export in enumerate(against):
        for paired in pairs_of_paper(submission, export, recognised=recognised, legible=legible):
            if is_unplaced := _is_mostly_unplaced(paired):
                paired = _doubted(paired, export)  # noqa: PLW2901 - from here on, nothing is said of single rows
            shown = passages_of(paired, submission, export, number, first)
            first += len(shown.passages)
            rows += _submitted_rows(paired, shown, submission, export, number)
            left += shown.left_out
            passages += shown.passages
            verdicts.append(_verdict_row(paired, shown, export, number, is_unplaced=is_unplaced))
    frames = frame_of(SubmittedRows, rows), frame_of(LeftOut, left), frame_of(Passages, passages)
    selection = tuple(
        selection_of(e, frames[0].filter(pl.col("export") == n), frames[1].filter(pl.col("export") == n))
        for n, e in enumerate(against)
    )
    table = _verdict_frame(verdicts)
    return SubmissionFindings(*frames, table, selection, _worst_grade(table["grade"].to_list()))


def _is_mostly_unplaced(paired: Paired) -> bool:
    """Whether fewer rows than `placed_share` found their place; recognised words also by likeness."""
    relation, likeness = paired.pairs["relation"], paired.pairs["similarity"].fill_null(0.0)
    is_alike = (likeness >= CHECK_PARAMS.alike_share) & paired.is_recognised
    placed = int(((relation == "agreement") | paired.pairs["method"].is_in(BY_ID) | is_alike).sum())
    asked = paired.pairs.height - int((relation == "set_aside").sum())
    is_any = paired.pairs["export_row"].count() > 0
    return is_any and asked >= CHECK_PARAMS.placed_rows and placed < CHECK_PARAMS.placed_share * asked


def _doubted(paired: Paired, export: Reading) -> Paired:
    """The pairs with doubt in place of conflicts and absences, and no row of the export surely left out."""
    is_told = pl.col("relation").is_in([str(Relation.CONFLICT), str(Relation.ONE_SIDED)])
    unclear = {"relation": str(Relation.DOUBTFUL), "cause": str(Cause.PAIRING_UNCLEAR)}
    pairs = paired.pairs.with_columns(
        pl.when(is_told).then(pl.lit(value)).otherwise(name).alias(name) for name, value in unclear.items()
    )
    return replace(paired, pairs=pairs, doubtful_exports=frozenset(export.messages["row"]))


def _submitted_rows(
    paired: Paired, shown: Shown, submission: Reading, export: Reading, number: int
) -> list[dict[str, Any]]:
    """The pairs of one conversation with their locators and passages, for the table of rows."""
    mine, theirs = submission.messages["locator"], export.messages["locator"]
    words, held = submission.messages["text"], export.messages["text"]
    return [
        r
        | {
            "export": number,
            "locator": mine[r["row"]],
            "conversation": paired.conversation,
            "export_conversation": paired.export_conversation,
            "text": words[r["row"]],
            "export_locator": None if r["export_row"] is None else theirs[r["export_row"]],
            "export_text": None if r["export_row"] is None else held[r["export_row"]],
            "passage": shown.passage_of.get(r["row"]),
        }
        for r in paired.pairs.iter_rows(named=True)
    ]


def _verdict_row(paired: Paired, shown: Shown, export: Reading, number: int, *, is_unplaced: bool) -> dict[str, Any]:
    """Counts, grade and reasons of one conversation against one export."""
    relation = paired.pairs["relation"]
    counts = {str(r): int((relation == str(r)).sum()) for r in Relation}
    left = [r for r in shown.left_out if r["cause"] is None and not r["is_doubtful"]]
    places = {p: sum(1 for r in left if r["place"] == p) for p in ("inside", "around", "between")}
    inside = [r for r in shown.left_out if r["place"] == "inside"]
    unsure = [r["kind"] for r in inside if r["is_doubtful"] and r["cause"] is None]
    numbers = {
        "submitted": paired.pairs.height, "agreements": counts["agreement"], "conflicts": counts["conflict"], "doubtful": counts["doubtful"],
        "not_in_export": counts["one_sided"], "set_aside": counts["set_aside"], "passages": len(shown.passages), "unsure": len(unsure),
        **{f"left_out_{p}": n for p, n in places.items()},
        "open_edges": sum(1 for p in shown.passages if p["left_out_before"] or p["left_out_after"]),
        "form": int(((relation == "agreement") & paired.pairs["cause"].is_not_null()).sum()),
        "aside": sum(1 for r in inside if r["cause"] not in (None, str(Cause.DECLARED))),
        "selected": sum(1 for r in inside if r["cause"] == str(Cause.DECLARED)) - shown.openly_left_out,
        "openly_left_out": shown.openly_left_out, "openly_shortened": int((paired.pairs["detail"] == "ellipsis").sum()),
        "unread": paired.unread, "placed": paired.pairs.filter(_IS_PLACED).height,
    }  # fmt: skip
    grade, reasons = _judge(numbers, recognised=paired.is_recognised)
    if is_unplaced:
        grade, reasons = Grade.CANNOT_DETERMINE, ["mostly_unplaced", *reasons]
    titles = export.conversations.filter(pl.col("conversation") == (paired.export_conversation or "\0"))["title"]
    return {name: n for name, n in numbers.items() if name != "placed"} | {
        "export": number, "conversation": paired.conversation, "export_conversation": paired.export_conversation, "export_title": titles[0] if len(titles) else None,
        "grade": str(grade), "reasons": reasons, "unsure_kinds": sorted({*unsure}), "span_rows": shown.span_rows, "coverage": shown.coverage, "export_rows": shown.export_rows,
        "skew_seconds": paired.skew_seconds, "is_recognised": paired.is_recognised,
    }  # fmt: skip


def _judge(told: dict[str, int], *, recognised: bool) -> tuple[Grade, list[str]]:
    """Grade and reasons, worst first; each reason is the name of a count that is not zero."""
    named = ("conflicts", "not_in_export", "left_out_inside", "doubtful", "unsure", "unread", "left_out_between", "open_edges", "selected", "openly_left_out", "openly_shortened", "aside", "form", "set_aside")  # fmt: skip
    reasons = [n for n in named if told[n]]
    if not told["placed"]:
        return Grade.CANNOT_DETERMINE, ["nothing_placed", *reasons]
    if told["conflicts"]:
        return Grade.CONFLICTING, reasons
    if told["not_in_export"] or told["left_out_inside"]:
        return Grade.ONE_SIDED, reasons
    if told["unread"]:
        return Grade.CANNOT_DETERMINE, reasons
    limit = CHECK_PARAMS.doubt_share_recognised if recognised else CHECK_PARAMS.doubt_share
    if told["doubtful"] or told["unsure"]:
        is_much = told["doubtful"] > limit * told["submitted"]
        return Grade.CANNOT_DETERMINE, ["too_much_doubt", *reasons] if is_much else reasons
    return (Grade.EXPLAINED_DIFFERENCES if reasons else Grade.NO_GAP_FOUND), reasons


def _verdict_frame(verdicts: list[dict[str, Any]]) -> Any:
    if not verdicts:
        return frame_of(CheckVerdicts)
    names = list(CheckVerdicts.columns())
    lists = [pl.Series(n, [v[n] for v in verdicts], dtype=pl.List(pl.String)) for n in ("reasons", "unsure_kinds")]
    plain = pl.DataFrame([{n: v[n] for n in names if not isinstance(v[n], list)} for v in verdicts], infer_schema_length=None)  # fmt: skip
    return frame_of(CheckVerdicts, plain.with_columns(lists))


def _worst_grade(grades: list[str]) -> str:
    """The worst of the grades; `cannot_determine` for none."""
    order = [str(g) for g in Grade]
    return min(grades, key=order.index, default=str(Grade.CANNOT_DETERMINE))
