"""Filling: lines between two placed lines, aligned by words, sender, kind and time, in order."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from reconcile.patterns import lazy_pattern
from reconcile.submission.excerpt.lines import Line
from reconcile.submission.excerpt.seeds import fits_time
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import FILE, IMAGE, OTHER, STICKER, SYSTEM, VIDEO, WORDLESS, WORDS

_MARK_ALONE = lazy_pattern(r"[<\[【〈][^<>\[\]【】〈〉\n]{1,40}[>\]】〉]")


@dataclass(frozen=True, slots=True)
class Scorer:
    """How well two lines fit, with a learnt clock offset and learnt senders (excerpt -> export name)."""

    offset: float | None
    senders: dict[str, str]

    def score(self, a: Line, b: Line) -> float:
        """Above zero = rather one message than two; the words' likeness up to 3, then sender, time, kind."""
        if (a.cls == SYSTEM) is not (b.cls == SYSTEM):
            return -9.0
        value = self._body_score(a, b)
        known = self.senders.get(a.who) if a.who is not None else None
        if known is not None and b.who is not None:
            value += 0.3 if known == b.who else -1.6
        if self.offset is not None and a.at is not None and b.at is not None:
            value += 0.8 if fits_time(a, b, self.offset) else -2.0
        return value

    @staticmethod
    def _body_score(a: Line, b: Line) -> float:
        """How alike two lines are in content: positive for the same id, equal or similar words, or one kind."""
        if a.facts["message_id"] and a.facts["message_id"] == b.facts["message_id"]:
            return 9.0
        if a.cls == b.cls and a.key == b.key:
            return 2.6 + min(len(a.key), 10) / 10
        if WORDS not in (a.cls, b.cls):
            # Pictures, stills of videos and stickers look alike on a screen.
            alike = a.cls == b.cls or (a.legible is not None and {a.cls, b.cls} <= {IMAGE, VIDEO, STICKER})
            return 1.2 if alike or is_unnamed_medium(a, b) else -2.0
        if a.cls != b.cls:
            return -1.6
        likeness = Indel.normalized_similarity(a.key, b.key)
        return 3.0 * likeness - 0.4 if likeness >= CHECK_PARAMS.same_share else -0.9


def is_unnamed_medium(a: Line, b: Line) -> bool:
    """Whether one line only says that there is a medium, and the other which."""
    marks = [line for line in (a, b) if line.cls == OTHER and _MARK_ALONE.fullmatch(line.raw.strip())]
    return len(marks) == 1 and (b if marks[0] is a else a).cls in (*WORDLESS, FILE)


def fill(
    excerpt: list[Line], export: list[Line], chain: list[tuple[int, int]], scorer: Scorer
) -> list[tuple[int, int]]:
    """The chain's pairs and those found between, before and after them.

    Each line is used at most once; order is kept inside intervals.
    """
    pairs = list(chain)
    taken = {j for _, j in chain}
    edges = [(-1, -1), *chain, (len(excerpt), len(export))]
    for (i0, j0), (i1, j1) in itertools.pairwise(edges):
        if i1 - i0 <= 1:
            continue
        mine = list(range(i0 + 1, i1))
        theirs = [
            j
            for j in _export_window(j0, j1, len(mine), len(export), first=i0 < 0, last=i1 >= len(excerpt))
            if j not in taken
        ]
        found = _align(mine, theirs, lambda i, j: scorer.score(excerpt[i], export[j]))
        taken |= {j for _, j in found}
        pairs += found
    return sorted(pairs)


def _export_window(j0: int, j1: int, lines: int, total: int, *, first: bool, last: bool) -> list[int]:
    """Free export lines to search between the placed lines j0 and j1, for `lines` excerpt lines."""
    reach = lines + CHECK_PARAMS.reach_rows
    if first and last:
        return list(range(total)) if total <= CHECK_PARAMS.whole_rows else []
    if first:
        return list(range(max(0, j1 - reach), j1))
    if last:
        return list(range(j0 + 1, min(total, j0 + 1 + reach)))
    if j1 > j0 and j1 - j0 - 1 <= max(CHECK_PARAMS.whole_rows, 2 * reach):
        return list(range(j0 + 1, j1))
    forward = range(j0 + 1, min(total, j0 + 1 + reach))
    backward = range(max(0, j1 - reach), j1)
    return list(forward) + [j for j in backward if j not in forward] if j1 > j0 else [*forward, *backward]


def _align(mine: list[int], theirs: list[int], score: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """Global alignment with affine cost for omitted export lines (Gotoh).

    Ties prefer the pair, then the earlier export line.
    """
    n, m = len(mine), len(theirs)
    if not n or not m:
        return []
    low = -1e9
    # pair[x][y]: mine[:x] and theirs[:y] aligned, ending in any state; out[x][y]: ending in left-out export lines.
    pair = [[low] * (m + 1) for _ in range(n + 1)]
    out = [[low] * (m + 1) for _ in range(n + 1)]
    way = [bytearray(m + 1) for _ in range(n + 1)]
    pair[0] = [0.0] + [CHECK_PARAMS.left_out_first_score + CHECK_PARAMS.left_out_more_score * y for y in range(m)]
    out[0] = list(pair[0])
    for x in range(1, n + 1):
        pair[x][0] = CHECK_PARAMS.lacking_score * x
        above, here, left, track = pair[x - 1], pair[x], out[x], way[x]
        for y in range(1, m + 1):
            left[y] = max(
                here[y - 1] + CHECK_PARAMS.left_out_first_score, left[y - 1] + CHECK_PARAMS.left_out_more_score
            )
            best, code = above[y - 1] + score(mine[x - 1], theirs[y - 1]), 1
            if above[y] + CHECK_PARAMS.lacking_score > best:
                best, code = above[y] + CHECK_PARAMS.lacking_score, 2
            if left[y] > best:
                best, code = left[y], 3
            here[y], track[y] = best, code
    return _trace_pairs(mine, theirs, way)


def _trace_pairs(mine: list[int], theirs: list[int], way: list[bytearray]) -> list[tuple[int, int]]:
    """The pairs of the best alignment, read from its table of steps."""
    x, y, found = len(mine), len(theirs), []
    while x > 0 and y > 0:
        code = way[x][y]
        if code == 1:
            found.append((mine[x - 1], theirs[y - 1]))
            x, y = x - 1, y - 1
        elif code == 2:
            x -= 1
        else:
            y -= 1
    return found[::-1]
