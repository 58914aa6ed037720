"""The triage score: one number a case, by which people order thousands of disputes.

docs/en/batch.md explains it. It grows with every row that differs and with every yuan at stake, falls with neither,
and says nothing about anybody.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

import polars as pl

from reconcile.frames import Findings
from reconcile.posts_as_rows import MOMENTS, with_posts_as_rows
from reconcile.vocabulary import Cause, Grade, Relation
from reconcile.wechat.text import sums_in
from reconcile.wording.sides import SIDES

# Points of one row; confidence scales conflicts and gaps. A gap that the lacking side's own export refers to scores more than
# an unexplained gap, and a gap of a signed-out client scores less.
CONFLICT, DOUBTFUL, ABSENT = 10.0, 0.2, 1.0
ONE_SIDED: dict[str, float] = {Cause.REFERENCED: 6.0, Cause.ID_GAP: 5.0, Cause.SYNC_GAP: 1.0}
OTHER_ONE_SIDED = 3.0
# Points added by a tenfold sum.
TENFOLD = 5.0
GRADES = tuple(str(g) for g in (Grade.CONFLICTING, Grade.ONE_SIDED, Grade.CANNOT_DETERMINE, Grade.EXPLAINED_DIFFERENCES, Grade.NO_GAP_FOUND))  # fmt: skip
SCHEMA = {
    "number": pl.UInt32, "case": pl.String, "score": pl.Float64, "grade": pl.String, "conversations": pl.UInt32,
    "left_rows": pl.UInt32, "right_rows": pl.UInt32, "agreements": pl.UInt32, "conflicts": pl.UInt32, "doubtful": pl.UInt32, "left_missing": pl.UInt32,
    "right_missing": pl.UInt32, "set_aside": pl.UInt32, "referenced_absent": pl.UInt32, "left_posts": pl.UInt32, "right_posts": pl.UInt32, "amount_at_stake": pl.Float64, "drawn": pl.Boolean, "folder": pl.String,
}  # fmt: skip


def scores(lines: pl.DataFrame, absent: Mapping[int, int], amounts: pl.DataFrame) -> dict[int, tuple[float, float]]:
    """The score of every case (0 = nothing against it) and the yuan of its differing rows.

    Differing rows are conflicting and one-sided ones. `lines`: alignments with `pair`, the case. `absent`: for each
    case, the number of messages that neither side holds. `amounts` = `amounts_of`.
    """
    plain_lines = lines.with_columns(pl.col("relation", "cause").cast(pl.String))
    counted = plain_lines.filter(pl.col("relation").is_in(_COUNTED))
    points: dict[int, list[float]] = defaultdict(list)
    for pair, relation, cause, confidence in counted.select("pair", "relation", "cause", "confidence").iter_rows():
        points[pair].append(_points_of_line(relation, cause, confidence))
    stakes = _yuan_at_stake(counted, amounts)
    return {
        pair: (score_of(points.get(pair, []), absent.get(pair, 0), stakes.get(pair, 0.0)), stakes.get(pair, 0.0))
        for pair in plain_lines["pair"].unique()
    }


def score_of(points: Iterable[float], absent: int, stake: float) -> float:
    """The score of a case from its lines' points, the messages that neither side holds, and the yuan."""
    total = math.fsum([*points, ABSENT * absent, TENFOLD * math.log10(1 + stake)])
    return round(10 * math.log2(1 + total), 3)


_AGAINST = (str(Relation.CONFLICT), str(Relation.ONE_SIDED))
_COUNTED = (*_AGAINST, str(Relation.DOUBTFUL))


def _points_of_line(relation: str, cause: str | None, confidence: float) -> float:
    """The points that one line adds to the score."""
    if relation == Relation.CONFLICT:
        return CONFLICT * confidence
    if relation == Relation.DOUBTFUL:
        return DOUBTFUL
    return ONE_SIDED.get(cause or "", OTHER_ONE_SIDED) * confidence


def _yuan_at_stake(lines: pl.DataFrame, amounts: pl.DataFrame) -> dict[int, float]:
    """The yuan at stake in each case's conflicting and one-sided rows.

    Payments add up; of a conflict, the larger one counts. Words may name one sum repeatedly, so only the largest
    named sum counts, if it exceeds the payments.
    """
    against = lines.filter(pl.col("relation").is_in(_AGAINST))
    if against.is_empty() or amounts.is_empty():
        return {}
    sums = {
        (pair, side, row): (_positive_yuan(amount), named) for pair, side, row, amount, named in amounts.iter_rows()
    }
    nothing = (Decimal(0), False)
    paid: dict[int, Decimal] = defaultdict(Decimal)
    named: dict[int, Decimal] = defaultdict(Decimal)
    for pair, a, b in against.select("pair", "left_row", "right_row").iter_rows():
        amount, is_named = max(sums.get((pair, "left", a), nothing), sums.get((pair, "right", b), nothing))
        if is_named:
            named[pair] = max(named[pair], amount)
        else:
            paid[pair] += amount
    return {pair: float(max(paid[pair], named[pair])) for pair in {*paid, *named}}


def amounts_of(messages: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """side, row, amount and is_named (and `pair` if shared) of conflicting and one-sided rows.

    `is_named`: the row states no amount, and this is the largest sum in its words. Rows with neither are left out.
    """
    differing = lines.filter(pl.col("relation").cast(pl.String).is_in(_AGAINST))
    by = ["pair"] if "pair" in lines.columns else []
    places = [
        differing.select(*by, pl.lit(side).alias("side"), pl.col(f"{side}_row").alias("row")).drop_nulls()
        for side in SIDES
    ]
    rows = messages.with_columns(pl.col("side").cast(pl.String)).join(
        pl.concat(places), on=[*by, "side", "row"], how="semi"
    )
    named = [None if amount else _largest_named_sum(text) for amount, text in rows.select("amount", "text").iter_rows()]
    words = pl.Series("named", named, dtype=pl.String)
    return rows.select(*by, "side", "row", pl.coalesce("amount", words).alias("amount"), words.is_not_null().alias("is_named")).drop_nulls("amount")  # fmt: skip


def _largest_named_sum(text: str | None) -> str | None:
    """The largest sum of money in a text; None without one."""
    sums = sums_in(text) if text else []
    return f"{max(sums):f}" if sums else None


def _positive_yuan(text: str) -> Decimal:
    """The text as an amount; 0 if it is no number, not positive, or larger than any payment."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return Decimal(0)
    # No payment reaches this sum, but a hostile cell may.
    return value if value.is_finite() and 0 < value < 10**12 else Decimal(0)


def case_row(number: int, case: str, findings: Findings) -> dict[str, object]:
    """The line of cases.parquet: counts over all conversations, the worst grade, the score."""
    findings = with_posts_as_rows(findings)
    pair = pl.lit(0, dtype=pl.UInt32).alias("pair")
    amounts = amounts_of(findings.messages, findings.alignment).select(pair, pl.all())
    names = pl.DataFrame({"pair": [0], "number": [number], "case": [case]}, schema=NAMES)
    lines, verdicts = (f.with_columns(pair) for f in (findings.alignment, findings.verdicts))
    return case_rows(names, lines, verdicts, {0: findings.absent.height}, amounts)[0]


NAMES = {"pair": pl.UInt32, "number": pl.UInt32, "case": pl.String}


def case_rows(
    names: pl.DataFrame, lines: pl.DataFrame, verdicts: pl.DataFrame, absent: Mapping[int, int], amounts: pl.DataFrame
) -> list[dict[str, object]]:
    """`case_row` of many cases by `pair`; `names` holds NAMES."""
    scored = scores(lines, absent, amounts)
    summed = [c for c in SCHEMA if c in verdicts.columns and c not in ("case", "grade")]
    rank = pl.col("grade").replace_strict({g: n for n, g in enumerate(GRADES)}, return_dtype=pl.UInt8).min()
    is_moments = pl.col("conversation_kind") == MOMENTS
    posts = [pl.col(f"{s}_rows").filter(is_moments).sum().alias(f"{s}_posts") for s in ("left", "right")]
    counts = verdicts.group_by("pair").agg(
        pl.col(summed).sum(), *posts, pl.len().alias("conversations"), rank.alias("grade")
    )
    rows = []
    for row in names.join(counts, on="pair", how="left", maintain_order="left").iter_rows(named=True):
        grade = str(Grade.CANNOT_DETERMINE) if row["grade"] is None else GRADES[row["grade"]]
        points, stake = scored.get(row["pair"], (0.0, 0.0))
        sums = {c: row[c] or 0 for c in (*summed, "conversations", "left_posts", "right_posts")}
        rows.append(sums | {"number": row["number"], "case": row["case"], "score": points, "grade": grade, "amount_at_stake": stake})  # fmt: skip
    return rows
