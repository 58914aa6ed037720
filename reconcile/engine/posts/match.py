"""Matches the posts of both sides by the server's number, or else by author, time and text."""

from dataclasses import dataclass

import polars as pl

from reconcile.intake.posts.frames import PLUGIN_PREFIX
from reconcile.wechat.text import canonical_text

# A number stored as a float has lost its lowest bits, which are then zero.
_FLOAT_BITS = 11


@dataclass(frozen=True, slots=True)
class Matched:
    """Matched and unmatched rows of the two post tables.

    Attributes:
        pairs: left_row, right_row, method, same_words (False = author and time agree, the text does not).
        repeats: side, row of second copies.
        unsure: side, row with several possible partners. All other rows are unmatched.
    """

    pairs: pl.DataFrame
    repeats: pl.DataFrame
    unsure: pl.DataFrame


def match_posts(left: pl.DataFrame, right: pl.DataFrame) -> Matched:
    """Pairs of the posts of both sides.

    A number on both sides makes a pair; if it occurs twice on one side, the first row counts. Rows without a number, or
    with a possibly rounded one, are paired by author (where both name an account), time and text; equal rows are paired
    in order. Where author and time agree, the text does not, and neither side has another row of that moment, the two
    are one unsure pair.
    """
    sides = [_match_keys(f) for f in (left, right)]
    repeats = pl.concat(
        [
            f.filter("is_repeat").select(pl.lit(n).alias("side"), "row")
            for f, n in zip(sides, ("left", "right"), strict=True)
        ]
    )
    first = [f.filter(~pl.col("is_repeat")) for f in sides]
    by_id = (
        first[0]
        .filter(pl.col("post_id").is_not_null())
        .select(pl.col("row").alias("left_row"), "post_id")
        .join(
            first[1].select(pl.col("row").alias("right_row"), "post_id"),
            on="post_id",
            how="inner",
            maintain_order="left",
        )
        .select("left_row", "right_row", pl.lit("post_id").alias("method"), pl.lit(value=True).alias("same_words"))
    )
    rest = [
        f.join(by_id.select(pl.col(f"{n}_row").alias("row")), on="row", how="anti", maintain_order="left")
        for f, n in zip(first, ("left", "right"), strict=True)
    ]
    by_words = _pairs_by_words(rest[0], rest[1])
    rest = [
        f.join(by_words.select(pl.col(f"{n}_row").alias("row")), on="row", how="anti", maintain_order="left")
        for f, n in zip(rest, ("left", "right"), strict=True)
    ]
    by_moment, unsure = _pairs_by_moment(rest[0], rest[1])
    return Matched(pl.concat([by_id, by_words, by_moment]), repeats, unsure)


def _match_keys(posts: pl.DataFrame) -> pl.DataFrame:
    """row, post_id, author, name, second, words, is_loose, is_repeat of the posts.

    is_loose: the post may be paired without its number.
    """
    number = pl.col("post_id").cast(pl.UInt64, strict=False)
    rounded = pl.col("post_id").is_not_null() & (number % 2**_FLOAT_BITS == 0)
    words = canonical_text(pl.col("text").str.replace(PLUGIN_PREFIX, ""))
    same = pl.struct("author", "author_name", "sent_at", "text", "link_url", "media_count")
    return posts.select(
        "row",
        "post_id",
        "author",
        pl.col("author_name").alias("name"),
        pl.col("sent_at").dt.epoch("s").alias("second"),
        words.alias("words"),
        (pl.col("post_id").is_null() | rounded).alias("is_loose"),
        pl.when(pl.col("post_id").is_not_null())
        .then(~pl.col("post_id").is_first_distinct())
        .otherwise(~same.is_first_distinct() & pl.col("sent_at").is_not_null())
        .alias("is_repeat"),
    )


def _candidates(left: pl.DataFrame, right: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """left_row, right_row of rows with equal `keys` and no contradicting authors; at least one is loose."""
    joined = left.filter(pl.col("second").is_not_null()).join(
        right, on=keys, how="inner", maintain_order="left", suffix="_r"
    )
    names = (pl.col("name") == pl.col("name_r")).fill_null(value=True)
    same = pl.lit(value=True) if "author" in keys else (pl.col("author") == pl.col("author_r")).fill_null(value=names)
    return joined.filter((pl.col("is_loose") | pl.col("is_loose_r")) & same)


def _pairs_by_words(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Pairs of posts with equal second, words and author, where a side states no account."""
    if not (left["is_loose"].any() or right["is_loose"].any()):
        return no_pairs()
    found = _candidates(left, right, ["second", "words"])
    if found.is_empty():
        return no_pairs()
    # Rows with equal moment and text cannot be distinguished, so they are paired in order.
    ranked = found.with_columns(
        pl.col("row").rank("dense").over("second", "words", "author").alias("a"),
        pl.col("row_r").rank("dense").over("second", "words", "author").alias("b"),
    ).filter(pl.col("a") == pl.col("b"))
    once = ranked.filter(pl.col("row").is_first_distinct()).filter(pl.col("row_r").is_first_distinct())
    return once.select(
        pl.col("row").alias("left_row"),
        pl.col("row_r").alias("right_row"),
        pl.lit("words").alias("method"),
        pl.lit(value=True).alias("same_words"),
    )


def _pairs_by_moment(left: pl.DataFrame, right: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of one author and second with different text: a pair if unique, otherwise unsure rows."""
    empty = pl.DataFrame(schema={"side": pl.String, "row": pl.UInt32})
    if not (left["is_loose"].any() or right["is_loose"].any()):
        return no_pairs(), empty
    known = pl.col("author").is_not_null()
    found = _candidates(left.filter(known), right.filter(known), ["second", "author"])
    if found.is_empty():
        return no_pairs(), empty
    alone = (pl.len().over("row") == 1) & (pl.len().over("row_r") == 1)
    told = found.with_columns(alone.alias("alone"))
    pairs = told.filter("alone").select(
        pl.col("row").alias("left_row"),
        pl.col("row_r").alias("right_row"),
        pl.lit("words").alias("method"),
        pl.lit(value=False).alias("same_words"),
    )
    several = told.filter(~pl.col("alone"))
    unsure = pl.concat(
        [
            several.select(pl.lit("left").alias("side"), "row").unique("row", maintain_order=True),
            several.select(pl.lit("right").alias("side"), pl.col("row_r").alias("row")).unique(
                "row", maintain_order=True
            ),
        ]
    )
    return pairs, unsure


def no_pairs() -> pl.DataFrame:
    """The empty table of pairs of posts."""
    return pl.DataFrame(
        schema={"left_row": pl.UInt32, "right_row": pl.UInt32, "method": pl.String, "same_words": pl.Boolean}
    )
