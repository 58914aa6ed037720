"""The other export does not cover the time of the record, or nothing shows that it does."""

import polars as pl

from reconcile.engine.hypotheses.declared import within
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis
from reconcile.intake.contract import Declared
from reconcile.vocabulary import Cause


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
    return Assessed(permitted | a.flags(pl.col("waits")), permitted, detail)


HYPOTHESIS = Hypothesis(
    Cause.OUTSIDE_COVERAGE,
    assess,
    "The record lies before the first or behind the last record of the other export, by time and by place, or in a part that was not read.",
    "Facts say that the other export reaches further.",
)
