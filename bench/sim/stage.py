"""The dispute while faults work on it: which rows may still be touched, and how to find a row on a side."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from random import Random

from bench.sim.model import Dispute, Loss, Row
from bench.sim.tables import NAMELESS
from bench.sim.truth import Plan
from reconcile.vocabulary import Kind, Side

DISPUTED = 0


class Stage(IntEnum):
    """When a fault works: content first, then presence, edges, clocks, spelling, and the order of the file last."""

    CONTENT = 0
    PRESENCE = 1
    EDGES = 2
    CLOCK = 3
    FORM = 4
    ORDER = 5


@dataclass(slots=True)
class Scene:
    """A told dispute under damage. `touched` are true messages that a fault has used already."""

    dispute: Dispute
    plan: Plan
    rng: Random
    touched: set[int] = field(default_factory=set)

    def side(self) -> Side:
        """A side by lot."""
        return Side.LEFT if self.rng.random() < 0.5 else Side.RIGHT

    def index(self, side: Side, chat: int = DISPUTED) -> dict[int, Row]:
        """The rows that a side holds of a chat, by true number."""
        return {r.truth: r for r in self.dispute.copies[side].rows if r.chat == chat}

    def shared(self, where: Callable[[Row], bool] | None = None, *, edges: bool = False) -> list[int]:
        """True messages of the disputed chat that both hold, untouched and no notices, in order; without the first and last two."""
        left, right = (self.index(side) for side in Side)
        common = [r for r in self.dispute.said if r.truth in left and r.truth in right and r.kind not in NAMELESS]
        inner = common if edges else common[2:-2]
        return [r.truth for r in inner if r.truth not in self.touched and (where is None or where(left[r.truth]))]

    def pick(self, many: int, where: Callable[[Row], bool] | None = None) -> list[int]:
        """Up to `many` of the shared rows by lot, from now on touched."""
        found = self.shared(where)
        chosen = self.rng.sample(found, min(many, len(found)))
        self.touched.update(chosen)
        return chosen

    def block(self, many: int) -> list[int]:
        """Up to `many` neighbouring shared rows, from now on touched."""
        found = self.shared()
        start = self.rng.randrange(max(1, len(found) - many + 1)) if found else 0
        chosen = found[start : start + many]
        self.touched.update(chosen)
        return chosen

    def lose(self, side: Side, truths: Iterable[int], loss: Loss) -> int:
        """Take rows from a side's copy for a reason; how many it held."""
        gone = set(truths)
        copy = self.dispute.copies[side]
        before = len(copy.rows)
        for truth in gone:
            losses = self.dispute.fact(truth).losses
            # A row removed from where the export could not reach anyway is not missed: the better reason takes the place of `gone`, and what
            # excuses a row whatever the export covers that of `window`.
            lesser = {Loss.GONE} if loss in (Loss.GONE, Loss.WINDOW) else {Loss.GONE, Loss.WINDOW}
            # Nor can an inserted row be told from what a side that was not there, or says that it left rows out, has missed.
            lesser |= {Loss.INVENTED} if loss in (Loss.MEMBERSHIP, Loss.DECLARED) else set()
            if losses.get(side, Loss.GONE) in lesser:
                losses[side] = loss
        copy.rows = [r for r in copy.rows if r.truth not in gone]
        return before - len(copy.rows)

    def notice(self, at: float, words: dict[Side, str], kind: Kind = Kind.SYSTEM, author: int | None = None) -> Row:
        """Add a notice, with each side's own words, to the sides named."""
        number = str(self.rng.randrange(10**18, 9 * 10**18)) if self.rng.random() < 0.5 else ""
        row = self.dispute.add(Row(0, DISPUTED, at, author, kind, next(iter(words.values())), number), tuple(words))
        for side, text in words.items():
            self.dispute.copies[side].rows[-1].text = text
        if len(words) == 1:
            self.dispute.fact(row.truth).losses[next(iter(words)).other] = Loss.PER_SIDE
        return row

    def at(self, truth: int) -> float:
        """True time of a message, in seconds."""
        return next(r.at or 0.0 for r in self.dispute.said if r.truth == truth)

    def span(self) -> tuple[float, float]:
        """First and last true time of the disputed chat."""
        times = [r.at or 0.0 for r in self.dispute.said if r.chat == DISPUTED]
        return min(times), max(times)


Hook = Callable[[Plan, Random], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of damage.

    Attributes:
        name: as the quality table shows it.
        apply: works on the scene; False where the dispute gives no occasion.
        stage: when it works.
        plan: what it needs of the dispute before that is told.
        slot: at most one fault of a slot stands in a combination.
        alone: not used in combinations.
    """

    name: str
    apply: Callable[[Scene], bool]
    stage: Stage
    plan: Hook | None = None
    slot: str = ""
    alone: bool = False


def both(plan: Plan, **values: object) -> None:
    """Ask for the same table attributes on both sides."""
    for side in Side:
        plan.tables[side].update(values)


def hooks(*many: Hook) -> Hook:
    """One hook of several."""

    def run(plan: Plan, rng: Random) -> None:
        for hook in many:
            hook(plan, rng)

    return run


def wants(patterns: Sequence[str] = (), kinds: Sequence[Kind] = (), **values: object) -> Hook:
    """A hook that asks for sentences, kinds, and attributes of the plan."""

    def run(plan: Plan, _rng: Random) -> None:
        plan.patterns += tuple(patterns)
        plan.kinds += tuple(kinds)
        for name, value in values.items():
            setattr(plan, name, value)

    return run


def direct(plan: Plan, _rng: Random) -> None:
    """Two parties."""
    plan.members = 2


def group(plan: Plan, rng: Random) -> None:
    """A room."""
    plan.members = max(plan.members, rng.randint(3, 7))


def lone(plan: Plan, _rng: Random) -> None:
    """No other chats on either device, so that nothing else tells how far an export reaches."""
    plan.others = dict.fromkeys(Side, 0)
    plan.shared = 0
