"""Innocent circumstances of tools and storage: kinds left out, placeholders, ids from before a migration, gaps, cleared files."""

from bench.sim_life.model import MONEY, NOTICES, Answer, Copy, Life
from bench.sim_life.occasions import SPOKEN, Circumstance
from reconcile.vocabulary import Kind, Relation


def text_only_tool(life: Life, copy: Copy) -> bool:
    """The tool writes words alone."""
    kinds = frozenset(Kind) - SPOKEN
    marks_quotes = life.copies[copy.side.other].tool.quote != "reply"
    return _dropping(life, copy, kinds | {Kind.QUOTE} if marks_quotes and life.rng.random() < 0.4 else kinds)


def moneyless_tool(life: Life, copy: Copy) -> bool:
    """The tool leaves out payments, calls, cards, places and forwarded records."""
    return _dropping(life, copy, MONEY | {Kind.CALL, Kind.CARD, Kind.LOCATION, Kind.FORWARD})


def mute_tool(_: Life, copy: Copy) -> bool:
    """The tool leaves out every notice of the client."""
    copy.tool.drops |= NOTICES
    return True


def _dropping(life: Life, copy: Copy, kinds: frozenset[Kind]) -> bool:
    shown = life.copies[copy.side.other].tool
    if "kind" not in shown.columns and shown.style not in {"square", "lens"}:
        return False  # the other export does not tell words from other kinds, so that nobody could see what is left out
    gone = {row.event for row in life.copies[copy.side.other].rows if row.kind in kinds - NOTICES}
    lacked = {life.events[e].kind for e in gone}
    # A single kind left out is what a party that deletes a kind would show, too.
    if len(lacked - MONEY) < 2 or len(gone) < 3 or copy.tool.drops:
        return False
    copy.tool.drops = kinds
    return True


def hollow_tool(life: Life, copy: Copy) -> bool:
    """The tool writes some kinds as a bare placeholder."""
    copy.tool.hollow = frozenset(k for k in (*sorted(MONEY), Kind.FILE, Kind.LINK, Kind.CALL, Kind.LOCATION) if life.rng.random() < 0.6)  # fmt: skip
    return any(e.kind in copy.tool.hollow for e in life.events)


def blanket_tool(life: Life, copy: Copy) -> bool:
    """The tool writes one placeholder for everything that is no text, and no quotes."""
    copy.tool.blanket = life.rng.choice(("[非文本消息]", "[不支持的消息类型]", "[媒体消息]", "[未知消息]"))
    copy.tool.columns -= {"media_hash", "duration", "amount"}
    copy.tool.quote = "reply"
    return not copy.tool.drops


def partial_ids(life: Life, copy: Copy) -> bool:
    """Rows from before a migration have no server id on this device."""
    cut = life.rng.choice(life.events).at
    for row in copy.rows:
        row.server_id = "" if row.at < cut else row.server_id
    return copy.tool.ids != "none"


def sync_gap(life: Life, copy: Copy) -> bool:
    """The computer was not signed in for a while: what was said then is truly absent from its export."""
    both = life.shared()
    if len(both) < 20:
        return False
    start = life.rng.randrange(2, len(both) - 12)
    gone = both[start : start + life.rng.randint(3, 10)]
    copy.drop({e.number for e in gone}, Answer(Relation.ONE_SIDED, "sync gap"))
    return True


def cleaned_media(life: Life, copy: Copy) -> bool:
    """Files were cleared: the rows stand, their hashes are gone."""
    cut = life.rng.choice(life.events).at
    for row in copy.rows:
        row.media = "" if row.at < cut else row.media
    return any(e.media for e in life.events)


LOSSES: dict[str, Circumstance] = {
    "text-only tool": text_only_tool, "moneyless tool": moneyless_tool, "mute tool": mute_tool, "hollow tool": hollow_tool, "blanket tool": blanket_tool, "partial ids": partial_ids,
    "sync gap": sync_gap, "cleaned media": cleaned_media,
}  # fmt: skip
