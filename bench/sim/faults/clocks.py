"""Times: offsets, unmarked zones, drift, a step, jitter, minute precision, no time at all. None of them is a difference."""

from collections.abc import Callable
from dataclasses import replace

from bench.sim.model import Copy, Spelling
from bench.sim.stage import DISPUTED, Fault, Scene, Stage
from reconcile.vocabulary import Side


def _reclock(copy: Copy, clock: Callable[[float], float]) -> None:
    """Let a device's rows, and the facts that stand on its clock, show another clock's time."""
    for row in copy.rows:
        row.at = clock(row.at or 0.0)
    copy.declared = [replace(d, start=clock(d.start), end=clock(d.end)) for d in copy.declared]
    for key, span in copy.memberships.items():
        joined, left = (None if at is None else clock(at) for at in span)
        copy.memberships[key] = joined, left
    if copy.exported_at is not None:
        copy.clock_shift += clock(copy.exported_at) - copy.exported_at


def _offset(scene: Scene) -> bool:
    copy = scene.dispute.copies[scene.side()]
    shift = scene.rng.choice((-1, 1)) * scene.rng.choice(
        (scene.rng.randint(1, 20), scene.rng.randint(20, 300), scene.rng.randint(300, 90_000))
    )
    _reclock(copy, lambda at: at + shift)
    return True


def _zone(scene: Scene) -> bool:
    """Local times of another zone, which nobody names."""
    dialect = scene.dispute.copies[scene.side()].dialect
    dialect.spelling = scene.rng.choice((Spelling.NAIVE, Spelling.NAIVE_T, Spelling.SLASHED))
    dialect.zone_name = None
    dialect.zone_seconds = scene.rng.choice((9, 7, 0, 1, -5, -8, 10)) * 3600
    return True


def _zones_named(scene: Scene) -> bool:
    """Local times of another zone, which the sidecar names."""
    dialect = scene.dispute.copies[scene.side()].dialect
    dialect.spelling, dialect.has_sidecar = Spelling.NAIVE, True
    dialect.zone_name, dialect.zone_seconds = scene.rng.choice(
        (("Asia/Tokyo", 32_400), ("UTC", 0), ("Asia/Bangkok", 25_200))
    )
    return True


def _drift(scene: Scene) -> bool:
    copy = scene.dispute.copies[scene.side()]
    first, _last = scene.span()
    rate = scene.rng.choice((-1, 1)) * scene.rng.uniform(0.1, 3.0) / 3600
    _reclock(copy, lambda at: float(round(at + rate * (at - first))))
    scene.dispute.slack_seconds += 4
    return True


def _step(scene: Scene) -> bool:
    """The clock jumps in mid-chat; rows keep the order in which they came."""
    copy = scene.dispute.copies[scene.side()]
    times = [r.at or 0.0 for r in scene.dispute.said if r.chat == DISPUTED]
    moment = times[int(len(times) * scene.rng.uniform(0.25, 0.75))]
    jump = scene.rng.choice((8, 8, 8, -8, 1, -1)) * 3600.0
    copy.rows.sort(key=lambda r: r.at or 0.0)
    _reclock(copy, lambda at: at + (jump if at >= moment else 0.0))
    copy.order_is_kept = jump < 0 or scene.rng.random() < 0.5
    scene.dispute.slack_seconds += 5
    return True


def _offsets(scene: Scene) -> bool:
    """Both clocks wrong, each by its own."""
    for copy in scene.dispute.copies.values():
        shift = scene.rng.randint(-4000, 4000)
        _reclock(copy, lambda at, shift=shift: at + shift)  # type: ignore[misc]
    return True


def _jitter(seconds: int, sides: int = 1) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        for side in tuple(Side) if sides == 2 else (scene.side(),):
            for row in scene.dispute.copies[side].rows:
                row.at = (row.at or 0.0) + scene.rng.randint(-seconds, seconds)
        scene.dispute.slack_seconds += 2 * seconds * sides
        return True

    return run


def _variant(spelling: Spelling, scene: Scene) -> Spelling:
    slashed = spelling is Spelling.MINUTE and scene.rng.random() < 0.3
    return Spelling.MINUTE_SLASHED if slashed else spelling


def _spelled(spelling: Spelling, sides: int) -> Callable[[Scene], bool]:
    def run(scene: Scene) -> bool:
        chosen = tuple(Side) if sides == 2 else (scene.side(),)
        for side in chosen:
            scene.dispute.copies[side].dialect.spelling = _variant(spelling, scene)
        scene.dispute.slack_seconds += 60 if spelling is Spelling.MINUTE else 0
        return True

    return run


CLOCKS = (
    Fault("offset", _offset, Stage.CLOCK, slot="clock"),
    Fault("offsets of both", _offsets, Stage.CLOCK, slot="clock"),
    Fault("unmarked zone", _zone, Stage.CLOCK, slot="clock"),
    Fault("zones named", _zones_named, Stage.CLOCK, slot="clock"),
    Fault("drift", _drift, Stage.CLOCK, slot="clock"),
    Fault("step in mid-chat", _step, Stage.CLOCK, slot="clock"),
    Fault("jitter 1 s", _jitter(1), Stage.CLOCK, slot="clock"),
    Fault("jitter 5 s", _jitter(5), Stage.CLOCK, slot="clock"),
    Fault("jitter 20 s", _jitter(20), Stage.CLOCK, slot="clock"),
    Fault("jitter 10 s on both", _jitter(10, sides=2), Stage.CLOCK, slot="clock"),
    Fault("minute precision, one", _spelled(Spelling.MINUTE, 1), Stage.CLOCK, slot="precision"),
    Fault("minute precision, both", _spelled(Spelling.MINUTE, 2), Stage.CLOCK, slot="precision"),
    Fault("no time on both", _spelled(Spelling.NONE, 2), Stage.CLOCK, slot="clock precision"),
    Fault("no time on one", _spelled(Spelling.NONE, 1), Stage.CLOCK, slot="clock"),
)  # fmt: skip
