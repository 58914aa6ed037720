"""compare_readings(): the pipeline on one page, from two Readings to Findings."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from reconcile.column_ops import plans_over
from reconcile.engine.account import account_of
from reconcile.engine.classify import absent_rows, classify_pairs
from reconcile.engine.compared import Aligned, Compared
from reconcile.engine.content.forms import cuts_of
from reconcile.engine.direction import in_one_direction, of_rows, restored, rows_restored
from reconcile.engine.entities.conversations import pair_conversations
from reconcile.engine.entities.parties import NOTHING_STATED, Stated
from reconcile.engine.findings import assemble
from reconcile.engine.judgement.judged_pairs import judge_content
from reconcile.engine.lines import frames_of, lines_of
from reconcile.engine.mirror import mirrored, stands_first
from reconcile.engine.pairs.alignment import Alignment, align, untimed_in
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.posts import with_posts
from reconcile.engine.preparation import prepared
from reconcile.engine.rates import Run, measure
from reconcile.engine.rates.chapman import both_lack
from reconcile.engine.reach import Exported, exported_of
from reconcile.engine.sides import SideView
from reconcile.engine.times.clock_segments import clock_segments
from reconcile.frames import Findings
from reconcile.intake.contract import FormLimits, Reading
from reconcile.parallel import run_together
from reconcile.settings import Settings
from reconcile.vocabulary import Side

Rows = tuple[pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Matched:
    """The model's result on two frames of rows.

    Attributes:
        alignment: the accepted pairs and their evidence.
        compared: the input of `findings.assemble`.
        lines: one line per pair or unmatched row.
        absences: rows without a partner by side, with their hypotheses.
    """

    alignment: Alignment
    compared: Compared
    lines: pl.DataFrame
    absences: dict[Side, pl.DataFrame]


@dataclass(frozen=True)
class Wanted:
    """Optional parts of the result: error rates of this run, and the account of single rows."""

    error_rates: bool
    account: bool


def compare_readings(
    left: Reading,
    right: Reading,
    settings: Settings | None = None,
    case: str = "case",
    stated: Stated = NOTHING_STATED,
    *,
    error_rates: bool = False,
    account: bool = False,
    is_first: bool | None = None,
    one_account: bool = False,
) -> Findings:
    """Returns everything that two exports show when compared: alignment, gaps, conflicts, verdicts.

    Args:
        left: one party's export.
        right: the other party's. Swapping the two changes only the names of the sides.
        settings: thresholds; None = the defaults.
        case: goes into every result row.
        stated: pairings of conversations and senders that the user states.
        error_rates: measure the run's own error rates on a part of the material (docs/en/error-rates.md).
        account: explain each row that is not a plain agreement (frames.Account).
        is_first: whether left comes first in the order that content defines; None = decide here. A part of the material
            uses the order of the whole.
        one_account: both exports are of one account, from two devices or of two dates.

    Returns:
        Findings with an alignment that holds every row of both exports exactly once.
    """
    settings = settings or Settings()
    wanted = Wanted(error_rates, account)
    with plans_over(left.messages.height + right.messages.height):
        found = _compare_messages(
            left, right, settings, case, stated, wanted, is_first=is_first, one_account=one_account
        )
        return with_posts(found, left, right, case)


def pair_rows(left: Reading, right: Reading, stated: Stated = NOTHING_STATED) -> pl.DataFrame:
    """left_row and right_row of all matched rows: pairing only, without judgements, gaps and verdicts."""
    turned = not stands_first(left.messages, right.messages)
    sides, said = ((right, left), stated.mirrored()) if turned else ((left, right), stated)
    first, second, met = pair_conversations(*sides, said)
    *straight, places = in_one_direction(first, second, met)
    rows = prepared(straight[0], straight[1], met, said)
    found = _align_rows(rows, (straight[0].facts.limits, straight[1].facts.limits), PARAMS).pairs
    pairs = pl.DataFrame({"left_row": found.left.astype(np.uint32), "right_row": found.right.astype(np.uint32)})
    pairs = rows_restored(pairs, places)
    return pairs.select(left_row="right_row", right_row="left_row") if turned else pairs


def _compare_messages(
    left: Reading,
    right: Reading,
    settings: Settings,
    case: str,
    stated: Stated,
    wanted: Wanted,
    *,
    is_first: bool | None,
    one_account: bool,
) -> Findings:
    """Compare all conversations, always in the same order of sides; swapped sides are mirrored."""
    if not (stands_first(left.messages, right.messages) if is_first is None else is_first):
        other = stated.mirrored()
        turned = _compare_messages(right, left, settings, case, other, wanted, is_first=True, one_account=one_account)
        return mirrored(turned)
    left, right, pairs = pair_conversations(left, right, stated)
    left, right, places = in_one_direction(left, right, pairs)
    rows = prepared(left, right, pairs, stated, one_account=one_account)

    found = match(rows, (left, right), pairs, case, PARAMS)
    plain = not wanted.error_rates
    findings = assemble(found.compared, found.lines) if plain else _with_rates(found, rows, settings)
    if wanted.account:
        findings = replace(findings, account=account_of(found.alignment, found.absences, found.lines, PARAMS))
    return restored(findings, places) if places else findings


def match(
    rows: Rows, readings: tuple[Reading, Reading], pairs: pl.DataFrame, case: str, params: Params,
    exported: tuple[Exported, Exported] | None = None,
) -> Matched:  # fmt: skip
    """Returns the prepared rows of both sides aligned, classified and arranged in lines.

    Args:
        rows: frames of `preparation.prepared`, of all or part of the material.
        readings: the exports that they come from.
        pairs: the table of conversations.
        case: goes into every result row.
        params: the parameters of the model.
        exported: when the exports of each side were made, for many comparisons in one pass; None = taken from the
            readings.
    """
    made = exported or (exported_of(readings[0].facts), exported_of(readings[1].facts))
    limits = readings[0].facts.limits, readings[1].facts.limits
    aligned = _align_rows(rows, limits, params)
    segments = clock_segments(aligned, params)
    frames = frames_of(aligned)
    contents = judge_content(aligned, frames, readings)
    view = SideView(aligned, Side.LEFT)
    judged = classify_pairs(view, contents, segments, readings, params)
    sides = dict(zip(Side, readings, strict=True))
    views = {Side.LEFT: view, Side.RIGHT: view.opposite}
    absences = {side: absent_rows(views[side], sides, dict(zip(Side, made, strict=True)), params) for side in Side}
    lines = lines_of(frames, judged, absences, pairs)
    held = Aligned(frames[0], frames[1], aligned.ids, np.flatnonzero(~aligned.timed).tolist())
    compared = Compared(*readings, pairs, held, case, exported is not None, segments)
    return Matched(aligned, compared, lines, absences)


def _align_rows(rows: Rows, limits: tuple[FormLimits, FormLimits], params: Params) -> Alignment:
    """The alignment of prepared rows, with the cuts that each side's texts show."""
    forms = cuts_of(rows[0], limits[0]), cuts_of(rows[1], limits[1])
    return align(rows[0], rows[1], forms, untimed_in(*rows), params)


def _with_rates(found: Matched, rows: Rows, settings: Settings) -> Findings:
    """The findings with this run's error rates, measured by matching a part of the material again."""
    compared = found.compared
    exports = compared.left, compared.right

    def rematch(part: Rows) -> pl.DataFrame:
        # Rows and messages are numbered by one position.
        readings = of_rows(exports[0], part[0]["row"]), of_rows(exports[1], part[1]["row"])
        numbered = [f.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")) for f in part]
        return match((numbered[0], numbered[1]), readings, compared.pairs, compared.case, PARAMS).lines

    height = rows[0].height + rows[1].height
    run = Run(rows, found.lines, frozenset(compared.aligned.untimed), settings.seed, rematch)
    findings, rates = run_together(lambda: assemble(compared, found.lines), lambda: measure(run), height)
    joint = both_lack(findings, rates["hide_and_recover"])
    return replace(findings, error_rates=rates | {"both_lack": joint})


__all__ = ["Matched", "compare_readings", "match", "pair_rows"]
