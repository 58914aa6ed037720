"""A person's choice of what reports mask: people, numbers, rows, in the JSON file of `--masks`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reconcile.column_ops import parts_by
from reconcile.errors import UsageError
from reconcile.frames import Findings, PostFindings
from reconcile.frames_posts import Favourites, PostTraces
from reconcile.intake.frames import frame_of
from reconcile.posts_as_rows import COMMENT
from reconcile.wording.sides import SIDES, row_named

MOST, LONGEST = 100_000, 400
SIGN = "〔R〕"
# The content of a row. Its time, sender and kind stay visible.
WORDS = ("text", "quoted_text", "file_name", "url", "raw", "amount", "media_hash")
Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class Masks(BaseModel):
    """The contents of the file.

    Attributes:
        people: one entry per person, with all names and accounts of that person.
        numbers: telephone, identity and card numbers and mail addresses, as written.
        rows: rows to hide, such as `left:12`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[tuple[Words, ...], ...] = Field((), max_length=MOST)
    numbers: tuple[Words, ...] = Field((), max_length=MOST)
    rows: tuple[Words, ...] = Field((), max_length=MOST)

    @property
    def named_rows(self) -> dict[str, list[int]]:
        """The rows of each side, counted from 0."""
        named = [row for name in self.rows if (row := row_named(name)) is not None]
        return {side: sorted({n for of, n in named if of == side}) for side in SIDES}


def load_masks(file: Path) -> Masks:
    """The masks in a file. Raises UsageError for invalid files."""
    try:
        found = Masks.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise UsageError(
            "--masks", f"--masks {file}: expected JSON with people, numbers and rows such as left:12 ({reason})"
        ) from None
    odd = next((name for name in found.rows if row_named(name) is None), None)
    if odd is not None:
        raise UsageError("--masks", f"--masks {file}: {odd} names no row; expected left:12 or right:7")
    return found


def with_masked_rows(findings: Findings, masks: Masks) -> Findings:
    """The findings with the text of masked rows, and quotes of it, replaced by a sign."""
    rows = masks.named_rows
    messages = findings.messages
    if not any(rows.values()):
        return findings
    side = pl.col("side").cast(pl.String)
    is_masked = pl.any_horizontal((side == name) & pl.col("row").is_in(numbers) for name, numbers in rows.items())
    hidden = messages.filter(is_masked)["text"].drop_nulls()
    changes = [
        pl.when(is_masked & pl.col(name).is_not_null())
        .then(pl.lit(SIGN if name == "text" else None, pl.String))
        .otherwise(pl.col(name))
        .alias(name)
        for name in WORDS
        if name in messages.columns
    ]
    quotes = pl.col("quoted_text").is_in(hidden.filter(hidden.str.len_chars() > 1).implode())
    quoted = pl.when(quotes).then(pl.lit(SIGN)).otherwise("quoted_text").alias("quoted_text")
    posts = findings.posts
    if posts is not None and "post_row" in messages.columns:
        posts = with_masked_posts(posts, messages.filter(is_masked), rows, SIGN)
    return replace(findings, messages=messages.with_columns(quoted).with_columns(changes), posts=posts)


# The fields of a post besides its text.
_STATED = ("link_title", "link_description", "link_url", "source_name", "place", "address", "city", "raw")


def with_masked_posts(
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
            .then(_replaced_by_sign("text", sign))
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
                pl.when(copied.fill_null(value=False))
                .then(_replaced_by_sign("text", sign))
                .otherwise("text")
                .alias("text")
            ),
        ),
    )


def _among(chosen: pl.DataFrame, column: str) -> pl.Expr:
    """Whether a row is one of the chosen ones of its side."""
    side = pl.col("side").cast(pl.String)
    sides = parts_by(chosen, "side")
    return pl.any_horizontal(
        pl.lit(False),
        *((side == name) & pl.col(column).is_in(part["row"].implode()) for (name,), part in sides.items()),
    )


def _replaced_by_sign(name: str, sign: str) -> pl.Expr:
    """The column with `sign` in place of every text that is not empty."""
    return pl.when(pl.col(name) != "").then(pl.lit(sign)).otherwise(name)
