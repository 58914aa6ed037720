"""WeFlow's own words: what it calls the kinds, and the columns of its lists (wechat-exports 6.1)."""

from typing import Any

import polars as pl

from reconcile.vocabulary import Kind, TextQuality
from reconcile.wechat.call_words import CALL_SAID
from reconcile.wechat.client_sentences import kinds_of_bodies, told_notice
from reconcile.wechat.kind_names import names_with_translations
from reconcile.wechat.kinds import APP_BASE, KINDS, is_named, kind_of, split_local_type

# 其他消息 stands for red packets, pats and others; the code or the body decides.
TYPES: dict[str, Kind] = {
    "文本消息": Kind.TEXT, "图片消息": Kind.IMAGE, "语音消息": Kind.VOICE, "名片消息": Kind.CARD, "视频消息": Kind.VIDEO, "动画表情": Kind.STICKER,
    "位置消息": Kind.LOCATION, "链接消息": Kind.LINK, "图文消息": Kind.LINK, "通话消息": Kind.CALL, "系统消息": Kind.SYSTEM, "引用消息": Kind.QUOTE,
    "转账消息": Kind.TRANSFER, "文件消息": Kind.FILE, "聊天记录": Kind.FORWARD, "小程序消息": Kind.LINK, "群公告": Kind.OTHER, "音乐消息": Kind.LINK,
    "红包消息": Kind.RED_PACKET, "其他消息": Kind.OTHER,
}  # fmt: skip
LIST_KEYS: dict[str, type[pl.DataType]] = {
    "createTime": pl.Int64, "formattedTime": pl.String, "type": pl.String, "localType": pl.Int64, "content": pl.String,
    "isSend": pl.Int64, "senderUsername": pl.String, "senderDisplayName": pl.String, "platformMessageId": pl.String,
    "replyToMessageId": pl.String, "emojiMd5": pl.String, "linkTitle": pl.String, "linkUrl": pl.String, "quotedContent": pl.String,
    "quotedSender": pl.String, "quotedSvrid": pl.String,
}  # fmt: skip
DROPPED = ("localId", "senderAvatarKey", "source")


def kind_by_code(code: pl.Expr, codes: list[Any]) -> pl.Expr:
    """The kind of a 64-bit local_type; null for an unknown one and for an app message of no sub-type."""
    told = {c: split_local_type(c) for c in codes if c is not None and c != APP_BASE}
    table = {c: str(kind_of(*parts)) for c, parts in told.items() if is_named(*parts)}
    return code.replace_strict(table, default=None, return_dtype=pl.String)


def kind_by_name(name: pl.Series) -> pl.Series:
    """The kind of a type's name, null for 其他消息 and for a name not known."""
    table = {n: k for n, k in names_with_translations(TYPES, name).items() if k != str(Kind.OTHER)}
    return name.replace_strict(table, default=None, return_dtype=pl.String)


def settled_kind(kind: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The final kind: notices, red packets and pats separated from 其他消息 by words, else other."""
    untold = pl.when(kind.is_null()).then(text)
    other = (
        pl.when(untold.str.contains(r"^(?:\[红包\]|微信红包$)")).then(pl.lit(str(Kind.RED_PACKET)))
        .when(untold.str.contains("拍了拍")).then(pl.lit(str(Kind.SYSTEM)))
        .otherwise(pl.lit(str(Kind.OTHER)))
    )  # fmt: skip
    return pl.coalesce(told_notice(kind, text), other)


def stripped(kind: pl.Expr) -> pl.Expr:
    """`stripped` for text, else null: a leading `[A-Za-z0-9_-]+:` may be lost there without a trace."""
    return pl.when(kind == str(Kind.TEXT)).then(pl.lit(str(TextQuality.STRIPPED), dtype=pl.Enum(TextQuality)))


def list_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Messages' columns of a frame with LIST_KEYS and `raw`; bodies as shown."""
    text = pl.col("content").fill_null("")
    coded = kind_by_code(pl.col("localType"), frame["localType"].unique().to_list())
    # In steps, because polars optimises a shared expression anew in each place, which takes longer than a small
    # export.
    frame = frame.with_columns(pl.coalesce(coded, kind_by_name(frame["type"])).alias("kind"))
    frame = frame.with_columns(settled_kind(pl.col("kind"), text).alias("kind"))
    kind = pl.col("kind")
    return (
        frame.lazy()
        .select(
            "kind",
            text.alias("text"),
            stripped(kind).alias("text_quality"),
            pl.col("createTime").alias("unix"),
            pl.col("formattedTime").alias("sent_raw"),
            pl.col("senderUsername").alias("sender"),
            pl.col("senderDisplayName").alias("sender_name"),
            (pl.col("isSend") == 1).alias("is_self"),
            pl.col("platformMessageId").alias("message_id"),
            pl.coalesce("replyToMessageId", "quotedSvrid").alias("reply_to"),
            pl.col("emojiMd5").alias("media_hash"),
            pl.col("linkUrl").alias("url"),
            pl.col("quotedContent").alias("quoted_text"),
            pl.col("quotedSender").alias("quoted_sender"),
            pl.when(kind.is_in([str(Kind.OTHER), str(Kind.LINK)])).then("type").alias("raw_type"),
            "raw",
        )
        .collect()
    )


# Whole bodies of the text forms. The same line typed by a person looks equal.
_BODIES: tuple[tuple[Kind, str], ...] = (
    (Kind.IMAGE, r"^(?:\[图片\]|!\[[^\]]*图片[^\]]*\]\(\S*\)|\S*/images?/\S+)$"),
    (Kind.VIDEO, r"^(?:\[视频\](?:[0-9]+s)?|\[视频文件\]\(\S*\)|\S*/videos?/\S+)$"),
    (Kind.VOICE, r"^(?:\[语音消息\]|\[语音消息 - 转文字失败\]|\[语音文件\]\(\S*\)|\S*/voices?/\S+)"),
    (Kind.STICKER, r"^(?:\[表情包(?:[：:][^\]]*)?\]|!\[动画表情\]\(\S*\)|\S*/emojis?/\S+)$"),
    (Kind.CARD, r"^\[名片\]"),
    (Kind.CALL, rf"^(?:\[(?:语音|视频|音视频)?通话(?:消息)?\](?: .{0,40})?$|{CALL_SAID})"),
    (Kind.LOCATION, r"^\[位置\]"),
    (Kind.TRANSFER, r"^\[转账(?:收款|退[还回款])?\] ?(?:\([^\n]*\) ?)?[￥¥]"),
    (Kind.FILE, r"^(?:\[文件\]|\S*/files?/\S+$)"),
    (Kind.RED_PACKET, r"^(?:\[红包\]|微信红包$)"),
    (Kind.FORWARD, r"^\[(?:转发的)?聊天记录\]"),
    (Kind.LINK, r"^\[(?:链接|小程序|音乐|视频号|图文|接龙)\] ?|^\[[^\n]+\]\(https?://\S+\)$|^当前版本不支持展示该内容，请升级至最新版本。?$"),
    (Kind.OTHER, r"^(?:\[其他消息\]$|\[群公告\]|我发起了位置共享$)"),
    (Kind.QUOTE, r"(?s).\[引用 (?:[^：\n]{0,80}：|[^:\]]*:).*\]\s*$"),
)  # fmt: skip


_BARE = (
    "微信红包",
    "我发起了位置共享",
    "当前版本不支持展示该内容，请升级至最新版本。",
    "当前版本不支持展示该内容，请升级至最新版本",
)


def _may_be_placeholder(texts: pl.Series) -> pl.Series:
    """Whether a text has brackets or a slash, or is one of the known words."""
    # Searching for three literal characters runs at the speed of memory.
    return texts.str.contains(r"[/\[\]]") | texts.is_in(_BARE)


def kind_by_body(text: pl.Expr) -> pl.Expr:
    """The kind of a body in a form without types: placeholder, the client's own sentence, else text."""
    return text.map_batches(lambda texts: kinds_of_bodies(texts, _BODIES, _may_be_placeholder), return_dtype=KINDS)
