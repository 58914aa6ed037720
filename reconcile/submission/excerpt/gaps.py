"""Unplaced rows on both sides of one gap: they may be the same message, so they are doubtful."""

import itertools
import re
from collections.abc import Mapping
from decimal import Decimal

from rapidfuzz.distance import Indel

from reconcile.patterns import lazy_pattern
from reconcile.submission.excerpt.lines import Line, key_of
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import (
    CARD,
    FILE,
    FORWARD,
    IMAGE,
    LINK,
    PAYMENT,
    PLACE,
    STICKER,
    SYSTEM,
    VIDEO,
    WORDS,
)

CARDS = (FILE, LINK, FORWARD, PLACE, CARD, PAYMENT)  # what a screen shows as words in a box
SEEN = {IMAGE, VIDEO, STICKER}  # what a screen shows alike
_MARK = lazy_pattern(r"^\s*[\[【][^\]】]{0,12}[\]】]\s*")
_NUMBER = lazy_pattern(r"\d[\d,]*(?:\.\d+)?")
_PAID = lazy_pattern(r"转账|轉賬|红包|紅包|收款|transfer|red packet", re.I)


def same_gaps(excerpt: list[Line], export: list[Line], placed: Mapping[int, int], free: set[int], *, recognised: bool) -> dict[int, int]:  # fmt: skip
    """Excerpt position -> export position of unplaced lines between the same placed neighbours.

    Args:
        excerpt: in its order.
        export: in its order.
        placed: excerpt position -> export position.
        free: positions of the excerpt without a place.
        recognised: the words come from text recognition, so any words of one side may be any words of the other.
    """
    taken = set(placed.values())
    found: dict[int, int] = {}
    edges = [(-1, None), *sorted(placed.items()), (len(excerpt), None)]
    for (i0, j0), (i1, j1) in itertools.pairwise(edges):
        mine = [i for i in range(i0 + 1, i1) if i in free]
        if not mine or (j0 is None and j1 is None):
            continue
        reach = len(mine) + CHECK_PARAMS.beyond_rows
        low = j0 + 1 if j0 is not None else max(0, (j1 or 0) - reach)
        high = j1 if j1 is not None else min(len(export), low + reach)
        theirs = [j for j in range(low, high) if j not in taken]
        if len(mine) <= CHECK_PARAMS.gap_rows and len(theirs) <= CHECK_PARAMS.gap_rows:
            found |= _align_gap(mine, theirs, excerpt, export, recognised=recognised)
    return found


def _align_gap(mine: list[int], theirs: list[int], excerpt: list[Line], export: list[Line], *, recognised: bool) -> dict[int, int]:  # fmt: skip
    """The pairs of greatest total weight that keep the order of both sides."""
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    fits = [[_fit(excerpt[i], export[j], recognised=recognised) for j in theirs] for i in mine]
    for x, y in itertools.product(range(1, len(mine) + 1), range(1, len(theirs) + 1)):
        best[x][y] = max(best[x - 1][y], best[x][y - 1], best[x - 1][y - 1] + fits[x - 1][y - 1])
    x, y, found = len(mine), len(theirs), {}
    while x and y:
        if best[x][y] == best[x - 1][y]:
            x -= 1
        elif best[x][y] == best[x][y - 1]:
            y -= 1
        else:
            x, y = x - 1, y - 1
            found[mine[x]] = theirs[y]
    # Where order pairs no more, a row that may be one left out still forbids to say that it was.
    for i, j in itertools.product([i for i in mine if i not in found], [j for j in theirs if j not in found.values()]):
        if i not in found and j not in found.values() and _fit(excerpt[i], export[j], recognised=recognised):
            found[i] = j
    return found


def _fit(a: Line, b: Line, *, recognised: bool) -> float:
    """How well a submitted line may be a line of the export; 0 = it cannot."""
    if SYSTEM in (a.cls, b.cls) or _differ_in_author(a, b):
        return 0.0
    # What a picture shows is taken for words, a card or a picture by its look alone.
    least = 0.3 if recognised else 0.0
    if a.cls == WORDS:
        return max(least, _words_fit(a, b, recognised=recognised))
    if b.cls == WORDS:
        return 2.0 if a.cls in CARDS and _describes_card(b, a) else least
    if a.cls == b.cls:
        stated = a.cls == PAYMENT and a.facts["amount"] and b.facts["amount"]
        return 0.0 if stated and not recognised else 1.0
    return 0.9 if recognised and {a.cls, b.cls} <= SEEN else least


def _words_fit(a: Line, b: Line, *, recognised: bool) -> float:
    """How well submitted words may be a line of the export: its words, or the card that they describe."""
    if b.cls == WORDS:
        return 0.5 + Indel.normalized_similarity(a.key, b.key) if recognised else 0.0
    if b.cls in CARDS and _describes_card(a, b):
        return 2.0
    return 0.4 if b.cls in CARDS and recognised else 0.0


def _describes_card(a: Line, b: Line) -> bool:
    """Whether words state a card: its amount or that it is a payment, or its title."""
    if b.cls == PAYMENT:
        amount = b.facts["amount"]
        stated = [Decimal(n.replace(",", "")) for n in _NUMBER.findall(a.raw)]
        return Decimal(amount) in stated if amount and stated else bool(_PAID.search(a.raw))
    title = key_of(b.facts["file_name"] or _MARK.sub("", b.raw))
    return len(title) >= 2 and title in a.key


def _differ_in_author(a: Line, b: Line) -> bool:
    """Whether one line is known to be the owner's and the other known not to be."""
    own = a.facts.get("is_self"), b.facts.get("is_self")
    return None not in own and own[0] is not own[1]
