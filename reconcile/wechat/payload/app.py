"""Bodies of app messages (base type 49): links, files, quotes, forwards, payments.

See wechat-databases 7.4.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.articles import as_field, push_items
from reconcile.wechat.kinds import APP_KINDS
from reconcile.wechat.payload.forward import is_unread, read_items, record_of, shown_lines
from reconcile.wechat.payload.media import element_of, hex_digest, kept, server_id, whole
from reconcile.wechat.payload.system import pat_body
from reconcile.wechat.payload.types import Body, Mention
from reconcile.wechat.xml_tree import Tree, between

Inner = Callable[[int, int, str], Body]
# wcpayinfo/paysubtype. 1, 3, 4: chatlog; 5, 7: chatlog and pa_script; 8, 9, 10: WeChatDataAnalysis routers/chat.py.
PAY_STATES = {
    "1": "sent", "3": "received", "4": "returned", "5": "received", "7": "sent", "8": "sent", "9": "returned", "10": "expired",
}  # fmt: skip
_FEE = lazy_pattern(r"([^\d\s.,，]{0,12})\s*(\d[\d,，]{0,20}(?:\.\d{1,8})?)")
_FEE_IN_WORDS = lazy_pattern(r"(\d[\d,]{0,20}\.\d{2})\s*元")
_YUAN = ("", "￥", "¥", "CN¥", "CNY", "RMB", "人民币")
# Children that an appmsg has only once, and that hold words alone.
_ONCE = frozenset(("appmsg", "title", "type", "wcpayinfo", "refermsg", "recorditem"))
_PLAIN = frozenset(("title", "des", "action", "type", "showtype", "content", "url", "lowurl", "dataurl"))
# Children that only some kinds have.
_PARTS = {
    "wcpayinfo": frozenset((Kind.TRANSFER, Kind.RED_PACKET, Kind.OTHER)),
    "refermsg": frozenset((Kind.QUOTE, Kind.OTHER)),
    "recorditem": frozenset((Kind.FORWARD, Kind.OTHER)),
}
_SEND_ID = lazy_pattern(r"[?&]sendid=(\d{6,40})")


def app_body(tree: Tree, sub: int, inner: Inner) -> dict[str, Any]:
    """Fields of an `appmsg`; its own `type` takes precedence over the sub-type of the database."""
    app = element_of(tree, "appmsg") or tree
    code = whole(app.text("type")) or sub
    kind = APP_KINDS.get(code, Kind.OTHER)
    common = {
        "kind": kind,
        "text": _app_title(app),
        "sender": tree.text("fromusername") or None,
        "fields": kept(app_type=code, des=app.text("des")[:500]),
    }
    return common | _SPECIAL.get(code, _BY_KIND.get(kind, _no_fields))(app, common, inner)


def is_misshapen(tree: Tree) -> bool:
    """Whether the body holds what no client writes.

    For example a single element twice, elements inside plain words, parts of another kind, or no card at all.
    """
    app = element_of(tree, "appmsg")
    if app is None:
        return tree.tag != "recordinfo" and tree.at(".//recordinfo") is None and bool(tree.text("."))
    seen: set[str] = set()
    for child in app.root:
        tag = child.tag
        if (tag in seen or tag == "appmsg") and tag in _ONCE:
            return True
        if tag in _PLAIN and len(child):
            return True
        seen.add(tag)
    kind = APP_KINDS.get(whole(app.text("type")) or 0, Kind.OTHER)
    return any(kind not in kinds and bool(app.text(tag)) for tag, kinds in _PARTS.items() if tag in seen)


def canonical_url(url: str) -> str:
    """The url as sent; an official account's article reduced to `__biz`, `mid`, `idx`, `sn`.

    These four name the article everywhere.
    """
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
    except ValueError:
        return url
    names = ("__biz", "mid", "idx", "sn")
    if parts.hostname == "mp.weixin.qq.com" and all(n in query for n in names):
        return "https://mp.weixin.qq.com/s?" + "&".join(f"{n}={query[n][0]}" for n in names)
    return url


def yuan(fee: str) -> str | None:
    """Decimal text of a fee such as ￥2,900.00; None for none and for another currency."""
    found = _FEE.search(fee)
    if not found or found[1].strip().upper() not in _YUAN:
        return None
    return found[2].replace(",", "").replace("，", "")


def _app_title(app: Tree) -> str:
    """The title; of broken XML, what stands between its tags."""
    if app.is_broken and app.source and (words := between(app.source, "title")):
        return words
    return app.raw_text("title")


def _no_fields(_app: Tree, _common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """No further fields, for kinds without any."""
    return {}


def _link_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """Heading, address, id and source of a shared link, mini-program or video; the articles of a push."""
    share, feed = (
        app.text("weappinfo/shareId"),
        app.text("finderFeed/objectId", "finderLive/finderLiveID", "finderLive/finderObjectID"),
    )
    native = f"share:{share}" if share else (f"feed:{feed}" if feed else None)
    url = app.text("url", "dataurl", "lowurl")
    # A push of an official account: one message, several articles (wechat-moments 5).
    items = push_items(app) if app.at("mmreader") is not None else []
    return {
        "text": common["text"] or app.text("finderFeed/desc", "finderLive/desc", "finderFeed/nickname"),
        "url": canonical_url(url) if url else None,
        "native_id": native,
        "fields": {
            **common["fields"],
            **kept(
                sourceusername=app.text("sourceusername"),
                sourcename=app.text("sourcedisplayname", "finderFeed/nickname"),
                appid=app.text("weappinfo/appid"),
                pagepath=app.text("weappinfo/pagepath"),
                articles=as_field(items) if items else "",
                publisher=app.text("mmreader/publisher/username") if items else "",
            ),
        },
    }


def _file_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """Name, size and digest of a file."""
    digest = hex_digest(app.text("md5"), app.text("appattach/filemd5", "appattach/md5"))
    size = whole(app.text("appattach/totallen"))
    return {
        "file_name": common["text"].strip() or None,
        "file_size": size,
        "media_hash": digest,
        "native_id": f"file:{digest}:{size}" if digest and size else None,
        "alias_id": server_id(app.text("appattach/overwrite_newmsgid")),
        "fields": {**common["fields"], **kept(fileext=app.text("appattach/fileext"), aeskey=app.text("appattach/aeskey"))},
    }  # fmt: skip


def _quote_fields(app: Tree, common: dict[str, Any], inner: Inner) -> dict[str, Any]:
    """The quoted words, and the quoted message as a mention."""
    refer = app.at("refermsg")
    if refer is None:
        return {}
    quoted = server_id(refer.text("svrid"))
    base = whole(refer.text("type")) or 0
    said = inner(base & 0xFFFFFFFF, base >> 32, refer.raw_text("content"))
    mention = Mention(
        WitnessKind.QUOTE,
        message_id=quoted,
        native_id=said.native_id,
        sender=refer.text("fromusr", "chatusr") or None,
        sender_name=refer.text("displayname") or None,
        sent_at=whole(refer.text("createtime")),
        kind=said.kind,
        text=said.text or None,
    )
    return {
        "reply_to": quoted,
        "quoted_text": said.text or None,
        "mentions": (mention,),
        "fields": {**common["fields"], **kept(quoted_from=refer.text("fromusr"), quoted_kind=str(said.kind))},
    }


def _forward_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """The items of a merged forward, as lines and as mentions."""
    record = record_of(app)
    if record is None:
        return {"quoted_text": app.text("des") or None, "is_broken": is_unread(app)}
    items, is_broken = read_items(record)
    stated = record.at("datalist")
    return {
        "text": common["text"] or record.text("title"),
        "quoted_text": shown_lines(record, items) or None,
        "mentions": tuple(items),
        "is_broken": is_broken,
        "fields": {**common["fields"], **kept(items=whole(stated.attr("count")) if stated else None)},
    }


def _transfer_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """Amount, state and ids of a transfer; of a receipt, also the transfer as a mention."""
    pay = app.at("wcpayinfo") or app
    transfer, other = pay.text("transferid"), pay.text("transcationid", "transactionid")
    native = f"transfer:{transfer}" if transfer else (f"transaction:{other}" if other else None)
    state = PAY_STATES.get(pay.text("paysubtype"))
    fee, words = pay.text("feedesc"), _FEE_IN_WORDS.search(app.text("des"))
    begun = whole(pay.text("begintransfertime"))
    payer = pay.text("payer_username")
    # A heading other than the client's own says nothing beyond the memo.
    title = common["text"].strip()
    other = "" if title in (pay.text("pay_memo"), *_TRANSFER_HEADINGS) else title
    receipt = (Mention(WitnessKind.TRANSFER_RECEIPT, native_id=native, sender=payer or None, sent_at=begun, kind=Kind.TRANSFER),)  # fmt: skip
    return {
        "text": pay.text("pay_memo"),
        "amount": yuan(fee) if fee else (words[1].replace(",", "") if words else None),
        "payment_state": state,
        "native_id": native,
        "mentions": receipt if native and state in ("received", "returned", "expired") else (),
        "fields": {
            **common["fields"],
            **kept(
                paysubtype=pay.text("paysubtype"), feedesc=fee, transcationid=other, begintransfertime=begun,
                invalidtime=whole(pay.text("invalidtime")), payer=payer,
                receiver=pay.text("receiver_username"), title=other,
            ),
        },
    }  # fmt: skip


_TRANSFER_HEADINGS = (
    "微信转账",
    "微信转帐",
    "转账",
    "WeChat Pay",
    "Transfer",
    "WeChat Transfer",
    "微信轉賬",
    "微信轉帳",
)
_PACKET_HEADING = "微信红包"


def _red_packet_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """The greeting and the id of a red packet."""
    pay = app.at("wcpayinfo") or app
    sent = _SEND_ID.search(pay.text("nativeurl")) or _SEND_ID.search(app.text("url"))
    packet = pay.text("paymsgid") or (sent[1] if sent else "")
    wish, title = pay.text("sendertitle", "receivertitle"), common["text"]
    # A heading other than the client's own says nothing beyond the wish.
    other = title if wish and title not in (wish, _PACKET_HEADING) else ""
    return {
        "text": wish or title,
        "native_id": f"packet:{packet}" if packet else None,
        "fields": {
            **common["fields"],
            **kept(sceneid=pay.text("sceneid"), invalidtime=whole(pay.text("invalidtime")), title=other),
        },
    }


def _sticker_fields(app: Tree, _common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """The digest of a picture used as a sticker."""
    return {"text": "", "media_hash": hex_digest(app.text("appattach/emoticonmd5"), app.text("md5"))}


def _pat_fields(app: Tree, _common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    return pat_body(app)


def _announcement_fields(app: Tree, common: dict[str, Any], _inner: Inner) -> dict[str, Any]:
    """The words of a group's announcement."""
    return {"text": app.text("textannouncement") or common["text"]}


# A note lists its contents like a forward.
_SPECIAL = {62: _pat_fields, 8: _sticker_fields, 24: _forward_fields, 87: _announcement_fields}
_BY_KIND: dict[Kind, Callable[[Tree, dict[str, Any], Inner], dict[str, Any]]] = {
    Kind.LINK: _link_fields, Kind.FILE: _file_fields, Kind.QUOTE: _quote_fields, Kind.FORWARD: _forward_fields, Kind.TRANSFER: _transfer_fields,
    Kind.RED_PACKET: _red_packet_fields, Kind.OTHER: _link_fields,
}  # fmt: skip
