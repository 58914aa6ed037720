"""Groups of which one export ends early, and whose owner says nothing beyond in the other one either."""

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.hypotheses.membership_events import owners_of_pairs
from reconcile.engine.hypotheses.model import Absences, is_speech
from reconcile.engine.reach import numbered_beyond
from reconcile.engine.records import Flags


def silent_beyond(a: Absences) -> Flags:
    """Records beyond the other export of a group whose talkative owner is silent there in both.

    The export was made later, but people leave groups without a notice, and join them by a code. Had he stayed as
    talkative as between its ends, he would hardly be silent for so long by chance, and he never was. What he says beyond,
    and numbers that his own export gave there, show that he was a member.
    """
    beyond = a.flags(~pl.col("is_direct") & (pl.col("edge") == "reached"))
    if not beyond.any():
        return beyond
    by, place = "pair", pl.col("place")
    spoken = a.holder_rows.lazy().with_columns(pl.Series("place", a.view.holder.order), pl.col(by).cast(pl.Int64))
    spoken = spoken.filter(is_speech()).join(owners_of_pairs(a).lazy(), on=by)
    ends = (
        place.filter("is_paired").min().over(by).alias("first"),
        place.filter("is_paired").max().over(by).alias("last"),
    )
    side = pl.when(place < pl.col("first")).then(-1).when(place > pl.col("last")).then(1).otherwise(0).alias("side")
    own = (pl.col("party") == pl.col("owner")).fill_null(value=False).alias("own")
    # Each message of the owner begins another pause.
    parts = spoken.select(by, "place", "is_paired", own).with_columns(*ends).with_columns(side).sort("place")
    pauses = parts.with_columns(pl.col("own").cum_sum().over(by, "side").alias("pause"))
    within = pauses.filter(pl.col("side") == 0).group_by(by).agg(
        pl.col("own").mean().alias("share"), pl.col("pause").unique_counts().max().alias("longest")
    )  # fmt: skip
    outside = parts.filter(pl.col("side") != 0).group_by(by, "side").agg(pl.len(), pl.col("own").any())
    nats = -(1.0 - pl.col("share")).log() * pl.col("len")
    told = outside.join(within, on=by).filter(
        ~pl.col("own"), nats >= a.params.silent_owner_nats, pl.col("len") > pl.col("longest"),
        ~pl.col(by).is_in(listed(numbered_beyond(a.lacking_rows, a.lacking)["pair"].cast(pl.Int64))),
    )  # fmt: skip
    ends_of = parts.group_by(by).agg(pl.col("first", "last").first())
    silent = told.join(ends_of, on=by).select(by, "side", "first", "last").pipe(collected)
    rows = a.rows.select(by, "place").with_row_index("n").filter(pl.Series(beyond)).join(silent, on=by)
    is_there = pl.when(pl.col("side") > 0).then(place > pl.col("last")).otherwise(place < pl.col("first"))
    flags = a.none
    flags[rows.filter(is_there)["n"].to_numpy()] = True
    return flags


__all__ = ["silent_beyond"]
