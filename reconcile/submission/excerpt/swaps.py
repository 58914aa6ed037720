"""Lines that changed places: each device shows its own messages by its own clock."""

from collections.abc import Iterator
from dataclasses import dataclass

from reconcile.submission.excerpt.lines import Line
from reconcile.submission.excerpt.local_alignment import Scorer
from reconcile.submission.excerpt.seeds import fits_time
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import SYSTEM, WORDS


@dataclass(frozen=True, slots=True)
class _Text:
    """Both sides' lines and what was learnt about them."""

    excerpt: list[Line]
    export: list[Line]
    scorer: Scorer

    def is_one(self, i: int, j: int) -> bool:
        """Whether two lines agree in content, sender and moment."""
        a, b = self.excerpt[i], self.export[j]
        known = self.scorer.senders.get(a.who) if a.who is not None else None
        return (
            a.cls != SYSTEM
            and _is_equal(a, b)
            and (known is None or b.who is None or known == b.who)
            and fits_time(a, b, self.scorer.offset)
        )


def moved_lines(
    pairs: list[tuple[int, int]], excerpt: list[Line], export: list[Line], scorer: Scorer
) -> tuple[list[tuple[int, int]], set[int]]:
    """The pairs corrected for lines that changed places, and lines with another equal line free nearby.

    A line without an equal partner is paired with an equal free line near its neighbours. That replaces a pair of
    different words.
    """
    text = _Text(excerpt, export, scorer)
    firm = {i: j for i, j in pairs if text.is_one(i, j) or _have_same_id(excerpt[i], export[j])}
    taken = set(firm.values())
    placed = dict(firm)
    unsure = set()
    for i in range(len(excerpt)):
        if i in firm:
            continue
        fits = [j for j in _places_near(i, placed, len(excerpt), len(export)) if j not in taken and text.is_one(i, j)]
        if fits:
            placed[i] = fits[0]
            taken.add(fits[0])
            unsure |= {i} if len(fits) > 1 else set()
    kept = {i: j for i, j in pairs if i not in placed and j not in taken}
    free = {i for i in unsure if _has_twin(i, placed, text, taken | set(kept.values()))}
    return sorted((placed | kept).items()), free


def _have_same_id(a: Line, b: Line) -> bool:
    return bool(a.facts["message_id"]) and a.facts["message_id"] == b.facts["message_id"]


def _is_equal(a: Line, b: Line) -> bool:
    """Whether two lines have one id, the same words, or one kind and nothing stated that differs."""
    if _have_same_id(a, b):
        return True
    if a.cls != b.cls or a.cls == WORDS:
        return a.cls == b.cls and a.key == b.key
    stated = ((a.facts[f], b.facts[f]) for f in ("file_name", "amount"))
    return all(x == y for x, y in stated if x and y)


def _places_near(i: int, placed: dict[int, int], lines: int, total: int) -> Iterator[int]:
    """Export positions near the next placed lines on both sides, the likeliest first."""
    before = next((k for k in range(i - 1, max(-1, i - 1 - CHECK_PARAMS.near_lines), -1) if k in placed), None)
    after = next((k for k in range(i + 1, min(lines, i + 1 + CHECK_PARAMS.near_lines)) if k in placed), None)
    expected = [placed[k] + i - k for k in (before, after) if k is not None]
    near = {
        j
        for e in expected
        for j in range(max(0, e - CHECK_PARAMS.near_lines), min(total, e + CHECK_PARAMS.near_lines + 1))
    }
    return iter(sorted(near, key=lambda j: (min(abs(j - e) for e in expected), j)))


def _has_twin(i: int, placed: dict[int, int], text: _Text, taken: set[int]) -> bool:
    """Whether an equal line near the placed one is free."""
    near = range(
        max(0, placed[i] - CHECK_PARAMS.near_lines), min(len(text.export), placed[i] + CHECK_PARAMS.near_lines + 1)
    )
    return any(j not in taken and text.is_one(i, j) for j in near)
