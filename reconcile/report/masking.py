"""Replaces third parties' names and numbers with consistent signs; the two parties keep theirs."""

import re
from collections.abc import Iterable

import polars as pl

from reconcile.frames import PostFindings
from reconcile.patterns import lazy_pattern
from reconcile.posts_as_rows import MOMENTS
from reconcile.report.counts import SideRows
from reconcile.report.inputs import ExportSummary
from reconcile.report.visible import show_line, visible_line

# Mobile numbers, landlines, identity cards, bank cards and mail addresses. Longer alternatives must come first.
NUMBER = lazy_pattern(
    r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[0-9Xx]|[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?"
    r"|(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8}|[\w.+-]+@[\w-]+\.[\w.]+)(?![0-9A-Za-z])"
)
_SHORTEST_NAME = 2
_PARTIES_IN_DIRECT = 2


class Masker:
    """Replaces names and numbers consistently: 〔T1〕, 〔T2〕 … for people, 〔N1〕 … for numbers.

    `on`: False = changes nothing. `numbers`: the only numbers to replace; None = all.
    """

    def __init__(
        self,
        *,
        on: bool,
        parties: Iterable[str] = (),
        people: Iterable[tuple[str, ...]] = (),
        numbers: Iterable[str] | None = None,
    ) -> None:
        self.on = on
        self._only = None if numbers is None else {_bare_digits(n) for n in numbers}
        self._parties = {p for p in parties if p}
        self._signs: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        for names in people:
            self._add_names(names)
        longest_first = sorted((n for n in self._signs if len(n) >= _SHORTEST_NAME), key=lambda n: (-len(n), n))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @property
    def names_masked(self) -> int:
        """Number of third parties with a sign."""
        return len(set(self._signs.values()))

    @property
    def numbers_masked(self) -> int:
        """Number of distinct numbers replaced so far."""
        return len(self._numbers)

    def name(self, name: str) -> str:
        """The sign of a sender, title or account; a party's name stays."""
        if not self.on or name in self._parties:
            return name
        return self._signs.get(name) or self.text(name)

    def text(self, text: str) -> str:
        """The text with every third party's name and number replaced."""
        if not self.on or not text:
            return text
        if self._pattern:
            text = self._pattern.sub(lambda m: self._signs[m.group()], text)
        return NUMBER.sub(self._mask_number, text)

    def place(self, place: str) -> str:
        """A file or row locator with names replaced; its numbers stay, since they say where to look."""
        if not self.on or not self._pattern:
            return place
        return self._pattern.sub(lambda m: self._signs[m.group()], place)

    def shown_name(self, name: str | None) -> str | None:
        """The masked name on one line, with invisible characters made visible; None for None."""
        return visible_line(self.name(name)) if name else None

    def shown_text(self, text: str | None, most: int | None = None) -> str:
        """The masked text cut to `most` characters, with invisible characters made visible; '' for None."""
        return show_line(self.text(text or ""))[:most]

    def shown_place(self, place: str) -> str:
        """The masked file or row locator, with invisible characters made visible."""
        return show_line(self.place(place))

    def _add_names(self, names: tuple[str, ...]) -> None:
        """Gives all names of one person the same sign; names of the parties get none."""
        own = [n for n in names if n and n not in self._parties]
        if not own:
            return
        sign = next((self._signs[n] for n in own if n in self._signs), f"〔T{self.names_masked + 1}〕")
        self._signs.update(dict.fromkeys((n for n in own if n not in self._signs), sign))

    def _mask_number(self, match: re.Match[str]) -> str:
        """The sign of a matched number; a party's own number, or one not chosen, stays."""
        number = match.group()
        if number in self._parties or (self._only is not None and _bare_digits(number) not in self._only):
            return number
        return self._numbers.setdefault(_bare_digits(number), f"〔N{len(self._numbers) + 1}〕")


def _bare_digits(number: str) -> str:
    return re.sub(r"[ -]", "", number)


NO_MASK = Masker(on=False)


def masker_of(
    left: ExportSummary, right: ExportSummary, sides: dict[str, SideRows], posts: PostFindings | None = None
) -> Masker:
    """A masker that keeps the two parties: the owners, and the peer of a paired direct chat.

    Anyone else who wrote, liked or commented on a post is a third party.
    """
    parties: set[str] = set()
    for summary in (left, right):
        owner = summary.facts.owner
        parties |= {v for v in (owner.id, owner.alias, owner.name, owner.phone) if v}
    people: list[tuple[str, ...]] = []
    # Moments have many authors and no partner.
    paired = set.intersection(*(set(side.frame["conversation"].unique()) for side in sides.values())) - {MOMENTS}
    for side in sides.values():
        own, others = _parties_and_others(side, paired)
        parties |= own
        people += others
    contacts = [
        tuple(v for v in row if v)
        for summary in (left, right)
        for row in summary.contacts.select("id", "alias", "remark", "nickname", "phone").iter_rows()
    ]
    parties |= {name for names in contacts if parties & set(names[:2]) for name in names}
    if posts is not None and "author" in posts.interactions.columns:
        said = posts.interactions.select("author", "author_name").unique().sort("author", "author_name")
        people += [tuple(v for v in row if v) for row in said.iter_rows() if not parties & set(row)]
    return Masker(on=True, parties=parties, people=[*contacts, *people])


def _parties_and_others(side: SideRows, paired: set[str]) -> tuple[set[str], list[tuple[str, ...]]]:
    """Names and accounts of the parties, and those of each third party, on one side."""
    seen = (
        side.frame.group_by("sender", "sender_name", "conversation")
        .agg(
            pl.col("is_self").any().alias("own"),
            (pl.col("conversation_kind").cast(pl.String) == "group").any().alias("group"),
        )
        .with_columns(pl.col("sender").drop_nulls().n_unique().over("conversation").alias("people"))
        .sort("conversation", "sender", "sender_name", nulls_last=True)
    )
    parties: set[str] = set()
    others: list[tuple[str, ...]] = []
    for sender, name, conversation, own, group, people in seen.iter_rows():
        names = tuple(v for v in (sender, name) if v)
        if own or (conversation in paired and not group and people <= _PARTIES_IN_DIRECT):
            parties |= set(names)
        else:
            others.append(names)
    return parties, others
