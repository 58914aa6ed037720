"""Peels lines of one layout: constant words, places with few values, and what is left behind them."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.named_accounts import PHONE
from reconcile.formats.inferred.people.place_values import (
    ACCOUNT,
    LEVEL,
    SPEAKS,
    are_of_the_same,
    common_text,
    tells_way,
    without_joint,
)
from reconcile.intake.tables.cells import ROW
from reconcile.patterns import lazy_pattern

# Least share of the texts that have the same place.
ALIVE = 0.9
# Lines that show the layout, the part of each that is looked at, and the least and most places.
LOOK, NEAR, LEAST_PLACES, _MOST_PLACES = 400, 120, 2, 12
# A place has so few values, or so small a share of different ones, and they are so short.
FEW, RECURRING, _LONGEST = 8, 0.3, 60
# Signs between places, and those with the name of the next place; the name of a place before its value.
# A plus before a figure belongs to the value, and wide blanks are of any width.
_WIDE = "  "
_BETWEEN = lazy_pattern(r"\s*(?:[^\w\s+]|\+(?![0-9]))+\s*|[ \u3000]{2,}")
_BEFORE_NAME = lazy_pattern(r"(?=((?:\s*[^\w\s]+\s*|\s+)(\w{1,20})\s*([=:：])\s*[\"'\[(]?))")
_NAMED = lazy_pattern(r"(\w{1,20})\s*[=:：]\s*[\"'\[(]?$")
_CALLED = lazy_pattern(r"(\w{1,20})\s*[\[({<【（「]$")
QUOTES = "“「"
BRACKETS = dict(zip("[({<【（「", "])}>】）」", strict=True))
CLOSING = BRACKETS | dict(zip("“\"'", "”\"'", strict=True))
_CODE = r"[\w@./:-]*[0-9][\w@./:-]*"
# A word between blanks, which ends a place where all lines have it.
_WORD = lazy_pattern(r"(?<= )[^\W\d]+(?= )")
_CODE_ALONE = rf"{_CODE} "
_SENTENCE = r"[.。!！?？;；,，:：]\s|[。！？；，]"
_ENDS_A_PLACE = r"[:：>|\-—–\])】](?:\s|$)"
_NAMED_PLACES = ("time", "sender", "text", "kind", "conversation", "receiver", "direction", "id", "local_id", "status")
# Arrows that say which way a message went, and each in the other direction.
_ARROWS = r"^\s*([-=]+>|<[-=]+|→|←)\s+"
_TURNED = {"->": "<-", "<-": "->", "=>": "<=", "<=": "=>", "→": "←", "←": "→"}
# A sign between who sends and who receives.
_ARROW = r"[-=]+>|→|⇒|➡"
# Signs inside names.
_IN_NAMES = (":", "：", "/", "·", "-", "_")


@dataclass
class Layout:
    """What the peeled lines had before their rest: the places by name, and the constant words.

    `arrow`: how many places stand before an arrow from who sends to who receives; 0 without one.
    """

    places: dict[str, pl.Series] = field(default_factory=dict)
    constant: list[str] = field(default_factory=list)
    arrow: int = 0

    def with_ends(self) -> dict[str, pl.Series]:
        """The places, with the names of who sends and who receives where an arrow stands between them."""
        unnamed, names = [n for n in self.places if n.startswith(">")], dict[str, str]()
        for end, of_end in (("from", unnamed[: self.arrow]), ("to", unnamed[self.arrow : 2 * self.arrow])):
            ids = [n for n in of_end if all_contain(present(self.places[n]), ACCOUNT)]
            if len(of_end) == self.arrow == 1:
                names[of_end[0]] = end
            elif len(of_end) == self.arrow == len(("name", "id")) and ids:
                names |= {n: f"{end} {'id' if n == ids[-1] else 'name'}" for n in of_end}
        return {names.get(n, n): c for n, c in self.places.items()}


def peel(rest: pl.Series, layout: Layout, side: str) -> pl.Series:
    """What the texts hold behind their places, which the layout receives; null = of another layout."""
    named, before = None, ""
    for _ in range(_MOST_PLACES):
        if side == ">" and layout.places and _are_kinds(rest):
            return rest
        shared = _shared_beginning(rest)
        if shared:
            layout.constant.append(shared)
            rest = rest.set(~rest.str.starts_with(shared).fill_null(value=False), None).str.slice(len(shared))
            named = found[1] if (found := _NAMED.search(shared)) else None
        if named is not None and hint(named, "text") >= 1:
            return rest
        arrows = rest.str.extract(_ARROWS, 1) if layout.places and _begins_with_arrow(rest) else rest.clear(rest.len())
        if arrows.count() >= ALIVE * rest.count() and arrows.drop_nulls().n_unique() == len("<>"):
            # Behind a name, an arrow from it says that it speaks.
            layout.places["direction"] = arrows.replace_strict(_TURNED, default=None)
            rest, before = rest.str.replace(_ARROWS, "").set(arrows.is_null(), None), ""
            continue
        codes_alone = side == ">" and all(all_contain(present(c), f"^{_CODE}$") for c in layout.places.values())
        sign = _next_sign(rest, named, shared, codes_alone=codes_alone)
        if (
            sign is None
            and side == "<"
            and _is_place(some := present(rest).to_list(), is_named=False)
            and len({*some}) > 1
            and any(re.search(r"[^\W\d]", v) for v in some)
        ):
            # Names directly before the times.
            layout.places[_name_of(named, layout, side)] = rest.str.strip_chars()
            return rest.set(rest.is_not_null(), "")
        if sign is None:
            return rest if side == "<" else _with_own_words(rest, before, shared, layout)
        parts = rest.str.splitn(sign, 2).struct.unnest()
        value = without_joint(parts["field_0"].set(parts["field_1"].is_null(), None).str.strip_chars())
        if named is None and shared and (first := _first_names(shared, value)):
            layout.constant[-1], value = shared.removesuffix(first), first + value
        last = next(reversed(layout.places), "")
        if last.startswith(">") and re.fullmatch(_ARROW, (shared or before).strip()):
            layout.arrow = layout.arrow or sum(n.startswith(">") for n in layout.places)
        if last and not shared and before in _IN_NAMES and _are_parts_of_names(layout.places[last], value):
            layout.places[last] += before + value
        else:
            layout.places[_name_of(named or _end_before(shared), layout, side)] = value
        opening = sign.strip()[-1:]
        layout.constant.append(sign if re.search(r"\w", sign) else opening if opening in [*QUOTES] else "")
        rest = parts["field_1"] if sign.strip() else parts["field_1"].str.strip_chars_start()
        before, named = sign, found[1] if (found := _NAMED.search(sign)) else _word_of_a_role(sign)
        if named is not None and hint(named, "text") >= 1:
            return rest
    return rest


def _begins_with_arrow(rest: pl.Series) -> bool:
    """Whether the first text begins with an arrow."""
    return any(re.match(_ARROWS, t) for t in present(rest).head(1))


def _are_kinds(rest: pl.Series) -> bool:
    """Whether the rest of each text is one of a few words without signs, as the kind of a message is."""
    held = present(rest).str.strip_chars()
    few = held.unique()
    return few.len() <= FEW <= held.len() // 2 and not few.str.contains(r"^$|[^\w-]").any()


def _first_names(shared: str, values: pl.Series) -> str:
    """The words at the end of a shared beginning that are part of every name behind it; "" without any.

    Members of one family, or two people of one first name. Words that say what stands behind them name nobody.
    """
    found = re.search(r"(?:\b[^\W\d_]\w* )+$", shared)
    if found is None or not present(values).str.contains(r"^\p{Lu}").all():
        return ""
    are_names = (w[0].isupper() and not re.fullmatch(LEVEL, w) and not _names_a_place(w) for w in found[0].split())
    return found[0] if all(are_names) else ""


def _are_parts_of_names(one: pl.Series, other: pl.Series) -> bool:
    """Whether values of two places always stand together, and neither is an account: `Sales:Anna`."""
    accounts = (all_contain(present(c), ACCOUNT) for c in (one, other))
    return are_of_the_same(one, other) and not any(accounts)


def _with_own_words(rest: pl.Series, before: str, shared: str, layout: Layout) -> pl.Series:
    """The words, with those that begin all of them; null where these may be a place."""
    signs = re.match(r"^\W*", shared)[0]  # type: ignore[index]
    own = shared.removeprefix(signs)
    opening = re.search(r"[\[({<【（「][^\w\s]*\s*$", before + signs)
    closing = CLOSING.get(opening[0][0] if opening else (before + signs).rstrip()[-1:])
    kept = re.match(rf"^([^{re.escape(closing)}]*){re.escape(closing)}\s*", own) if closing is not None else None
    if kept is not None:
        # A kind of text, or a number of the only chat.
        signs, own = signs + kept[0], own[kept.end() :]
    if not re.search(r"\w", own) or shared[-1] in CLOSING or (before == _WIDE and own.endswith(_WIDE)):
        return rest
    layout.constant[-1] = signs
    if any(map(tells_way, layout.places.values())):
        # Beside the direction, a constant is the other party.
        return rest
    if not re.search(_ENDS_A_PLACE, own):
        return own + rest
    # Behind a name with its account, and where it says that somebody speaks, a constant names nobody.
    return rest if re.search(SPEAKS, own) or _name_a_person(layout.places) else rest.set(rest.is_not_null(), None)


def _word_of_a_role(sign: str) -> str | None:
    """The word between two places where it says who sends or receives, as `from` does; else None."""
    word = sign.strip()
    return word if word.isalpha() and any(hint(word, r) >= 1 for r in ("sender", "receiver")) else None


def _name_a_person(places: dict[str, pl.Series]) -> bool:
    """Whether two places beside each other are a name and its account."""
    return any(
        are_of_the_same(a, b) and all_contain(present(a), ACCOUNT) != all_contain(present(b), ACCOUNT)
        for a, b in pairwise(places.values())
    )


def _end_before(shared: str) -> str | None:
    """The word for one who sends or receives before an opening bracket, such as `user [`; else None."""
    found = _CALLED.search(shared)
    return found[1] if found and any(hint(found[1], r) >= 1 for r in ("sender", "receiver")) else None


def _name_of(named: str | None, layout: Layout, side: str) -> str:
    """The name of the next place: its own, else its number on this side of the time."""
    own = named if named and named not in (*layout.places, "time", "text", ROW) else None
    return own or f"{side}{len(layout.places) + 1}"


def _shared_beginning(rest: pl.Series) -> str:
    """The words and signs with which nearly all texts begin, up to the end of a word."""
    some = present(rest).head(LOOK).sort().to_list()
    few = int((1 - ALIVE) / 2 * len(some))
    some = some[few : len(some) - few]
    shared = common_text([s[:NEAR] for s in some])
    if any(len(s) > len(shared) and s[len(shared)].isalnum() for s in some):
        shared = re.sub(r"(?:\+[0-9 ()-]*)?\w*$", "", shared)
    return shared


def _next_sign(rest: pl.Series, named: str | None, before: str, *, codes_alone: bool) -> str | None:
    """The nearest signs in nearly all texts that leave few values before them.

    `codes_alone`: a blank suffices behind a code, where only codes stand before it.
    """
    some = present(rest).head(LOOK).str.head(NEAR).to_list()
    counts = Counter(s for line in some for s in _signs_of(line))
    closing = CLOSING.get(before.rstrip()[-1:]) if before and before == before.rstrip() else None
    best: tuple[float, int, str] | None = None
    for sign, count in counts.items():
        if count < ALIVE * len(some) or (closing is not None and not sign.lstrip().startswith(closing)):
            continue
        held = [line.partition(sign)[0] for line in some if sign in line]
        is_blank = sign[0] == sign[-1] == " " and not re.search(r"[^\w\s]", sign) and sign != _WIDE
        if sign == " " and named is None and re.search(r"\w", before):
            continue
        if is_blank and not (codes_alone and all(re.fullmatch(_CODE, h) for h in held)):
            continue
        # Within brackets nothing need stand.
        if not _is_place([h for h in held if h.strip() or closing is None], is_named=named is not None):
            continue
        rank = (sum(map(len, held)) / len(held), -len(sign), sign)
        best = min(best, rank) if best else rank
    return best[2] if best else None


def _signs_of(line: str) -> set[str]:
    """The signs in a line that may end a place; of those such as `] [` also the first ones alone."""
    plain = {m[0] if m[0].strip() else _WIDE for m in _BETWEEN.finditer(re.sub(PHONE, "0", line))}
    opening = "".join(CLOSING)
    plain |= {bare for s in plain if (bare := s.rstrip(opening)).strip()}
    plain |= {s.lstrip() for s in plain if s.strip()}
    plain |= {f" {w} " for w in _WORD.findall(line)}
    if re.match(_CODE_ALONE, line):
        plain.add(" ")
    return plain | {s for s, name, mark in _BEFORE_NAME.findall(line) if mark == "=" or _names_a_place(name)}


def _names_a_place(word: str) -> bool:
    """Whether a word before a colon says what stands behind it."""
    return any(hint(word, role) >= 1 for role in _NAMED_PLACES)


def are_few(different: int, values: int) -> bool:
    """Whether so few different ones among so many values recur, as those of a place do."""
    return different <= max(FEW, RECURRING * values) and 2 * different <= values


def _is_place(values: list[str], *, is_named: bool) -> bool:
    """Whether values before a sign may be those of a place: short, no sentences, and few different ones."""
    held = [v.strip() for v in values]
    filled = [v for v in held if v]
    is_optional = 0 < len({*filled}) <= LEAST_PLACES < len(filled)
    if not filled or any(len(v) > _LONGEST for v in held) or (len(filled) < ALIVE * len(held) and not is_optional):
        return False
    odd = sum(bool(re.search(_SENTENCE, v)) for v in held)
    few = are_few(len({*held}), len(held))
    is_code = all(re.fullmatch(_CODE, v) for v in held)
    return odd <= (1 - ALIVE) * len(held) and (few or is_named or is_code)
