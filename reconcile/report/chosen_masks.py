"""A person's choice of what reports mask: people, numbers, rows, in the JSON file of `--masks`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reconcile.errors import UsageError
from reconcile.frames import Findings
from reconcile.report.masked_posts import without_posts
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
        told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise UsageError(
            "--masks", f"--masks {file}: expected JSON with people, numbers and rows such as left:12 ({told})"
        ) from None
    odd = next((name for name in found.rows if row_named(name) is None), None)
    if odd is not None:
        raise UsageError("--masks", f"--masks {file}: {odd} names no row; expected left:12 or right:7")
    return found


def without_rows(findings: Findings, masks: Masks) -> Findings:
    """The findings with the text of masked rows, and quotes of it, replaced by a sign."""
    rows = masks.named_rows
    messages = findings.messages
    if not any(rows.values()):
        return findings
    side = pl.col("side").cast(pl.String)
    is_masked = pl.any_horizontal((side == name) & pl.col("row").is_in(numbers) for name, numbers in rows.items())
    hidden = messages.filter(is_masked)["text"].drop_nulls()
    changes = [
        pl.when(is_masked & pl.col(name).is_not_null()).then(_sign_of(name)).otherwise(pl.col(name)).alias(name)
        for name in WORDS
        if name in messages.columns
    ]
    quotes = pl.col("quoted_text").is_in(hidden.filter(hidden.str.len_chars() > 1).implode())
    quoted = pl.when(quotes).then(pl.lit(SIGN)).otherwise("quoted_text").alias("quoted_text")
    posts = findings.posts
    if posts is not None and "post_row" in messages.columns:
        posts = without_posts(posts, messages.filter(is_masked), rows, SIGN)
    return replace(findings, messages=messages.with_columns(quoted).with_columns(changes), posts=posts)


def _sign_of(name: str) -> pl.Expr:
    return pl.lit(SIGN if name == "text" else None, pl.String)
