"""PyWxDump's own words: what it calls the kinds, and the columns of its rows (wechat-exports 2; pywxdump/db/utils/common_utils.py)."""

import ast
from typing import Any

import orjson
import polars as pl

from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.shown import told_notice

# A red packet has no name here: 未知.
TYPES: dict[str, Kind] = {
    "文本": Kind.TEXT, "图片": Kind.IMAGE, "语音": Kind.VOICE, "添加好友": Kind.SYSTEM, "推荐公众号": Kind.CARD, "视频": Kind.VIDEO, "动画表情": Kind.STICKER,
    "位置": Kind.LOCATION, "文件": Kind.FILE, "文件(猜)": Kind.FILE, "粘贴的文本": Kind.TEXT, "(分享)音乐": Kind.LINK, "(分享)卡片式链接": Kind.LINK,
    "游戏相关": Kind.LINK, "用户上传的GIF表情": Kind.STICKER, "位置共享": Kind.LOCATION, "合并转发的聊天记录": Kind.FORWARD, "(分享)笔记": Kind.FORWARD,
    "(分享)小程序": Kind.LINK, "(分享)收藏夹": Kind.LINK, "(分享)小说(猜)": Kind.LINK, "(分享)视频号名片": Kind.LINK, "(分享)视频号视频": Kind.LINK,
    "接龙": Kind.TEXT, "引用回复": Kind.QUOTE, "视频号直播或直播回放": Kind.LINK, "视频号直播或直播回放等": Kind.LINK, "群公告": Kind.SYSTEM,
    "转账": Kind.TRANSFER, "赠送红包封面": Kind.OTHER, "语音通话": Kind.CALL, "企业微信打招呼(猜)": Kind.CARD, "企业微信添加好友(猜)": Kind.CARD,
    "系统通知": Kind.SYSTEM, "拍一拍": Kind.SYSTEM, "邀请加群": Kind.SYSTEM, "消息撤回1": Kind.SYSTEM, "消息撤回5": Kind.SYSTEM, "消息撤回6": Kind.SYSTEM,
    "消息撤回33": Kind.SYSTEM, "消息撤回36": Kind.SYSTEM, "消息撤回57": Kind.SYSTEM, "未知": Kind.OTHER, "未知-49,15": Kind.OTHER,
    "未知-11000,0": Kind.OTHER,
}  # fmt: skip
ROW_KEYS: dict[str, type[pl.DataType]] = {
    "id": pl.Int64, "MsgSvrID": pl.String, "type_name": pl.String, "is_sender": pl.String, "talker": pl.String,
    "room_name": pl.String, "msg": pl.String, "src": pl.String, "CreateTime": pl.String,
}  # fmt: skip
OWN_NAME = "我"
# Longer reprs of a forward are kept raw and not opened.
_MOST_CHARACTERS = 200_000
_NOT_SAID = ("", "False", "false", "None", "null")


def row_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Messages' columns of rows with ROW_KEYS' names; `line` and `file` are handed through, `id` counts the query's rows."""
    text = pl.col("msg").fill_null("")
    src = pl.when(~pl.col("src").is_in(_NOT_SAID)).then("src")
    named = pl.col("type_name").replace_strict(
        {n: str(k) for n, k in TYPES.items()}, default=str(Kind.OTHER), return_dtype=pl.String
    )
    kind = told_notice(named, text)
    talker = pl.when(~pl.col("talker").is_in(["", "未知", "系统"])).then("talker")
    # The file of a voice is named by its message's id, which a spreadsheet cannot damage there.
    in_name = pl.when(kind == str(Kind.VOICE)).then(src.str.extract(r"_([0-9]{12,20})\.\w+$"))
    plain = pl.col("MsgSvrID").str.contains(r"^[0-9]{12,20}$")
    return (
        rows.lazy()
        .select(
            *(c for c in ("line", "locator", "id", "raw") if c in rows.columns),
            pl.col("room_name").alias("conversation"),
            "type_name",
            kind.alias("kind"),
            text.alias("text"),
            pl.col("CreateTime").alias("sent_raw"),
            pl.when(plain | in_name.is_null()).then("MsgSvrID").otherwise(in_name).alias("message_id"),
            in_name.alias("id_in_name"),
            talker.alias("sender"),
            (pl.col("is_sender") == "1").alias("is_self"),
            pl.when(kind == str(Kind.LINK)).then(src).alias("url"),
            pl.when(kind == str(Kind.FILE)).then(src.str.extract(r"([^/\\]+)$")).alias("file_name"),
            pl.when(kind != str(Kind.LINK)).then(src).alias("raw_src"),
        )
        .collect()
    )


def forward_items(src: str) -> list[dict[str, Any]]:
    """What a forward's `src` (JSON, or a Python dict as text) says of its messages, as witnesses without locator. Never raises."""
    if len(src) > _MOST_CHARACTERS:
        return []
    try:
        value = orjson.loads(src) if src.startswith('{"') else ast.literal_eval(src)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return []
    inner = value.get("datalist") if isinstance(value, dict) else None
    items = inner.get("dataitem") if isinstance(inner, dict) else None
    return [_item(i) for i in (items if isinstance(items, list) else [items]) if isinstance(i, dict)]


def _item(item: dict[str, Any]) -> dict[str, Any]:
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
