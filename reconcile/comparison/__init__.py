"""compare_readings(): the pipeline on one page, two Readings in, Findings out."""

from dataclasses import replace

import polars as pl

from reconcile.abreast import at_once, of_both
from reconcile.comparison.assemble import assemble
from reconcile.comparison.compared import Compared
from reconcile.comparison.lines import lines_of
from reconcile.comparison.mirror import mirrored, stands_first
from reconcile.comparison.moments import with_posts
from reconcile.comparison.turned import in_one_direction, restored, rows_restored
from reconcile.evidence import as_merged, mark_repeats, rows_of, same_id_repeats, with_unwritten
from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from reconcile.match.align import align
from reconcile.match.conversations import pair_conversations
from reconcile.match.cuts import cut_of
from reconcile.match.heads import without_heads
from reconcile.match.judge import judge_pairs
from reconcile.match.merged import merged_repeats
from reconcile.match.parties import NOTHING_STATED, Stated, known_names, map_parties, owner_of
from reconcile.match.rejoin import rejoin
from reconcile.rates import Run, measure
from reconcile.rates.chapman import both_lack
from reconcile.settings import Settings


def compare_readings(
    left: Reading,
    right: Reading,
    settings: Settings | None = None,
    case: str = "case",
    stated: Stated = NOTHING_STATED,
    *,
    error_rates: bool = False,
    is_first: bool | None = None,
) -> Findings:
    """Everything that two exports, held side by side, show: alignment, gaps, conflicts, verdicts.

    Args:
        left: one party's export.
        right: the other party's. Which of the two is left changes nothing but the names of the sides.
        settings: thresholds; None = the defaults.
        case: goes into every result row.
        stated: pairings of conversations and senders that the user states.
        error_rates: measure the run's own error rates on a part of the material (docs/error-rates.md).
        is_first: whether left stands first in the order that content tells (mirror.stands_first); None = told here, of a part by its whole.

    Returns:
        Findings whose alignment holds every row of both exports exactly once.
    """
    settings = settings or Settings()
    found = _compare_chats(left, right, settings, case, stated, error_rates=error_rates, is_first=is_first)
    return with_posts(found, left, right, settings, case)


def pair_rows(
    left: Reading, right: Reading, settings: Settings | None = None, stated: Stated = NOTHING_STATED
) -> pl.DataFrame:
    """left_row, right_row of the rows that are one message: the pairing alone, without judgements, gaps and verdicts."""
    turned = not stands_first(left.messages, right.messages)
    sides, said = ((right, left), stated.mirrored()) if turned else ((left, right), stated)
    met = pair_conversations(*sides, said)
    *straight, places = in_one_direction(*sides, met)
    rows = _prepared(straight[0], straight[1], met, said)
    pairs = rows_restored(align(*rows, settings or Settings()).pairs.select("left_row", "right_row"), places)
    return pairs.select(left_row="right_row", right_row="left_row") if turned else pairs


def _compare_chats(
    left: Reading,
    right: Reading,
    settings: Settings,
    case: str,
    stated: Stated,
    *,
    error_rates: bool,
    is_first: bool | None,
) -> Findings:
    if not (stands_first(left.messages, right.messages) if is_first is None else is_first):
        other = stated.mirrored()
        return mirrored(_compare_chats(right, left, settings, case, other, error_rates=error_rates, is_first=True))
    pairs = pair_conversations(left, right, stated)
    left, right, places = in_one_direction(left, right, pairs)
    if places:
        found = _compare_chats(left, right, settings, case, stated, error_rates=error_rates, is_first=True)
        return restored(found, places)
    limits, height = (left.facts.limits, right.facts.limits), left.messages.height + right.messages.height
    named = _prepared(left, right, pairs, stated)
    forms = of_both(lambda side: cut_of(named[side], limits[side]), height)

    def matched(a: pl.DataFrame, b: pl.DataFrame) -> Compared:
        aligned = align(a, b, settings)
        judged = judge_pairs(aligned, forms[0], forms[1], settings)
        return Compared(left, right, pairs, aligned, judged, settings, case)

    compared = matched(named[0], named[1])
    lines = lines_of(compared)
    if not error_rates:
        return assemble(compared, lines)
    untimed = frozenset(compared.aligned.untimed)
    run = Run((named[0], named[1]), lines, untimed, settings.seed, lambda a, b: lines_of(matched(a, b)))
    findings, rates = at_once(lambda: assemble(compared, lines), lambda: measure(run), height)
    joint = both_lack(findings, rates["hide_and_recover"])
    return replace(findings, error_rates=rates | {"both_lack": joint})


def _prepared(left: Reading, right: Reading, pairs: pl.DataFrame, stated: Stated) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of both sides as the alignment takes them: repeats marked, merged and torn rows mended, parties named."""
    both, height = (left, right), left.messages.height + right.messages.height

    def prepared(side: int) -> pl.DataFrame:
        rows = mark_repeats(rows_of(both[side].messages, pairs, ("left", "right")[side]))
        return without_heads(merged_repeats(same_id_repeats(rows))).with_columns(pl.col("t").alias("raw_t"))

    rows = of_both(prepared, height)
    limits = left.facts.limits, right.facts.limits
    rows = [with_unwritten(as_merged(f, *limits), limits[1 - i]) for i, f in enumerate(rows)]
    rows = [rejoin(f, rows[1 - i]) if limits[i].ambiguous_headers else f for i, f in enumerate(rows)]
    owners = owner_of(left).id, owner_of(right).id
    same_owner = (owners[0] is not None and owners[0] == owners[1]) or left.messages.equals(right.messages)
    return map_parties(rows[0], rows[1], pairs, stated, same_owner=same_owner, known=known_names(left, right))
