"""The sign that parts the cells of a table in a text."""

from collections import Counter

from reconcile.patterns import lazy_pattern

SEPARATORS = ",\t;|"
# Signs that part cells alone where nothing else does: the heading and nearly all rows then have as many, and several.
RARE_SEPARATORS, _NEARLY_ALL, _SEVERAL = "~^", 0.9, 2
_QUOTED_CELL = lazy_pattern(r'"(?:[^"]|"")*"')


def likely_separator(text: str, most: int) -> str:
    """The separator of which most of the first rows (`most` at most) have equally many, outside quotes.

    A title above them has none, and words may hold any number of another.
    """
    lines = _QUOTED_CELL.sub("", text).splitlines()[:most]
    for rare in RARE_SEPARATORS if len(lines) > 1 else "":
        held = [line.count(rare) for line in lines]
        if held[0] >= _SEVERAL and held.count(held[0]) >= _NEARLY_ALL * len(held):
            return rare
    counts = {s: Counter(n for line in lines if (n := line.count(s))) for s in SEPARATORS}
    return max(SEPARATORS, key=lambda s: max(((rows, n) for n, rows in counts[s].items()), default=(0, 0)))
