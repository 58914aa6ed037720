"""Posts that a device's records refer to and that neither side holds."""

import dataframely as dy
import polars as pl

from reconcile.engine.posts.one_sided import NAMED
from reconcile.frames import Absent
from reconcile.intake.contract import PostReading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.moments.types import TIME_BITS

# Moments began in 2012; a number with an earlier time carries none.
FIRST_SECOND = 1_325_376_000


def absent_posts(sides: dict[str, PostReading], case: str, conversation: str) -> dy.DataFrame[Absent]:
    """One row per absent post and referring side, sorted by side and number (`message_id`)."""
    held = pl.concat(
        [pl.Series("post_id", [], dtype=pl.String), *(r.posts["post_id"].drop_nulls() for r in sides.values())]
    )
    found = []
    for side, reading in sides.items():
        named = reading.witnesses.with_columns(pl.col("witness").cast(pl.String)).filter(
            pl.col("witness").is_in(NAMED) & pl.col("post_id").is_not_null() & ~pl.col("post_id").is_in(held.implode())
        )
        once = named.unique("post_id", keep="first", maintain_order=True)
        found.append(once.with_columns(pl.lit(side).alias("side")))
    frame = pl.concat(found) if found else pl.DataFrame(schema={"post_id": pl.String})
    if frame.is_empty():
        return frame_of(Absent)
    carried = frame["post_id"].cast(pl.UInt64, strict=False) // 2**TIME_BITS // 1000
    second = pl.Series("second", carried.cast(pl.Int64))
    told = frame.with_columns(second).with_columns(
        pl.lit(case).alias("case"),
        pl.lit(conversation).alias("conversation"),
        pl.lit(str(WitnessKind.NOTIFICATION)).alias("witness"),
        pl.col("post_id").alias("message_id"),
        from_unix(pl.when(pl.col("second") > FIRST_SECOND).then("second"), "s").alias("sent_at"),
        pl.col("author").alias("sender"),
    )
    return frame_of(Absent, told.sort("side", "post_id"))
