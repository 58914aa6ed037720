"""WeChatDataAnalysis' archive and wechat-decrypt's JSON: whole rows with ids and numbers."""

import io
import zipfile
from typing import Any

from bench.sim_forms.forms_dump import DECRYPT_TYPES, decrypt_shown
from bench.sim_forms.model import NOTICES, Copy, Files, Form, Sides
from bench.sim_forms.view import CODES, LISTED, View, as_json, shows
from reconcile.vocabulary import Kind

RENDERED = {Kind.STICKER: "emoji", Kind.RED_PACKET: "redPacket", Kind.CALL: "voip", Kind.RECALL: "system"}


def wechatdecrypt_json(copy: Copy, sides: Sides) -> Files:
    view, rows = View(sides, copy), []
    for r in copy.written():
        name, code = DECRYPT_TYPES.get(CODES[r.kind], "未知"), CODES[r.kind]
        rows.append({
            "local_id": r.local, "server_id": int(r.id or 0), "type": code, "type_name": name, "sort_seq": int(r.at) * 1000, "sender_username": view.account(r), "sender": view.name(r),
            "create_time": int(r.at), "time_str": view.time(r), "status": 2 if view.own(r) else 3, "content": view.xml(r), "display_content": decrypt_shown(view, r),
            "is_system": r.kind in NOTICES, "is_received": not view.own(r),
        })  # fmt: skip
    document = {
        "chat_username": view.chat,
        "display_name": view.title,
        "is_group": False,
        "message_count": len(rows),
        "messages": rows,
    }
    return {f"export/{view.title}/message_0.db.json": as_json(document)}


def wechatdataanalysis(copy: Copy, sides: Sides) -> Files:
    view, rows = View(sides, copy), []
    for r in copy.written():
        f, system = r.facts, r.kind in NOTICES
        content = (
            f["memo"]
            if r.kind is Kind.TRANSFER
            else r.text
            if r.kind in (Kind.QUOTE, Kind.TEXT) or system
            else view.fill(LISTED, r)
        )
        row: dict[str, Any] = {
            "id": f"message_0:Msg_0:{r.local}", "localId": r.local, "serverId": int(r.id or 0), "createTime": int(r.at), "createTimeText": view.time(r), "sortSeq": int(r.at) * 1000,
            "type": CODES[r.kind], "renderType": RENDERED.get(r.kind, str(r.kind)), "isSent": view.own(r), "senderUsername": view.account(r), "conversationUsername": view.chat,
            "isGroup": bool(sides.room), "content": content, "title": f.get("title") or f.get("name") or "", "url": f.get("url", ""), "imageMd5": "", "emojiMd5": "", "videoMd5": "", "fileMd5": "",
            "fileSize": f.get("size", ""), "voiceLength": f"{f['seconds']}000" if r.kind is Kind.VOICE else "", "quoteTitle": view.quoter(r) if "quoter" in f else "",
            "quoteContent": f.get("quoted", ""), "quoteServerId": f.get("to", ""), "amount": view.fee(r),
            "paySubType": f.get("state", ""), "transferId": f.get("number", ""), "senderDisplayName": view.name(r), "senderAvatarPath": "",
        }  # fmt: skip
        if r.kind in (Kind.IMAGE, Kind.VIDEO, Kind.FILE):
            row[f"{r.kind}Md5"] = f.get("hash", "")
        rows.append(row)
    filters = {"startTime": None, "endTime": None}
    head = {
        "schemaVersion": 1,
        "exportedAt": view.moment(copy.exported_at).strftime("%Y-%m-%dT%H:%M:%S"),
        "account": view.owner,
    }
    about = {"username": view.chat, "displayName": view.title, "avatarPath": "", "isGroup": bool(sides.room)}
    folder = f"conversations/0001_{view.title}_{view.chat}_0a1b2c3d"
    members = {
        f"{folder}/messages.json": as_json({**head, "conversation": about, "filters": filters, "messages": rows}),
        f"{folder}/meta.json": as_json({**head, **about, "messageCount": len(rows)}),
        "manifest.json": as_json({**head, "exportId": "0a1b2c3d4e5f", "format": "json", "scope": "selected", "filters": filters, "options": {"privacyMode": False}, "stats": {"conversations": 1, "messagesExported": len(rows)}}),
        "report.json": as_json({"schemaVersion": 1, "exportId": "0a1b2c3d4e5f", "missingMedia": [], "errors": []}),
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 9, 1, 8, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return {"wechat_chat_export.zip": out.getvalue()}


SHOWN = "quote=words,quoted transfer=amount,memo link=title,url file=name,hash image=hash video=hash voice=seconds"
FORMS = (
    Form(
        "wechatdecrypt_json",
        wechatdecrypt_json,
        shows(SHOWN),
        is_local=False,
        has_ids=True,
        numbered=True,
        for_groups=False,
    ),
    Form(
        "wechatdataanalysis",
        wechatdataanalysis,
        shows(SHOWN),
        is_local=False,
        has_ids=True,
        numbered=True,
        tells_export=True,
    ),
)
