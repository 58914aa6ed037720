"""Mentions of people: which of two writings are one person's, as each client names its own contacts."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause, Form
from reconcile.wechat.escapes import unescape
from reconcile.wechat.text import canonical, without_blanks

Row = dict[str, Any]
# Name of a sender -> the parties who bear it.
People = Mapping[str, frozenset[str]]
# What a client writes: an account in angle brackets, a name between signs of direction, or an account's number; else a
# word that anybody may type.
_AT, _ISOLATE = r"[@\uff20]", r"[\u2066-\u2068]"
_MENTION = lazy_pattern(
    rf"<@(?P<account>[A-Za-z0-9]{{6,40}})>|{_AT}(?:{_ISOLATE}(?P<shown>[^\u2066-\u2069\n]{{1,80}})\u2069|(?P<number>\+?\d{{7,16}})(?!\w)|(?P<typed>[^@\uff20\s]{{1,40}})(?=\s|\Z))"
)
# How a mention begins that a client wrote. Each device shows its own names in it.
RENDERED_MENTION = rf"<@[A-Za-z0-9]{{6}}|{_AT}{_ISOLATE}"
# A number as people and clients write it, with blanks and signs of direction.
_NUMBER = lazy_pattern(r"\+?[\d\s()/.-]{7,24}")


@lru_cache(maxsize=65_536)
def _parted(text: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """The words around the mentions of a text, and each mention with whether a client rendered it."""
    if "@" not in text and "\uff20" not in text:
        return "", ()
    raw = unescape(text)
    found = tuple(
        (_key(m["account"] or m["shown"] or m["number"] or m["typed"]), m["typed"] is None)
        for m in _MENTION.finditer(raw)
    )
    return (without_blanks(canonical(_MENTION.sub("@ ", raw))), found) if found else ("", ())


@lru_cache(maxsize=65_536)
def _key(name: str) -> str:
    """The name in canonical form; of an account's number only the digits."""
    plain = canonical(name).lstrip("~ ")
    return re.sub(r"\D", "", plain) if _NUMBER.fullmatch(plain) else plain


def words_around(left: str, right: str) -> str | None:
    """The words of two texts that differ only in how they mention people; None where others differ."""
    (one, mine), (other, theirs) = _parted(left), _parted(right)
    alike = one == other and len(mine) == len(theirs) > 0
    return one if alike and canonical(left) != canonical(right) else None


def renamed_mentions(
    rows: list[Row], said: Callable[[], pl.DataFrame], people: Callable[[], People]
) -> Iterator[tuple[int, Form | Cause]]:
    """Index of each pair that names people in two ways, and whether that is a form or a difference.

    A client shows one name for one account. Two names are of one person if each is always paired with the other in the
    texts of the conversation. One text is enough where one name is an account's number; otherwise several must show it.
    A number with two names is a difference. So are the names of two known people.

    Args:
        rows: pairs with different texts (`at`, `text`, `text_right`, `detail`).
        said: the two texts of every pair of the conversation.
        people: who bears each name in either export.
    """
    asked = [r for r in rows if r["detail"] == "mention"]
    if not asked:
        return
    names = _Names(said(), people())
    for row in asked:
        told = {names.judge(*pair) for pair in _mentions_of(row["text"], row["text_right"])}
        if Cause.TEXT_DIFFERS in told:
            yield row["at"], Cause.TEXT_DIFFERS
        elif told and None not in told:
            yield row["at"], Form.EXPORTER_SPELLING


def _mentions_of(left: str, right: str) -> list[tuple[tuple[str, bool], tuple[str, bool]]]:
    """The mentions at each place of two texts."""
    return list(zip(_parted(left)[1], _parted(right)[1], strict=False))


class _Names:
    """Which names the two sides write in the same place of a text, over a conversation."""

    def __init__(self, said: pl.DataFrame, people: People) -> None:
        self._people: dict[str, frozenset[str]] = defaultdict(frozenset)
        self._first_names: dict[str, frozenset[str]] = defaultdict(frozenset)
        for name, parties in people.items():
            self._people[_key(name)] |= parties
            self._first_names[_key(name.split(maxsplit=1)[0]) if name.strip() else ""] |= parties
        self._counts: tuple[dict[str, Counter[str]], ...] = defaultdict(Counter), defaultdict(Counter)
        both = said.filter(pl.all_horizontal(pl.col("text", "text_right").str.contains("[@\uff20]"))).unique()
        for texts in both.select("text", "text_right").iter_rows():
            for (a, _), (b, _) in _mentions_of(*texts) if _parted(texts[0])[0] == _parted(texts[1])[0] else ():
                # A number that both sides write is none that a client would have named.
                if a != b or not a.isdigit():
                    self._counts[0][a][b] += 1
                    self._counts[1][b][a] += 1

    def judge(self, left: tuple[str, bool], right: tuple[str, bool]) -> Form | Cause | None:
        """Whether two names are one person's in another form, or differ; None where that is open."""
        (a, is_a_shown), (b, is_b_shown) = left, right
        if (
            a == b
            or self._are_one(a, b)
            or (is_a_shown and self._is_first_name(b, a))
            or (is_b_shown and self._is_first_name(a, b))
        ):
            return Form.EXPORTER_SPELLING
        if a.isdigit() != b.isdigit():
            number, name, counts = (a, b, self._counts[0]) if a.isdigit() else (b, a, self._counts[1])
            return self._judge_number(counts[number], name, is_rendered=is_a_shown and is_b_shown, pair=(a, b))
        steady = len(self._counts[0][a]) == len(self._counts[1][b]) == 1
        return Form.EXPORTER_SPELLING if steady and self._recurs(a, b) and not self._are_two(a, b) else None

    def _judge_number(
        self, names: Counter[str], name: str, *, is_rendered: bool, pair: tuple[str, str]
    ) -> Form | Cause | None:
        """What an account's number and a name beside it say, given all names that stand for the number."""
        usual = names[name] >= PARAMS.habit_records and names[name] > names.total() - names[name]
        if len(names) > 1 and not usual:
            return Cause.TEXT_DIFFERS
        if self._are_two(*pair):
            return None
        back = self._counts[1][pair[1]] if pair[0].isdigit() else self._counts[0][pair[0]]
        is_only = sum(other.isdigit() for other in back) == 1
        return Form.EXPORTER_SPELLING if (is_rendered and is_only) or self._recurs(*pair) else None

    def _recurs(self, a: str, b: str) -> bool:
        """Whether several texts show the two names for one another."""
        return self._counts[0][a][b] >= PARAMS.habit_records

    def _are_one(self, a: str, b: str) -> bool:
        """Whether both names are known, of the same parties."""
        return bool(self._people.get(a)) and self._people.get(a) == self._people.get(b)

    def _is_first_name(self, name: str, account: str) -> bool:
        """Whether it is the first name of the account's party, and nobody's whole name."""
        party = self._people.get(account, frozenset())
        return len(party) == 1 and name not in self._people and party <= self._first_names.get(name, frozenset())

    def _are_two(self, a: str, b: str) -> bool:
        """Whether both names are known, and no party bears both."""
        one, other = self._people.get(a), self._people.get(b)
        return bool(one and other) and not (one or frozenset()) & (other or frozenset())


__all__ = ["RENDERED_MENTION", "renamed_mentions", "words_around"]
