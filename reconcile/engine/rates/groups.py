"""Groups of rows for error rates (text by length, other kinds singly), and their counts in a run."""

import polars as pl

from reconcile.engine.rates.material import Run
from reconcile.vocabulary import Relation
from reconcile.wechat.kind_classes import (
    CALL,
    CARD,
    FILE,
    FORWARD,
    IMAGE,
    LINK,
    PAYMENT,
    PLACE,
    STICKER,
    SYSTEM,
    VIDEO,
    VOICE,
    WORDS,
)

_OF_CLASS = {
    IMAGE: "image", VOICE: "voice", VIDEO: "video", STICKER: "sticker", LINK: "link", PAYMENT: "payment", FILE: "file", CARD: "card", CALL: "call",
    PLACE: "location", FORWARD: "forward",
}  # fmt: skip
# In the order of reports.
GROUPS = ("words_1_5", "words_6_19", "words_20", *_OF_CLASS.values(), "other")


def group_of() -> pl.Expr:
    """The group of a row of `Run.rows`."""
    length = pl.col("text").fill_null("").str.len_chars()
    words = pl.when(length < 6).then(pl.lit("words_1_5")).when(length < 20).then(pl.lit("words_6_19"))
    by_class = pl.col("cls").replace_strict(_OF_CLASS, default="other", return_dtype=pl.String)
    return pl.when(pl.col("cls") == WORDS).then(words.otherwise(pl.lit("words_20"))).otherwise(by_class)


def missing_by_group(run: Run) -> dict[str, int]:
    """How many rows of each group the run reported missing."""
    lines = run.lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    found = pl.concat(rows.select(group_of().alias("group")) for rows in _rows_of(run, lines))
    return dict(found.group_by("group").len().sort("group").iter_rows())


def rows_alone(run: Run) -> int:
    """How many rows of paired conversations are unmatched in the run, without client notices."""
    lone = pl.col("pair").is_not_null() & (pl.col("left_row").is_null() != pl.col("right_row").is_null())
    return sum(int((rows["cls"] != SYSTEM).sum()) for rows in _rows_of(run, run.lines.filter(lone)))


def _rows_of(run: Run, lines: pl.DataFrame) -> list[pl.DataFrame]:
    """Class and text of either side's rows in the lines."""
    numbers = (lines[name].drop_nulls() for name in ("left_row", "right_row"))
    return [rows.select("cls", "text")[found] for rows, found in zip(run.rows, numbers, strict=True)]
