"""PyWxDump, wechat-dump and wechat-decrypt: the CSV, JSON and TXT that they write."""

import re
from typing import Any

from bench.sim_forms.model import NOTICES, Copy, Files, Form, Row, Sides
from bench.sim_forms.view import CODES, View, as_csv, as_json, shows
from reconcile.vocabulary import Kind

PYWXDUMP_TYPES = {
    Kind.TEXT: "文本", Kind.IMAGE: "图片", Kind.VOICE: "语音", Kind.VIDEO: "视频", Kind.STICKER: "动画表情", Kind.LOCATION: "位置", Kind.FILE: "文件",
    Kind.LINK: "(分享)卡片式链接", Kind.QUOTE: "引用回复", Kind.TRANSFER: "转账", Kind.SYSTEM: "系统通知", Kind.RECALL: "系统通知", Kind.CALL: "语音通话", Kind.RED_PACKET: "未知",
}  # fmt: skip
PYWXDUMP_HEADING = ["id", "MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime"]


PYWXDUMP = {
    "image": "图片", "video": "视频", "voice": "语音时长：{seconds}.00秒", "sticker": "表情", "file": "文件", "red_packet": "未知", "call": "语音/视频通话[通话时长 {clock}]",
    "link": '{title}\n\n\n<a href="{url}" target="_blank">点击查看详情</a>', "transfer": "转账：{fee}\n转账说明：{memo}\n转账时间：{time}\n", "receipt": "已收款：{fee}\n转账说明：{memo}\n转账时间：{time}\n",
    "quote": "{text}\n\n[引用]({when}){quoter_name}:{quoted}", "location": "纬度:【31.2】 经度:【121.5】\n位置：{title} {name}\n其他信息：{{}}",
}  # fmt: skip
SOURCES = {
    "link": "{url}",
    "file": "FileStorage/File/{name}",
    "sticker": "http://example.com/e.gif",
    "red_packet": "False",
}


def _pywxdump(view: View) -> list[dict[str, Any]]:
    rows = []
    for n, r in enumerate(view.copy.written(), 1):
        src = view.fill(SOURCES, r) if str(r.kind) in SOURCES else ""
        if r.kind is Kind.VOICE:
            src = f"{view.chat}/{view.time(r).replace(':', '-').replace(' ', '_')}_{int(view.own(r))}_{r.id}.wav"
        if r.kind is Kind.FILE and "cleaned" in r.facts:
            src = "False"
        rows.append({
            "id": n, "MsgSvrID": r.id, "type_name": PYWXDUMP_TYPES[r.kind], "is_sender": int(view.own(r)), "talker": view.account(r), "room_name": view.chat,
            "msg": view.fill(PYWXDUMP, r), "src": src, "extra": {}, "CreateTime": view.time(r),
        })  # fmt: skip
    return rows


def _users(view: View) -> bytes:
    people = enumerate(view.sides.people)
    return as_json(
        {
            p.id: {"wxid": p.id, "nickname": p.name, "remark": view.copy.remarks.get(n, ""), "account": ""}
            for n, p in people
        },
        4,
    )


def pywxdump_csv(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = _pywxdump(view)
    cells = [PYWXDUMP_HEADING, *([r[c] for c in PYWXDUMP_HEADING] for r in rows)]
    return {f"{view.chat}_0_{len(rows) + 1}.csv": as_csv(cells), "users.json": _users(view)}


def pywxdump_json(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = _pywxdump(view)
    return {f"{view.chat}_0_{len(rows) + 1}.json": as_json(rows, 4), "users.json": _users(view)}


ANDROID = {
    Kind.TEXT: 1, Kind.IMAGE: 3, Kind.VOICE: 34, Kind.VIDEO: 43, Kind.STICKER: 47, Kind.CALL: 50, Kind.LOCATION: 48, Kind.FILE: 1090519089, Kind.LINK: 49,
    Kind.QUOTE: 822083633, Kind.TRANSFER: 419430449, Kind.RED_PACKET: 436207665,
}  # fmt: skip


WECHATDUMP = {
    "image": "Image|img:THUMBNAIL_DIRPATH://th_abc", "voice": "Voice|img:2110000301240302abcdef", "video": "VIDEO FILE", "sticker": "Emoji", "call": "REQUEST VIDEO CHAT",
    "location": "LOCATION:{name} (31.2,121.5)", "file": "FILE:{name}", "link": "URL:{url}", "transfer": "[Money Transfer]\n收到转账{fee}", "receipt": "[Money Transfer]\n收到转账{fee}",
    "red_packet": "[RED ENVELOPE]\n{title}",
}  # fmt: skip


def wechatdump_txt(copy: Copy, sides: Sides) -> Files:
    view, out = View(sides, copy), []
    for r in copy.written():
        micro = ("", ".123000", ".246000")[r.truth % 3]
        # File names lose their brackets; words are not touched.
        body = (
            re.sub(r"[（）()\[\]]", "", view.fill(WECHATDUMP, r)) if r.kind is Kind.FILE else view.fill(WECHATDUMP, r)
        )
        out.append(f"{ANDROID[r.kind]}|{'me' if view.own(r) else view.name(r)}:{view.time(r)}{micro}:{body}\n")
    return {re.sub(r"[^0-9A-Za-z一-鿿 ]", "", view.title) + ".txt": "".join(out)}


DECRYPT_TYPES = {1: "文本", 3: "图片", 34: "语音", 43: "视频", 47: "表情包", 48: "位置", 50: "通话", 10000: "系统消息"}


def decrypt_shown(view: View, row: Row) -> str:
    """What wechat-decrypt displays of a row."""
    if row.kind is Kind.TEXT:
        return row.text
    if row.kind in NOTICES:
        return f"[系统: {row.text}]"
    return f"[{DECRYPT_TYPES[code]}]" if (code := CODES[row.kind]) in DECRYPT_TYPES else view.xml(row)[:200]


def wechatdecrypt_csv(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = [["时间", "发送者", "消息类型", "内容", "server_id"]]
    for r in copy.written():
        name = DECRYPT_TYPES.get(CODES[r.kind], f"未知({CODES[r.kind]})")
        rows.append([view.time(r), view.name(r), name, decrypt_shown(view, r), r.id])
    info = f"username:  {view.chat}\nalias:     \nnick_name: {sides.people[sides.peer_of(copy.side)].name}\nremark:    {view.title}\nis_group:  False\n"
    return {f"export/{view.title}/message_0.db.csv": as_csv(rows, mark=True), f"export/{view.title}/.info": info}


FORMS = (
    Form("pywxdump_csv", pywxdump_csv, shows("quote=words,quoted transfer=amount,memo link=title,url voice=seconds file=name"), has_ids=True),
    Form("pywxdump_json", pywxdump_json, shows("quote=words,quoted transfer=amount,memo link=title,url voice=seconds file=name"), has_ids=True),
    Form("wechatdump_txt", wechatdump_txt, shows("quote=words transfer=amount link=url"), drops=NOTICES, for_groups=False, sorts=True),
    Form("wechatdecrypt_csv", wechatdecrypt_csv, shows("quote=words file=name link=title"), has_ids=True, for_groups=False),
)  # fmt: skip
