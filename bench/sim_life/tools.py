"""Export tools: which columns they write, how they spell times, senders, placeholders, quotes and signs, and what they leave out."""

import html
import random
import re
from datetime import UTC, datetime, timedelta, timezone

from bench.sim_life.model import NOTICES, Copy, Held, Life, Tool
from bench.sim_life.story import name_on
from reconcile.vocabulary import Kind

COLUMNS = ("kind", "amount", "duration", "media_hash", "reply_to", "status", "sender_name", "conversation", "conversation_kind")  # fmt: skip
# How a tool writes what is no text: {t} = name, title or memo, {a} = amount, {s} = seconds.
PLACEHOLDERS: dict[str, dict[Kind, str]] = {
    "square": {
        Kind.IMAGE: "[图片]", Kind.VOICE: "[语音]", Kind.VIDEO: "[视频]", Kind.STICKER: "[动画表情]", Kind.FILE: "[文件] {t}", Kind.LINK: "[链接] {t}",
        Kind.TRANSFER: "[转账] ￥{a} {t}", Kind.RED_PACKET: "[红包] {t}", Kind.LOCATION: "[位置] {t}", Kind.CARD: "[名片] {t}", Kind.CALL: "[语音通话] {t}", Kind.FORWARD: "[聊天记录] {t}",
    },
    "lens": {
        Kind.IMAGE: "【图片】", Kind.VOICE: "【语音】", Kind.VIDEO: "【视频】", Kind.STICKER: "【表情包】", Kind.FILE: "【文件】{t}", Kind.LINK: "【分享链接】\n标题：{t}",
        Kind.TRANSFER: "【发起转账】:￥{a}\n备注: {t}", Kind.RED_PACKET: "【红包】: {t}", Kind.LOCATION: "【位置分享】{t}", Kind.CARD: "【名片】{t}", Kind.CALL: "【音视频通话】{t}",
        Kind.FORWARD: "【合并转发的聊天记录】{t}",
    },
    "bare": {
        Kind.IMAGE: "图片", Kind.VOICE: "语音时长：{s}.00秒", Kind.VIDEO: "视频", Kind.STICKER: "表情", Kind.FILE: "文件", Kind.LINK: "{t}",
        Kind.TRANSFER: "转账：￥{a}\n转账说明：{t}", Kind.RED_PACKET: "红包", Kind.LOCATION: "{t}", Kind.CARD: "{t}", Kind.CALL: "{t}", Kind.FORWARD: "{t}",
    },
    "empty": {Kind.FILE: "{t}", Kind.LINK: "{t}", Kind.TRANSFER: "￥{a} {t}", Kind.RED_PACKET: "{t}", Kind.LOCATION: "{t}", Kind.CARD: "{t}", Kind.CALL: "{t}", Kind.FORWARD: "{t}"},
}  # fmt: skip
RECEIPTS = {"square": "[转账收款] ￥{a}", "lens": "【已收款】:￥{a}", "bare": "已收款：￥{a}", "empty": "￥{a} 已收款"}
CODE = re.compile(r"\[[\u4e00-\u9fffA-Za-z]{1,4}\]")
GLYPHS = {"[捂脸]": "🤦", "[呲牙]": "😁", "[强]": "👍", "[OK]": "👌", "[玫瑰]": "🌹", "[微笑]": "🙂", "[抱拳]": "🙏"}
PICTURES = re.compile("[\U0001f300-\U0001faff]")
WIDE = str.maketrans({",": "，", "?": "？", "!": "！", "(": "（", ")": "）"})
SIGNS = re.compile(f"{CODE.pattern}|{PICTURES.pattern}")
TOKEN = "[表情]"


def draw_tool(rng: random.Random, *, is_group: bool) -> Tool:
    """A tool with columns, spellings and a sidecar at random; what it drops is a circumstance and drawn there."""
    names = {
        c
        for c, share in zip(COLUMNS, (0.75, 0.6, 0.5, 0.5, 0.4, 0.5, 0.6, 0.85, 0.5), strict=True)
        if rng.random() < share
    }
    style = rng.choice(("square", "square", "lens", "bare", "empty"))
    if style == "empty":
        names |= {"kind"}
    who = rng.choices(("both", "id", "names", "self"), (5, 3, 2, 0 if is_group else 2))[0]
    told = {key for key, share in (("owner", 0.9), ("exported_at", 0.5), ("timezone", 0.5), ("contacts", 0.4), ("tool", 0.4)) if rng.random() < share}  # fmt: skip
    if who in {"id", "names", "self"}:
        told |= {"owner"}
    return Tool(
        ids=rng.choices(("exact", "none", "rounded"), (5, 5, 1))[0],
        local_ids=rng.choices(("chat", "device", "none", "partial"), (3, 2, 5, 1))[0],
        time=rng.choices(("naive", "offset", "unix", "unix_ms", "minute", "zulu"), (5, 2, 2, 1, 2, 1))[0],
        who=who, columns=frozenset(names), style=style, quote=rng.choice(("block", "corner", "reply", "short")),
        emoji=rng.choices(("code", "glyph", "strip"), (7, 2, 1))[0], width=rng.choices(("keep", "wide"), (8, 1))[0], escapes=rng.random() < 0.08,
        breaks=rng.choices(("keep", "space"), (5, 1))[0], order=rng.choice(("time", "time", "stored", "shuffled")), sidecar=frozenset(told), bom=rng.random() < 0.4,
    )  # fmt: skip


def ordered(rng: random.Random, copy: Copy) -> list[Held]:
    """The rows in the order of the export. Ties within a unit of time keep the store's order, or none."""
    if copy.tool.order == "stored":
        return sorted(copy.rows, key=lambda r: r.place)
    unit = 60 if copy.tool.time == "minute" else 1
    if copy.tool.order == "time":
        return sorted(copy.rows, key=lambda r: (r.at // unit, r.place))
    return sorted(copy.rows, key=lambda r: (r.at // 1, rng.random()))


def cells(life: Life, copy: Copy, row: Held) -> dict[str, str]:
    """The row as the tool writes it, with every column that the tool has."""
    tool = copy.tool
    is_notice = row.kind in NOTICES and row.author is None
    out = {"sent_at": _time(tool, row), "text": _text(life, copy, row)}
    if row.author is not None and not (is_notice or row.kind is Kind.RECALL):
        name, is_self = name_on(life, copy.owner, row.author), row.author == copy.owner
        out["sender"] = name if tool.who == "names" else life.people[row.author].id
        out["is_self"], out["sender_name"] = str(is_self).lower(), name
    out["message_id"] = _id(tool, row)
    out["local_id"] = "" if row.local_id is None or (tool.local_ids == "partial" and row.event % 5 == 0) else str(row.local_id)  # fmt: skip
    is_text = (row.kind is Kind.QUOTE and tool.quote == "reply") or (bool(tool.blanket) and row.kind not in NOTICES)
    out["kind"] = (Kind.TEXT if is_text else row.kind).value
    out["amount"] = "" if row.kind in tool.hollow or tool.blanket else row.amount
    out["duration"], out["media_hash"] = str(row.seconds or ""), row.media
    quoted = None if row.quotes is None else life.events[row.quotes]
    out["reply_to"] = quoted.server_id if quoted is not None and tool.ids == "exact" else ""
    out["status"] = row.status or ("" if is_notice else "sent" if row.author == copy.owner else "received")
    peer = life.people[1 - copy.owner]
    direct = name_on(life, copy.owner, 1 - copy.owner) if tool.who == "names" else peer.id
    out["conversation"], out["conversation_kind"] = life.room or direct, "group" if life.is_group else "direct"
    kept = {"sent_at", "text", *tool.columns} | ({"sender", "is_self"} if tool.who == "both" else {"is_self"} if tool.who == "self" else {"sender"})  # fmt: skip
    kept |= ({"message_id"} if tool.ids != "none" else set()) | ({"local_id"} if tool.local_ids != "none" else set())
    return {name: out.get(name, "") for name in HEADING if name in kept}


HEADING = ("conversation", "conversation_kind", "message_id", "local_id", "sent_at", "sender", "sender_name", "is_self", "kind", "text", "media_hash",
           "amount", "duration", "reply_to", "status")  # fmt: skip


def _time(tool: Tool, row: Held) -> str:
    moment = datetime.fromtimestamp(int(row.at), UTC)
    if tool.time == "unix":
        return str(int(row.at))
    if tool.time == "unix_ms":
        return str(int(row.at * 1000))
    if tool.time == "zulu":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    local = moment.astimezone(timezone(timedelta(seconds=row.zone_seconds)))
    if tool.time == "offset":
        return local.isoformat()
    return local.strftime("%Y-%m-%d %H:%M" if tool.time == "minute" else "%Y-%m-%d %H:%M:%S")


def _id(tool: Tool, row: Held) -> str:
    if row.kind is Kind.SYSTEM or not row.server_id:
        return ""
    return str(int(float(row.server_id))) if tool.ids == "rounded" else row.server_id


def _text(life: Life, copy: Copy, row: Held) -> str:
    tool = copy.tool
    if row.kind in NOTICES:
        return row.text
    if row.kind in {Kind.TEXT, Kind.QUOTE, Kind.OTHER}:
        text = _signs(tool, row.text)
        return _quoted(life, copy, row, text) if row.kind is Kind.QUOTE else text
    if tool.blanket:
        return tool.blanket
    is_receipt = row.kind is Kind.TRANSFER and row.text == "已收款"
    form = RECEIPTS[tool.style] if is_receipt else PLACEHOLDERS[tool.style].get(row.kind, "")
    if row.kind in tool.hollow:
        form = re.split(r"[\s:：{]", form)[0]
    form = form if row.amount else re.sub(r"[:：]?￥\{a\}", "", form)
    return form.format(t=row.text, a=row.amount, s=row.seconds).strip()


def _quoted(life: Life, copy: Copy, row: Held, text: str) -> str:
    if copy.tool.quote == "reply" or row.quotes is None:
        return text
    said = life.events[row.quotes]
    name = name_on(life, copy.owner, said.author or 0)
    words = _signs(copy.tool, said.text)
    if copy.tool.quote == "short" and len(words) > 20:
        words = words[:20] + "..."
    return (
        f"「{name}：{words}」\n- - - - - -\n{text}" if copy.tool.quote == "corner" else f"{text}\n引用：{name}: {words}"
    )


def _signs(tool: Tool, text: str) -> str:
    """The words after the tool's spelling of signs; a text of codes alone becomes one token where codes are stripped."""
    if tool.emoji == "glyph":
        text = CODE.sub(lambda m: GLYPHS.get(m[0], m[0]), text)
    elif tool.emoji == "strip":
        text = PICTURES.sub("", CODE.sub("", text)) or TOKEN
    if tool.width == "wide":
        text = text.translate(WIDE)
    if tool.breaks == "space":
        text = text.replace("\n", " ")
    return html.escape(text) if tool.escapes else text
