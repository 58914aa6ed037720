"""Posts, comments, traces and favourites without the words of the rows that a person chose to mask."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from reconcile.frames import PostFindings
from reconcile.frames_posts import Favourites, PostTraces
from reconcile.intake.frames import frame_of
from reconcile.posts_as_rows import COMMENT

# What a post says besides its words.
_STATED = ("link_title", "link_description", "link_url", "source_name", "place", "address", "city", "raw")


def without_posts(
    held: PostFindings, masked: pl.DataFrame, rows: Mapping[str, Sequence[int]], sign: str
) -> PostFindings:
    """The posts with `sign` in place of masked words.

    A masked post shows no link, place, picture or comment either.

    `masked`: the masked rows of `with_posts_as_rows`; `rows`: the masked rows of messages by side, which favourites copy.
    """
    chosen = masked.filter(pl.col("post_row").is_not_null()).select(
        pl.col("side").cast(pl.String),
        pl.col("post_row").cast(pl.UInt32).alias("row"),
        is_comment=pl.col("kind") == COMMENT,
    )
    posts, comments = (chosen.filter(pl.col("is_comment") == wanted).drop("is_comment") for wanted in (False, True))
    ids = held.posts.filter(_among(posts, "row"))["post_id"].drop_nulls().implode()
    copied = pl.any_horizontal(pl.col(f"{side}_row").is_in(numbers) for side, numbers in rows.items())
    return replace(
        held,
        posts=held.posts.with_columns(
            pl.when(_among(posts, "row")).then(pl.lit(sign)).otherwise("text").alias("text"),
            *(pl.when(~_among(posts, "row")).then(name).alias(name) for name in _STATED),
        ),
        media=held.media.filter(~_among(posts, "post")),
        interactions=held.interactions.with_columns(
            pl.when(_among(posts, "post") | _among(comments, "row"))
            .then(_signed("text", sign))
            .otherwise("text")
            .alias("text")
        ),
        traces=frame_of(
            PostTraces,
            held.traces.with_columns(
                pl.when(~pl.col("post_id").is_in(ids).fill_null(value=False)).then("excerpt").alias("excerpt")
            ),
        ),
        favourites=frame_of(
            Favourites,
            held.favourites.with_columns(
                pl.when(copied.fill_null(value=False)).then(_signed("text", sign)).otherwise("text").alias("text")
            ),
        ),
    )


def _among(chosen: pl.DataFrame, column: str) -> pl.Expr:
    """Whether a row is one of the chosen ones of its side."""
    side = pl.col("side").cast(pl.String)
    sides = chosen.partition_by("side", as_dict=True)
    return pl.any_horizontal(
        pl.lit(False),
        *((side == name) & pl.col(column).is_in(part["row"].implode()) for (name,), part in sides.items()),
    )


def _signed(name: str, sign: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.lit(sign)).otherwise(name)
