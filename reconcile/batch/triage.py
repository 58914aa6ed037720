"""The triage score: one number a case, by which people order thousands of disputes. docs/scale.md explains it.

It grows with every row that stands against a case and with every yuan at stake, never falls with either, and says nothing about anybody.
"""

import math
from decimal import Decimal, InvalidOperation

import polars as pl

from reconcile.frames import Findings
from reconcile.postrows import MOMENTS, with_posts_as_rows
from reconcile.vocabulary import Cause, Grade, Relation

# Points of one line, before its confidence. What the lacking side's own material speaks of is surer than what nothing explains,
# and a client that was not signed in explains more than nothing does.
CONFLICT, DOUBTFUL, ABSENT = 10.0, 0.2, 1.0
ONE_SIDED: dict[str, float] = {Cause.REFERENCED: 6.0, Cause.ID_GAP: 5.0, Cause.SYNC_GAP: 1.0}
OTHER_ONE_SIDED = 3.0
# A tenfold sum adds this much.
TENFOLD = 5.0
GRADES = tuple(str(g) for g in (Grade.CONFLICTING, Grade.ONE_SIDED, Grade.CANNOT_DETERMINE, Grade.EXPLAINED_DIFFERENCES, Grade.NO_GAP_FOUND))  # fmt: skip
SCHEMA = {
    "number": pl.UInt32, "case": pl.String, "score": pl.Float64, "grade": pl.String, "conversations": pl.UInt32,
    "left_rows": pl.UInt32, "right_rows": pl.UInt32, "agreements": pl.UInt32, "conflicts": pl.UInt32, "doubtful": pl.UInt32, "left_missing": pl.UInt32,
    "right_missing": pl.UInt32, "set_aside": pl.UInt32, "referenced_absent": pl.UInt32, "left_posts": pl.UInt32, "right_posts": pl.UInt32, "amount_at_stake": pl.Float64, "drawn": pl.Boolean, "folder": pl.String,
}  # fmt: skip


def score(findings: Findings) -> tuple[float, float]:
    """The score of a case (0 = nothing stands against it, no upper end) and the yuan of its conflicting and one-sided rows."""
    findings = with_posts_as_rows(findings)
    lines = findings.alignment.with_columns(pl.col("relation", "cause").cast(pl.String))
    points = [
        _points(*row) for row in lines.select("relation", "cause", "confidence").iter_rows() if row[0] in _COUNTED
    ]
    stake = _stake(lines, findings.messages)
    total = math.fsum([*points, ABSENT * findings.absent.height, TENFOLD * math.log10(1 + stake)])
    return round(10 * math.log2(1 + total), 3), stake


_COUNTED = (str(Relation.CONFLICT), str(Relation.ONE_SIDED), str(Relation.DOUBTFUL))


def _points(relation: str, cause: str | None, confidence: float) -> float:
    if relation == Relation.CONFLICT:
        return CONFLICT * confidence
    if relation == Relation.DOUBTFUL:
        return DOUBTFUL
    return ONE_SIDED.get(cause or "", OTHER_ONE_SIDED) * confidence


def _stake(lines: pl.DataFrame, messages: pl.DataFrame) -> float:
    """Yuan of the rows that conflict (the larger of the two sums) or stand on one side only."""
    against = lines.filter(pl.col("relation").is_in([str(Relation.CONFLICT), str(Relation.ONE_SIDED)]))
    paid = messages.filter(pl.col("amount").is_not_null()).select(pl.col("side").cast(pl.String), "row", "amount")
    if against.is_empty() or paid.is_empty():
        return 0.0
    sums = {(side, row): _yuan(amount) for side, row, amount in paid.iter_rows()}
    rows = against.select("left_row", "right_row").iter_rows()
    return float(sum(max(sums.get(("left", a), Decimal(0)), sums.get(("right", b), Decimal(0))) for a, b in rows))


def _yuan(text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return Decimal(0)
    # No payment reaches this; a hostile cell may.
    return value if value.is_finite() and 0 < value < 10**12 else Decimal(0)


def case_row(number: int, case: str, findings: Findings) -> dict[str, object]:
    """The line of cases.parquet: counts over all conversations, the worst grade, the score."""
    points, stake = score(findings)
    verdicts = findings.verdicts
    counts = {c: int(verdicts[c].sum()) for c in SCHEMA if c in verdicts.columns and c not in ("case", "grade")}
    found = set(verdicts["grade"])
    worst = next((g for g in GRADES if g in found), str(Grade.CANNOT_DETERMINE))
    moments = verdicts.filter(pl.col("conversation_kind") == MOMENTS)
    counts |= {f"{side}_posts": int(moments[f"{side}_rows"].sum()) for side in ("left", "right")}
    return counts | {
        "number": number, "case": case, "score": points, "grade": worst, "conversations": verdicts.height, "amount_at_stake": stake,
    }  # fmt: skip
