"""Bodies as chatlog's text and CSV forms show them (internal/model/message.go, PlainTextContent)."""

import polars as pl

from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import SENTENCE_WORDS, kinds_of_bodies, notice_kind
from reconcile.wechat.kinds import KINDS, MARKS, PLACED, changed_where

SYSTEM_SENDER = "系统消息"
# The exporter's own address in links that it makes; links that people sent have other paths.
_HOST = r"(!?\[(?:图片|语音|视频|文件\|[^\n]*?)\]\()https?://[^/)\s]*(/(?:image|voice|video|file|data)/)"
_QUOTE = r"^> (?:[^\n]*[0-9]{2}:[0-9]{2}:[0-9]{2}|\[引用\])\n"
_WORDS = r"^\[(?:GIF表情|群公告|红包封面|分享|引用)[\]|]"
_UNKNOWN = r"^Type: -?[0-9]+ Content: "
_PLACED = (
    (Kind.QUOTE, _QUOTE), (Kind.OTHER, r"^\[(?:GIF表情|群公告)\]"), (Kind.LINK, _WORDS), (Kind.OTHER, _UNKNOWN), *PLACED,
)  # fmt: skip
_MARKS = rf"{MARKS}|^> "


def without_host(text: pl.Expr) -> pl.Expr:
    """Bodies without the host of the exporter's links."""
    linked = text.str.contains("](http", literal=True)
    return changed_where(linked, text, lambda some: some.str.replace_all(_HOST, "${1}${2}"))


def chatlog_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `kind` and facts from chatlog's links: server ids of voices, digests of videos.

    Needs columns text and sender; the sender 系统消息 is the client. A typed text that looks like a shown body is read as
    one.
    """
    # Nearly all rows are plain words. Only rows that begin with a token or hold a notice's word are matched against
    # patterns.
    token = pl.col("text").str.contains(r"^(?:!?\[|> |Type: )")
    notice = pl.col("text").str.contains(SENTENCE_WORDS)
    client = (pl.col("sender") == SYSTEM_SENDER).fill_null(value=False)
    is_odd = rows.select((token | notice | client).alias("is_odd"))["is_odd"]
    places = is_odd.arg_true()
    plain = rows.with_columns(pl.lit("text", dtype=KINDS).alias("kind"))
    if places.is_empty():
        return plain
    few = rows.select("text", "sender").filter(is_odd)
    odd = _with_kinds(few)
    # Unchanged columns are not written again.
    changed = [n for n in odd.columns if n not in few.columns or not few[n].equals(odd[n])]
    return plain.with_columns(_scattered(plain, n, places, odd[n]) for n in changed)


def _scattered(rows: pl.DataFrame, name: str, places: pl.Series, few: pl.Series) -> pl.Series | pl.Expr:
    """The column with these values at these places; a null literal if all of them are null."""
    if name in rows.columns:
        return rows[name].clone().scatter(places, few)
    if few.null_count() == few.len():
        return pl.lit(None, dtype=pl.String).alias(name)
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, rows.height).scatter(places, few)


def _with_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """Add kind, and ids and quality that the words of voices, videos and cut texts show."""
    rows = rows.with_columns(without_host(pl.col("text")).alias("text"))
    text, client = pl.col("text"), (pl.col("sender") == SYSTEM_SENDER).fill_null(value=False)
    rows = rows.with_columns(kinds_of_bodies(rows["text"], _PLACED, _MARKS))
    rows = rows.with_columns(pl.when(client).then(notice_kind(text).cast(KINDS)).otherwise("kind").alias("kind"))
    return rows.with_columns(
        pl.when(pl.col("kind") == "voice")
        .then(text.str.extract(r"^\[语音\]\(/voice/([0-9]{5,20})\)", 1))
        .alias("message_id"),
        pl.when(pl.col("kind") == "video")
        .then(text.str.extract(r"^!\[视频\]\(/video/([0-9a-fA-F]{32})", 1).str.to_lowercase())
        .alias("media_hash"),
        pl.when(text.str.contains(r"<\.\.\.>$") & (pl.col("kind") == "other"))
        .then(pl.lit("truncated"))
        .alias("text_quality"),
        pl.when(pl.col("sender") != SYSTEM_SENDER).then("sender").alias("sender"),
    )
