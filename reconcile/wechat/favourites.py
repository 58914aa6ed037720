"""A favourite: a copy that its owner kept, and the message it was made from (wechat-moments 6)."""

from dataclasses import dataclass

from reconcile.vocabulary import Kind
from reconcile.wechat.payload.forward import items_of
from reconcile.wechat.payload.media import hex_digest, server_id, whole
from reconcile.wechat.xml_tree import Tree, parse_xml

# favitem/@type (WeChatDataAnalysis routers/favorites.py). A note (18) is its owner's own writing, no message.
KINDS: dict[int, Kind] = {
    1: Kind.TEXT, 2: Kind.IMAGE, 3: Kind.VOICE, 4: Kind.VIDEO, 5: Kind.LINK, 6: Kind.LOCATION, 7: Kind.LINK, 8: Kind.FILE, 14: Kind.FORWARD,
    16: Kind.LINK, 18: Kind.OTHER, 20: Kind.LINK,
}  # fmt: skip
NOTE, RECORD = 18, 14
_ROOM = "@chatroom"
# Message ids are positive 64-bit numbers; a larger one is the number of a post.
_LARGEST_MESSAGE = 2**63


@dataclass(frozen=True, slots=True)
class Favourite:
    """What one favourite says of a message; `sent_at` is the message's time, None = not stated.

    `conversation`: room, or the other party where the owner's account tells who that is.
    """

    kind: Kind
    text: str | None = None
    message_id: str | None = None
    native_id: str | None = None
    conversation: str | None = None
    sender: str | None = None
    sent_at: int | None = None


def read_favourite(
    number: int,
    body: str | None,
    source_id: str | None,
    people: tuple[str | None, str | None, str | None],
    owner: str | None,
) -> list[Favourite]:
    """The messages that a favourite copies: one, or the items of a kept chat record after it.

    Args:
        number: the store's type of the favourite; 0 = as the body says.
        body: `<favitem>`; plain text is taken as the words.
        source_id: the message's server id as the store states it; the body's counts where it states none.
        people: from, to, real chat name, as the store states them; the body's where it states none.
        owner: the device's own account; None = unknown.
    """
    tree = parse_xml(body) if body else None
    item = None if tree is None else (tree if tree.tag == "favitem" else tree.at(".//favitem"))
    source = None if item is None else item.at("source")
    code = number or (0 if item is None else whole(item.attr("type")) or 0)
    if code == NOTE:
        return []
    stated = [p or _source_fact(source, *n) for p, n in zip(people, _PEOPLE, strict=True)]
    conversation, sender = _conversation_and_sender(stated, owner)
    found = Favourite(
        kind=KINDS.get(code, Kind.OTHER),
        text=_favourite_words(code, item, body) or None,
        message_id=message_number(source_id) or message_number(_source_fact(source, "sourceid", "msgid", "svrid")),
        native_id=_native_id(item),
        conversation=conversation,
        sender=sender,
        sent_at=whole(_source_fact(source, "createtime", "createTime", "msgcreatetime") or "") or None,
    )
    return [found, *_items(item, code)]


_PEOPLE = (("fromusr", "fromuser"), ("tousr", "touser"), ("realchatname",))


def message_number(value: str | None) -> str | None:
    """A message's server id; None for none and for a number that only a post can have."""
    known = server_id(value or "")
    return known if known and int(known) < _LARGEST_MESSAGE else None


def _source_fact(source: Tree | None, *names: str) -> str | None:
    """A fact of `source`, which some clients write as an element and some as an attribute."""
    return None if source is None else (source.text(*names) or source.attr(*names) or None)


def _conversation_and_sender(people: list[str | None], owner: str | None) -> tuple[str | None, str | None]:
    """Conversation and sender: the room and the person in it, else the party that is not the owner."""
    known = [p for p in people if p]
    room = next((p for p in known if p.endswith(_ROOM)), None)
    if room:
        return room, next((p for p in (people[2], people[0]) if p and p != room), None)
    sender = people[0] or people[2]
    others = [p for p in (people[0], people[1]) if p and p != owner]
    return (others[0] if others else None), sender


def _favourite_words(code: int, item: Tree | None, body: str | None) -> str:
    """The words of a favourite, by its type: text, title or description."""
    if item is None:
        return body or "" if code == 1 else ""
    if code == 1:
        return item.raw_text("desc") or item.text("datalist/dataitem/datadesc", "title")
    return item.text(
        "weburlitem/pagetitle",
        "title",
        "datalist/dataitem/datatitle",
        "datalist/dataitem/title",
        "locitem/poiname",
        "locitem/label",
    ) or (item.text("desc") if code in (RECORD, 5, 7) else "")


def _native_id(item: Tree | None) -> str | None:
    """The id of a kept file, from its digest and size; None for anything else."""
    first = None if item is None else item.at("datalist/dataitem")
    if first is None or first.attr("datatype") != "8":
        return None
    digest, size = hex_digest(first.text("fullmd5")), whole(first.text("fullsize", "datasize"))
    return f"file:{digest}:{size}" if digest and size else None


def _items(item: Tree | None, code: int) -> list[Favourite]:
    """The messages inside a kept chat record; only they themselves may state their conversation."""
    if item is None or code != RECORD:
        return []
    return [
        Favourite(m.kind or Kind.OTHER, m.text, m.message_id, m.native_id, m.conversation, m.sender, m.sent_at)
        for m in items_of(item)
        if m.message_id or m.native_id
    ]
