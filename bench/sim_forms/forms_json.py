"""WeFlow, ChatLab, EchoTrace and CipherTalk: exporters of the client's fourth version."""

from datetime import UTC, datetime
from typing import Any

from bench.sim_forms.model import Copy, Files, Form, Row, Sides
from bench.sim_forms.view import CODES, LISTED, View, as_csv, as_json, shows, stripped
from reconcile.vocabulary import Kind

WEFLOW_TYPES = {
    Kind.TEXT: "文本消息", Kind.IMAGE: "图片消息", Kind.VOICE: "语音消息", Kind.VIDEO: "视频消息", Kind.STICKER: "动画表情", Kind.LOCATION: "位置消息", Kind.LINK: "链接消息",
    Kind.CALL: "通话消息", Kind.SYSTEM: "系统消息", Kind.RECALL: "系统消息", Kind.QUOTE: "引用消息", Kind.TRANSFER: "转账消息", Kind.FILE: "文件消息", Kind.RED_PACKET: "其他消息",
}  # fmt: skip


WEFLOW = {
    "sticker": "[表情包]", "call": "[语音通话] {clock}", "file": "[文件] {name}", "location": "[位置] {name} {title} (31.2,121.5)", "link": "[链接] {title}\n{url}", "red_packet": "微信红包",
    "quote": "{text}[引用 {quoter_name}：{quoted}]", "transfer": "[转账] {fee} {memo}", "receipt": "[转账收款] {fee} {memo}",
}  # fmt: skip
WEFLOW_TXT = WEFLOW | {
    "image": "[图片]", "video": "[视频]", "voice": "[其他消息]", "file": "[文件]{name}", "red_packet": "[红包]微信红包", "transfer": "[转账]{fee} {memo}", "receipt": "[转账收款]{fee} {memo}",
}  # fmt: skip
WECLONE = WEFLOW | {"link": "[链接] {title}"}
CHATLAB = WEFLOW | {"link": "[{title}]({url})"}
WORDLESS = (Kind.IMAGE, Kind.VIDEO, Kind.VOICE)


def weflow_body(view: View, row: Row, templates: dict[str, str]) -> str | None:
    """What WeFlow writes of a row by the templates of one of its forms; None where the form has nothing to write."""
    if row.kind in WORDLESS and str(row.kind) not in templates:
        return None
    return stripped(row.text) if row.kind is Kind.TEXT else view.fill(templates, row)


def _session(view: View, rows: list[dict[str, Any]]) -> dict[str, Any]:
    name = view.sides.title or view.sides.people[view.sides.peer_of(view.side)].name
    kind = "群聊" if view.sides.room else "私聊"
    remark = view.title if view.title != name else ""
    return {
        "wxid": view.chat,
        "nickname": name,
        "remark": remark,
        "displayName": view.title,
        "type": kind,
        "lastTimestamp": rows[-1]["createTime"],
        "messageCount": len(rows),
    }


def _file_name(view: View) -> str:
    return f"{'群聊' if view.sides.room else '私聊'}_{view.title}"


def weflow_document(copy: Copy, sides: Sides) -> tuple[str, dict[str, Any]]:
    """Stem of the file, and what stands in it."""
    view, rows = View(sides, copy), []
    for n, r in enumerate(copy.written(), 1):
        row: dict[str, Any] = {
            "localId": n, "createTime": int(r.at), "formattedTime": view.time(r), "type": WEFLOW_TYPES[r.kind], "localType": CODES[r.kind], "content": weflow_body(view, r, WEFLOW),
            "isSend": int(view.own(r)), "senderUsername": view.account(r), "senderDisplayName": view.name(r), "source": "", "senderAvatarKey": view.account(r),
        }  # fmt: skip
        if r.id not in ("", "0"):
            row["platformMessageId"] = r.id
        if r.kind is Kind.QUOTE:
            row |= {
                "replyToMessageId": r.facts["to"],
                "quotedContent": r.facts["quoted"],
                "quotedSender": view.quoter(r),
                "quotedType": "1",
            }
        if r.kind is Kind.LINK:
            row |= {"linkTitle": r.facts["title"], "linkUrl": r.facts["url"]}
        if r.kind is Kind.STICKER and "hash" in r.facts:
            row["emojiMd5"] = r.facts["hash"]
        rows.append(row)
    head = {"version": "1.0.3", "exportedAt": int(copy.exported_at), "generator": "WeFlow"}
    return _file_name(view), {"weflow": head, "session": _session(view, rows), "messages": rows}


def weflow_json(copy: Copy, sides: Sides) -> Files:
    name, document = weflow_document(copy, sides)
    return {name + ".json": as_json(document)}


def weflow_txt(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    blocks = [
        f"{view.time(r)} '{'我' if view.own(r) else view.name(r)}'\n{weflow_body(view, r, WEFLOW_TXT)}\n\n"
        for r in copy.written()
    ]
    return {_file_name(view) + ".txt": "".join(blocks)}


def weflow_csv(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    kinds = {k: str(k) for k in (Kind.IMAGE, Kind.STICKER, Kind.VIDEO, Kind.VOICE, Kind.LOCATION, Kind.FILE)}
    heading: list[object] = ["id", "MsgSvrID", "type_name", "is_sender", "talker", "msg", "src", "CreateTime"]
    rows = [heading]
    for n, r in enumerate(copy.written(), 1):
        stamp = datetime.fromtimestamp(int(r.at), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        server = "" if r.id == "0" else r.id
        src = r.facts["name"] if r.kind is Kind.FILE else ""
        rows.append(
            [
                n,
                server,
                kinds.get(r.kind, "text"),
                int(view.own(r)),
                view.name(r),
                weflow_body(view, r, WECLONE) or "",
                src,
                stamp,
            ]
        )
    return {_file_name(view) + ".csv": as_csv(rows, mark=True)}


CHATLAB_TYPES = {
    Kind.TEXT: 0,
    Kind.IMAGE: 1,
    Kind.VOICE: 2,
    Kind.VIDEO: 3,
    Kind.FILE: 4,
    Kind.QUOTE: 25,
    Kind.SYSTEM: 80,
    Kind.RECALL: 80,
    Kind.TRANSFER: 99,
}


def _chatlab(copy: Copy, sides: Sides) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    view, rows = View(sides, copy), []
    for r in copy.written():
        body = weflow_body(view, r, CHATLAB)
        row: dict[str, Any] = {
            "sender": view.account(r),
            "accountName": view.name(r),
            "timestamp": int(r.at),
            "type": CHATLAB_TYPES.get(r.kind, 7),
            "content": body,
        }
        if r.id not in ("", "0"):
            row["platformMessageId"] = r.id
        if r.kind is Kind.QUOTE:
            row["replyToMessageId"] = r.facts["to"]
        rows.append(row)
    meta = {"name": view.title, "platform": "wechat", "type": "group" if sides.room else "private"} | (
        {"groupId": sides.room, "ownerId": view.owner} if sides.room else {}
    )
    head = {"chatlab": {"version": "0.0.2", "exportedAt": int(copy.exported_at), "generator": "WeFlow"}, "meta": meta}
    members = [{"platformId": p.id, "accountName": sides.name_on(copy.side, n)} for n, p in enumerate(sides.people)]
    return head, members, rows


def chatlab_json(copy: Copy, sides: Sides) -> Files:
    head, members, rows = _chatlab(copy, sides)
    return {_file_name(View(sides, copy)) + ".json": as_json({**head, "members": members, "messages": rows})}


def chatlab_jsonl(copy: Copy, sides: Sides) -> Files:
    head, members, rows = _chatlab(copy, sides)
    lines = [
        {"_type": "header", **head},
        *({"_type": "member", **m} for m in members),
        *({"_type": "message", **r} for r in rows),
    ]
    return {_file_name(View(sides, copy)) + ".jsonl": b"\n".join(as_json(line, None) for line in lines)}


TRACE_TYPES = WEFLOW_TYPES | {Kind.LINK: "卡片式链接", Kind.TRANSFER: "转账卡片", Kind.RED_PACKET: "红包卡片"}


CIPHERTALK = LISTED | {"link": "[链接] {title}", "quote": "{text}"}
ECHOTRACE = CIPHERTALK | {"transfer": "转账[{fee}元]", "receipt": "转账[{fee}元]", "call": "[通话消息]"}


def _trace_rows(view: View, *, cipher: bool) -> list[dict[str, Any]]:
    rows = []
    for r in view.copy.written():
        body = view.fill(CIPHERTALK if cipher else ECHOTRACE, r)
        if r.kind is Kind.TEXT and stripped(body) != body:
            body = stripped(body).lstrip()
        row: dict[str, Any] = {
            "localId": r.local, "createTime": int(r.at), "formattedTime": view.time(r), "type": TRACE_TYPES[r.kind], "localType": CODES[r.kind], "content": body,
            "isSend": int(view.own(r)), "senderUsername": view.account(r), "senderDisplayName": view.name(r), "source": "",
        }  # fmt: skip
        if cipher:
            rounded = int(float(r.id)) if r.id not in ("", "0") else r.local
            row |= {"platformMessageId": str(rounded), "rawContent": view.xml(r)} | (
                {"replyToMessageId": r.facts["to"]} if r.kind is Kind.QUOTE else {}
            )
        rows.append(row)
    return rows


def echotrace_json(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = _trace_rows(view, cipher=False)
    told = view.moment(copy.exported_at).strftime("%Y-%m-%dT%H:%M:%S.123456")
    return {
        f"{view.title}_聊天记录_{int(copy.exported_at)}000.json": as_json(
            {"session": _session(view, rows), "messages": rows, "exportTime": told}
        )
    }


def ciphertalk_json(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = _trace_rows(view, cipher=True)
    info = {
        "version": "0.0.2",
        "exportedAt": int(copy.exported_at),
        "generator": "CipherTalk",
        "format": "detailed-json",
    }
    session = _session(view, rows) | {"platform": "wechat", "isGroup": bool(sides.room), "ownerId": view.owner}
    return {f"{view.title}.json": as_json({"exportInfo": info, "session": session, "messages": rows})}


SHOWN = "quote=words,quoted transfer=amount,memo link=title,url file=name"
FORMS = (
    Form("weflow_json", weflow_json, shows(SHOWN + " sticker=hash"), is_local=False, has_ids=True, strips=True, tells_export=True),
    Form("weflow_txt", weflow_txt, shows(SHOWN), strips=True, sorts=True),
    Form("weflow_csv", weflow_csv, shows(SHOWN), is_local=False, has_ids=True, strips=True),
    Form("chatlab_json", chatlab_json, shows(SHOWN), is_local=False, has_ids=True, strips=True, tells_export=True),
    Form("chatlab_jsonl", chatlab_jsonl, shows(SHOWN), is_local=False, has_ids=True, strips=True, tells_export=True),
    Form("echotrace_json", echotrace_json, shows("quote=words transfer=amount link=title file=name"), is_local=False, numbered=True, strips=True, tells_export=True),
    Form("ciphertalk_json", ciphertalk_json, shows(SHOWN + " image=hash video=hash voice=seconds"), is_local=False, has_ids=True, numbered=True, tells_export=True),
)  # fmt: skip
