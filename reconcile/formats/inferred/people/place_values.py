"""What the values of one place in lines of one layout say: a side, a name, an account, or both."""

import re
from itertools import pairwise, takewhile

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.direction_words import DIRECTIONS
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.named_accounts import PHONE
from reconcile.formats.inferred.people.same_people import LEVELS as _WORDS
from reconcile.patterns import lazy_pattern

ACCOUNT = rf"^(?:[A-Za-z0-9_@.+-]*[0-9_@][A-Za-z0-9_@.+-]*|{PHONE})$"
LEVEL = f"(?i:{'|'.join(sorted(_WORDS, reverse=True))})"
LEVELS = rf"^\W*{LEVEL}\W*$|[/\s]{LEVEL}$"
# Words that join a name to what stands behind it, and to what stands before it.
_JOINT = (
    r"(?i)\s+(?:[(\[][a-z]+:|in|at|to|from|via|@|在|于|来自|的消息|说道?|发来|said|says|sent|wrote)(?:\s.*)?$|^的消息$"
)
SPEAKS = r"(?i)^\W*(?:的消息|说道?|发来|said|says|sent|wrote)\W*$"
_JOINED = r"(?i)^(?:内|里|中|来自|由|from|by)\s+"
_SIDES = {
    **{w: "out" if is_own else "in" for w, is_own in DIRECTIONS.items() if not w.isdigit()},
    **dict.fromkeys(("->", ">>", "→", "=>", "snd", "tx"), "out"), **dict.fromkeys(("<-", "<<", "←", "<=", "rx"), "in"),
}  # fmt: skip
# Verbs and arrows that begin a place and say which way the message went.
_WAYS = {
    **dict.fromkeys(
        ["发送", "发出", "发给", "给", "sent", "send", "outgoing", "to", "->", "-->", "=>", "==>", "→", "⇒"], "out"
    ),
    **dict.fromkeys(
        ["收到", "接收", "来自", "received", "receive", "recv", "incoming", "from", "<-", "<--", "<=", "<==", "←", "⇐"],
        "in",
    ),
}
# Such a verb, the words that join it to a name, and an arrow behind it.
_BEGIN = lazy_pattern(
    rf"\s*({'|'.join(sorted(map(re.escape, _WAYS), key=len, reverse=True))})(?![A-Za-z])(?:了?(?:消息|短信|信息)?(?:给|到|自|来自)?)\s*(?:[-=]+>|<[-=]+|→|←)?\s*",
    re.IGNORECASE,
)
# A word of a form that goes with a name, such as the class of a box.
_CLASS = r"^(?:[a-z][a-z-]*|[A-Z][A-Z-]*)$"
_MARKS, _HEADING = lazy_pattern(r"\s*[^\w\s]+\s+(?=\S)"), lazy_pattern(r"\s*#+\s+")
# Most different values of a place that are looked at.
_MOST = 1_000


def telling_places(places: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The places without levels, mere numbers and unnamed constants; arrows as directions."""
    kept: dict[str, pl.Series] = {}
    for name, values in _with_accounts(dict(one for p in places.items() for one in _parts_of(*p))).items():
        held = values.drop_nulls()
        if held.is_empty() or held.str.contains(LEVELS).all():
            continue
        if held.str.to_lowercase().is_in([*_SIDES]).all():
            if held.n_unique() > 1:
                kept["direction"] = values.str.to_lowercase().replace_strict(
                    _SIDES, default=None, return_dtype=pl.String
                )
        elif not name.startswith(("<", ">")) or held.str.replace_all("[0-9]+", "0").n_unique() > 1:
            kept[name] = values
    return kept


def tells_way(values: pl.Series) -> bool:
    """Whether verbs or arrows that begin the values of a place say which way each message went."""
    return {*_ways(_distinct(values)).values()} == {"in", "out"}


def that_tell_ways(others: pl.Series, texts: pl.Series, least: int) -> pl.Series:
    """Those of `others` with a word for a direction that occurs in at least `least` of the texts."""
    keys = {*_SIDES, *_WAYS}
    words = {w for k in keys if len(k) > 1 for w in (k, k.capitalize(), k.upper())}
    spelled = [rf"(?-u:\b){re.escape(w)}(?-u:\b)" if w.isascii() else w for w in sorted(words)]
    held = [w for w in spelled if int(texts.str.contains(w).sum()) >= least]
    return others.filter(others.str.contains("|".join(held))) if held else others.clear()


def _distinct(values: pl.Series) -> list[str]:
    """The different values of a place; none where there are too many."""
    found = present(values.str.strip_chars().replace("", None)).unique()
    return found.to_list() if found.len() <= _MOST else []


def _ways(distinct: list[str]) -> dict[str, str]:
    """Which way a message of each value went by the verb or arrow that begins it; "" without one."""
    return {v: _WAYS[m[1].lower()] if (m := _BEGIN.match(v)) else "" for v in distinct}


def _parts_of(name: str, values: pl.Series) -> list[tuple[str, pl.Series]]:
    """A place without marks; where verbs or arrows say which way each message went, that and the rest."""
    values, distinct = values.str.strip_chars().replace("", None), _distinct(values)
    ways = _ways(distinct)
    if {*ways.values()} != {"in", "out"}:
        return [(name, _replaced(values, _without_marks(distinct)))]
    told, rest = ("direction", _replaced(values, ways)), {v: v[m.end() :] for v in distinct if (m := _BEGIN.match(v))}
    bare = _without_marks([*{*rest.values()}])
    return [told] if name == "direction" else [told, (name, _replaced(values, {v: bare[r] for v, r in rest.items()}))]


def _replaced(values: pl.Series, told: dict[str, str]) -> pl.Series:
    """The values with others in their place; null for none."""
    changed = {v: t or None for v, t in told.items() if v != t}
    return values.replace(changed) if changed else values


def _without_marks(distinct: list[str]) -> dict[str, str]:
    """Each value without marks before it; those of headings alone may make two of them one."""
    bare = {v: v[m.end() :] if (m := _MARKS.match(v)) else v for v in distinct}
    if len({*bare.values()}) < len(distinct):
        bare = {v: v[m.end() :] if (m := _HEADING.match(v)) else v for v in distinct}
    return bare


def _with_accounts(places: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """The places with the names of account and person, where one pair of them tells the same people."""
    unnamed = [n for n in places if n.startswith(("<", ">")) or hint(n, "sender") >= 1]
    pairs = [(a, b) for a, b in pairwise(unnamed) if are_of_the_same(places[a], places[b])]
    if len(pairs) != 1:
        return places
    one, other = pairs[0]
    classes = [n for n in (one, other) if all_contain(present(places[n]), _CLASS)]
    if len(classes) == 1:
        return {n: c for n, c in places.items() if n != classes[0]}
    is_first = all_contain(places[one].drop_nulls().unique(), ACCOUNT)
    account, person = (one, other) if is_first else (other, one)
    if not all_contain(places[account].drop_nulls(), ACCOUNT):
        return places
    names = {account: "sender id", person: "sender name"}
    return {names.get(n, n): c for n, c in places.items()}


def are_of_the_same(one: pl.Series, other: pl.Series) -> bool:
    """Whether the values of two places belong together one to one, as accounts and names do."""
    pairs = pl.DataFrame({"one": one, "other": other}).drop_nulls().unique()
    return pairs.height > 1 and pairs["one"].n_unique() == pairs["other"].n_unique() == pairs.height


def without_joint(values: pl.Series) -> pl.Series:
    """The values without the words that join all of several different ones to a place: `Anna in team`."""
    some = present(values).unique().to_list()
    shared = common_text([v[::-1] for v in some])[::-1] if len(some) > 1 else ""
    joint = re.search(_JOINT, shared)
    values = values if joint is None else values.str.strip_suffix(joint[0]).str.strip_chars()
    named = present(values.replace("", None))
    return values.str.replace(_JOINED, "") if named.len() and all_contain(named, _JOINED) else values


def common_text(texts: list[str]) -> str:
    """The beginning that all texts share."""
    return "".join(c[0] for c in takewhile(lambda c: len({*c}) == 1, zip(*texts, strict=False)))
