"""Compares which message two rows of one reply quote, and whose message it is said to be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.content.selective import BY
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from reconcile.wechat.kind_classes import SYSTEM, WORDS

# Columns of the judged pairs for each side, the first of the left one.
_ROWS, _SUFFIXES, _AUTHORS = ("left_row", "right_row"), ("", "_right"), ("left_author", "right_author")


@dataclass(frozen=True, slots=True)
class RowsOfReading:
    """One side of a comparison: its rows, and the reading that they come from.

    `form`: the form of `Reading.origins` that is judged, whose facts the reading then states; None = all.
    """

    rows: pl.DataFrame
    reading: Reading
    form: int | None = None

    def of_form(self, form: int) -> "RowsOfReading":
        """The side as this form of its reading alone."""
        origins = self.reading.origins
        if origins is None:
            return self
        return RowsOfReading(self.rows, replace(self.reading, facts=origins.forms[form]), form)


Sides = tuple[RowsOfReading, RowsOfReading]


def are_of_one_form(sides: Sides) -> bool:
    """Whether one reader read both exports, and by the same columns where it guessed them."""
    guessed = [[n.excerpt for n in s.reading.notes if n.code == NoteCode.COLUMN_GUESSED] for s in sides]
    return sides[0].reading.facts.reader == sides[1].reading.facts.reader and guessed[0] == guessed[1]


def are_of_one_tool(sides: Sides) -> bool:
    """Whether one known tool wrote both exports; tables that people convert share a reader and no more."""
    facts = [side.reading.facts for side in sides]
    tools = {f.tool for f in facts}
    is_known = all(f.limits.is_of_known_make for f in facts)
    return are_of_one_form(sides) and is_known and len(tools) == 1 and bool(tools - {None, ""})


def messages_differ(both: pl.DataFrame, pairs: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the replies for which both sides number the quoted message.

    A number names a row of its own export. Two rows that are no pair are two messages. Where no row has the number, the
    two numbers are compared.

    Args:
        both: judged pairs of replies.
        pairs: left_row and right_row of all pairs.
        sides: both sides.
    """
    named = both.filter(pl.col("reply_to").is_not_null() & pl.col("reply_to_right").is_not_null())
    if named.is_empty():
        return named.select("left_row", *BY, pl.lit(value=False).alias("is_unlike"))
    targets = [_targets(named, side, suffix) for side, suffix in zip(sides, _SUFFIXES, strict=True)]
    met = pl.DataFrame({"left_row": targets[0], "right_row": targets[1]})
    partners = [
        met[[mine]].join(pairs[_ROWS], on=mine, how="left", maintain_order="left")[other]
        for mine, other in (_ROWS, _ROWS[::-1])
    ]
    # Two messages without partners may be one that did not meet.
    is_known = targets[0].is_not_null() & targets[1].is_not_null()
    is_known &= partners[0].is_not_null() | partners[1].is_not_null()
    found = partners[0].ne_missing(targets[1])
    by_row = pl.when(pl.lit(is_known)).then(pl.lit(found))
    told = named.select("left_row", *BY, by_row.alias("by_row"), _numbers_differ().alias("by_number"))
    # Numbers that agree nowhere come from two tools with different numbering.
    agree = (~pl.col("by_number")).any().over("export")
    told = told.with_columns(pl.coalesce("by_row", pl.when(agree).then("by_number")).alias("is_unlike"))
    return told[["left_row", *BY, "is_unlike"]].drop_nulls("is_unlike")


def _targets(named: pl.DataFrame, side: RowsOfReading, suffix: str) -> pl.Series:
    """The row that each reply's number names; null where none or several have it."""
    asked = named.select("export", pl.col(f"reply_to{suffix}").alias("message_id"))
    held = side.rows[["export", "message_id"]].with_row_index("target")
    held = held.join(asked.unique(), on=["export", "message_id"], how="semi")
    held = held.unique(["export", "message_id"], keep="none")
    return asked.join(held, on=["export", "message_id"], how="left", maintain_order="left")["target"]


def words_named(replies: pl.DataFrame, side: RowsOfReading, suffix: str) -> list[str | None]:
    """The words of the message that each reply's number names; None where it names no one message."""
    words = side.rows.select(pl.when(pl.col("cls") == WORDS).then("text"))["text"]
    return words[_targets(replies, side, suffix)].to_list() if replies.height else []


def _numbers_differ() -> pl.Expr:
    """Whether two numbers differ by more than the rounding of a float."""
    names = [pl.col(f"reply_to{s}") for s in _SUFFIXES]
    # A number stored as float may end in other digits, and rounding may change the last reliable one.
    values = [c.cast(pl.Float64, strict=False) for c in names]
    least = pl.max_horizontal(*(v.abs() for v in values)) / 10 ** (PARAMS.sure_digits - 1)
    spelt = [c.str.strip_chars_start("0").str.head(PARAMS.sure_digits) for c in names]
    return pl.coalesce(((values[0] - values[1]).abs() > least) & (spelt[0] != spelt[1]), spelt[0] != spelt[1])


def quoted_authors(replies: pl.DataFrame, sides: Sides) -> list[pl.Series]:
    """The author of the quoted message as each side of the replies names him; null = it names none."""
    return [s.rows["quoted_sender"][replies[r]] for s, r in zip(sides, _ROWS, strict=True)]


def authors_differ(both: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the replies whose quoted author both sides name.

    A name counts where it stands for one party alone, on whichever side.
    """
    named = (pl.Series(name, a) for name, a in zip(_AUTHORS, quoted_authors(both, sides), strict=True))
    shown = both[["left_row", "pair", *BY]].with_columns(named)
    shown = shown.drop_nulls(_AUTHORS)
    if shown.is_empty():
        return shown.select("left_row", *BY, pl.lit(value=False).alias("is_unlike"))
    names = names_of(sides, shown["pair"].unique())
    parties = [
        shown.select("pair", pl.col(n).alias("name")).join(
            names, on=["pair", "name"], how="left", maintain_order="left"
        )
        for n in _AUTHORS
    ]
    is_unlike = parties[0]["party"] != parties[1]["party"]
    return shown.select("left_row", *BY, pl.lit(is_unlike).alias("is_unlike")).drop_nulls("is_unlike")


def names_of(sides: Sequence[RowsOfReading], pairs: pl.Series) -> pl.DataFrame:
    """pair, name, party: the names that belong to one party only, from both sides."""
    shown = ("sender", "sender_name", "remark", "nickname")
    spoken = pl.col("pair").is_in(listed(pairs)) & (pl.col("cls") != SYSTEM)
    held = []
    for side in sides:
        people = side.rows.lazy().filter(spoken).select("pair", "party", "sender", "sender_name").unique()
        contacts = side.reading.contacts.lazy().select(pl.col("id").alias("sender"), "remark", "nickname")
        people = people.join(contacts, on="sender", how="left")
        held.append(people.unpivot(shown, index=["pair", "party"], value_name="name").select("pair", "name", "party"))
    # A name that two accounts bear has no party on the side that shows only the name.
    known = pl.concat(held).drop_nulls("name").unique().unique(["pair", "name"], keep="none")
    return known.drop_nulls("party").pipe(collected)


__all__ = [
    "RowsOfReading",
    "Sides",
    "are_of_one_form",
    "are_of_one_tool",
    "authors_differ",
    "messages_differ",
    "names_of",
    "quoted_authors",
    "words_named",
]
