"""The message table in its many shapes, a laboratory's table, home-made lists, WeChat's own mail and copied text, WechatExporter's text."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench.sim_forms.model import NOTICES, Copy, Files, Form, Row, Sides
from bench.sim_forms.view import LISTED, View, as_csv, as_json, shows
from reconcile.vocabulary import Kind


def _cut(text: str, at: int) -> str:
    return text if not at or len(text) <= at else text[:at] + "…"


def _stamp(view: View, row: Row, spelling: str) -> str:
    if spelling == "unix":
        return str(int(row.at))
    if spelling == "offset":
        return datetime.fromtimestamp(int(row.at) + 8 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S+08:00")
    return view.moment(row.at).strftime("%Y-%m-%d %H:%M" if spelling == "minute" else "%Y-%m-%d %H:%M:%S")


def table(copy: Copy, sides: Sides, *, columns: tuple[str, ...], spelling: str, lines: bool, sidecar: bool) -> Files:
    """The message table with the chosen columns; `lines` = JSONL."""
    view, form, rows = View(sides, copy), copy.form, []
    for r in copy.written():
        f, system = r.facts, r.kind in NOTICES
        words = _cut(view.fill(LISTED, r) if r.kind is not Kind.QUOTE else r.text, form.cut_at)
        cells = {
            "sent_at": _stamp(view, r, spelling), "text": words, "sender": "" if system else view.account(r), "sender_name": "" if system else view.name(r),
            "is_self": "" if system else str(view.own(r)).lower(), "conversation": view.chat, "message_id": "" if r.id == "0" else r.id, "local_id": str(r.local or ""), "kind": str(r.kind),
            "media_hash": f.get("hash", ""), "amount": f.get("amount", ""), "duration": f.get("seconds", "") if r.kind in (Kind.VOICE, Kind.CALL) else "", "reply_to": f.get("to", ""),
            "status": r.status or ("" if system else "sent" if view.own(r) else "received"),
        }  # fmt: skip
        rows.append({c: cells[c] for c in columns})
    files: Files = {}
    if lines:
        files["export.jsonl"] = b"\n".join(json.dumps(r, ensure_ascii=False).encode() for r in rows)
    else:
        files["export.csv"] = as_csv([columns, *(r.values() for r in rows)], mark=True)
    side: dict[str, Any] = {"time_unit": "s"} if spelling == "unix" else {}
    if sidecar:
        owner = sides.people[copy.owner]
        side |= {
            "owner": {"id": owner.id, "name": owner.name},
            "exported_at": datetime.fromtimestamp(int(copy.exported_at), UTC).isoformat(),
            "tool": "manual list",
        }
        if copy.declared:
            span = [view.moment(at).strftime("%Y-%m-%dT%H:%M:%S") for at in copy.declared]
            side["declared"] = [{"what": "redaction", "from": span[0], "to": span[1], "note": "private"}]
        side["contacts"] = [
            {"id": p.id, "nickname": p.name, "remark": copy.remarks.get(n, "")}
            for n, p in enumerate(sides.people)
            if n != copy.owner
        ]
    if side:
        files["export.json"] = as_json(side)
    return files


BASE = ("sent_at", "sender", "sender_name", "is_self", "conversation", "text")


def table_form(rng: random.Random) -> Form:
    """A message table as some tool or person might write it."""
    spelling = rng.choices(("offset", "naive", "minute", "unix"), (4, 3, 2, 1))[0]
    ids, numbered, rich = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.6
    cut_at, only_text = (20 if rng.random() < 0.12 else 0), not rich and rng.random() < 0.4
    columns = [*BASE, *(["message_id"] if ids else []), *(["local_id"] if numbered else [])]
    columns += (
        ["kind", "media_hash", "amount", "duration", "reply_to", "status"]
        if rich
        else []
        if rng.random() < 0.5
        else ["kind"]
    )
    told = (
        "image=hash video=hash file=hash,name sticker=hash transfer=amount,memo link=title,url quote=words voice=seconds"
        if rich
        else "transfer=amount,memo link=title,url quote=words file=name"
    )
    sidecar = rng.random() < 0.5
    name = "table" + "".join(
        f" {word}"
        for word, on in (("ids", ids), ("minute", spelling == "minute"), ("cut", cut_at), ("text only", only_text))
        if on
    )
    write: Callable[[Copy, Sides], Files] = partial(
        table, columns=tuple(columns), spelling=spelling, lines=rng.random() < 0.25, sidecar=sidecar
    )
    return Form(
        name, write, shows(told), precision=60.0 if spelling == "minute" else 1.0, is_local=spelling in ("naive", "minute"), has_ids=ids, numbered=numbered,
        has_status=rich, tells_export=sidecar, cut_at=cut_at, only_text=only_text, free_order=True, declares=sidecar, ticks=True,
    )  # fmt: skip


LAB_KINDS = {
    Kind.TEXT: "文本", Kind.IMAGE: "图片", Kind.VIDEO: "视频", Kind.VOICE: "语音", Kind.STICKER: "动画表情", Kind.CALL: "语音通话", Kind.FILE: "文件", Kind.LOCATION: "位置", Kind.LINK: "链接",
    Kind.RED_PACKET: "红包", Kind.TRANSFER: "转账", Kind.QUOTE: "引用", Kind.SYSTEM: "系统消息", Kind.RECALL: "系统消息",
}  # fmt: skip


def laboratory(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    rows = [
        ["某某司法鉴定中心微信聊天记录提取表", *[""] * 9],
        ["序号", "发送者", "发送者昵称", "接收者", "方向", "消息类型", "消息内容", "发送时间", "消息ID", "删除状态"],
    ]
    for n, r in enumerate(copy.written(), 1):
        receiver = view.sides.people[view.copy.owner if not view.own(r) else view.sides.peer_of(view.side)].id
        rows.append(
            [
                str(n),
                view.account(r),
                view.name(r),
                receiver,
                "发送" if view.own(r) else "接收",
                LAB_KINDS[r.kind],
                view.fill(LISTED, r),
                view.time(r),
                r.id,
                "正常",
            ]
        )
    return {"聊天记录.csv": as_csv(rows, mark=True)}


def home_made(copy: Copy, sides: Sides) -> Files:
    """A list such as a converter makes: time, name, words."""
    view = View(sides, copy)
    rows = [["时间", "发送者", "类型", "内容"]]
    rows += [
        [view.time(r), "系统" if r.kind in NOTICES else view.name(r), LAB_KINDS[r.kind], view.fill(LISTED, r)]
        for r in copy.written()
    ]
    return {f"{view.title}.csv": as_csv(rows, mark=True)}


def copied_phone(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    blocks = [
        f"{view.name(r)}\n{view.moment(r.at).strftime('%Y年%m月%d日 %H:%M')}\n{view.fill(COPIED, r)}\n\n\n"
        for r in copy.written()
    ]
    return {"复制.txt": "".join(blocks)}


def copied_computer(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    return {"复制.txt": "".join(f"{view.name(r)}:\n{view.fill(COPIED, r)}\n\n" for r in copy.written())}


COPIED = LISTED | {"file": "[文件]", "link": "[链接]", "quote": "{text}"}


def mail(copy: Copy, sides: Sides) -> Files:
    view, day = View(sides, copy), ""
    names = [sides.name_on(copy.side, sides.peer_of(copy.side)), sides.people[copy.owner].name]
    out = [
        f'Dear:\n微信群"{sides.title}"的聊天记录如下:\n'
        if sides.room
        else f'Dear:\n"{names[0]}"和"{names[1]}"的聊天记录如下:\n'
    ]
    for r in copy.written():
        moment = view.moment(r.at)
        if f"{moment:%Y%m%d}" != day:
            day = f"{moment:%Y%m%d}"
            out.append(f"—————  {moment.year}-{moment.month}-{moment.day}  —————\n")
        shown = f"图片{r.truth}（可在附件中查看）" if r.kind is Kind.IMAGE else view.fill(LISTED, r)
        out.append(f"{view.name(r)}  {moment:%H:%M}\n{shown}\n")
    return {"邮件.txt": "".join(out) + "\n\n\n发自我的 iPhone\n"}


EXPORTER = LISTED | {
    "voice": "[语音 {clock}]", "sticker": "[表情]", "call": "[视频/语音通话]", "file": "[文件: {name}]", "link": "{title} - 微信", "location": "[位置] {name} - {title} (31.2,121.5)",
    "transfer": "微信转账 {fee} - 转账", "receipt": "微信转账 {fee} - 已收款", "quote": "「{quoter_name}：{quoted}」\n- - - - - - - - - - - - - - -\n{text}",
}  # fmt: skip


def wechatexporter_txt(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    out = [f"{view.title} - 微信聊天记录\n\n"]
    for r in copy.written():
        # Quotes and notices bear no head; the template of transfers has no line end.
        head = "" if r.kind in (*NOTICES, Kind.QUOTE) else f"{view.name(r)} ({view.time(r)}):"
        out.append(head + view.fill(EXPORTER, r) + ("" if r.kind is Kind.TRANSFER else "\n"))
    return {f"{view.title}.txt": "".join(out)}


# What can be ticked and copied or mailed at all.
NOT_COPIED = NOTICES | {Kind.VOICE, Kind.CALL, Kind.TRANSFER, Kind.RED_PACKET, Kind.LOCATION, Kind.VIDEO}
SHOWN = "quote=words,quoted transfer=amount,memo link=title,url file=name voice=seconds"
FORMS = (
    Form("laboratory csv", laboratory, shows(SHOWN), has_ids=True, for_groups=False, ticks=True),
    Form("home-made csv", home_made, shows(SHOWN), for_groups=False, ticks=True),
    Form("copied phone", copied_phone, shows("quote=words"), drops=NOT_COPIED, precision=60.0, is_selection=True, sorts=True),
    Form("copied computer", copied_computer, shows("quote=words"), drops=NOT_COPIED, precision=None, is_selection=True),
    Form("mail", mail, shows("file=name"), drops=NOT_COPIED | {Kind.QUOTE}, precision=60.0, is_selection=True, sorts=True),
    Form("wechatexporter_txt", wechatexporter_txt, shows("transfer=amount link=title file=name voice=seconds"), for_groups=False, sorts=True),
)  # fmt: skip
