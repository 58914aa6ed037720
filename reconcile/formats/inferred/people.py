"""Columns about people: sender, sender's name, direction, receiver and conversation."""

from typing import Protocol

import polars as pl

from reconcile.formats.inferred.fields import longest_of
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Choice, candidates
from reconcile.formats.inferred.rows import DIRECTIONS
from reconcile.intake.messages.naming import is_account

_ADDRESS = r"^(?:https?://|data:|/|[A-Za-z]:\\)|\.(?:jpe?g|png|gif|webp|mp4|amr|silk)$"
_YES_NO = r"(?i)^(?:true|false|yes|no|0|1|是|否)$"
_SIDES = {
    "right": "self",
    "self": "self",
    "mine": "self",
    "left": "peer",
    "other": "peer",
    "peer": "peer",
    "sent": "self",
    "received": "peer",
}
_MARGIN = 0.45
# Of so many messages some have another sender.
_MANY, _EVER_NEW = 6, 12


# Words of direction that mean nothing else, whatever their column is called.
_PLAIN_SIDES = frozenset(
    ["incoming", "outgoing", "received", "sent", "发送", "接收", "收到", "发出", "已发送", "已接收", "发件", "收件"]
)


class _Found(Protocol):
    choices: dict[str, Choice]
    doubts: dict[str, tuple[str, ...]]
    manners: dict[str, str]
    used: set[str]

    def choose(self, role: str, column: str, confidence: float, others: tuple[str, ...] = ()) -> None: ...


# Where Android's own store of SMS keeps what came in and what was sent; exporters copy its columns.
_SMS = frozenset({"address", "date", "type", "body"})
_BOXES = {"1": "peer", "2": "self", "4": "self", "5": "self", "6": "self"}


def choose_box(frame: pl.DataFrame, names: list[str], found: _Found) -> None:
    """Chooses the direction of SMS by the number of their box."""
    if {*names} >= _SMS and set(frame["type"].drop_nulls().unique().to_list()) <= _BOXES.keys():
        found.choose("direction", "type", 0.9)
        found.manners.update({f"direction:{k}": v for k, v in _BOXES.items()})


def choose_sides(frame: pl.DataFrame, names: list[str], found: _Found) -> None:
    """Chooses direction, conversation, receiver and sender, in this order.

    Adds a doubt where the sender's column cannot be told from another.
    """
    if "direction" not in found.choices:
        _choose_direction(frame, names, found)
    names = [n for n in names if n not in found.used]
    people = sorted(((_personal(frame, n), n) for n in names), key=lambda r: (-r[0], r[1]))
    people = [(s, n) for s, n in people if s > 0.4 and not _is_same_on_both_sides(frame, n, found)]
    _choose_places(frame, names, [n for s, n in people if s > 1.2], found)
    people = [(s, n) for s, n in people if n not in found.used]
    if people:
        _choose_sender(frame, people, found)
    elif "direction" not in found.choices:
        found.doubts["sender"] = ()


def _choose_direction(frame: pl.DataFrame, names: list[str], found: _Found) -> None:
    for name in sorted(names, key=lambda n: -hint(n, "direction")):
        held = frame[name].drop_nulls()
        words = [w.strip().lower() for w in held.unique().to_list()]
        told = hint(name, "direction")
        if held.len() < 0.5 * frame.height or not (1 if told >= 1 else 2) <= len(words) <= 3:
            continue
        if told <= 0 and not ({*words} <= _PLAIN_SIDES and len({DIRECTIONS[w] for w in words}) == 2):
            continue
        sides = {w: next((s for k, s in _SIDES.items() if k in w.split()), None) for w in words}
        if set(words) <= {*DIRECTIONS}:
            found.choose("direction", name, 0.9)
        elif len(words) == 2 and set(sides.values()) == {"self", "peer"}:
            found.choose("direction", name, 0.8)
            found.manners.update({f"direction:{w}": str(s) for w, s in sides.items()})
        else:
            continue
        return


def _personal(frame: pl.DataFrame, name: str) -> float:
    """How much a column looks like people: few short values that recur, filled in most rows, and its name."""
    held = frame[name].drop_nulls()
    distinct = held.n_unique()
    # What an element is made of names nobody.
    if name.endswith("@class"):
        return 0.0
    if held.len() < 0.4 * frame.height or float(held.str.contains(_YES_NO).mean()) > 0.9:  # type: ignore[arg-type]
        return 0.0
    told = hint(name, "sender")
    # What names the message, its kind or its time names nobody.
    if told <= 0 and max(hint(name, r) for r in ("id", "kind", "time")) > 0:
        told = -0.5
    # One value alone is a person only by name; a column of ever new values is none.
    if (distinct == 1 and told <= 0) or (distinct > max(6, 0.5 * held.len()) and told < 1):
        return 0.0
    # Not even its name makes people of values that never recur.
    if held.len() >= _EVER_NEW and distinct > 0.9 * held.len():
        return 0.0
    if longest_of(held) > 80 or float(held.str.contains(_ADDRESS).mean()) > 0.2:  # type: ignore[arg-type]
        return 0.0
    numbers = float(held.str.contains(r"^-?[0-9]{1,3}$|^[0-9]+\.[0-9]+$").mean())  # type: ignore[arg-type]
    changes = float((held != held.shift(1)).mean()) if held.len() > 1 else 0.0  # type: ignore[arg-type]
    return (
        0.6
        + 0.4 * held.len() / frame.height
        + 0.3 * min(changes * 2, 1)
        + told
        - 0.6 * numbers
        - 0.4 * (distinct == 1)
        - 0.8 * (distinct == 1 and name.startswith("^"))
    )


def _is_same_on_both_sides(frame: pl.DataFrame, name: str, found: _Found) -> bool:
    """Whether a column has one value in rows of both directions, and so names the chat, not the sender."""
    if "direction" not in found.choices:
        return False
    both = frame.select(pl.col(found.choices["direction"].column).alias("d"), pl.col(name).alias("n")).drop_nulls()
    return both["d"].n_unique() > 1 and both["n"].n_unique() == 1


def _choose_places(frame: pl.DataFrame, names: list[str], people: list[str], found: _Found) -> None:
    """The receiver, and the column that tells one conversation from another."""
    for name in names:
        held = frame[name].drop_nulls()
        if hint(name, "receiver") >= 1 and held.len() and longest_of(held) <= 80:
            found.choose("receiver", name, 0.85)
            break
    ranked = []
    for name in names:
        held = frame[name].drop_nulls()
        # A person's own word counts first, because `talker` is the sender in some forms and the peer in others.
        told = hint(name, "conversation")
        if name in found.used or told <= 0 or held.len() < 0.9 * frame.height:
            continue
        if hint(name, "sender") > 0 and (name in people and len(people) == 1):
            continue
        if held.n_unique() <= max(1, 0.2 * held.len()) and longest_of(held) <= 80:
            ranked.append((told - 0.1 * (held.n_unique() > 1) + 0.2 * ("id" in name.lower()), name))
    if ranked:
        ranked.sort(key=lambda r: (-r[0], r[1]))
        found.choose("conversation", ranked[0][1], 0.8, candidates(ranked[1:]))
        found.used.update(n for _, n in ranked)


def _choose_sender(frame: pl.DataFrame, people: list[tuple[float, str]], found: _Found) -> None:
    best = people[0]
    same = [n for _, n in people if n == best[1] or _facets(frame, best[1], n)]
    others = [(s, n) for s, n in people if n not in same]
    # A column that only varies with the sender (a colour, a side) adds nothing.
    found.used.update(same)
    same = [n for n in same if n == best[1] or hint(n, "sender") > 0]
    ident = max(same, key=lambda n: (_identity(frame, n), n == best[1]))
    shown = next((n for n in same if n != ident and _identity(frame, n) < 1), None)
    near = [n for s, n in others if s > best[0] - _MARGIN]
    found.choose("sender", ident, min(0.35 + best[0] / 4, 0.5 if near else 0.98), candidates(others))
    if shown is not None:
        found.choose("sender_name", shown, 0.85)
    if near:
        found.doubts["sender"] = (ident, *near[:3])
    elif _is_one_person(frame, ident) and "direction" not in found.choices:
        # One name in every row is far more often the chat's than its only speaker's.
        found.doubts["sender"] = (ident,)


def _is_one_person(frame: pl.DataFrame, name: str) -> bool:
    held = frame[name].drop_nulls()
    return held.len() == frame.height >= _MANY and held.n_unique() == 1


def _identity(frame: pl.DataFrame, name: str) -> float:
    """1 where a column's values look like accounts or ids, else 0, and half a point for its name."""
    values = frame[name].drop_nulls().unique().to_list()
    ids = sum((is_account(v) and not v.isalpha()) or v.lstrip("@+").isdigit() for v in values) / max(len(values), 1)
    named = any(w in name.lower() for w in ("id", "uin", "account", "username", "wxid", "账号", "微信号"))
    return float(ids >= 0.5 or named)


def _facets(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether two columns describe the same people: their values nearly always occur in the same pairs."""
    both = frame.select(pl.col(one).alias("a"), pl.col(other).alias("b")).drop_nulls()
    if both.height < 2 or both["a"].n_unique() < 2:
        # Of one person alone the names tell, where both fields stand in the same rows.
        same = (frame[one].is_null() == frame[other].is_null()).mean()
        return hint(other, "sender") >= 1 and hint(one, "sender") >= 1 and both.height > 0 and float(same) > 0.9  # type: ignore[arg-type]
    # The same people in both, and not row by row: who sent and who received.
    if bool(both["a"].is_in(both["b"].unique().implode()).any()) and float((both["a"] == both["b"]).mean()) < 0.9:  # type: ignore[arg-type]
        return False
    pairs = both.group_by("a", "b").len()
    top = pairs.group_by("a").agg(pl.col("len").max())["len"].sum()
    back = pairs.group_by("b").agg(pl.col("len").max())["len"].sum()
    return min(top, back) >= 0.95 * both.height
