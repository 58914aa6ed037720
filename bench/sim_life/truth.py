"""The ledger of a life: what is right for every row, which rows nobody can tell apart, and which grades are right."""

from collections import defaultdict

from bench.score import ACCUSING, CLEAN
from bench.sim.ledger import Classes, ExpectedVerdict, Ledger, Line
from bench.sim_life.devices import PER_SIDE, REPEAT
from bench.sim_life.model import NOTICES, Answer, Copy, Life
from bench.sim_life.tools import SIGNS, TOKEN
from reconcile.vocabulary import Cause, Grade, Relation, Side

Written = list[tuple[int, dict[str, str]]]  # event and cells, in order of the export
LOST = Answer(Relation.ONE_SIDED, "lost")
SEVERITY = (Grade.NO_GAP_FOUND, Grade.EXPLAINED_DIFFERENCES, Grade.CANNOT_DETERMINE, Grade.ONE_SIDED, Grade.CONFLICTING)
RANK = {Relation.AGREEMENT: 0, Relation.SET_ASIDE: 1, Relation.DOUBTFUL: 2, Relation.ONE_SIDED: 3, Relation.CONFLICT: 4}
LOOKS = ("sender", "is_self", "kind", "text", "media_hash", "amount")
UNDECIDED = frozenset({Relation.ONE_SIDED, Relation.DOUBTFUL})


def places_of(written: dict[Side, Written]) -> dict[Side, dict[int, list[int]]]:
    """Where each event stands in the written tables."""
    held: dict[Side, dict[int, list[int]]] = {side: defaultdict(list) for side in Side}
    for side, rows in written.items():
        for position, (event, _) in enumerate(rows):
            held[side][event].append(position)
    return held


def ledger_of(life: Life, written: dict[Side, Written]) -> Ledger:
    """The ledger; rows are positions in the written tables."""
    held = places_of(written)
    lines: list[Line] = []
    # Where a tool leaves emoji out, a row may lack what its author meant, and one such row alone does not show the habit.
    hollow = {event for rows in written.values() for event, cells in rows if cells["text"] == TOKEN}
    if "strip" in {copy.tool.emoji for copy in life.copies.values()}:
        hollow |= {e.number for e in life.events if SIGNS.search(e.text)}
    for number in sorted({*held[Side.LEFT], *held[Side.RIGHT]}):
        lines += _lines(life, number, held, hollow)
    groups = _groups(life, written)
    grades = _grades(life, lines, held)
    return Ledger(
        lines=tuple(lines),
        verdicts=(ExpectedVerdict(0, "", "", frozenset(grades)),),
        groups=groups,
        truths={side: tuple(event for event, _ in rows) for side, rows in written.items()},
        notices=frozenset(e.number for e in life.events if e.kind in NOTICES),
        innocent=grades.isdisjoint(ACCUSING),
    )


def answer_of(life: Life, number: int, held: dict[Side, dict[int, list[int]]]) -> Answer | None:
    """What makes the event differ between the sides; None where it does not."""
    there = [side for side in Side if held[side].get(number)]
    if len(there) == 2:
        return life.changed.get(number)
    lacking = life.copies[there[0].other]
    found = lacking.why.get(number) or (PER_SIDE if life.events[number].kind in NOTICES else LOST)
    return _at_edge(life, number, lacking, held[lacking.side]) if RANK[found.relation] > 2 else found


def _at_edge(life: Life, number: int, lacking: Copy, held: dict[int, list[int]]) -> Answer:
    """Absence that would be missed, unless it lies beyond what the lacking export can speak about."""
    found = lacking.why.get(number, LOST)
    at = life.events[number].at
    times = [life.events[e].at for e in held if life.events[e].kind not in NOTICES and held[e]]
    if not times or at < min(times):
        return Answer(Relation.SET_ASIDE, found.by, frozenset({Cause.OUTSIDE_COVERAGE}), found.also | UNDECIDED)
    if at > max(times) and not (lacking.exported_at is not None and "exported_at" in lacking.tool.sidecar):
        return Answer(Relation.SET_ASIDE, found.by, frozenset({Cause.OUTSIDE_COVERAGE}), found.also | UNDECIDED)
    return found


def _is_outside(life: Life, number: int, held: dict[Side, dict[int, list[int]]]) -> bool:
    """Whether the side that lacks the event holds nothing before it, or nothing after it."""
    there = Side.LEFT if held[Side.LEFT].get(number) else Side.RIGHT
    times = [life.events[e].at for e, rows in held[there.other].items() if rows]
    return not times or not min(times) <= life.events[number].at <= max(times)


def _lines(life: Life, number: int, held: dict[Side, dict[int, list[int]]], hollow: set[int]) -> list[Line]:
    left, right = (held[side].get(number, []) for side in Side)
    lines = []
    for side, more in ((Side.LEFT, left[1:]), (Side.RIGHT, right[1:])):
        again = life.copies[side].repeats.get(number, REPEAT)
        places = [(p, None) if side is Side.LEFT else (None, p) for p in more]
        lines += [Line(number, 0, one, two, again.relation, again.causes, again.also) for one, two in places]
    found = answer_of(life, number, held)
    pair = (left[0] if left else None, right[0] if right else None)
    if found is not None:
        # Each device has its own reasons for its notices, and an export that ends has one more for all.
        ends = frozenset({Cause.OUTSIDE_COVERAGE}) if found.causes and None in pair and _is_outside(life, number, held) else frozenset()  # fmt: skip
        causes = frozenset() if life.events[number].kind in NOTICES else found.causes | ends
        return [*lines, Line(number, 0, *pair, found.relation, causes, found.also)]
    aside = frozenset({Relation.SET_ASIDE}) if life.events[number].kind in NOTICES else frozenset[Relation]()
    aside |= {Relation.DOUBTFUL} if number in hollow else frozenset()
    return [*lines, Line(number, 0, *pair, Relation.AGREEMENT, also=aside, is_soft=True)]


def seen_acts(life: Life, held: dict[Side, dict[int, list[int]]]) -> dict[int, str]:
    """The events by which an act can be seen, each with the name of the act: those that nobody could call explained."""
    found = ((n, answer_of(life, n, held)) for n in {*held[Side.LEFT], *held[Side.RIGHT]})
    return {n: a.by for n, a in found if a is not None and a.by in life.acts and RANK[a.relation] > 1}


def _grades(life: Life, lines: list[Line], held: dict[Side, dict[int, list[int]]]) -> set[Grade]:
    """Every grade that some permitted reading of the rows leads to, less the clean ones where an act can be seen."""
    floor = max((min(RANK[r] for r in (line.relation, *line.also)) for line in lines), default=0)
    options = {RANK[r] for line in lines for r in (line.relation, *line.also)}
    grades = {SEVERITY[rank] for rank in options | {floor} if rank >= floor}
    if floor <= 1:
        grades |= {Grade.EXPLAINED_DIFFERENCES, Grade.NO_GAP_FOUND} if floor == 0 else set()
    return (grades | life.grades) - (CLEAN if seen_acts(life, held) else set())


def _groups(life: Life, written: dict[Side, Written]) -> dict[int, int]:
    """Events that look alike on one side within the seconds that the material leaves open count as interchangeable."""
    classes = Classes(event.number for event in life.events)
    for one, two in sorted(life.blurred):
        classes.join(one, two)
    has_ids = all(copy.tool.ids == "exact" for copy in life.copies.values())
    sure = {event.number for event in life.events if has_ids and event.server_id}
    minute = any(copy.tool.time == "minute" for copy in life.copies.values())
    slack = (60.0 if minute else 0.0) + 5.0 + life.wide_seconds
    for side in Side:
        alike: dict[object, list[int]] = defaultdict(list)
        for event, cells in dict(written[side]).items():
            if event not in sure:
                alike[life.events[event].author, *(cells.get(c, "") for c in LOOKS)].append(event)
        for events in alike.values():
            classes.join_near(((*life.hull.get(e, (life.events[e].at,) * 2), e) for e in events), slack)
    return classes.by_truth()
