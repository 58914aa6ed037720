"""The other export does not cover the time of the record, or nothing shows that it does."""

import polars as pl

from reconcile.engine.content.words import DATED_HEADING
from reconcile.engine.hypotheses.declared import within
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.engine.records import Flags
from reconcile.intake.contract import Declared
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import FORWARD, SECONDS


def assess(a: Absences) -> Assessed:
    """Records outside the other export's span or stated range, or in a part of its store left unread."""
    edge = a.rows["edge"]
    unheld = a.none
    for span in a.lacking.facts.unheld:
        here = within(a, [Declared("", span.from_at, span.to_at)])
        if span.conversation is not None:
            rows = a.lacking_rows.filter(pl.col("conversation") == span.conversation)["pair"].drop_nulls().unique()
            here &= a.flags(pl.col("pair").is_in(rows.cast(pl.Int64).implode()))
        unheld |= here
    outside = edge.is_in(["bounded", "unverified"]).to_numpy()
    detail = pl.select(
        pl.when(pl.lit(pl.Series(unheld))).then(pl.lit("part_not_read"))
        .when(pl.lit(edge == "unverified")).then(pl.lit("edge_unverified"))
        .otherwise(pl.lit("beyond_export")).alias("detail")
    )["detail"]  # fmt: skip
    permitted = outside | unheld
    # A record sent after a late message may have reached the other device after its last record.
    return Assessed(permitted | a.flags(pl.col("waits")) | _may_be_inside_text(a), permitted, detail)


def _may_be_inside_text(a: Absences) -> Flags:
    """Records that the other export may hold inside another text, whose lines look like headings.

    They lie between the time of that record and that of the one behind it.
    """
    if not a.lacking_rows["text"].str.contains("\n", literal=True).any():
        return a.none
    rows = a.lacking_rows.select(
        pl.col("pair").cast(pl.Int64), "cls", "text", (pl.col("raw_t") / SECONDS).alias("low"),
        (pl.col("raw_t").shift(-1).over("pair") / SECONDS).fill_null(float("inf")).alias("high"),
    )  # fmt: skip
    found = rows.filter((pl.col("cls") != FORWARD) & pl.col("text").str.contains("\n", literal=True))
    found = found.filter(pl.col("text").str.contains(DATED_HEADING)).drop_nulls("low").sort("low")
    if found.is_empty():
        return a.none
    slack = (
        pl.lit(a.params.edge_seconds) + pl.col("unit").clip(upper_bound=60.0) + a.params.edge_spreads * pl.col("spread")
    )
    asked = a.rows.select("pair", pl.col("own_t"), slack.alias("slack")).with_row_index("n")
    latest = asked.drop_nulls("own_t").with_columns((pl.col("own_t") + pl.col("slack")).alias("latest")).sort("latest")
    met = latest.join_asof(
        found.select("pair", "low", "high"), left_on="latest", right_on="low", by="pair", check_sortedness=False
    )
    inside = met.filter(pl.col("own_t") - pl.col("slack") <= pl.col("high"))["n"]
    untimed = asked.filter(pl.col("own_t").is_null()).join(found, on="pair", how="semi")["n"]
    flags = a.none
    flags[pl.concat([inside, untimed]).to_numpy()] = True
    return flags


HYPOTHESIS = Hypothesis(
    Cause.OUTSIDE_COVERAGE,
    assess,
    "The record lies before the first or behind the last record of the other export, by time and by place, or in a part that was not read. "
    "That another record there holds lines like headings of that time raises doubt.",
    "Facts say that the other export reaches further.",
)
