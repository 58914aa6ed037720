"""MemoTrace's own words: what it calls the kinds, and the columns of its tables (wechat-exports 1.2)."""

from typing import Any

import polars as pl

from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.client_sentences import PAT, told_notice
from reconcile.wechat.kind_names import names_with_translations
from reconcile.wechat.kinds import APP_BASE, APP_KINDS, extracted_where, first_fit, kind_of, split_local_type
from reconcile.wechat.payload.app import PAY_STATES
from reconcile.wechat.shown_bodies import plain_amount

HEADING = ("消息ID", "类型", "发送人", "时间", "内容", "备注", "昵称", "更多信息")
KINDS: dict[str, Kind] = {
    "文本": Kind.TEXT, "图片": Kind.IMAGE, "视频": Kind.VIDEO, "语音": Kind.VOICE, "表情包": Kind.STICKER, "音视频通话": Kind.CALL,
    "文件": Kind.FILE, "位置分享": Kind.LOCATION, "分享链接": Kind.LINK, "红包": Kind.RED_PACKET, "转账": Kind.TRANSFER,
    "引用消息": Kind.QUOTE, "合并转发的聊天记录": Kind.FORWARD, "小程序": Kind.LINK, "视频号": Kind.LINK, "音乐分享": Kind.LINK,
    "收藏笔记": Kind.LINK, "个人/公众号名片": Kind.CARD, "企业微信名片": Kind.CARD, "系统消息": Kind.SYSTEM, "拍一拍": Kind.SYSTEM,
    "未知类型": Kind.OTHER,
}  # fmt: skip


def table_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Message columns of a table with MemoTrace's heading; `type_name` keeps the kind's name as written."""
    named = pl.col("类型").replace_strict(
        names_with_translations(KINDS, table["类型"]), default=str(Kind.OTHER), return_dtype=pl.String
    )
    known = table.with_columns(_by_code(named, pl.col("内容")).alias("kind"))
    return known.select(
        _own_by_missing_names(known).alias("is_self"),
        *(["line"] if "line" in table.columns else []),
        pl.col("消息ID").alias("message_id"),
        pl.col("类型").alias("type_name"),
        told_notice(pl.col("kind"), pl.col("内容")).alias("kind"),
        pl.when(pl.col("发送人") != "").then("发送人").alias("sender_name"),
        pl.col("时间").alias("sent_raw"),
        pl.col("内容").alias("text"),
        pl.col("备注").alias("remark"),
        pl.col("昵称").alias("nickname"),
        *(pl.when(pl.col(c) != "").then(c).alias(f"{AGAIN}person_{c}") for c in ("备注", "昵称")),
    )


def _own_by_missing_names(table: pl.DataFrame) -> pl.Series:
    """Whether each message is of the one sender without remark and nickname, the owner; null = unknown.

    Others may bear his name, so that only some messages of that name lack them.
    """
    speech = pl.col("kind") != str(Kind.SYSTEM)
    bare, name = (pl.col("备注") == "") & (pl.col("昵称") == ""), pl.col("发送人")
    told = table.lazy().filter(speech & (name != "")).group_by(name).agg(bare.any().alias("some"), bare.all()).collect()
    own = told.filter(pl.col("some") & (pl.col("备注") == pl.col("备注").any()))["发送人"]
    is_one = len(own) == 1 and not told["备注"].all()
    return table.select(pl.when(speech & is_one).then(bare & (name == pl.lit(own.first()))))["备注"]


# Keys and types of the list inside the pages and beside them (`*.html.json`). A size of 0 = the file is absent.
LIST_KEYS: dict[str, type[pl.DataType]] = {
    "type": pl.Int64, "is_send": pl.Boolean, "timestamp": pl.Int64, "server_id": pl.String, "display_name": pl.String,
    "text": pl.String, "quote_server_id": pl.String, "quote_text": pl.String, "file_name": pl.String, "file_size": pl.Int64,
    "duration": pl.Float64, "voice_to_text": pl.String, "url": pl.String, "title": pl.String, "description": pl.String,
    "pay_subtype": pl.String, "pay_memo": pl.String, "fee_desc": pl.String, "desc": pl.String, "display_content": pl.String,
    "x": pl.String, "y": pl.String, "label": pl.String, "poiname": pl.String, "path": pl.String,
}  # fmt: skip
_XML_PLACES = ("img", "videomsg", "emoji")


def xml_hash(row: dict[str, Any]) -> str | None:
    """The digest that a row's `xml_dict` names: of a picture, video, sticker or file."""
    message = _value_at_path(row.get("xml_dict"), "msg")
    if not message:
        return None
    found = next((h for n in _XML_PLACES if (h := _value_at_path(message, n, "@md5"))), None) or _value_at_path(
        message, "appmsg", "md5"
    )
    return found.lower() if isinstance(found, str) and len(found) == 32 else None


def xml_native(row: dict[str, Any]) -> str | None:
    """The id of a payment that a row's `xml_dict` names, as scheme:value."""
    pay = _value_at_path(row.get("xml_dict"), "msg", "appmsg", "wcpayinfo")
    for key, scheme in (("transferid", "transfer"), ("transcationid", "transaction"), ("paymsgid", "packet")):
        value = _value_at_path(pay, key)
        if isinstance(value, str) and value.strip():
            return f"{scheme}:{value.strip()}"
    return None


_OF_ONE_KIND = {
    "display_content": Kind.CALL, "pay_memo": Kind.TRANSFER, "poiname": Kind.LOCATION, "voice_to_text": Kind.VOICE,
}  # fmt: skip
_LONGEST_STATE = 8
_WITH_FILE = (Kind.FILE, Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.STICKER)
_OF_SOME_KINDS = {"title": (Kind.LINK, Kind.FORWARD), "desc": (Kind.STICKER,), "file_name": _WITH_FILE}


def list_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Message columns of a frame with LIST_KEYS, plus `xml_hash`, `xml_native`, `raw`; texts are plain."""
    codes = {c: str(kind_of(*split_local_type(c))) for c in frame["type"].unique().to_list() if c is not None}
    # In steps, because polars optimises a shared expression anew in each place, which takes longer than a small
    # export.
    frame = frame.with_columns(
        pl.col("type").replace_strict(codes, default=str(Kind.OTHER), return_dtype=pl.String).alias("kind"),
        pl.col("text").fill_null("").alias("text"),
    )
    kind, text = pl.col("kind"), pl.col("text")
    by_kind = (
        (Kind.FILE, pl.col("file_name")), (Kind.TRANSFER, pl.col("pay_memo")), (Kind.VOICE, pl.col("voice_to_text")),
        (Kind.LINK, pl.col("title")), (Kind.FORWARD, pl.col("title")), (Kind.STICKER, pl.col("desc")),
        (Kind.CALL, pl.col("display_content")), (Kind.LOCATION, pl.coalesce("poiname", "label")), (Kind.IMAGE, pl.lit("")),
        (Kind.VIDEO, pl.lit("")),
    )  # fmt: skip
    words = text
    for one, column in by_kind:
        words = pl.when(kind == str(one)).then(pl.coalesce(column, text)).otherwise(words)
    frame = frame.with_columns(pl.col("quote_text").str.extract_groups(r"(?s)^([^\n]{0,80}?): (.*)$").alias("quoted"))
    quoted = pl.col("quoted")
    is_file = kind == str(Kind.FILE)
    return (
        frame.lazy()
        .select(
            told_notice(kind, text).alias("kind"),
            words.fill_null("").alias("text"),
            pl.col("timestamp").alias("unix"),
            pl.col("server_id").alias("message_id"),
            pl.when(pl.col("display_name") != "").then("display_name").alias("sender_name"),
            pl.col("is_send").alias("is_self"),
            pl.col("xml_hash").alias("media_hash"),
            pl.coalesce(
                "xml_native",
                pl.when(is_file & (pl.col("file_size") > 0)).then(pl.format("file:{}:{}", "xml_hash", "file_size")),
            ).alias("native_id"),
            plain_amount(pl.col("fee_desc").str.extract(r"([0-9][0-9,]*(?:\.[0-9]+)?)")).alias("amount"),
            pl.col("pay_subtype")
            .replace_strict(PAY_STATES, default=None, return_dtype=pl.String)
            .alias("payment_state"),
            pl.when(pl.col("duration") > 0).then("duration").alias("duration"),
            pl.when(is_file & (pl.col("file_name") != "")).then("file_name").alias("file_name"),
            pl.when(is_file & (pl.col("file_size") > 0)).then("file_size").alias("file_size"),
            pl.when(kind == str(Kind.LINK)).then("url").alias("url"),
            pl.when(pl.col("quote_server_id") != "0").then("quote_server_id").alias("reply_to"),
            pl.coalesce(quoted.struct.field("2"), "quote_text").alias("quoted_text"),
            quoted.struct.field("1").alias("raw_quoted_sender"),
            pl.when(is_file | (kind == str(Kind.STICKER))).then("path").alias("raw_path"),
            pl.when(kind.is_in([str(Kind.OTHER), str(Kind.LINK)])).then("type").alias("raw_type"),
            # An unknown kind has no field of a known one as its words, nor does a row with a field of another kind.
            *(
                pl.when((kind == str(Kind.OTHER)) | (~kind.is_in([str(o) for o in own]) & (pl.col(c) != "")))
                .then(c)
                .alias(f"raw_{c}")
                for c, own in _OF_SOME_KINDS.items()
            ),
            # Fields that only one kind has, in a row of another kind.
            *(
                pl.when((kind != str(own)) & (pl.col(c) != "")).then(c).alias(f"raw_{c}")
                for c, own in _OF_ONE_KIND.items()
            ),
            # Text in a row whose kind has none, or keeps it elsewhere; a transfer's text is its state.
            pl.when(
                (text != "")
                & words.ne_missing(text)
                & ~((kind == str(Kind.TRANSFER)) & (text.str.len_chars() <= _LONGEST_STATE))
            )
            .then(text)
            .alias("raw_text"),
            pl.col("description").alias("raw_description"),
            pl.concat_str(pl.col("x"), pl.lit(","), pl.col("y")).alias("raw_place"),
            pl.when(pl.col("label") != "").then("label").alias("raw_label"),
            "raw",
        )
        .collect()
    )


def forward_items(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages inside a merged forward, as witnesses without locator; nothing deeper than one level.

    An item whose XML gave no time bears the forward's own, which says nothing.
    """
    items = row.get("messages")
    return [
        {
            "witness": str(WitnessKind.FORWARD_ITEM), "sender": i.get("display_name") or None, "text": i.get("text") or i.get("title") or None,
            "message_id": i.get("server_id") if str(i.get("server_id") or "0") != "0" else None, "unix": None if i.get("timestamp") == row.get("timestamp") else i.get("timestamp"),
        }
        for i in (items if isinstance(items, list) else []) if isinstance(i, dict)
    ]  # fmt: skip


def _value_at_path(value: Any, *path: str) -> Any:
    """The value under nested keys; null where an object or key is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


# Whole bodies of the text forms (wxManager/model/message.py to_text). The same line typed by a person looks equal.
_BODIES: tuple[tuple[Kind, str], ...] = (
    (Kind.IMAGE, r"^(?:【图片】$|!\[图片\]\([^\n]*\)\s*$)"),
    (Kind.VOICE, r"^(?:【语音】|\[语音\](?: |$))"),
    (Kind.VIDEO, r"^(?:【视频】|\[视频\])$"),
    (Kind.STICKER, r"^(?:【表情包】|\[表情包\]\[)"),
    (Kind.CALL, r"^【音视频通话】"),
    (Kind.FILE, r"^(?:【文件】|\[文件\]$)"),
    (Kind.LOCATION, r"^(?:【位置分享】|【(?:地理)?位置】(?:\n|$))"),
    (Kind.LINK, r"^(?:【(?:分享链接|小程序|视频号|音乐分享|笔记)】|\[[^\n]*\]\(\S*\)\s*$)"),
    (Kind.RED_PACKET, r"^【红包】: "),
    (Kind.TRANSFER, r"^【(?:发起转账|已收款|已退还|非实时转账收款|发起非实时转账|未知)】:"),
    (Kind.FORWARD, r"^【合并转发的聊天记录】"),
    (Kind.CARD, r"^【(?:名片|个人/公众号名片|企业微信名片)】"),
    (Kind.QUOTE, r"(?s)\n引用：[^\n]*: "),
    (Kind.OTHER, r"^-?[0-9]{2,14}\n\{'"),
    # A pat has the patting person as its sender, like speech.
    (Kind.SYSTEM, f"^{PAT}$"),
)  # fmt: skip
# How these bodies begin or end.
_MARKS = r"^(?:[【!\[]|-?[0-9]{2,14}\n)|\n引用：|拍了拍"


def kind_by_body(text: pl.Expr) -> pl.Expr:
    """The kind of a body in a form without types: its placeholder's kind, else text.

    Notices are found elsewhere, by their missing name.
    """
    return _by_code(pl.coalesce(first_fit(text, _BODIES, _MARKS), pl.lit(str(Kind.TEXT))), text)


# A body of an unknown kind: its 64-bit code, and the XML as Python prints it.
_CODE = r"^(-?[0-9]{2,14})\n\{'"
_BY_CODE = {str(sub << 32 | APP_BASE): str(kind) for sub, kind in APP_KINDS.items()}


def _by_code(kind: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The kind by the code at the body's beginning, where the tool does not know that code."""
    code = extracted_where(kind == str(Kind.OTHER), text, _CODE)
    return pl.coalesce(code.replace_strict(_BY_CODE, default=None, return_dtype=pl.String), kind)
