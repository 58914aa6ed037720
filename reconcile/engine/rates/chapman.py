"""Estimates messages that both sides lack: Chapman's lower bound, only where independence can hold."""

from collections import Counter
from collections.abc import Mapping
from math import erfc, exp, lgamma, log, sqrt
from typing import Any

import polars as pl

from reconcile.column_ops import collected
from reconcile.frames import Findings
from reconcile.settings import JointLossLimits
from reconcile.vocabulary import Relation, Side

SHOWN, NOT_SHOWN = "shown", "not_shown"
_NORMAL = 1.959964
_LIMITS = JointLossLimits()
Reason = str | None
Row = dict[str, Any]


def both_lack(findings: Findings, recovered: Mapping[str, Any]) -> dict[str, object]:
    """How many messages neither side holds, per conversation where the assumptions can hold; else why not.

    With m messages on both sides and u, v on one side only, u * v / (m + 1) are on neither if losses on the two sides
    are independent (Chapman 1951). Parties who both remove the same messages make the true number larger, so it is a
    lower bound. u and v are divided by the measured share of missing rows that the run reports, and its interval widens
    that of the estimate.

    Reasons not to show it: few_missing (a side lacks too few rows), blocks (losses in spans are one event, not many),
    one_author (losses fall on one sender more than chance gives), doubtful (as many doubtful rows as missing ones),
    no_miss_rate.

    Returns:
        state; conversations: those shown, with common, estimate, low, high; why: reason -> number of conversations not
        shown.
    """
    shown: list[dict[str, object]] = []
    why: Counter[str] = Counter()
    for verdict in findings.verdicts.filter(pl.col("agreements") > 0).iter_rows(named=True):
        reason = _reason_to_withhold(verdict, findings, recovered, _LIMITS)
        if reason is None:
            shown.append({"conversation": verdict["conversation"], **_estimate_both_lack(verdict, recovered)})
        else:
            why[reason] += 1
    state = SHOWN if shown else NOT_SHOWN
    return {"state": state, "conversations": shown, "why": dict(sorted(why.items()))}


def _reason_to_withhold(
    verdict: Row, findings: Findings, recovered: Mapping[str, Any], limits: JointLossLimits
) -> Reason:
    """Why no joint loss is estimated for this conversation; null if it can be."""
    lacking = [verdict[f"{side}_missing"] for side in Side]
    if min(lacking) < limits.least_missing:
        return "few_missing"
    if "rate" not in recovered or recovered["low"] <= 0:
        return "no_miss_rate"
    if verdict["doubtful"] * 2 > min(lacking):
        return "doubtful"
    gaps = findings.gaps.filter(pl.col("conversation") == verdict["conversation"])
    for side in Side:
        runs: list[int] = gaps.filter(pl.col("lacking").cast(pl.String) == str(side))["rows"].to_list()
        if runs and (max(runs) > limits.longest_run or sum(r for r in runs if r > 1) > limits.run_share * sum(runs)):
            return "blocks"
    return "one_author" if _falls_on_one(verdict["conversation"], findings, limits) else None


def _falls_on_one(conversation: str, findings: Findings, limits: JointLossLimits) -> bool:
    """Whether missing rows have other senders than common rows, more than chance gives (chi square)."""
    common, alone = (pl.col("relation") == str(r) for r in (Relation.AGREEMENT, Relation.ONE_SIDED))
    lines = findings.alignment.lazy().filter((pl.col("conversation") == conversation) & (common | alone))
    seen = lines.select("relation", "left_row", "right_row").pipe(collected)
    # The messages of both sides follow each other, in row order.
    first = int((findings.messages["side"] == str(Side.LEFT)).sum())
    for side, start in ((Side.LEFT, 0), (Side.RIGHT, first)):
        here = seen.select("relation", pl.col(f"{side}_row").alias("row")).drop_nulls("row")
        party = findings.messages["party"][here["row"] + start]
        told = here.select("relation", pl.lit(party).alias("party"))
        counts = told.group_by("party").agg(common.sum().alias("common"), alone.sum().alias("alone"))
        if _chance_of_difference(counts["common"].to_list(), counts["alone"].to_list()) < limits.author_chance:
            return True
    return False


def _chance_of_difference(common: list[int], alone: list[int]) -> float:
    """Probability of so uneven a table by chance; 1 where there is nothing to compare."""
    total, gone = sum(common) + sum(alone), sum(alone)
    if len(common) < 2 or not gone or not sum(common):
        return 1.0
    square = 0.0
    for kept, lost in zip(common, alone, strict=True):
        for seen, share in ((lost, gone / total), (kept, 1 - gone / total)):
            expected = (kept + lost) * share
            square += (seen - expected) ** 2 / expected
    return _chance_beyond(square, len(common) - 1)


def _chance_beyond(square: float, freedom: int) -> float:
    """Probability that chi square with so many degrees of freedom exceeds `square`."""
    half = square / 2
    if half == 0:
        return 1.0
    found = erfc(sqrt(half)) if freedom % 2 else exp(-half)
    return found + sum(exp(k / 2 * log(half) - half - lgamma(k / 2 + 1)) for k in range(2 - freedom % 2, freedom, 2))


def _estimate_both_lack(verdict: Row, recovered: Mapping[str, Any]) -> dict[str, object]:
    """How many messages both sides lack, by Chapman's estimator with the rate of recovery."""
    common = verdict["agreements"] + verdict["conflicts"]
    alone = [verdict[f"{side}_missing"] for side in Side]
    rate, low, high = (recovered[k] for k in ("rate", "low", "high"))
    spread = _interval_factor(common, *alone)
    bare = alone[0] * alone[1] / (common + 1)
    return {
        "common": common,
        "estimate": round(bare / rate**2, 2),
        "low": round(bare / high**2 / spread, 2),
        "high": round(bare / low**2 * spread, 2),
    }


def _interval_factor(common: int, one: int, two: int) -> float:
    """Factor of the log-normal 95 % interval of Chapman's estimate (Chao 1987)."""
    variance = (common + one + 1) * (common + two + 1) * one * two / ((common + 1) ** 2 * (common + 2))
    return exp(_NORMAL * sqrt(log(1 + variance / (one * two / (common + 1)) ** 2)))
