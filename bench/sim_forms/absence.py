"""What is right of a row that one export writes and the other does not.

Where the material cannot decide, doubt is right whatever is true; the other answer is right only where it is true.
"""

from bench.sim_forms.facts import Facts, tells_notices
from bench.sim_forms.model import NOTICES, Copy, Lack
from reconcile.vocabulary import Cause, Kind, Relation, Side

R = Relation
Answer = tuple[Relation, frozenset[Cause], frozenset[Relation]]
RECALL_SECONDS = 125
BY_A_PARTY = (Lack.DELETED, Lack.INVENTED, Lack.REPLACED, Lack.LEFT_FORGED, Lack.CUT)
TIP_CAUSES = (
    Cause.PER_SIDE_ROW,
    Cause.RECALLED,
    Cause.MEMBERSHIP,
    Cause.NOT_DELIVERED,
    Cause.OUTSIDE_COVERAGE,
    Cause.KIND_NOT_EXPORTED,
)


def answer(relation: Relation, *causes: Cause, also: tuple[Relation, ...] = ()) -> Answer:
    """One right answer."""
    return relation, frozenset(causes), frozenset(also)


def absence(facts: Facts, truth: int, lacking: Side) -> Answer:
    """The right answer for a row that the lacking side does not write."""
    said, lack, other = facts.sides.said[truth], facts.sides.lacks.get((truth, lacking)), facts.sides.copies[lacking]
    by_form = _by_form(facts, truth, lack, other)
    if by_form is not None:
        return by_form
    true = R.ONE_SIDED if lack in BY_A_PARTY else R.SET_ASIDE
    if facts.common is None:
        return answer(R.SET_ASIDE, also=(R.DOUBTFUL, true))
    first, last = facts.reach[lacking]
    if not first <= said.at <= last:
        return _beyond(facts, truth, lack, other, tail=said.at > last)
    relation, causes, also = _inside(facts, truth, lack, other)
    if relation is R.ONE_SIDED and _is_loose(facts, truth):
        also |= {R.DOUBTFUL, R.SET_ASIDE}
    return relation, causes, also


def _by_form(facts: Facts, truth: int, lack: Lack | None, other: Copy) -> Answer | None:
    """The answer where the form of the lacking side does not write such rows; else None."""
    kind = facts.sides.said[truth].kind
    if kind in NOTICES:
        return answer(R.SET_ASIDE, *TIP_CAUSES, also=(R.DOUBTFUL, R.ONE_SIDED) if facts.has("forged", truth) else ())
    if other.form.is_selection:
        return answer(R.SET_ASIDE, Cause.DECLARED, *TIP_CAUSES, also=(R.DOUBTFUL,) if lack in BY_A_PARTY else ())
    if kind in other.form.drops:
        return answer(R.SET_ASIDE, Cause.KIND_NOT_EXPORTED, Cause.OUTSIDE_COVERAGE)
    if other.form.only_text and kind is not Kind.TEXT:
        # An unknown tool's silence about all other kinds is no fact of its form.
        return answer(R.DOUBTFUL, also=(R.ONE_SIDED if lack in BY_A_PARTY else R.SET_ASIDE,))
    return None


def _is_loose(facts: Facts, truth: int) -> bool:
    """Whether the row lies where coverage is not certain, or just before a real recall notice of its author."""
    at, (first, last) = facts.at(truth), facts.common or (0.0, 0.0)
    tips = [
        r for rows in facts.written.values() for r in rows if r.kind is Kind.RECALL and not facts.has("forged", r.truth)
    ]
    mine = [facts.at(r.truth) - at for r in tips if r.facts.get("who") == str(facts.sides.said[truth].author)]
    return (
        at < first + facts.slack
        or at > last - facts.slack
        or any(0 <= by <= RECALL_SECONDS + facts.slack for by in mine)
    )


def _beyond(facts: Facts, truth: int, lack: Lack | None, other: Copy, *, tail: bool) -> Answer:
    """A row before the first or behind the last that the lacking side writes."""
    if tail and other.form.tells_export and lack is not Lack.EDGE:
        relation, causes, more = _inside(facts, truth, lack, other)
        return relation, causes, more | {R.DOUBTFUL}
    also: tuple[Relation, ...] = ()
    if other.form.name == "chatlog_csv":
        # A day in the file's name may say that the export reaches to the end of that day.
        also = (R.DOUBTFUL, R.ONE_SIDED) if lack in BY_A_PARTY else (R.DOUBTFUL,)
    return answer(R.SET_ASIDE, Cause.OUTSIDE_COVERAGE, Cause.NOT_DELIVERED, Cause.RECALLED, Cause.MEMBERSHIP, also=also)


def _inside(facts: Facts, truth: int, lack: Lack | None, other: Copy) -> Answer:
    """A row at a place of which the lacking side's export speaks."""
    holder = facts.sides.copies[other.side.other]
    here, there = tells_notices(holder), tells_notices(other)
    kind = facts.sides.said[truth].kind
    right = answer(R.ONE_SIDED)
    if kind is not Kind.TEXT and all(r.kind is not kind for r in facts.written[other.side]):
        # That an export holds no row of a kind may mean that the kind was not ticked.
        right = answer(R.DOUBTFUL, also=(R.ONE_SIDED,)) if other.form.ticks else answer(R.ONE_SIDED, also=(R.DOUBTFUL,))
    match lack:
        case Lack.DECLARED:
            right = answer(R.SET_ASIDE, Cause.DECLARED)
        case Lack.UNTICKED:
            right = answer(R.DOUBTFUL, also=(R.SET_ASIDE,))
        case Lack.EDGE:
            right = _excused(Cause.OUTSIDE_COVERAGE, by_holder=False, by_other=False)
        case Lack.FAILED:
            told = (holder.form.has_status and bool(facts.row(holder.side, truth).status)) or (
                facts.has("refused", truth) and here
            )
            right = _excused(Cause.NOT_DELIVERED, by_holder=told, by_other=holder.form.has_ids)
        case Lack.RECALLED:
            relation, causes, also = _excused(
                Cause.RECALLED, by_holder=facts.has("told_by_holder", truth) and here, by_other=there
            )
            right = relation, causes, also | {R.DOUBTFUL}
        case Lack.ABSENT:
            right = _excused(Cause.MEMBERSHIP, by_holder=here and there, by_other=here or there)
        case Lack.LEFT_FORGED:
            right = _forged(seen=there, contradicted=here)
        case Lack.REPLACED:
            relation, causes, also = _forged(seen=there, contradicted=facts.has("own_words_kept", truth))
            right = relation, causes, also | ({R.CONFLICT} if there else set())
    return right


def _excused(cause: Cause, *, by_holder: bool, by_other: bool) -> Answer:
    """An innocent absence: what the holder's own export says of it sets it aside, what only the other says raises doubt."""
    if by_holder:
        return answer(R.SET_ASIDE, cause, Cause.OUTSIDE_COVERAGE)
    return answer(R.DOUBTFUL, also=(R.SET_ASIDE,)) if by_other else answer(R.ONE_SIDED, also=(R.DOUBTFUL, R.SET_ASIDE))


def _forged(*, seen: bool, contradicted: bool) -> Answer:
    """A deletion under a forged notice, which the form may not write and the holder's export may contradict."""
    if not seen:
        return answer(R.ONE_SIDED)
    return answer(R.ONE_SIDED, also=(R.DOUBTFUL,)) if contradicted else answer(R.DOUBTFUL, also=(R.ONE_SIDED,))
