"""Merged forwards and notes: the record inside `recorditem`, item by item (wechat-exports 7.1)."""

from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.payload.media import hex_digest, server_id, whole
from reconcile.wechat.payload.types import Mention
from reconcile.wechat.xml_tree import Tree, parse_xml

# Children that an item has only once.
_WORDS = frozenset(("datadesc", "datatitle", "sourcename"))
MAX_DEPTH = 8
MAX_ITEMS = 5_000
# dataitem/@datatype (chatlog internal/model/mediamessage.go).
ITEM_KINDS: dict[str, Kind] = {
    "1": Kind.TEXT, "2": Kind.IMAGE, "3": Kind.VOICE, "4": Kind.VIDEO, "5": Kind.LINK, "6": Kind.LOCATION, "8": Kind.FILE,
    "15": Kind.VIDEO, "16": Kind.CARD, "17": Kind.FORWARD, "19": Kind.LINK, "22": Kind.LINK, "23": Kind.LINK, "26": Kind.CARD,
    "29": Kind.LINK, "32": Kind.LINK, "36": Kind.LINK, "37": Kind.STICKER,
}  # fmt: skip


def record_of(holder: Tree) -> Tree | None:
    """The `recordinfo` of an appmsg or dataitem, as text or as elements; None without one.

    The text stands in `recorditem` or `recordxml`.
    """
    for path in ("recorditem", "recordxml", ".//recorditem"):
        found = holder.at(path)
        if found is None:
            continue
        inner = found.at("recordinfo") or (parse_xml(words) if (words := found.text(".")) else None)
        if inner is not None:
            return inner if inner.tag == "recordinfo" else (inner.at(".//recordinfo") or inner)
    return holder if holder.tag == "recordinfo" else None


def is_unread(holder: Tree) -> bool:
    """Whether a `recorditem` or `recordxml` has unusable words, or a record is outside both."""
    if record_of(holder) is not None:
        return False
    return bool(holder.text("recorditem", "recordxml", ".//recorditem")) or holder.at(".//recordinfo") is not None


def items_of(record: Tree) -> list[Mention]:
    """All items of a record in order, nested ones after their holder, up to MAX_ITEMS and MAX_DEPTH."""
    return read_items(record)[0]


def read_items(record: Tree, depth: int = 0) -> tuple[list[Mention], bool]:
    """As `items_of`, and whether some items may be lost to broken XML or to words given twice."""
    found: list[Mention] = []
    is_broken = record.is_broken
    for item in record.all("datalist/dataitem")[:MAX_ITEMS]:
        found.append(_forward_mention(item))
        # A forwarded text always has words.
        is_broken |= item.holds_twice(_WORDS) or (found[-1].kind is Kind.TEXT and found[-1].text is None)
        if item.attr("datatype") != "17" or depth >= MAX_DEPTH:
            continue
        if (inner := record_of(item)) is None:
            is_broken |= is_unread(item)
            continue
        nested, was_broken = read_items(inner, depth + 1)
        found.extend(nested)
        is_broken |= was_broken
    return found[:MAX_ITEMS], is_broken


def shown_lines(record: Tree, items: list[Mention]) -> str:
    """The record as lines `name: words`, as both devices show it."""
    lines = [f"{m.sender_name or m.sender or ''}: {m.text or ''}" for m in items]
    return "\n".join(lines) or record.text("desc")


def _forward_mention(item: Tree) -> Mention:
    """An item of a forward as a mention of the original message."""
    digest = hex_digest(item.text("fullmd5"))
    size = whole(item.text("datasize"))
    uuid = item.text("messageuuid")
    native = f"uuid:{uuid}" if uuid else (f"file:{digest}:{size}" if digest and size else None)
    return Mention(
        WitnessKind.FORWARD_ITEM,
        message_id=server_id(item.text("fromnewmsgid")),
        native_id=native,
        conversation=item.text("srcChatname") or None,
        sender=item.text("dataitemsource/realchatname", "dataitemsource/fromusr") or None,
        sender_name=item.text("sourcename") or None,
        sent_at=whole(item.text("srcMsgCreateTime")),
        time_text=item.text("sourcetime") or None,
        kind=ITEM_KINDS.get(item.attr("datatype"), Kind.OTHER),
        text=item.text("datadesc", "datatitle", "title") or None,
    )
