"""place(): positions of an excerpt without good times in an export of the same conversation."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log2
from statistics import median

from reconcile.submission.excerpt.lines import Line
from reconcile.submission.excerpt.local_alignment import Scorer, fill
from reconcile.submission.excerpt.seeds import Seed, find_seeds, fits_time
from reconcile.submission.excerpt.swaps import moved_lines
from reconcile.submission.params import CHECK_PARAMS


@dataclass(frozen=True, slots=True)
class Placed:
    """Placed pairs (excerpt, export), learnt senders and offset, and pairs with alternatives."""

    pairs: tuple[tuple[int, int], ...]
    senders: dict[str, str]
    offset: float | None
    ambiguous: frozenset[int]


def place(excerpt: list[Line], export: list[Line]) -> Placed:
    """Places every line that has a place.

    Two passes: the first learns names and clock difference from lines with only one possible place, the second uses
    both. Without times in the excerpt, order and words alone decide.
    """
    first = best_chain(find_seeds(excerpt, export, None))
    offset = _median_offset(first, excerpt, export)
    chain = best_chain(find_seeds(excerpt, export, offset)) if offset is not None else first
    senders = _learn_senders(chain, excerpt, export)
    sure = [(s.i, s.j) for s in chain if _same_sender(s, excerpt, export, senders)]
    scorer = Scorer(offset, senders)
    pairs, far = _near_their_neighbours(fill(excerpt, export, sure, scorer), excerpt, export, scorer)
    pairs, free = moved_lines(pairs, excerpt, export, scorer)
    return Placed(tuple(pairs), senders, offset, _ambiguous_lines(pairs, excerpt, export, offset) | far | free)


def _median_offset(chain: list[Seed], excerpt: list[Line], export: list[Line]) -> float | None:
    """Clock of the excerpt minus that of the export, in seconds; None from too few seeds."""
    apart = [
        (a.at - b.at, a.slack) for s in chain if (a := excerpt[s.i]).at is not None and (b := export[s.j]).at is not None
    ]  # fmt: skip
    fine = [seconds for seconds, slack in apart if slack <= CHECK_PARAMS.fine_seconds]
    if len(apart) < CHECK_PARAMS.offset_seeds or len(fine) >= CHECK_PARAMS.offset_seeds:
        return median(fine) if len(fine) >= CHECK_PARAMS.offset_seeds else None
    # Days alone tell no offset, but which of a few fits.
    return max(
        (0.0, *fine),
        key=lambda o: (sum(abs(seconds - o) <= CHECK_PARAMS.seed_seconds + slack for seconds, slack in apart), -abs(o)),
    )


def _learn_senders(chain: list[Seed], excerpt: list[Line], export: list[Line]) -> dict[str, str]:
    """Excerpt name -> export name, where enough seeds agree."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in chain:
        a, b = excerpt[seed.i].who, export[seed.j].who
        if a is not None and b is not None:
            votes[a][b] += 1
    learnt = {}
    if len(votes) == 2 == len({who for counted in votes.values() for who in counted}):
        # Of two people, each is called by one name: what is known of either tells of both.
        (one, of_one), (other, of_other) = votes.items()
        left, right = sorted({*of_one, *of_other})
        straight, crossed = of_one[left] + of_other[right], of_one[right] + of_other[left]
        if max(straight, crossed) >= max(
            CHECK_PARAMS.sender_votes, CHECK_PARAMS.both_senders_share * (straight + crossed)
        ):
            return {one: left, other: right} if straight > crossed else {one: right, other: left}
    for name, counted in votes.items():
        best, count = counted.most_common(1)[0]
        if count >= CHECK_PARAMS.sender_votes and count >= CHECK_PARAMS.sender_share * counted.total():
            learnt[name] = best
    return learnt


def _same_sender(seed: Seed, excerpt: list[Line], export: list[Line], senders: dict[str, str]) -> bool:
    """Whether the senders of a seed fit; long words are kept, since a changed sender looks like that."""
    a, b = excerpt[seed.i], export[seed.j]
    known = senders.get(a.who) if a.who is not None else None
    return known is None or b.who is None or known == b.who or seed.weight >= CHECK_PARAMS.long_seed_weight


def _near_their_neighbours(
    pairs: list[tuple[int, int]], excerpt: list[Line], export: list[Line], scorer: Scorer
) -> tuple[list[tuple[int, int]], set[int]]:
    """The pairs with stray ones moved beside a neighbour, and those that stay far from both.

    Half-alike or everyday words far from both neighbours are chance; a free line right beside a neighbour is the
    better guess.
    """
    counted = Counter(line.key for line in export)
    placed = dict(pairs)
    taken = set(placed.values())
    far = set()
    for i, j in pairs:
        before, after = placed.get(i - 1), placed.get(i + 1)
        close = any(n is not None and abs(n - j) <= CHECK_PARAMS.close_lines for n in (before, after))
        if close or _is_sure(excerpt[i], export[j], scorer, counted):
            continue
        beside = (
            n
            for n in (None if before is None else before + 1, None if after is None else after - 1)
            if n is not None and 0 <= n < len(export) and n not in taken and excerpt[i].cls == export[n].cls
        )
        better = [n for n in beside if excerpt[i].key != export[j].key or excerpt[i].key == export[n].key]
        if better:
            taken.discard(j)
            placed[i] = max(better, key=lambda n: (scorer.score(excerpt[i], export[n]), -n))
            taken.add(placed[i])
        elif excerpt[i].key != export[j].key:
            taken.discard(j)
            del placed[i]
        else:
            far.add(i)
    return sorted(placed.items()), far


def _is_sure(a: Line, b: Line, scorer: Scorer, counted: Counter[str]) -> bool:
    """Whether id, time or rare words leave no other place for the line."""
    if a.facts["message_id"] and a.facts["message_id"] == b.facts["message_id"]:
        return True
    if scorer.offset is not None and a.at is not None and b.at is not None and fits_time(a, b, scorer.offset):
        return a.key == b.key or scorer.score(a, b) >= CHECK_PARAMS.sure_score
    return (a.key == b.key and counted[b.key] == 1) or (
        a.key != b.key and scorer.score(a, b) >= CHECK_PARAMS.sure_score
    )


def _ambiguous_lines(
    pairs: list[tuple[int, int]], excerpt: list[Line], export: list[Line], offset: float | None
) -> frozenset[int]:
    """Placed lines whose words the same sender repeats nearby, unpaired: either may be meant."""
    taken = {j for _, j in pairs}
    found = set()
    for n, (i, j) in enumerate(pairs):
        low = pairs[n - 1][1] if n else max(-1, j - 30)
        high = pairs[n + 1][1] if n + 1 < len(pairs) else min(len(export), j + 30)
        if not low < j < high or excerpt[i].facts["message_id"]:
            continue
        for k in range(max(low + 1, j - 200), min(high, j + 200)):
            if k not in taken and _is_same_line(excerpt[i], export[j], export[k], offset):
                found.add(i)
                break
    return frozenset(found)


def _is_same_line(line: Line, chosen: Line, other: Line, offset: float | None) -> bool:
    """Whether another line of the export equals the chosen one in words, class, sender and moment."""
    if (other.key, other.cls, other.who) != (chosen.key, chosen.cls, chosen.who):
        return False
    if offset is None or line.at is None or chosen.at is None or other.at is None:
        return True
    return abs(line.at - other.at - offset) <= line.slack + other.slack


def best_chain(seeds: list[Seed]) -> list[Seed]:
    """The seeds of greatest total weight less costs; each excerpt line and each export line at most once.

    Ties go to the earlier place. Cost: at most CHECK_PARAMS.look_back comparisons a seed.
    """
    score: list[float] = []
    before: list[int] = []
    for n, seed in enumerate(seeds):
        best, via = 0.0, -1
        for m in range(n - 1, max(-1, n - 1 - CHECK_PARAMS.look_back), -1):
            earlier = seeds[m]
            if earlier.i >= seed.i:
                continue
            value = score[m] - _chain_cost(earlier, seed)
            if value > best + 1e-9:
                best, via = value, m
        score.append(best + seed.weight)
        before.append(via)
    if not score:
        return []
    at = max(range(len(score)), key=lambda n: (score[n], -n))
    chain = []
    while at >= 0:
        chain.append(seeds[at])
        at = before[at]
    return _without_repeats(chain[::-1])


def _chain_cost(earlier: Seed, later: Seed) -> float:
    """What it costs to follow one seed with another: lines skipped, and going back in the export."""
    between, passed = later.i - earlier.i - 1, later.j - earlier.j - 1
    if passed < 0:
        return CHECK_PARAMS.backward_score + CHECK_PARAMS.skipped_line_score * between
    left_out = passed - between
    if left_out < 0:
        return -CHECK_PARAMS.skipped_line_score * left_out
    return min(CHECK_PARAMS.jump_score * log2(1 + left_out), CHECK_PARAMS.jump_most_score)


def _without_repeats(chain: list[Seed]) -> list[Seed]:
    """The seeds, each export line used once."""
    taken: set[int] = set()
    kept = []
    for seed in chain:
        if seed.j not in taken:
            taken.add(seed.j)
            kept.append(seed)
    return kept
