"""Tables that readers need beside messages, and similar names that a damaged byte may produce."""

import re
from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

# From wechat-databases and wechat-moments; every digit is written as 0.
_SIDE_TABLES = (
    "appmessage", "chatname0id", "chat_room", "chatroom", "chatroom_member", "chatroominfo", "commentv00", "contact", "deletedconversationinfo", "deleteinfo",
    "deleteresinfo", "friend", "fts0indexmessage_content", "fts0metamessage", "fts_username_id", "ftschatmsg0_content", "ftschatmsg0_metadata", "ftsrange",
    "groupcontact", "img_flag", "media", "messageresourceinfo", "message_fts_v0_0", "message_fts_v0_0_content", "message_fts_v0_range", "msgfilesegment", "msgmedia",
    "msgquote", "name0id", "nametoid", "openimcontact", "rcontact", "remittancerecord", "rconversation", "redenvelopetable", "revokemessage", "revokemsgtable", "sendername0id",
    "session", "sessionabstract", "sessiondeletetable", "sessiontable", "transfertable", "userinfo", "voiceinfo", "walletluckymoney", "wccontact",
)  # fmt: skip
# Shorter names resemble each other too much.
_LEAST_NAME = 6


def is_almost(name: str, asked: str) -> bool:
    """Whether a name differs from the one asked for by one or two letters; short names never do."""
    return len(asked) >= _LEAST_NAME and 0 < Levenshtein.distance(name, asked, score_cutoff=2) <= 2


def shape_of(name: str) -> str:
    """A name with 0 for each number, which the parts of one store share."""
    return re.sub(r"\d+", "0", name)


def almost_side_tables(tables: Iterable[str]) -> list[str]:
    """Those of a store's tables that are called almost as a side table which is not there, in order."""
    named = {t: shape_of(t.lower()) for t in tables}
    wanting = [s for s in _SIDE_TABLES if s not in named.values()]
    others = {t: n for t, n in named.items() if n not in _SIDE_TABLES}
    return sorted(t for t, n in others.items() if any(is_almost(n, s) for s in wanting))
