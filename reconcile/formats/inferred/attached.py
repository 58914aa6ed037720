"""Kinds of rows without words, by the fields that state what is attached."""

import polars as pl

from reconcile.formats.inferred.hints import ACTORS, parts_of, words_of
from reconcile.formats.inferred.words.marks import kind_of_file, kind_of_files
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name, kinds_of_names
from reconcile.wechat.kinds import kind_from_text

_MEDIA = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.STICKER, Kind.FILE, Kind.LOCATION})
# What an action did, as a sentence says it, and names of fields with whom it was done.
_DONE = {"invited": "invite|add", "joined": "join", "removed": "remove|kick|ban", "left": "leave|left|quit|exit"}
_MEMBERS = frozenset(["members", "participants", "users", "targets"])
# The words in the name of a field for the length of a call.
_OF_CALL = frozenset({"call", "duration"})
# Names of fields that state the type of an attachment, and the most types that such a field may have.
_TOLD_BY, _MOST_TYPES = (
    frozenset(["mime", "mimetype", "media", "type", "attachment", "attachments", "alt", "action"]),
    30,
)


def kinds_of_columns(rows: pl.DataFrame) -> pl.Series:
    """The kind of each row without words, and of each call; null for other rows.

    A row that states the length of a call is one, whatever words the client writes of it.
    """
    columns = [c for c in rows.columns if c.startswith("raw_") and rows[c].null_count()]
    kinds = pl.Series("kind", [None], dtype=pl.String).new_from_index(0, rows.height)
    for column in (c for c in columns if words_of(c) >= _OF_CALL):
        kinds = kinds.set(rows[column].is_not_null(), str(Kind.CALL))
    is_bare = rows["text"] == ""
    return kinds.scatter(is_bare.arg_true(), _kinds_without_words(rows, is_bare, columns)) if is_bare.any() else kinds


def _kinds_without_words(rows: pl.DataFrame, is_bare: pl.Series, columns: list[str]) -> pl.Series:
    """The kind of each row without words, by the first of these that states one.

    A field of types; the name of a filled field; the media types and endings in a field that is called a file or that few
    rows with words fill; a field that is called a file.
    """
    bare = rows.filter(is_bare)
    said = rows.height - bare.height
    told, named, held, files = list[pl.Expr](), list[pl.Expr](), list[pl.Expr](), list[pl.Expr]()
    for column in columns:
        levels = parts_of(column.removeprefix("raw_"))
        kinds = (kind_of_name(level[0]) or kind_of_name(level[0].removesuffix("s")) for level in levels)
        if (kind := next((k for k in kinds if k in _MEDIA), None)) is not None:
            there = pl.when(pl.col(column).str.strip_chars("[] ") != "").then(pl.lit(str(kind)))
            (files if kind is Kind.FILE else named).append(there)
        if words_of(column.removeprefix("raw_")) & _TOLD_BY and bare[column].n_unique() <= _MOST_TYPES:
            types = pl.coalesce(pl.lit(kinds_of_names(bare[column])), kind_from_text(pl.col(column)))
            told.append(pl.when(types.is_in([str(k) for k in (*_MEDIA, Kind.CALL)])).then(types))
        if kind is Kind.FILE or 2 * (rows[column].count() - bare[column].count()) < said:
            held.append(kind_of_files(pl.col(column)))
    if "file_name" in rows.columns:
        held.append(kind_of_file(pl.col("file_name")))
    return bare.select(pl.coalesce(*told, *named, *held, *files, pl.lit(None, dtype=pl.String)).alias("kind"))["kind"]


def callers(rows: pl.DataFrame) -> pl.Expr:
    """Who called, by a field of whoever acts, accounts before names; null without one."""
    fields = [c for c in rows.columns if c.startswith("raw_") and words_of(c.removeprefix("raw_")) & ACTORS]
    return pl.coalesce(*sorted(fields, key=lambda c: "id" not in words_of(c)), pl.lit(None, dtype=pl.String))


def words_of_actions(rows: pl.DataFrame) -> pl.Expr:
    """Who did what with whom, by the fields of an action and its actor; null without them."""
    fields = {c: words_of(c.removeprefix("raw_")) for c in rows.columns if c.startswith("raw_")}
    actions = [c for c, words in fields.items() if "action" in words and "id" not in words]
    actors = [c for c, words in fields.items() if words & ACTORS and "id" not in words]
    if not (actions and actors):
        return pl.lit(None, dtype=pl.String)
    action = pl.col(actions[0])
    done = pl.coalesce(
        *(pl.when(action.str.contains(rf"(?i)(?:^|[^a-z])(?:{p})")).then(pl.lit(w)) for w, p in _DONE.items()),
        action.str.replace_all(r"[_\s]+", " "),
    )
    members = [pl.col(c) for c, words in fields.items() if words & _MEMBERS][:1]
    return pl.when(action.is_not_null()).then(
        pl.concat_str(pl.col(actors[0]), done, *members, separator=" ", ignore_nulls=True)
    )
