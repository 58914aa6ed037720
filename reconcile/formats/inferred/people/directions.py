"""Columns that tell who sent by a direction: sent or received, yes or no, the number of a box."""

import re
from dataclasses import replace

import polars as pl

from reconcile.column_ops import all_contain, distinct, kept_for_few, present
from reconcile.formats.inferred.direction_words import DIRECTIONS, PEER_WORDS, SELF_WORDS, STATUSES
from reconcile.formats.inferred.fields import ELEMENT, Fields
from reconcile.formats.inferred.hints import hint, parts_of, words_of
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.people.receivers import is_notice
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import kind_from_text

YES_NO = r"(?i)^(?:true|false|yes|no|0|1|是|否)$"
_WORDS = lazy_pattern(r"[^\W_]+")
# Names of columns that say by yes or no whether the other party sent the message.
_PEER_QUESTIONS = frozenset(
    ["incoming", "inbound", "received", "isincoming", "isinbound", "isreceived", "peer", "frompeer"]
)
_PEER_CHARACTERS = ("接收", "收到", "对方")
# Services by which messages go, which are neither people nor chats.
SERVICES = frozenset(["sms", "mms", "rcs", "imessage", "facetime", "whatsapp", "telegram", "wechat", "signal", "line"])
# Most codes of sides, the client among them, and the least share of the rows whose sender has both of two.
_CODES, _BOTH, _HALF = 3, 2, 0.5
# Most different sets of classes that tell sides and kinds.
_MOST_CLASSES = 40
# Least share of rows behind one of the other side, where nothing else tells people apart.
_TURNS = 0.2
# Words that always mean a direction, whatever their column is called.
_PLAIN_SIDES = frozenset([
    "in", "out", "incoming", "outgoing", "received", "sent", "send", "recv", "receive", "deliver", "submit", "inbox", "outbox", "sendbox", "sentbox", "发送", "接收", "收到", "发出", "已发送", "已接收", "发件",
    "收件", "발신", "수신", "송신", "送信", "受信", "исходящее", "входящее",
])  # fmt: skip
# Words in the name of a column of telephone numbers, and of the box of a message; a number.
_NUMBER_WORDS = frozenset(["tel", "telephone", "phone", "mobile", "msisdn", "number", "address"])
_BOX_WORDS = frozenset(["box", "folder", "folderid"])
_NUMBER, _LONG_NUMBER = r"^\+?[0-9][0-9 ()-]{2,18}$", r"^\+?[0-9]{7,15}$"
# The column of the message box in Android's store of SMS and MMS, with its other columns, which exporters copy.
_BOX_OF = {"type": {"address", "date", "type", "body"}, "msg_box": {"address", "date", "msg_box", "m_type"}}
_PEER_NAMES, _SENDER, _STATE = ("contact_name", "__display_name"), "sender name", "state of sending"
_SECONDS, _NOBODY = 10, "(Unknown)"
# Whom the list of addresses of MMS calls its sender.
_FROM = r'\{[^{}]*"address":"([^"]+)"[^{}]*"type":"137"'
_BOXES = {"1": "peer", "2": "self", "3": "self", "4": "self", "5": "self", "6": "self"}
_STATES = {"1": "received", "2": "sent", "3": "draft", "4": "sending", "5": "failed", "6": "queued"}


def with_boxes(fields: Fields) -> Fields:
    """SMS and MMS rows with one column for the box, and columns for the state and the incoming sender.

    The store names the other party beside own messages, too. Fields of other stores stay unchanged.
    """
    frame, (one, other) = fields.frame, _BOX_OF
    if {one, other, *_BOX_OF[one]} <= {*fields.names} and not (
        frame[one].is_not_null() & frame[other].is_not_null()
    ).any():
        frame = frame.with_columns(pl.coalesce(one, other).alias(one)).drop(other)
    if not (box := _box_of(frame)):
        return fields
    spelled = _spelled(frame)
    address, date = spelled["address"], spelled["date"]
    # The store counts seconds for MMS and milliseconds for SMS, and may name the other party in its thread alone.
    dates, is_short = pl.col(date), pl.col(date).str.len_chars() == _SECONDS
    frame = frame.with_columns(pl.when(is_short & ~is_short.all()).then(dates + "000").otherwise(dates).alias(date))
    frame = frame.with_columns(pl.col(box).replace_strict(_STATES, default=None, return_dtype=pl.String).alias(_STATE))
    if "thread_id" in frame.columns:
        peer = pl.col(address)
        frame = frame.with_columns(peer.fill_null(peer.drop_nulls().first().over("thread_id")))
    named = next((c for c in _PEER_NAMES if c in frame.columns), None)
    if named is None or _SENDER in frame.columns:
        return replace(fields, frame=frame)
    came_in = pl.col(box).replace_strict(_BOXES, default=None, return_dtype=pl.String) == "peer"
    return replace(fields, frame=frame.with_columns(pl.when(came_in).then(_peers(frame, named)).alias(_SENDER)))


def _peers(frame: pl.DataFrame, named: str) -> pl.Expr:
    """Who sent each message that came in: the name, or the number if unknown or in a group."""
    inner = next((c for c in frame.columns if c.endswith("addr") and frame[c].dtype == pl.String), None)
    told = pl.col(inner).str.extract(_FROM, 1) if inner else pl.lit(None, pl.String)
    number = pl.col(_spelled(frame)["address"])
    known = pl.col(named).replace(_NOBODY, None)
    known = known.fill_null(known.drop_nulls().first().over(number)).fill_null(number)
    return pl.when(number.str.contains("~", literal=True)).then(told).otherwise(known)


def _spelled(frame: pl.DataFrame) -> dict[str, str]:
    """The columns of a frame by their names in small letters, as the store writes them."""
    return {c.lower(): c for c in frame.columns}


def _box_of(frame: pl.DataFrame) -> str:
    """The column of the number of the box; '' where the rows are of no such store."""
    spelled = _spelled(frame)
    box = next((spelled[b] for b, columns in _BOX_OF.items() if {*spelled} >= columns), "")
    return box if box and set(frame[box].drop_nulls().unique().to_list()) <= _BOXES.keys() else ""


def choose_box(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Chooses direction, chat and sender of SMS by the number of their box.

    Under other names than the store's, the boxes 1 and 2 are asked for unless services, which only write, show them.
    """
    if box := _box_of(frame.select(names)):
        found.choose("direction", box, 0.9)
        found.choose("conversation", _spelled(frame)["address"], 0.9)
        for role, column in (("sender", _SENDER), ("status", _STATE)):
            if column in names:
                found.choose(role, column, 0.9)
    elif (pair := _box_and_number(frame, names, found)) is not None:
        box, number = pair
        found.choose("direction", box, 0.8)
        found.choose("conversation", number, 0.8)
        alone = frame.select(box, number).drop_nulls().unique().filter(pl.len().over(number) == 1)[box].unique()
        if alone.to_list() != ["1"]:
            found.doubts["direction:1"] = ("peer", "self")
    else:
        return
    found.manners.update({f"direction:{k}": v for k, v in _BOXES.items()})


def _box_and_number(frame: pl.DataFrame, names: list[str], found: Found) -> tuple[str, str] | None:
    """A column of the codes 1 and 2 under which the same telephone numbers stand beside ordinary words.

    A kind would part words from pictures, and a sender be called one. None without both columns.
    """
    if "text" not in found.choices:
        return None
    numbers = [n for n in names if is_of_numbers(n) and all_contain(frame[n].drop_nulls(), _NUMBER)]
    # Without headings the values alone tell.
    numbers = numbers or [n for n in names if n.startswith("#") and all_contain(frame[n], _LONG_NUMBER)]
    boxes = [n for n in names if max(hint(n, "kind"), hint(n, "direction")) > 0 or words_of(n) & _BOX_WORDS]
    boxes = boxes or [n for n in names if n.startswith("#")]
    boxes = [n for n in boxes if {"1", "2"} <= {*distinct(frame[n])} <= _BOXES.keys()]
    if len(numbers) != 1 or len(boxes) != 1:
        return None
    text = pl.col(found.choices["text"].column)
    if not frame.select((text.is_not_null() & kind_from_text(text).is_null()).all()).item():
        return None
    is_of_both = pl.col(boxes[0]).n_unique().over(numbers[0]) > 1
    return (boxes[0], numbers[0]) if frame.select(is_of_both.any()).item() else None


def is_of_numbers(name: str) -> bool:
    """Whether a column is called after telephone numbers, and not after who sent."""
    is_called = bool(words_of(name) & _NUMBER_WORDS) or any(w in name for w in ("号码", "电话", "手机号"))
    return is_called and hint(name, "sender") <= 0


def choose_direction(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Choose the column whose few words say who sent, and the meaning of words that are not known."""
    for name in sorted(names, key=lambda n: -hint(n, "direction")):
        held = present(frame[name])
        if held.len() < 0.5 * frame.height or held.n_unique() > _MOST_CLASSES:
            continue
        words, told = [w.strip().lower() for w in distinct(held)], hint(name, "direction")
        if name.endswith("@class") and (classes := _sides_of_classes(words)):
            found.choose("direction", name, 0.8)
            found.manners.update({f"direction:{w}": s for w, s in classes.items()})
            return
        if len(words) > 2 * _CODES:
            continue
        if len({*(states := _sides_of_states(words)).values()}) == _BOTH and not {*words} <= {*DIRECTIONS}:
            found.choose("direction", name, 0.9)
            found.manners.update({f"direction:{w}": s for w, s in states.items()})
            return
        said = {w for w in words if not is_notice(w)}
        if not (1 if told >= 1 else 2) <= len(said) <= _CODES:
            continue
        are_sides = said <= _PLAIN_SIDES and len({DIRECTIONS[w] for w in said}) == 2
        if told <= 0 and not name.endswith(("@class", ELEMENT)) and not are_sides:
            continue
        sides = _sides_of(words)
        if _asks_for_the_peer(name) and all(re.match(YES_NO, w) for w in words):
            # Yes means that the other party sent it.
            found.choose("direction", name, 0.9)
            found.manners.update({f"direction:{w}": "peer" if DIRECTIONS[w] else "self" for w in words})
        elif said <= {*DIRECTIONS}:
            found.choose("direction", name, 0.9)
        elif sorted(s for s in sides.values() if s) == ["peer", "self"] and all(
            sides[w] or is_notice(w) for w in words
        ):
            found.choose("direction", name, 0.8)
            found.manners.update({f"direction:{w}": s for w, s in sides.items() if s})
        else:
            continue
        return


def _sides_of_states(words: list[str]) -> dict[str, str]:
    """Self or peer for each cell such as `SENT,READ`; {} unless one of its states tells the side."""
    states = {w: {*_WORDS.findall(w)} for w in words}
    sides = {w: {DIRECTIONS[s] for s in held & _PLAIN_SIDES} for w, held in states.items()}
    is_told = all(held <= {*DIRECTIONS, *STATUSES} and len(sides[w]) == 1 for w, held in states.items())
    return {w: "self" if True in told else "peer" for w, told in sides.items()} if is_told else {}


def _sides_of_classes(words: list[str]) -> dict[str, str]:
    """The side (self or peer) that each set of classes names, such as `message mine text`.

    {} if a set names no side. Each side has one class. Other classes may name kinds.
    """
    classes = {w: {*w.split()} & (SELF_WORDS | PEER_WORDS) for w in words if not is_notice(w)}
    told = set[str]().union(*classes.values())
    is_clear = len(told) == _BOTH and told & SELF_WORDS and told & PEER_WORDS
    if not is_clear or any(len(of_one) != 1 for of_one in classes.values()):
        return {}
    return {w: "self" if of_one <= SELF_WORDS else "peer" for w, of_one in classes.items()}


def _asks_for_the_peer(name: str) -> bool:
    """Whether a name such as `IsIncoming` asks whether the other party sent the message."""
    last = parts_of(name)[-1:]
    return any({*words} & _PEER_QUESTIONS or any(q in w for w in words for q in _PEER_CHARACTERS) for words in last)


def _sides_of(words: list[str]) -> dict[str, str | None]:
    """Self or peer for each word, by the words inside it; null where these do not tell.

    Where one of two is known, the other is the other side, if it has no word of its own or one in place of that side's.
    """
    inside = {w: {*_WORDS.findall(w)} for w in words}
    sides = {
        w: "self" if has & SELF_WORDS and not has & PEER_WORDS else "peer" if has & PEER_WORDS else None
        for w, has in inside.items()
    }
    people = [w for w in words if not is_notice(w)]
    if len(people) == 2 and None in (known := [sides[w] for w in people]) and any(known):
        one, other = people if known[0] else people[::-1]
        is_less = inside[other] < inside[one] and sides[one] == "self"
        if is_less or (len(inside[other] - inside[one]) == 1 == len(inside[one] - inside[other])):
            sides[other] = "peer" if sides[one] == "self" else "self"
    return sides


@kept_for_few
def are_signs(cells: pl.Series, signs: str = r"[\p{S}\p{P}]{1,3}") -> bool:
    """Whether two or three values are signs such as arrows, which tell a side and name nobody."""
    held = present(cells).unique()
    return 1 < held.len() <= _CODES and bool(held.str.contains(f"^(?:{signs})$").all())


def speak_on_both_sides(frame: pl.DataFrame, name: str | None, found: Found) -> bool:
    """Whether the kinds are two codes of plain words, each in the rows of most senders, or of all.

    As people do who answer each other, the codes take turns.
    """
    if "kind" not in found.choices or len(plain := _codes_of_words(found)) != 2:
        return False
    codes = pl.col(found.choices["kind"].column)
    said = frame.filter(codes.is_in(plain))
    several = codes.n_unique() > 1
    both = said.select(
        (several.over(name) if name else several & ((codes != codes.shift(1)).mean() > _TURNS)).alias("b")
    )
    return float(both["b"].mean() or 0) > _HALF  # type: ignore[arg-type]


def ask_what_codes_say(found: Found) -> None:
    """Chooses the column of kinds as the direction too, and asks what its two codes of plain words say."""
    one, other = _codes_of_words(found)
    found.choose("direction", found.choices["kind"].column, 0.5)
    found.doubts |= {f"direction:{one}": ("peer", "self"), f"direction:{other}": ("self", "peer")}


def _codes_of_words(found: Found) -> list[str]:
    """The codes of the column of kinds that stand beside plain words."""
    return sorted(k.removeprefix("kind:") for k, v in found.manners.items() if k.startswith("kind:") and v == Kind.TEXT)
