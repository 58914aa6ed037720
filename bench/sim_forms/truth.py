"""The right answer to a dispute of export forms, row by row. Rows are numbered as the form writes them, which is the reader's order."""

from bench.score import CLEAN
from bench.sim.ledger import ExpectedVerdict, Ledger, Line
from bench.sim_forms.absence import Answer, absence, answer
from bench.sim_forms.facts import Facts, differ
from bench.sim_forms.model import NOTICES, Act, Row, Sides
from bench.sim_forms.view import View
from reconcile.vocabulary import Cause, Grade, Kind, Relation, Side

R = Relation


def ledger_of(sides: Sides) -> Ledger:
    """Everything that is right about the dispute as its two forms show it."""
    facts = Facts(sides)
    lines = _lines(facts)
    allowed = {r for line in lines for r in (line.relation, *line.also)}
    left, right = (View(sides, sides.copies[s]).chat for s in Side)
    return Ledger(
        lines=tuple(lines),
        verdicts=(ExpectedVerdict(0, left, right, _grades(facts, lines)),),
        groups=facts.groups(),
        truths={s: tuple(r.truth for r in facts.written[s]) for s in Side},
        notices=frozenset(t for t, r in sides.said.items() if r.kind in NOTICES),
        innocent=not sides.guilty and not allowed & {R.CONFLICT, R.ONE_SIDED},
    )


def _lines(facts: Facts) -> list[Line]:
    """One line for each true message that a form writes, and one for each row written twice."""
    out = []
    every = {t for s in Side for t in facts.places[s]}
    for truth in sorted(every, key=lambda t: (facts.at(t), t)):
        left, right = (facts.places[s].get(truth, []) for s in Side)
        twice = frozenset({Cause.REPEAT}), frozenset({R.DOUBTFUL})
        out += [Line(truth, 0, n, None, R.SET_ASIDE, *twice) for n in left[1:]]
        out += [Line(truth, 0, None, n, R.SET_ASIDE, *twice) for n in right[1:]]
        if left and right:
            relation, causes, also = _pair(facts, truth, facts.row(Side.LEFT, truth), facts.row(Side.RIGHT, truth))
        else:
            relation, causes, also = absence(facts, truth, Side.RIGHT if left else Side.LEFT)
        rows = left[0] if left else None, right[0] if right else None
        out.append(Line(truth, 0, *rows, relation, causes, also - {relation}, is_soft=relation is R.AGREEMENT))
    return out


def _pair(facts: Facts, truth: int, left: Row, right: Row) -> Answer:
    """What is right of two rows of one message."""
    if left.kind in NOTICES:
        return answer(R.AGREEMENT, also=(R.SET_ASIDE,))
    if facts.has("status_forged", truth):
        return answer(R.AGREEMENT, also=(R.CONFLICT, R.DOUBTFUL))
    act = facts.acts.get(truth)
    if act is not None and act.cause is not None:
        return _altered(facts, truth, act, act.cause, left, right)
    forms = [facts.sides.copies[s].form for s in Side]
    is_telling = len(left.text) >= 7 and all("words" in f.shows.get(left.kind, ()) for f in forms)
    if abs(facts.sides.spans.get(truth, 0.0)) > 120 and not is_telling and not facts.by_id():
        return answer(R.AGREEMENT, also=(R.DOUBTFUL,))
    return answer(R.AGREEMENT)


def _altered(facts: Facts, truth: int, act: Act, cause: Cause, left: Row, right: Row) -> Answer:
    forms = [facts.sides.copies[s].form for s in Side]
    if facts.has("emptied", truth):
        return answer(R.AGREEMENT, also=(R.CONFLICT, R.DOUBTFUL))
    if cause is Cause.TIME_DIFFERS and any(f.precision is None for f in forms):
        return answer(R.AGREEMENT, also=(R.DOUBTFUL,))
    if facts.has("like_late", truth):
        return answer(R.DOUBTFUL, also=(R.CONFLICT, R.AGREEMENT))
    is_content = cause not in (Cause.TIME_DIFFERS, Cause.SENDER_DIFFERS)
    if is_content and not differ((forms[0], left), (forms[1], right)):
        return answer(R.AGREEMENT, also=(R.DOUBTFUL,) if act.name == "changed quotation" else ())
    return answer(R.CONFLICT, cause, also=(R.DOUBTFUL,))


def _grades(facts: Facts, lines: list[Line]) -> frozenset[Grade]:
    """The grades that the answers allow."""
    if facts.common is None:
        return frozenset({Grade.CANNOT_DETERMINE})
    accepted = [{line.relation, *line.also} for line in lines]
    unclean = any(name == "emptied" and _is_seen(facts, t) for name, t in facts.sides.traits)
    cleaned = any("cleaned" in r.facts for rows in facts.written.values() for r in rows)
    out = {Grade.CONFLICTING} if any(R.CONFLICT in a for a in accepted) else set[Grade]()
    if any(R.ONE_SIDED in a for a in accepted) and all(a - {R.CONFLICT} for a in accepted):
        out.add(Grade.ONE_SIDED)
    if all(a - {R.CONFLICT, R.ONE_SIDED} for a in accepted) and (
        unclean or cleaned or any(R.DOUBTFUL in a for a in accepted)
    ):
        out.add(Grade.CANNOT_DETERMINE)
    if all(a & {R.AGREEMENT, R.SET_ASIDE} for a in accepted) and not unclean:
        out |= CLEAN
    return frozenset(out)


def _is_seen(facts: Facts, truth: int) -> bool:
    """Whether an emptied content is one that both forms show."""
    kind = facts.sides.said[truth].kind
    fact = "amount" if kind is Kind.TRANSFER else "words"
    return all(truth in facts.places[s] and fact in facts.sides.copies[s].form.shows.get(kind, ()) for s in Side)
