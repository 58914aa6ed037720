"""Columns of a frame that name the receiver or tell one conversation from another."""

import polars as pl

from reconcile.column_ops import longest_of, present
from reconcile.formats.inferred.fields import LIST_NAME, TITLE
from reconcile.formats.inferred.hints import hint, names_a_party, words_of
from reconcile.formats.inferred.mapping import Found, candidates
from reconcile.formats.inferred.people.directions import is_of_numbers
from reconcile.formats.inferred.people.evidence import Evidence
from reconcile.formats.inferred.people.same_people import are_roles, describe_same_people
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.owner_words import OWN_NAMES, PEER_WORDS

# An id of nothing, as programs write it.
_NO_ID = r"^(?:-1|[0-]*)$"
# Largest share of different names above the rows, and longest name.
_LISTS, _LONGEST = 0.5, 80
_DATED = r"[0-9]{4}[-/.年][0-9]{1,2}|[0-9]{1,2}:[0-9]{2}"
# A name of two words, or a telephone number.
_CALLED = r"^(?:\p{Lu}[\p{L}.'-]*(?: \p{Lu}[\p{L}.'-]*)+|\+?[0-9][0-9 ()-]{5,}[0-9])$"
# Least share of the rows that name a chat; words for places of several people, and the least share that names one.
_AS_FULL = 0.9
_ROOMS, _SOME = (
    frozenset(["room", "roomid", "chatroom", "channel", "thread", "group", "groupid", "群", "群名", "群聊"]),
    0.2,
)
# Largest share of different values among those of a column of chats, and of one that is called so by a word of its own.
_MOST_CHATS, _MOST_NAMED = 0.2, 0.7
# Words of ids in the name of a column, and of ids that are not those of a matter.
_IDS = frozenset(["id", "no", "nr", "num", "number", "ref", "key", "code", "uuid", "guid"])
_IDS_OF_CHINESE = ("编号", "单号", "案号", "号码", "ID", "id")
_NO_MATTERS = frozenset(["message", "msg", "reply", "parent", "device", "file", "media", "type", "kind", "status", "state", "version", "template", "event"])  # fmt: skip
# Largest number of runs of rows for each id of rows that stand together.
_APART = 1.5
_OTHER_ROLES = ("sender", "receiver", "id", "local_id", "kind", "reply_to", "media_hash", "amount", "status", "time")
# Least share of rows without a sender that are one person's.
UNNAMED = 0.2
# Up to this number of messages are few.
_MANY = 6
# Words for the other party of a chat.
_PEERS = frozenset(
    ["addr", "contact", "with", "partner", "counterpart", "friend", "buddy", "customer", "client", "相手"]
)
# Ways by which messages come, as lists of tickets state them under the word for a channel.
_WORDS_OF_WAYS = (
    "email e-mail mail web website webform form chat livechat im api sms text phone telephone voice call fax app mobile widget portal whatsapp facebook messenger instagram "
    "twitter telegram line wechat weixin messaging 邮件 电子邮件 网页 网站 在线 电话 短信 微信 公众号 小程序 企业微信 微博 抖音 淘宝 天猫 京东 拼多多 表单 客户端"
)
_WAYS = frozenset(_WORDS_OF_WAYS.split())
# What several people may be called, the id of a session, and two people.
_ANYBODY = [
    *_PEERS, *map(str.lower, (*OWN_NAMES, *PEER_WORDS)), "user", "visitor", "guest", "客户", "用户", "访客", "买家", "顾客",
]  # fmt: skip
_SESSION, _TWO = r"^[\w-]*[0-9]{4}[\w-]*$", 2
_CHINESE_PEERS = ("对方", "對方", "联系人", "聯絡人", "好友", "客户", "客戶")


def choose_places(frame: pl.DataFrame, columns: list[Evidence], people: list[str], found: Found) -> None:
    """The receiver, and the column that tells one conversation from another."""
    short = [e for e in columns if e.held and e.is_short]
    if receiver := next((e.name for e in short if hint(e.name, "receiver") >= 1), None):
        found.choose("receiver", receiver, 0.85)
    ranked = []
    for e in short:
        # A person's own word counts first, because `talker` is the sender in some forms and the peer in others.
        told = hint(e.name, "conversation")
        # A room is stated for its own messages alone, beside direct ones.
        is_room = told >= 1 and bool(words_of(e.name) & _ROOMS)
        least, most = _SOME if is_room else _AS_FULL, _MOST_NAMED if told >= 1 else _MOST_CHATS
        if e.name in found.used or told <= 0 or e.filled < least or e.is_of_sides:
            continue
        if hint(e.name, "sender") > 0 and people == [e.name]:
            continue
        if present(frame[e.name]).str.to_lowercase().is_in([*_WAYS]).all():
            found.used.add(e.name)
            continue
        if not is_room and _are_sessions(frame, e.name, people, found):
            found.used.add(e.name)
            continue
        # Of a few messages, a room that recurs once is one.
        few = e.held - 1 if is_room and e.held <= _MANY else 1
        if e.distinct <= max(few, most * e.held):
            ranked.append((told - 0.1 * (not e.is_one) + 0.2 * ("id" in e.name.lower()), e.name))
    if ranked and "conversation" not in found.choices:
        ranked.sort(key=lambda r: (-r[0], r[1]))
        best = ranked[0][1]
        # People of whom several write under one chat are no further names of chats.
        found.choose("conversation", best, 0.8, candidates(ranked[1:]))
        found.used.update(n for _, n in ranked if hint(n, "sender") <= 0 or not _are_members(frame, n, best))


def _are_members(frame: pl.DataFrame, name: str, chat: str) -> bool:
    """Whether several values of a column stand under one value of a column of chats."""
    return name != chat and bool(frame.select((pl.col(name).drop_nulls().n_unique().over(chat) > 1).any()).item())


def _are_sessions(frame: pl.DataFrame, name: str, people: list[str], found: Found) -> bool:
    """Whether ids part one chat of two named people into sessions that follow each other."""
    called = [present(frame[n]) for n in people if n != name and hint(n, "kind") <= 0]
    if not called or any(c.n_unique() != _TWO or c.unique().str.to_lowercase().is_in(_ANYBODY).any() for c in called):
        return False
    ids = present(frame[name]).unique()
    return ids.len() > _TWO and bool(ids.str.contains(_SESSION).all()) and _follow_each_other(frame, name, found)


def choose_only_peer(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Chooses the other party's name, if it stands in all rows beside a direction, as the conversation."""
    if "direction" not in found.choices or "conversation" in found.choices:
        return
    free = (n for n in names if n not in found.used)
    told = (n for n in free if words_of(n) & _PEERS or any(w in n for w in _CHINESE_PEERS) or is_of_numbers(n))
    called = (*told, *(n for n in names if n.startswith("#") and frame[n].str.contains(_CALLED).all()))
    one = next((n for n in called if not frame[n].null_count() and frame[n].n_unique() == 1), None)
    if one is not None and longest_of(frame[one]) <= _LONGEST:
        found.choose("conversation", one, 0.8)
        if one.startswith("#"):
            # Without a heading it may be the owner's.
            found.doubts["conversation"] = (one,)


def choose_list(frame: pl.DataFrame, found: Found) -> None:
    """Chooses the name above each of several lists of rows, or its key, as the conversation."""
    if "conversation" in found.choices or "sender" in found.doubts:
        return
    ranked = []
    for name in frame.columns:
        held = present(frame[name])
        if (
            not name.startswith("^")
            or name == TITLE
            or held.len() < frame.height
            or not 1 < held.n_unique() <= _LISTS * held.len()
        ):
            continue
        if (
            held.str.contains(_DATED).any()
            or longest_of(held) > _LONGEST
            or describe_same_people(frame, found.choices["sender"].column, name)
        ):
            continue
        if _same_people(frame, found.choices["sender"].column, name) and (
            name == LIST_NAME or _follow_each_other(frame, name, found)
        ):
            continue
        told = max(hint(name, "conversation"), hint(name, "sender"), float(name in ("^key", LIST_NAME)))
        if told > 0:
            ranked.append((-told, name != "^key", name))
    if ranked:
        found.choose("conversation", min(ranked)[2], 0.7, tuple(n for *_, n in sorted(ranked)[1:]))


def choose_matter(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Chooses a column of ids of a matter, such as a booking or a case, as the conversation.

    Under most of its ids several people talk, and under none of them everybody does. Where senders are called by their
    roles alone, the rows of an id stand together.
    """
    if "conversation" in found.choices or "sender" not in found.choices:
        return
    sender = found.choices["sender"].column
    # Who has no name in many rows speaks as well.
    are_many = frame[sender].null_count() >= UNNAMED * frame.height
    speakers = frame[sender].fill_null("") if are_many else frame[sender]
    for name in names:
        words = words_of(name)
        is_id = bool(words & _IDS) or any(name.endswith(w) for w in _IDS_OF_CHINESE)
        if name in found.used or not is_id or words & _NO_MATTERS or any(hint(name, r) >= 1 for r in _OTHER_ROLES):
            continue
        if names_a_party(name):
            continue
        held = present(frame[name])
        held = held.filter(~held.str.contains(_NO_ID))
        if held.len() < _AS_FULL * frame.height or not 1 < held.n_unique() <= _LISTS * held.len():
            continue
        people = pl.DataFrame({"matter": frame[name], "sender": speakers}).drop_nulls().unique()
        counts = people.group_by("matter").len()["len"]
        if 2 * int((counts > 1).sum()) < counts.len() or describe_same_people(
            pl.DataFrame({sender: speakers, name: frame[name]}), sender, name
        ):
            continue
        stand_together = held.rle().len() <= _APART * counts.len()
        if (counts < people["sender"].n_unique()).all() or (stand_together and are_roles(people["sender"])):
            found.choose("conversation", name, 0.7)
            return


def _follow_each_other(frame: pl.DataFrame, name: str, found: Found) -> bool:
    """Whether each list ends before the next begins, as the parts of one chat do."""
    if "time" not in found.choices:
        return False
    raw = frame[found.choices["time"].column]
    seconds = raw.cast(pl.Float64, strict=False)
    if seconds.null_count() > raw.null_count():
        seconds = parse_time_column(raw, ASSUMED_ZONE)["sent_at"].dt.epoch("ms").cast(pl.Float64)
    ends = (
        pl.DataFrame({"list": frame[name], "at": seconds})
        .group_by("list")
        .agg(first=pl.col("at").min(), last=pl.col("at").max())
    )
    ends = ends.drop_nulls().sort("first", "last")
    return ends.height > 1 and bool((ends["first"].shift(-1) >= ends["last"]).drop_nulls().all())


def _same_people(frame: pl.DataFrame, sender: str, name: str) -> bool:
    """Whether the same people write under each value of a column, which names none of them."""
    people = frame.select(name, sender).drop_nulls().unique()
    counts = people.group_by(name).len()["len"]
    everybody = people[sender].n_unique()
    return bool((counts == everybody).all()) and not {*people[sender]} & {*OWN_NAMES, *PEER_WORDS, *people[name]}
