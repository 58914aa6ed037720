"""Bodies of system rows: recalls, pats, group events, pins, notices (wechat-databases 7.4)."""

import re
from collections.abc import Callable
from typing import Any

from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.kinds import RECALL_NOTICE
from reconcile.wechat.payload.media import kept, server_id, whole
from reconcile.wechat.payload.types import Mention
from reconcile.wechat.xml_tree import Tree

_RECALL = lazy_pattern(RECALL_NOTICE)
_TAG = lazy_pattern(r"<[^<>]{0,400}>")
_INNER_CONTENT = lazy_pattern(r"<content>(.*?)</content>", re.DOTALL)
# Stored without its tags: `<!-- ChatRoomTopMsgRequest --> room op newmsgid type wxid ...` (wda test_chat_system_message_parsing).
_FLAT_PIN = lazy_pattern(r"ChatRoomTopMsgRequest\s*-->\s*(\S+@chatroom)\s+\d+\s+(\d{6,20})\s")
_PLACE_HOLDER = lazy_pattern(r"\$\{?([\w@-]+)\}?\$?")
# A notice is one line; a long text with 撤回一条消息 is speech stored as a notice.
_NOTICE_CHARACTERS = 120


def system_body(tree: Tree | None, content: str) -> dict[str, Any]:
    """Fields of a notice: its shown line, its kind (recall or system), the message that it mentions."""
    if tree is None:
        return _plain_fields(content)
    for name, read in _ELEMENTS.items():
        found = tree if tree.tag == name else tree.at(f".//{name}")
        if found is not None:
            return read(found)
    if tree.attr("type") == "mmchatroomtopmsg":
        return _pin_fields(tree)
    return _plain_fields(tree.text(".//replacemsg", ".//plain", ".//text", ".//content") or _without_tags(content))


def pat_body(tree: Tree) -> dict[str, Any]:
    """Fields of a pat: `pat/template` as sent, `patMsg/records/record/templete` as stored (the last one)."""
    records = tree.all(".//records/record") or tree.all(".//record")
    pat = records[-1] if records else (tree.at(".//pat") or tree)
    words = pat.text("templete", "template", ".//templete", ".//template") or tree.text(".//title")
    sender = pat.text("fromUser", "fromusername", ".//fromusername")
    return {
        "kind": Kind.SYSTEM,
        "text": _PLACE_HOLDER.sub(lambda m: m[1], words),
        "sender": sender or None,
        "fields": kept(pat_from=sender, patted=pat.text("pattedUser", "pattedusername", ".//pattedusername")),
    }


def is_recall_notice(words: str) -> bool:
    """Whether a notice's line says that a message was recalled."""
    return len(words) <= _NOTICE_CHARACTERS and _RECALL.search(words) is not None


def _plain_fields(content: str) -> dict[str, Any]:
    """The fields of a notice without XML; a stored pin is recognised by its form."""
    words = content.strip()
    pin = _FLAT_PIN.search(words)
    if pin:
        return {
            "text": words,
            "mentions": (Mention(WitnessKind.PIN, message_id=server_id(pin[2]), conversation=pin[1]),),
        }
    clean = _without_tags(words) if "<" in words else words
    return {"kind": Kind.RECALL, "text": clean} if is_recall_notice(clean) else {"text": clean}


def _recall_fields(revoke: Tree) -> dict[str, Any]:
    """The notice of a recall, and the recalled message as a mention."""
    inner = revoke.text("replacemsg")
    nested = _INNER_CONTENT.search(inner)
    words = nested[1].strip() if nested else (inner or revoke.text("content"))
    if not words and revoke.at("newmsgid") is None and revoke.at("msgid") is None:
        words = revoke.text(".")
    recalled = server_id(revoke.text("newmsgid"))
    mention = Mention(WitnessKind.RECALL_NOTICE, message_id=recalled, conversation=revoke.text("session") or None)
    return {
        "kind": Kind.RECALL,
        "text": words,
        "alias_id": recalled,
        "mentions": (mention,) if recalled else (),
        "fields": kept(revoketime=whole(revoke.text("revoketime"))),
    }


def _own_recall_fields(recall: Tree) -> dict[str, Any]:
    """Fields of what Android keeps of the owner's recall: the notice, and for a while the recalled words."""
    lines = [words for path in ("text", ".//text", ".//replacemsg") for t in recall.all(path) if (words := t.text("."))]
    tip = next((w for w in lines if is_recall_notice(w)), lines[0] if lines else "")
    return {
        "kind": Kind.RECALL,
        "text": tip,
        "fields": kept(recalled_text=recall.text("preContent", "content", ".//preContent")),
    }


def _pin_fields(tree: Tree) -> dict[str, Any]:
    """The line of a pin, and the pinned message as a mention."""
    pinned = server_id(tree.text(".//newmsgid", ".//NewMsgId"))
    room = tree.text(".//chatroomname", ".//ChatRoomName")
    words = tree.text(".//nickname", ".//plain", ".//template")
    mention = (Mention(WitnessKind.PIN, message_id=pinned, conversation=room or None),) if pinned else ()
    return {"text": words, "mentions": mention}


def _event_fields(template: Tree) -> dict[str, Any]:
    """Fields of a group event: its line with the names filled in."""
    words = template.text("template", "plain")
    for link in template.all("link_list/link"):
        names = [n for m in link.all("memberlist/member") if (n := m.text("nickname", "username"))]
        shown = link.text("separator") or "、"
        words = words.replace(
            f"${link.attr('name')}$", shown.join(names) or link.text("plain", "title", "usernamelist")
        )
    return {"text": words}


def _without_tags(words: str) -> str:
    return _TAG.sub("", words).strip()


# The element that decides the kind of notice; the first present one counts.
_ELEMENTS: dict[str, Callable[[Tree], dict[str, Any]]] = {
    "invokeMessage": _own_recall_fields, "editrevokecontent": _own_recall_fields, "revokemsg": _recall_fields, "patMsg": pat_body, "pat": pat_body,
    "mmchatroomtopmsg": _pin_fields, "content_template": _event_fields,
}  # fmt: skip
