"""PyWxDump's names of kinds and columns of rows (wechat-exports 2; pywxdump/db/utils/common_utils.py)."""

import ast
from functools import lru_cache
from typing import Any

import orjson
import polars as pl

from reconcile.vocabulary import Kind, TextQuality, WitnessKind
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.frequent_values import looked_up
from reconcile.wechat.kind_names import names_with_translations
from reconcile.wechat.kinds import KINDS, extracted_where, fits_where
from reconcile.wechat.text import own_mark

# A red packet has no name here and prints as 未知.
TYPES: dict[str, Kind] = {
    "文本": Kind.TEXT, "图片": Kind.IMAGE, "语音": Kind.VOICE, "添加好友": Kind.SYSTEM, "推荐公众号": Kind.CARD, "视频": Kind.VIDEO, "动画表情": Kind.STICKER,
    "位置": Kind.LOCATION, "文件": Kind.FILE, "文件(猜)": Kind.FILE, "粘贴的文本": Kind.LINK, "(分享)音乐": Kind.LINK, "(分享)卡片式链接": Kind.LINK,
    "游戏相关": Kind.LINK, "用户上传的GIF表情": Kind.OTHER, "位置共享": Kind.OTHER, "合并转发的聊天记录": Kind.FORWARD, "(分享)笔记": Kind.LINK,
    "(分享)小程序": Kind.LINK, "(分享)收藏夹": Kind.LINK, "(分享)小说(猜)": Kind.LINK, "(分享)视频号名片": Kind.LINK, "(分享)视频号视频": Kind.LINK,
    "接龙": Kind.LINK, "引用回复": Kind.QUOTE, "视频号直播或直播回放": Kind.LINK, "视频号直播或直播回放等": Kind.LINK, "群公告": Kind.OTHER,
    "转账": Kind.TRANSFER, "赠送红包封面": Kind.OTHER, "语音通话": Kind.CALL, "企业微信打招呼(猜)": Kind.CARD, "企业微信添加好友(猜)": Kind.CARD,
    "系统通知": Kind.SYSTEM, "拍一拍": Kind.SYSTEM, "邀请加群": Kind.SYSTEM, "消息撤回1": Kind.SYSTEM, "消息撤回5": Kind.SYSTEM, "消息撤回6": Kind.SYSTEM,
    "消息撤回33": Kind.SYSTEM, "消息撤回36": Kind.SYSTEM, "消息撤回57": Kind.SYSTEM, "未知": Kind.OTHER, "未知-49,15": Kind.OTHER,
    "未知-11000,0": Kind.OTHER,
}  # fmt: skip
ROW_KEYS: dict[str, type[pl.DataType]] = {
    "id": pl.Int64, "MsgSvrID": pl.String, "type_name": pl.String, "is_sender": pl.String, "talker": pl.String,
    "room_name": pl.String, "msg": pl.String, "src": pl.String, "CreateTime": pl.String,
}  # fmt: skip
# Names of cards that are no plain links; the kind does not tell them apart.
_SORTS = [name for name, kind in TYPES.items() if kind is Kind.LINK and name != "(分享)卡片式链接"]
OWN_NAME = "我"
_QUALITIES = pl.Enum(TextQuality)
# Longer reprs of a forward are kept raw and not opened.
_MOST_CHARACTERS = 200_000
_NOT_SAID = ("", "False", "false", "None", "null")


def row_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Message columns of rows with ROW_KEYS' names; keeps `line` and `file`.

    `id` counts the rows of the exporter's query.
    """
    text = pl.col("msg").fill_null("")
    src = pl.when(~pl.col("src").is_in(_NOT_SAID)).then("src")
    named = looked_up(rows["type_name"], names_with_translations(TYPES, rows["type_name"]), str(Kind.OTHER), KINDS)
    # In steps, so that each is computed once for all that depend on it.
    known = rows.with_columns(named.alias("kind"), src.alias("src"), text.alias("msg"))
    known = known.with_columns(told_notice(pl.col("kind"), pl.col("msg")).alias("kind"))
    kind, path = pl.col("kind"), pl.col("src")
    talker = pl.when(~pl.col("talker").is_in(["", "未知", "系统"])).then("talker")
    # A voice's file is named by its message id, which no spreadsheet can damage there.
    voices = kind == str(Kind.VOICE)
    known = known.with_columns(extracted_where(voices, path, r"_([0-9]{12,20})\.\w+$").alias("in_name"))
    in_name, is_named = pl.col("in_name"), pl.col("in_name").is_not_null()
    plain = fits_where(is_named, pl.col("MsgSvrID"), r"^[0-9]{12,20}$").fill_null(value=False)
    return known.select(
        *(c for c in ("line", "locator", "id", "raw") if c in rows.columns),
        pl.col("room_name").alias("conversation"),
        "type_name",
        "kind",
        pl.col("msg").alias("text"),
        # A card that shows nothing but the name of its kind.
        pl.when(kind.is_in([str(Kind.LINK), str(Kind.OTHER)]) & (pl.col("msg") == pl.col("type_name")))
        .then(pl.lit(str(TextQuality.ABSENT), dtype=_QUALITIES))
        .alias("text_quality"),
        pl.col("CreateTime").alias("sent_raw"),
        pl.when(is_named & ~plain).then(in_name).otherwise("MsgSvrID").alias("message_id"),
        in_name.alias("id_in_name"),
        talker.alias("sender"),
        own_mark(pl.col("is_sender")).alias("is_self"),
        pl.when(pl.col("type_name").is_in(_SORTS)).then("type_name").alias("raw_type"),
        pl.when(kind == str(Kind.LINK)).then(path).alias("url"),
        extracted_where(kind == str(Kind.FILE), path, r"([^/\\]+)$").alias("file_name"),
        pl.when(kind != str(Kind.LINK)).then(path).alias("raw_src"),
    )


@lru_cache(maxsize=32)
def _value_of(src: str) -> Any:
    """The parsed `src` of a forward, cached because forwards recur. Callers must not change it."""
    try:
        return orjson.loads(src) if src.startswith('{"') else ast.literal_eval(src)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def forward_items(src: str) -> list[dict[str, Any]]:
    """The messages inside a forward's `src` (JSON, or a Python dict as text) as witnesses. Never raises.

    The witnesses have no locator yet.
    """
    if len(src) > _MOST_CHARACTERS:
        return []
    value = _value_of(src)
    inner = value.get("datalist") if isinstance(value, dict) else None
    items = inner.get("dataitem") if isinstance(inner, dict) else None
    return [_forward_witness(i) for i in (items if isinstance(items, list) else [items]) if isinstance(i, dict)]


def _forward_witness(item: dict[str, Any]) -> dict[str, Any]:
    source = item.get("dataitemsource")
    author = source.get("fromusr") or source.get("realchatname") if isinstance(source, dict) else None
    said = {
        "sender": author or item.get("sourcename"),
        "text": item.get("datadesc") or item.get("datatitle"),
        "message_id": item.get("fromnewmsgid"),
        "unix": item.get("srcMsgCreateTime"),
    }
    return {"witness": str(WitnessKind.FORWARD_ITEM)} | {
        k: v if isinstance(v, str | int) and v != "" else None for k, v in said.items()
    }
