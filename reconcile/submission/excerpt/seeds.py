"""Seeds: rows of the excerpt with few possible places, by id or by (nearly) equal words."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from reconcile.submission.excerpt.lines import Line
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import WORDS


@dataclass(frozen=True, slots=True)
class Seed:
    """Excerpt line i may be export line j, with a weight."""

    i: int
    j: int
    weight: float


def find_seeds(excerpt: list[Line], export: list[Line], offset: float | None) -> list[Seed]:
    """Candidates in order of i, then j; with a known clock offset only those at a fitting time."""
    by_id = _places_by_id(export)
    by_key: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for j, line in enumerate(export):
        by_key[line.key, line.cls == WORDS].append(j)
    grams, runs = _Grams(export), _Runs(export)
    seeds: list[Seed] = []
    for i, line in enumerate(excerpt):
        found = [Seed(i, j, 12.0) for j in by_id.get(line.facts["message_id"] or "", ())]
        found = found or _seeds_by_words(i, line, by_key, offset, export)
        if not found and len(line.key) >= CHECK_PARAMS.seed_characters and line.cls == WORDS:
            found = [s for s in grams.near(i, line) if fits_time(line, export[s.j], offset)]
        if not found:
            found = [s for s in runs.seeds(i, excerpt) if fits_time(line, export[s.j], offset)]
        seeds += found
    return seeds


def fits_time(a: Line, b: Line, offset: float | None) -> bool:
    """Whether two lines may be of one moment; true where either has no time or the offset is not known."""
    if offset is None or a.at is None or b.at is None:
        return True
    return abs(a.at - b.at - offset) <= CHECK_PARAMS.seed_seconds + a.slack + b.slack


def _places_by_id(export: list[Line]) -> dict[str, list[int]]:
    """Positions in the export of each message id."""
    found: dict[str, list[int]] = defaultdict(list)
    for j, line in enumerate(export):
        if line.facts["message_id"]:
            found[line.facts["message_id"]].append(j)
    return found


def _seeds_by_words(
    i: int, line: Line, by_key: dict[tuple[str, bool], list[int]], offset: float | None, export: list[Line]
) -> list[Seed]:
    """Seeds at the places with exactly the line's words; none where there are too many."""
    places = by_key.get((line.key, line.cls == WORDS), []) if line.key else []
    if offset is not None and line.at is not None:
        places = [j for j in places if fits_time(line, export[j], offset)]
    if not places or len(places) > CHECK_PARAMS.seed_places:
        return []
    weight = (2.0 + min(len(line.key), 12) / 4) / len(places) ** 0.5
    return [Seed(i, j, weight) for j in places]


class _Runs:
    """Neighbouring lines combined: three everyday replies in a row have few places, each alone many."""

    def __init__(self, export: list[Line]) -> None:
        self._index: dict[tuple[tuple[str, int], ...], list[int]] = defaultdict(list)
        for j in range(len(export)):
            for length in (2, 3):
                if j + length <= len(export):
                    self._index[_run_key(export, j, length)].append(j)

    def seeds(self, i: int, excerpt: list[Line]) -> list[Seed]:
        """Seeds of line i from the longest run around it with few places in the export."""
        for length in (3, 2):
            for shift in range(length):
                if i - shift < 0 or i - shift + length > len(excerpt):
                    continue
                places = self._index.get(_run_key(excerpt, i - shift, length), [])
                if 0 < len(places) <= CHECK_PARAMS.seed_places:
                    weight = (1.2 + 0.4 * length) / len(places) ** 0.5
                    return [Seed(i, j + shift, weight) for j in places]
        return []


def _run_key(lines: list[Line], start: int, length: int) -> tuple[tuple[str, int], ...]:
    """Words and class of a run of lines, as a key."""
    return tuple((line.key, line.cls) for line in lines[start : start + length])


class _Grams:
    """Pairs of neighbouring characters -> lines that hold them."""

    def __init__(self, export: list[Line]) -> None:
        self._export = export
        self._index: dict[str, list[int]] = defaultdict(list)
        for j, line in enumerate(export):
            if line.cls == WORDS:
                for gram in {line.key[k : k + 2] for k in range(len(line.key) - 1)}:
                    self._index[gram].append(j)

    def near(self, i: int, line: Line) -> list[Seed]:
        """Seeds at the export lines that share most character pairs and are similar enough."""
        votes: Counter[int] = Counter()
        for gram in {line.key[k : k + 2] for k in range(len(line.key) - 1)}:
            places = self._index.get(gram, ())
            if len(places) <= CHECK_PARAMS.common_gram_lines:
                votes.update(places)
        seeds = []
        for j, _ in votes.most_common(6):
            likeness = Indel.normalized_similarity(line.key, self._export[j].key)
            if likeness >= CHECK_PARAMS.seed_share:
                seeds.append(Seed(i, j, 2.5 * likeness))
        return sorted(seeds, key=lambda s: s.j)
