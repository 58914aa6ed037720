"""chatlog's own words: bodies as its text and CSV forms show them (chatlog internal/model/message.go, PlainTextContent)."""

import polars as pl

from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.shown import SENTENCE_WORDS, notice_kind, sentence_kind

SYSTEM_SENDER = "系统消息"
# The exporter's own address, inside the links it makes; links that people sent have other paths.
_HOST = r"(!?\[(?:图片|语音|视频|文件\|[^\n]*?)\]\()https?://[^/)\s]*(/(?:image|voice|video|file|data)/)"
_QUOTE = r"^> (?:[^\n]*[0-9]{2}:[0-9]{2}:[0-9]{2}|\[引用\])\n"
_WORDS = r"^\[(?:GIF表情|群公告|红包封面|分享|引用)[\]|]"
_UNKNOWN = r"^Type: -?[0-9]+ Content: "


def without_host(text: pl.Expr) -> pl.Expr:
    """Bodies without the host of the exporter's links."""
    return text.str.replace_all(_HOST, "${1}${2}")


def chatlog_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `kind`, and with what only chatlog's links tell: server ids of voices, digests of videos.

    Needs columns text and sender; a sender 系统消息 is the client. A typed text that looks like a shown body cannot be told
    from one.
    """
    # Nearly all rows are plain words: the patterns are for those that begin with a token, quote, or hold a notice's word.
    token = pl.col("text").str.contains(r"^(?:!?\[|> |Type: )")
    notice = pl.col("text").str.contains(SENTENCE_WORDS)
    client = (pl.col("sender") == SYSTEM_SENDER).fill_null(value=False)
    places = rows.select((token | notice | client).alias("is_odd"))["is_odd"].arg_true()
    plain = rows.with_columns(pl.lit("text").alias("kind"))
    if places.is_empty():
        return plain
    odd = _odd_rows(rows.select("text", "sender")[places])
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    return plain.with_columns(
        (plain[n].clone() if n in plain.columns else nothing.clone().alias(n)).scatter(places, odd[n])
        for n in odd.columns
    )


def _odd_rows(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.with_columns(without_host(pl.col("text")).alias("text"))
    text = pl.col("text")
    kind = (
        pl.when(pl.col("sender") == SYSTEM_SENDER).then(notice_kind(text))
        .when(text.str.contains(_QUOTE)).then(pl.lit("quote"))
        .when(text.str.contains(r"^\[GIF表情\]")).then(pl.lit("sticker"))
        .when(text.str.contains(r"^\[群公告\]")).then(pl.lit("system"))
        .when(text.str.contains(_WORDS)).then(pl.lit("link"))
        .when(text.str.contains(_UNKNOWN)).then(pl.lit("other"))
        .otherwise(pl.coalesce(kind_from_text(text), sentence_kind(text), pl.lit("text")))
    )  # fmt: skip
    rows = rows.with_columns(kind.alias("kind"))
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
