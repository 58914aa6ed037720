"""Removes what a tool writes around every text: a sender's name, a bullet, a clock, a mark."""

import polars as pl

from reconcile.column_ops import collected, has_one_value, listed
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import TWICE_STATED
from reconcile.wechat.kind_classes import WORDS

_HEAD = r"^([^\n:：]{1,40}[:：])"
# A bullet before nine in ten texts, or hour and minute.
_BULLET = r"^([•·●▪■◆►▶※*>–—-] )"
_CLOCK = r"^([\[(【（]?(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?[\])】）]?\s)"
# One mark in brackets, or ticks, after nine in ten texts: read, translated.
_TAIL = r"(\s?(?:\([^()\n]{1,8}\)|（[^（）\n]{1,8}）|\[[^\[\]\n]{1,8}\]|【[^【】\n]{1,8}】|[✓✔√]{1,2}))$"
# A line of its own without figures, before or after nine in ten texts of one sender: a gateway's warning, a footer.
_FIRST_LINE = r"^([^\n\d]+\s*\n\s*)"
_LAST_LINE = r"(\s*\n[^\n\d]+)$"
# The texts that are counted together: those of a conversation, or of each sender in it.
_CHATS = ("pair",)
_SENDERS = ("pair", "sender", "is_self")
# Any of the four patterns. If half of the first texts have none, none of the four is searched for.
_ANY = "|".join((_HEAD, _BULLET, _CLOCK, _TAIL))


def without_heads(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `text` without the sender's name before it or a common mark after it.

    `headed` and `tailed` say where one was removed, and TWICE_STATED where the name is that of another sender alone. It is
    removed only where a conversation of this export has it throughout. A line that stands before or after all texts of
    one sender is removed as well.
    """
    if not _likely(rows, "\n", _SENDERS).is_empty():
        for shape, name in ((_FIRST_LINE, "headed"), (_LAST_LINE, "tailed")):
            rows = _without_common(rows, shape, name, by=_SENDERS)
    if _likely(rows, _ANY, _CHATS).is_empty():
        return rows
    rows = _without_tails(_without_times(_without_marks(rows)))
    pairs = _likely(rows, _HEAD, _CHATS)["pair"]
    if pairs.is_empty():
        return rows
    words = rows.lazy().filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(listed(pairs)))
    told = words.select("pair", "row", "sender", "is_self", head=pl.col("text").str.extract(_HEAD, 1)).pipe(collected)
    who = ["pair", "sender", "is_self"]
    common = told.group_by(*who).agg(
        pl.col("head").drop_nulls().mode().sort().first().alias("own"), pl.len().alias("n")
    )
    met = told.join(common, on=who, nulls_equal=True).with_columns(
        (pl.col("head") == pl.col("own")).fill_null(value=False).alias("has")
    )
    shares = met.group_by("pair").agg(pl.col("has").mean().alias("share"), pl.len().alias("n"))
    names = common.group_by("pair").agg(pl.col("own").n_unique().alias("names"), pl.len().alias("people"))
    sure = shares.join(names, on="pair").filter(
        (pl.col("share") >= PARAMS.heading_share)
        & (pl.col("n") >= PARAMS.heading_rows)
        & (pl.col("people") > 1)
        & (pl.col("names") == pl.col("people"))
    )
    headed = met.filter("has").join(sure, on="pair", how="semi")["row"]
    if headed.is_empty():
        return rows
    is_headed = pl.col("row").is_in(listed(headed))
    bare = pl.col("text").str.replace(_HEAD + r"\s*", "")
    return rows.with_columns(
        (is_headed | pl.col("headed")).alias("headed"), pl.when(is_headed).then(bare).otherwise("text").alias("text"),
        (is_headed & pl.col("row").is_in(listed(_misnamed(rows, met)))).alias(TWICE_STATED),
    )  # fmt: skip


def _misnamed(rows: pl.DataFrame, met: pl.DataFrame) -> pl.Series:
    """The rows of `met` whose usual head is the name of another sender, and not of their own."""
    names = pl.concat(
        rows.select("pair", "sender", pl.col(c).alias("name")) for c in ("sender", "sender_name")
    ).unique()
    heads = met.select("pair", "row", "sender", pl.col("own").str.strip_chars(":： ").alias("name"))
    named = heads.join(names, on=["pair", "name"]).with_columns(pl.col("sender") == pl.col("sender_right"))
    told = named.group_by("row").agg(pl.col("sender").any())
    return told.filter(~pl.col("sender"))["row"]


def _without_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without a common bullet before every text."""
    return _without_common(rows, _BULLET, "headed")


def _without_times(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without hour and minute before every text; the row has its own time."""
    return _without_common(rows, _CLOCK, "headed", one=False)


def _without_tails(rows: pl.DataFrame) -> pl.DataFrame:
    """Texts without the ending that all texts of an export share."""
    return _without_common(rows, _TAIL, "tailed")


def _without_common(
    rows: pl.DataFrame, shape: str, name: str, *, one: bool = True, by: tuple[str, ...] = _CHATS
) -> pl.DataFrame:
    """The rows without what nine in ten texts of a conversation have in that place.

    Args:
        rows: the rows of one side.
        shape: pattern of what to remove.
        name: name of the column that says where it was removed.
        one: whether it must be the same in all texts.
        by: whose texts are counted together: those of a conversation, or of each sender in it.
    """
    likely = _likely(rows, shape, by)
    if likely.is_empty():
        return rows
    words = rows.filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(listed(likely["pair"])))
    told = words.select(*by, "row", pl.col("text").str.extract(shape, 1).alias("found"))
    usual = told.group_by(*by).agg(
        pl.col("found").drop_nulls().mode().sort().first().alias("usual"), pl.len().alias("n")
    )
    alike = (pl.col("found") == pl.col("usual")) if one else pl.col("found").is_not_null()
    met = told.join(usual, on=by, nulls_equal=True).with_columns(alike.fill_null(value=False).alias("has"))
    sure = met.group_by(*by).agg(pl.col("has").mean().alias("share"), pl.col("n").first())
    sure = sure.filter((pl.col("share") >= PARAMS.heading_share) & (pl.col("n") >= PARAMS.heading_rows))
    if sure.is_empty():
        return rows
    told_rows = met.filter("has").join(sure, on=by, how="semi", nulls_equal=True)["row"]
    if name == "headed" and by == _CHATS:
        # Pictures, voices and cards of that tool begin the same way.
        told_rows = rows.filter(pl.col("pair").is_in(listed(sure["pair"])) & pl.col("text").str.contains(shape))["row"]
    has = pl.col("row").is_in(listed(told_rows))
    bare = pl.when(has).then(pl.col("text").str.replace(shape, "")).otherwise("text")
    return rows.with_columns((has | pl.col(name)).alias(name), bare.alias("text"))


def _likely(rows: pl.DataFrame, shape: str, by: tuple[str, ...]) -> pl.DataFrame:
    """The conversations, or the senders in each, with the pattern in at least half of their first texts."""
    several = not has_one_value(rows["pair"])
    first = rows.lazy().select(*by, "cls", "text")
    first = (
        first.filter(pl.int_range(pl.len()).over("pair") < PARAMS.heading_first_rows)
        if several
        else first.head(PARAMS.heading_first_rows)
    )
    said = first.filter((pl.col("cls") == WORDS) & pl.col("pair").is_not_null())
    held = said.select(*by, pl.col("text").str.contains(shape).alias("holds"))
    share = held.group_by(*by).agg(pl.col("holds").mean().alias("share"))
    return collected(share.filter(pl.col("share") >= PARAMS.heading_likely_share).select(*by))
