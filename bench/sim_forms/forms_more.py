"""Workbooks and richer JSON: MemoTrace's page data and XLSX, WeFlow's XLSX and compact JSON."""

from typing import Any

from bench.sim_forms.forms_json import WEFLOW_TXT, WEFLOW_TYPES, weflow_body, weflow_document
from bench.sim_forms.forms_memo import memotrace_place, memotrace_rows
from bench.sim_forms.model import NOTICES, Copy, Files, Form, Sides
from bench.sim_forms.view import CODES, View, as_json, shows
from fixtures.exporters.files import workbook
from reconcile.vocabulary import Kind


def memotrace_xlsx(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    return {memotrace_place(view) + ".xlsx": workbook({"聊天记录": memotrace_rows(view), "Sheet": []})}


def memotrace_json(copy: Copy, sides: Sides) -> Files:
    view, rows = View(sides, copy), []
    for r in copy.written():
        f, md5 = r.facts, {"@md5": r.facts.get("hash", "")}
        xml: dict[str, Any] = {"msg": None}
        more: dict[str, Any] = {"text": r.text}
        match r.kind:
            case Kind.IMAGE | Kind.VIDEO | Kind.VOICE:
                more = {"path": f"./{r.kind}/x", "file_name": "x", "file_size": 0, "file_type": ""}
                more |= {"duration": int(f["seconds"])} if r.kind is not Kind.IMAGE else {}
                xml = (
                    {"msg": {"img" if r.kind is Kind.IMAGE else "videomsg": md5}}
                    if "hash" in f and r.kind is not Kind.VOICE
                    else xml
                )
            case Kind.FILE:
                more = {
                    "path": f"FileStorage/File/{f['name']}",
                    "file_name": f["name"],
                    "file_size": int(f["size"]),
                    "file_type": f["name"].rpartition(".")[2],
                }
                xml = {"msg": {"appmsg": {"md5": f["hash"]}}} if "hash" in f else xml
            case Kind.LINK:
                more = {
                    "url": f["url"],
                    "title": f["title"],
                    "description": "",
                    "cover_url": "",
                    "app_logo": "",
                    "app_name": "",
                }
            case Kind.QUOTE:
                more |= {"quote_server_id": f["to"], "quote_type": 1, "quote_text": f"{view.quoter(r)}: {f['quoted']}"}
            case Kind.TRANSFER:
                more = {
                    "text": "发起转账" if f["state"] == "1" else "已收款",
                    "pay_subtype": int(f["state"]),
                    "pay_memo": f["memo"],
                    "fee_desc": view.fee(r),
                }
                xml = {"msg": {"appmsg": {"wcpayinfo": {"transferid": f["number"]}}}}
            case Kind.CALL:
                more = {"invite_type": 1, "display_content": f"通话时长 {view.clock(r)}", "duration": int(f["seconds"])}
            case Kind.LOCATION:
                more = {"x": 31.2, "y": 121.5, "label": f["title"], "poiname": f["name"], "scale": 16}
            case Kind.RED_PACKET:
                more = {"text": f["title"], "inner_type": 0}
            case Kind.STICKER:
                more = {
                    "path": "http://example.com/e.gif",
                    "file_name": "",
                    "file_size": 0,
                    "file_type": "",
                    "thumb_path": "",
                    "desc": "",
                }
        name = "" if r.kind in NOTICES else view.name(r)
        head = {
            "type": str(CODES[r.kind]),
            "is_send": view.own(r),
            "timestamp": int(r.at),
            "server_id": r.id,
            "display_name": name,
            "avatar_src": "",
            "xml_dict": xml,
        }
        rows.append(head | more)
    return {memotrace_place(view) + ".html.json": as_json(rows, 4)}


def weflow_arkme(copy: Copy, sides: Sides) -> Files:
    name, document = weflow_document(copy, sides)
    order = list(dict.fromkeys(r["senderUsername"] for r in document["messages"]))
    names = {p.id: (sides.name_on(copy.side, n), p.name) for n, p in enumerate(sides.people)}
    senders = [
        {"senderID": n, "wxid": a, "displayName": names[a][0], "nickname": names[a][1]} for n, a in enumerate(order, 1)
    ]
    left_out = ("senderUsername", "senderDisplayName", "senderAvatarKey")
    messages = [
        {k: v for k, v in r.items() if k not in left_out} | {"senderID": order.index(r["senderUsername"]) + 1}
        for r in document["messages"]
    ]
    head = {**document["weflow"], "format": "arkme-json"}
    return {
        name + ".arkme.json": as_json(
            {"weflow": head, "session": document["session"], "senders": senders, "messages": messages}
        )
    }


def weflow_xlsx(copy: Copy, sides: Sides) -> Files:
    view = View(sides, copy)
    told = view.moment(copy.exported_at).strftime("%Y-%m-%d %H:%M:%S")
    rows: list[list[object]] = [
        ["会话信息"],
        ["微信ID", view.chat, "", "昵称", sides.people[sides.peer_of(copy.side)].name],
    ]
    rows += [["导出工具", "WeFlow", "导出版本", "0.0.2", "平台", "wechat", "导出时间", told]]
    rows += [["序号", "时间", "发送者昵称", "发送者微信ID", "发送者备注", "发送者身份", "消息类型", "内容"]]
    for n, r in enumerate(copy.written(), 1):
        remark = "" if view.own(r) else copy.remarks.get(view.author(r), "")
        rows.append(
            [
                n,
                view.time(r),
                view.nickname(r),
                view.account(r),
                remark,
                "我" if view.own(r) else view.name(r),
                WEFLOW_TYPES[r.kind],
                weflow_body(view, r, WEFLOW_TXT),
            ]
        )
    return {f"{view.title}.xlsx": workbook({"聊天记录": rows})}


RICH = "quote=words,quoted transfer=amount,memo link=title,url file=name"
HASHES = " image=hash video=hash"
FORMS = (
    Form(
        "memotrace_json",
        memotrace_json,
        shows(RICH + ",hash" + HASHES + " voice=seconds red_packet=title"),
        is_local=False,
        has_ids=True,
        ticks=True,
    ),
    Form("memotrace_xlsx", memotrace_xlsx, shows(RICH + ",hash red_packet=title"), has_ids=True, ticks=True),
    Form("weflow_arkme", weflow_arkme, shows(RICH), is_local=False, has_ids=True, strips=True, tells_export=True),
    Form("weflow_xlsx", weflow_xlsx, shows(RICH), strips=True, tells_export=True),
)
