"""chatlog: the JSON, CSV and text that its server answers with."""

from datetime import UTC, datetime
from typing import Any

from bench.sim_forms.model import NOTICES, Copy, Files, Form, Sides
from bench.sim_forms.view import CODES, View, as_csv, as_json, shows
from reconcile.vocabulary import Kind

HOST = "127.0.0.1:5030"


CHATLOG = {
    "image": f"![图片](http://{HOST}/image/{{hash}},msg/attach/a.dat)", "voice": f"[语音](http://{HOST}/voice/{{id}})", "video": f"![视频](http://{HOST}/video/{{hash}})", "sticker": "[动画表情]",
    "call": "[语音通话]", "red_packet": "[红包]", "location": "[位置|{title}||31.2|121.5]", "file": f"[文件|{{name}}](http://{HOST}/file/{{hash}})", "link": "[链接|{title}]({url})",
    "transfer": "[转账|发送 {fee}]({memo})", "receipt": "[转账|接收 {fee}]({memo})", "quote": "> {quoter_name}({quoter_id}) {when_short}\n> {quoted_lines}\n{text}",
}  # fmt: skip


def chatlog_json(copy: Copy, sides: Sides) -> Files:
    view, rows = View(sides, copy), []
    for n, r in enumerate(copy.written()):
        f, system = r.facts, r.kind in NOTICES
        contents: dict[str, Any] = {"host": HOST}
        if r.kind in (Kind.IMAGE, Kind.VIDEO):
            contents["md5"] = f.get("hash", "")
        elif r.kind is Kind.VOICE:
            contents["voice"] = r.id
        elif r.kind is Kind.FILE:
            contents |= {"title": f["name"], "md5": f.get("hash", "")}
        elif r.kind is Kind.LINK:
            contents |= {"title": f["title"], "url": f["url"]}
        elif r.kind is Kind.QUOTE:
            when = datetime.fromtimestamp(float(f["quoted_at"]) + 8 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S+08:00")
            contents["refer"] = {
                "seq": 0,
                "time": when,
                "sender": sides.people[int(f["quoter"])].id,
                "senderName": view.quoter(r),
                "type": 1,
                "subType": 0,
                "content": f["quoted"],
            }
        elif r.kind is Kind.LOCATION:
            contents |= {"x": "31.2", "y": "121.5", "label": f["title"]}
        time = datetime.fromtimestamp(r.at + 8 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S+08:00")
        rows.append({
            "seq": int(r.at) * 1000 + n % 3, "time": time, "talker": view.chat, "talkerName": view.title, "isChatRoom": bool(sides.room),
            "sender": "系统消息" if system else view.account(r), "senderName": "" if system else view.name(r), "isSelf": view.own(r), "type": CODES[r.kind] & 0xFFFFFFFF,
            "subType": CODES[r.kind] >> 32, "content": view.fill(CHATLOG, r) if r.kind is Kind.TRANSFER else r.text, "contents": contents,
        })  # fmt: skip
    return {"chatlog.json": as_json(rows, None)}


def chatlog_csv(copy: Copy, sides: Sides) -> Files:
    view, rows = View(sides, copy), [["Time", "SenderName", "Sender", "TalkerName", "Talker", "Content"]]
    for r in copy.written():
        who = ["", "系统消息"] if r.kind in NOTICES else [view.name(r), view.account(r)]
        rows.append([view.time(r), *who, view.title, view.chat, view.fill(CHATLOG, r)])
    days = [view.time(r)[:10] for r in copy.written()]
    return {f"{view.chat}_{min(days)}_{max(days)}.csv": as_csv(rows, end="\n")}


def chatlog_text(copy: Copy, sides: Sides) -> Files:
    view, blocks = View(sides, copy), []
    for r in copy.written():
        who = "系统消息" if r.kind in NOTICES else f"{view.name(r)}({'我' if view.own(r) else view.account(r)})"
        blocks.append(f"{who} {view.time(r)}\n{view.fill(CHATLOG, r)}\n\n")
    return {"聊天.txt": "".join(blocks)}


SHOWN = "quote=words,quoted transfer=amount,memo link=title,url file=name image=hash video=hash"
FORMS = (
    Form("chatlog_json", chatlog_json, shows(SHOWN), is_local=False),
    Form("chatlog_csv", chatlog_csv, shows(SHOWN)),
    Form("chatlog_text", chatlog_text, shows(SHOWN), for_groups=False, sorts=True),
)
