"""Writes a person's name alike in the texts of both sides where one side has another throughout."""

import re
from functools import lru_cache

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.content.mentions import RENDERED_MENTION
from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import RENAMED
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM, WORDS

_NAME = r"\p{L}"


def with_names_of(other: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the other side's names for people in their texts; `renamed` says where.

    A name counts for a person who bears one name on each side. No text holds the name of the other side, and several
    texts that hold the name are texts of the other side with its own one, as are most of them. No tool does that, so the
    texts are altered, but they are paired as surely as equal ones. Notices, quotations and mentions that a client
    wrote do not count: each device shows its own names in them.

    Args:
        other: the other side's rows, with `party`.
        rows: the rows of one side, with `party`.
    """
    names = _two_names(rows, other)
    if names.is_empty():
        return rows
    named = _is_plain() & pl.col("text").str.contains_any([*names["name"], *names["name_right"]])
    mine = rows[["row", "pair", "text", "kind", "cls"]].filter(named)
    if mine.height < PARAMS.loss_texts:
        return rows
    theirs = other[["row", "pair", "text", "kind", "cls"]].filter(named)
    # A name of one side in a text of the other one shows that people say it.
    spoilt = pl.concat([_holding(theirs, names, "name"), _holding(mine, names, "name_right")])
    asked = _holding(mine, names, "name").join(spoilt, on=["pair", "name"], how="anti", maintain_order="left")
    held = frozenset(theirs[["pair", "text"]].iter_rows())
    said: dict[int, str] = {}
    for part in asked.partition_by("pair", "name", maintain_order=True):
        said |= _renamed(part, held, said)
    if not said:
        return rows
    told = pl.col("row").replace_strict(said, default=None, return_dtype=pl.String)
    return rows.with_columns(pl.coalesce(told, "text").alias("text"), told.is_not_null().alias(RENAMED))


def _is_plain() -> pl.Expr:
    """Whether a row is words without a quotation or a mention that a client wrote."""
    quotes = (pl.col("kind").cast(pl.String) == str(Kind.QUOTE)) | pl.col("text").str.contains_any(list(QUOTING))
    return (pl.col("cls") == WORDS) & ~quotes & ~pl.col("text").str.contains(RENDERED_MENTION)


def _two_names(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """pair, party, name, name_right: people who alone bear one name on each side, and not the same one."""
    sides = []
    for frame in (rows, other):
        spoken = frame.lazy().filter((pl.col("cls") != SYSTEM) & pl.col("party").is_not_null())
        named = spoken.select("pair", "party", name=pl.coalesce("sender_name", "sender")).drop_nulls().unique()
        sides.append(named.filter(pl.len().over("pair", "party") == 1))
    is_name = [
        pl.col(c).str.contains(_NAME) & (pl.col(c).str.len_chars() >= PARAMS.name_characters)
        for c in ("name", "name_right")
    ]
    both = sides[0].join(sides[1], on=["pair", "party"]).filter(pl.col("name") != pl.col("name_right"), *is_name)
    is_own = [pl.len().over("pair", c) == 1 for c in ("name", "name_right")]
    return both.filter(*is_own).sort("pair", "party").pipe(collected)


def _holding(texts: pl.DataFrame, names: pl.DataFrame, column: str) -> pl.DataFrame:
    """row, pair, text, name, name_right: the texts that hold a name of this column, by pair and name."""
    words = names[column].unique(maintain_order=True)
    found = pl.col("text").str.extract_many(words.to_list(), overlapping=True).list.unique().alias(column)
    held = texts.select("row", "pair", "text", found).explode(column).drop_nulls(column)
    held = held.join(names, on=["pair", column])
    stands = [_word(n).search(t) is not None for n, t in held[[column, "text"]].iter_rows()]
    told = held.filter(pl.Series(stands, dtype=pl.Boolean)).sort("pair", "party", "row")
    return told[["row", "pair", "text", "name", "name_right"]]


def _renamed(asked: pl.DataFrame, held: frozenset[tuple[int, str]], said: dict[int, str]) -> dict[int, str]:
    """Row and new text of each row that holds a name for which the other side has another.

    Args:
        asked: the rows that hold one name, as from `_holding`.
        held: pair and text of the other side's rows.
        said: the rows that have a new text already.
    """
    pair, own, new = asked[["pair", "name", "name_right"]].row(0)
    texts = asked[["row", "text"]].iter_rows()
    told = {row: _word(own).sub(lambda _: new, said.get(row, text)) for row, text in texts}
    stands = [text for text in told.values() if (pair, text) in held]
    return told if len({*stands}) >= PARAMS.loss_texts and 2 * len(stands) >= len(told) else {}


@lru_cache(maxsize=65_536)
def _word(name: str) -> re.Pattern[str]:
    """A pattern of the name where no further Latin letter or digit stands beside it."""
    first, last = (r"\b" if c.isascii() and c.isalnum() else "" for c in (name[0], name[-1]))
    return re.compile(f"{first}{re.escape(name)}{last}", re.ASCII)


__all__ = ["with_names_of"]
