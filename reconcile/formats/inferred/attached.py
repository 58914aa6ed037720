"""Kinds of rows without words, by the fields that state what is attached."""

import polars as pl

from reconcile.formats.inferred.hints import ACTORS, parts_of, words_of
from reconcile.formats.inferred.words.marks import kind_of_file
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name, kinds_of_names
from reconcile.wechat.kinds import kind_from_text

_MEDIA = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.STICKER, Kind.FILE, Kind.LOCATION})
# What an action did, as a sentence says it, and names of fields with whom it was done.
_DONE = {"invited": "invite|add", "joined": "join", "removed": "remove|kick|ban", "left": "leave|left|quit|exit"}
_MEMBERS = frozenset(["members", "participants", "users", "targets"])
# Names of fields that state the type of an attachment, and the most types that such a field may have.
_TOLD_BY, _MOST_TYPES = (
    frozenset(["mime", "mimetype", "media", "type", "attachment", "attachments", "alt", "action"]),
    30,
)


def kinds_of_columns(rows: pl.DataFrame) -> pl.Expr:
    """The kind of a row without words, by a field of types, the name of a filled one, or its file's."""
    told: list[pl.Expr] = []
    found: list[pl.Expr] = []
    for column in (c for c in rows.columns if c.startswith("raw_") and rows[c].null_count()):
        levels = parts_of(column.removeprefix("raw_"))
        kinds = (kind_of_name(level[0]) or kind_of_name(level[0].removesuffix("s")) for level in levels)
        if (kind := next((k for k in kinds if k in _MEDIA), None)) is not None:
            found.append(pl.when(pl.col(column).str.strip_chars("[] ") != "").then(pl.lit(str(kind))))
        if words_of(column.removeprefix("raw_")) & _TOLD_BY and rows[column].n_unique() <= _MOST_TYPES:
            named = pl.coalesce(pl.lit(kinds_of_names(rows[column])), kind_from_text(pl.col(column)))
            told.append(pl.when(named.is_in([str(k) for k in (*_MEDIA, Kind.CALL)])).then(named))
    if "file_name" in rows.columns:
        found.append(kind_of_file(pl.col("file_name")))
    return pl.coalesce(*told, *found, pl.lit(None, dtype=pl.String))


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
