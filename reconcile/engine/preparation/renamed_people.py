"""Writes a person's name alike in the texts of both sides where one side has another throughout."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import RENAMED
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM, WORDS

_NAME, _SHORTEST = r"\p{L}", 2
Name = tuple[int, str, str]


def with_names_of(other: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the other side's names for people in their texts; `renamed` says where.

    A name counts for a person who bears one name on each side. No text holds the name of the other side, and several
    texts that hold the name are texts of the other side with its own one, as are most of them. No tool does that, so the
    texts are altered, but they are paired as surely as equal ones. Notices and quotations do not count: each device
    shows its own names in them.

    Args:
        other: the other side's rows, with `party`.
        rows: the rows of one side, with `party`.
    """
    names = _two_names(rows, other)
    if names.is_empty():
        return rows
    words = [*names["name"], *names["name_right"]]
    mine, theirs = (
        f.filter(_is_plain() & pl.col("text").str.contains_any(words))[["row", "pair", "text"]] for f in (rows, other)
    )
    said: dict[int, str] = {}
    for name in names.select("pair", "name", "name_right").iter_rows():
        said |= dict(_renamed(mine, theirs, name, said))
    if not said:
        return rows
    told = pl.col("row").replace_strict(said, default=None, return_dtype=pl.String)
    return rows.with_columns(pl.coalesce(told, "text").alias("text"), told.is_not_null().alias(RENAMED))


def _is_plain() -> pl.Expr:
    """Whether a row is words that quote nothing."""
    quotes = (pl.col("kind").cast(pl.String) == str(Kind.QUOTE)) | pl.col("text").str.contains_any(list(QUOTING))
    return (pl.col("cls") == WORDS) & ~quotes


def _two_names(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """pair, party, name, name_right: people who bear one name on each side, and not the same one."""
    sides = []
    for frame in (rows, other):
        spoken = frame.lazy().filter((pl.col("cls") != SYSTEM) & pl.col("party").is_not_null())
        named = spoken.select("pair", "party", name=pl.coalesce("sender_name", "sender")).drop_nulls().unique()
        sides.append(named.filter(pl.len().over("pair", "party") == 1))
    is_name = [pl.col(c).str.contains(_NAME) & (pl.col(c).str.len_chars() >= _SHORTEST) for c in ("name", "name_right")]
    both = sides[0].join(sides[1], on=["pair", "party"]).filter(pl.col("name") != pl.col("name_right"), *is_name)
    return both.sort("pair", "party").collect()


def _renamed(mine: pl.DataFrame, theirs: pl.DataFrame, name: Name, said: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Row and new text of each row that holds a name for which the other side has another."""
    pair, own, new = name
    texts, held = (f.filter(pl.col("pair") == pair) for f in (mine, theirs))
    texts = texts.with_columns(pl.col("row").replace_strict(said, default=pl.col("text")).alias("text"))
    asked = texts.filter(pl.col("text").str.contains(_word(own)))
    if held["text"].str.contains(_word(own)).any() or texts["text"].str.contains(_word(new)).any():
        return
    asked = asked.with_columns(pl.col("text").str.replace_all(_word(own), new.replace("$", "$$")))
    stands = asked["text"].is_in(held["text"].implode())
    if asked["text"].filter(stands).n_unique() >= PARAMS.loss_texts and 2 * stands.sum() >= asked.height:
        yield from asked[["row", "text"]].iter_rows()


def _word(name: str) -> str:
    """A pattern of the name where no further Latin letter or digit stands beside it."""
    edge = r"(?-u:\b)"
    first, last = (edge if c.isascii() and c.isalnum() else "" for c in (name[0], name[-1]))
    return f"{first}{pl.escape_regex(name)}{last}"


__all__ = ["with_names_of"]
