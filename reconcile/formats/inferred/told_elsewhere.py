"""Texts that stand for something else: the client's XML, or an object beside them."""

import re

import polars as pl

from reconcile.intake.messages.bodies import GIVEN, read_bodies
from reconcile.intake.tables.cells import ROW
from reconcile.settings import Limits
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import APP_BASE

# The element of a body -> its base type.
_BODIES = {"appmsg": APP_BASE, "img": 3, "voicemsg": 34, "videomsg": 43, "emoji": 47, "location": 48}
_BODY = r"^\s*(?:<\?xml[^>]*>\s*)?<msg(?:\s[^>]*)?>\s*<(appmsg|img|voicemsg|videomsg|emoji|location)\b"
_SUB = r"(?s)<appmsg\b.*?<type>\s*([0-9]{1,9})\s*</type>"
_KEY = r"^\s*\{([\w-]+)\}\s*$"
_NAMES = ("name", "filename", "title")


def with_bodies(rows: pl.DataFrame, limits: Limits, *, has_kinds: bool) -> pl.DataFrame:
    """The rows with kind, text and other columns from the client's XML where a text holds such a body.

    A row whose kind is a text is left as it is, where the form states kinds: anybody may type such a body.
    """
    opens = pl.col("text").str.contains(_BODY) & ((pl.col("kind") != "text") | pl.lit(not has_kinds))
    opens = opens.fill_null(value=False)
    at = rows.select(opens).to_series().arg_true()
    if at.is_empty():
        return rows
    few = rows[at].select(
        pl.col("text").str.extract(_BODY, 1).replace_strict(_BODIES, return_dtype=pl.Int64).alias("base"),
        pl.col("text").str.extract(_SUB, 1).cast(pl.Int64).fill_null(0).alias("sub"),
        pl.col("text").alias("content"),
        "locator",
        pl.lit("").alias("conversation"),
    )
    told = read_bodies(few, limits).messages
    columns = []
    for name in (c for c in GIVEN if c in told.columns):
        given = told[name]
        if name not in rows.columns:
            columns.append(pl.Series(name, [None], dtype=given.dtype).new_from_index(0, rows.height).scatter(at, given))
        elif given.null_count() < given.len():
            known = rows[name].gather(at).cast(pl.String)
            both = (
                given.cast(pl.String).fill_null(known)
                if name in ("kind", "text")
                else known.fill_null(given.cast(pl.String))
            )
            columns.append(rows[name].clone().scatter(at, both.cast(rows[name].dtype, strict=False)))
    return rows.with_columns(columns)


def with_named_objects(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """The rows with the name of the object that words such as `{file}` only point at."""
    if text not in frame.columns or not frame[text].str.contains("{", literal=True).any():
        return frame
    keys = frame[text].str.extract(_KEY, 1)
    words = pl.col(text)
    for key in keys.drop_nulls().unique().sort().to_list():
        ends = tuple(f"{key}.{n}" for n in _NAMES)
        named = [c for c in frame.columns if c != ROW and any(c == e or c.endswith(f".{e}") for e in ends)]
        if len(named) == 1:
            points = pl.Series(keys == key).fill_null(value=False) & frame[named[0]].is_not_null()
            words = pl.when(points).then(pl.col(named[0])).otherwise(words)
    return frame.with_columns(words.alias(text))


def with_kinds_of_objects(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the kind of the object whose name their words are."""
    kind = pl.col("kind")
    for column in rows.columns:
        if (
            found := re.fullmatch(r"(raw_.+\.)(?:mimetype|mime_type|mime|contenttype|content_type)", column.lower())
        ) is None:
            continue
        names = [c for n in _NAMES if (c := column[: len(found[1])] + n) in rows.columns]
        if names:
            told = pl.coalesce(pl.lit(kinds_of_names(rows[column])), pl.lit(str(Kind.FILE)))
            is_object = (
                (pl.col("text") == pl.col(names[0])) & (pl.col("kind") == str(Kind.TEXT)) & pl.col(column).is_not_null()
            )
            kind = pl.when(is_object).then(told).otherwise(kind)
    return rows.with_columns(kind.alias("kind"))
