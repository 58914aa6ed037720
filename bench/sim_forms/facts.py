"""The facts of a dispute as its two forms show them, in the shape in which the ledger looks them up."""

from collections import defaultdict

from bench.sim.ledger import Classes
from bench.sim_forms.model import NOTICES, Copy, Form, Row, Sides
from bench.sim_forms.view import stripped
from reconcile.vocabulary import Kind, Side


def differ(one: tuple[Form, Row], two: tuple[Form, Row]) -> bool:
    """Whether two rows state different things in what both forms show. What a side does not state is not compared."""
    forms = one[0], two[0]
    cut = min((f.cut_at for f in forms if f.cut_at), default=0)
    for fact in forms[0].shows.get(one[1].kind, frozenset()) & forms[1].shows.get(two[1].kind, frozenset()):
        values = [row.text if fact == "words" else row.facts.get(fact, "") for _, row in (one, two)]
        if not all(values):
            continue
        if fact in ("words", "quoted"):
            if any(f.strips for f in forms):
                values = [stripped(v).lstrip() for v in values]
            values = [v[:cut] if cut else v for v in values]
        if values[0] != values[1]:
            return True
    return False


class Facts:
    """Where each true message stands in the written exports, and what each export reaches.

    `reach` is the span of true times of a side's written rows, `common` that of messages which both sides write. Moved rows count for neither.
    """

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self.written = {s: sides.copies[s].written() for s in Side}
        self.places: dict[Side, dict[int, list[int]]] = {s: defaultdict(list) for s in Side}
        for side, rows in self.written.items():
            for n, row in enumerate(rows):
                self.places[side][row.truth].append(n)
        self.acts = {t: act for act in sides.acts for t in act.truths}
        moved = {t for name, t in sides.traits if name == "moved"}
        still = {s: [r.truth for r in rows if r.truth not in moved] for s, rows in self.written.items()}
        both = [t for t in still[Side.LEFT] if t in self.places[Side.RIGHT] and sides.said[t].kind not in NOTICES]
        self.reach = {
            s: (min(map(self.at, ts), default=0.0), max(map(self.at, ts), default=0.0)) for s, ts in still.items()
        }
        self.common = (min(map(self.at, both)), max(map(self.at, both))) if both else None
        precisions = [2 * p if (p := c.form.precision) is not None else 86400.0 for c in sides.copies.values()]
        self.slack = max(sides.slack, *precisions)

    def at(self, truth: int) -> float:
        """The true time of a message."""
        return self.sides.said[truth].at

    def has(self, trait: str, truth: int) -> bool:
        """Whether something is noted of a message."""
        return (trait, truth) in self.sides.traits

    def row(self, side: Side, truth: int) -> Row:
        """The first row that a side writes of a message."""
        return self.written[side][self.places[side][truth][0]]

    def by_id(self) -> bool:
        """Whether both exports hold ids by which one message is known."""
        return self.sides.ids_shared and all(c.form.has_ids for c in self.sides.copies.values())

    def groups(self) -> dict[int, int]:
        """Classes of messages that nobody can tell apart: one look in what both forms show, within the slack."""
        classes = Classes(self.sides.said)
        for notice, t in self.sides.replaced.items():
            classes.join(notice, t)
        alike: dict[tuple[object, ...], list[tuple[float, float, int]]] = defaultdict(list)
        for t in sorted({t for s in Side for t in self.places[s]}) if not self.by_id() else ():
            by = self.sides.spans.get(t, 0.0)
            alike[self._look(self.sides.said[t])].append((self.at(t) + min(0.0, by), self.at(t) + max(0.0, by), t))
        for spans in alike.values():
            classes.join_near(spans, self.slack)
        return classes.by_truth()

    def _look(self, row: Row) -> tuple[object, ...]:
        if row.kind in NOTICES:
            return row.kind, row.text, row.facts.get("who")
        left, right = (self.sides.copies[s].form.shows.get(row.kind, frozenset()) for s in Side)
        return row.author, row.kind, *(row.text if f == "words" else row.facts.get(f) for f in sorted(left & right))


def tells_notices(copy: Copy) -> bool:
    """Whether the export writes the client's own rows."""
    return Kind.SYSTEM not in copy.form.drops and not copy.form.only_text
