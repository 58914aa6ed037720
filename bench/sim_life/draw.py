"""Draws a dispute: story, devices, circumstances, acts, tools, ledger; and writes it down."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.sim.ledger import Ledger
from bench.sim_life.acts import ACTS
from bench.sim_life.devices import PER_SIDE, hold, number, tick
from bench.sim_life.exported import EXPORTED
from bench.sim_life.innocents import LIVED
from bench.sim_life.model import NOTICES, Copy, Life
from bench.sim_life.occasions import aside
from bench.sim_life.story import begin, name_on
from bench.sim_life.tools import HEADING, cells, draw_tool, ordered
from bench.sim_life.truth import Written, answer_of, ledger_of, places_of
from reconcile.vocabulary import Cause, Relation, Side

CIRCUMSTANCES = (*LIVED, *EXPORTED)
LEFT_OUT = aside("kind not exported", Cause.KIND_NOT_EXPORTED, also=frozenset({Relation.DOUBTFUL}))
NAMES = {Side.LEFT: "a", Side.RIGHT: "b"}


@dataclass(frozen=True, slots=True)
class Sides:
    """Both exports of one dispute.

    Attributes:
        tables: rows of each side as the tool wrote them, in order.
        sidecars: what each export states about itself.
        circumstances: innocent circumstances that found an occasion.
        acts: what a party did; empty = nobody did anything.
        marks: for each true message that an act or circumstance touched, its name.
    """

    seed: int
    tables: dict[Side, list[dict[str, str]]]
    sidecars: dict[Side, dict[str, object]]
    boms: dict[Side, bool]
    circumstances: tuple[str, ...]
    acts: tuple[str, ...]
    marks: dict[int, str]


def draw(seed: int, lines: tuple[str, ...] = ()) -> tuple[Sides, Ledger]:
    """The dispute of a seed and what is right about it. About half of the seeds hold no act. `lines`: sentences of a corpus."""
    life = begin(seed, lines)
    rng = life.rng
    owners = [0, 1] if rng.random() < 0.5 else [1, 0]
    end = life.events[-1].at
    for side, owner in zip(Side, owners, strict=True):
        copy = life.copies[side] = Copy(side, owner, draw_tool(rng, is_group=life.is_group))
        copy.exported_at = end + rng.uniform(600, 30 * 86_400)
        hold(life, copy)
    chosen = [(name, rng.choice(list(Side))) for name in CIRCUMSTANCES if rng.random() < 0.085]
    for name, side in chosen:
        if name in LIVED and LIVED[name](life, life.copies[side]):
            life.circumstances.append(name)
    for copy in life.copies.values():
        _leave_out(copy)
        tick(life, copy)
        number(life, copy, restarts=False)
    if rng.random() < 0.5:
        _act(life, life.copies[rng.choice(list(Side))])
    for name, side in chosen:
        if name in EXPORTED and EXPORTED[name](life, life.copies[side]):
            life.circumstances.append(name)
    written = {side: [(r.event, cells(life, copy, r)) for r in ordered(rng, copy)] for side, copy in life.copies.items()}  # fmt: skip
    sides = Sides(
        seed, {side: [row for _, row in rows] for side, rows in written.items()}, {side: _sidecar(life, copy) for side, copy in life.copies.items()},
        {side: copy.tool.bom for side, copy in life.copies.items()}, tuple(life.circumstances), tuple(dict.fromkeys(life.acts)), _marks(life, written),
    )  # fmt: skip
    return sides, ledger_of(life, written)


def _leave_out(copy: Copy) -> None:
    """What the tool does not write."""
    for row in list(copy.rows):
        if row.kind in copy.tool.drops:
            copy.drop({row.event}, PER_SIDE if row.kind in NOTICES else LEFT_OUT)


def _act(life: Life, copy: Copy) -> None:
    wanted = life.rng.choice((1, 1, 1, 2, 3))
    for name in life.rng.sample(list(ACTS), len(ACTS)):
        if len(life.acts) < wanted:
            life.acts.append(name)
            if not ACTS[name](life, copy):
                life.acts.remove(name)


def _marks(life: Life, written: dict[Side, Written]) -> dict[int, str]:
    held = places_of(written)
    answers = {n: answer_of(life, n, held) for n in {*held[Side.LEFT], *held[Side.RIGHT]}}
    again = {n: a.by for copy in life.copies.values() for n, a in copy.repeats.items()}
    return again | {n: a.by for n, a in answers.items() if a is not None}


def _sidecar(life: Life, copy: Copy) -> dict[str, object]:
    told, me = copy.tool.sidecar, life.people[copy.owner]
    out: dict[str, object] = {"declared": copy.declared} if copy.declared else {}
    if "owner" in told:
        out["owner"] = {"id": me.id, "name": me.nickname}
    if "exported_at" in told and copy.exported_at is not None:
        out["exported_at"] = datetime.fromtimestamp(int(copy.exported_at), UTC).isoformat()
    if copy.tool.time.startswith("unix"):
        out["time_unit"] = "ms" if copy.tool.time == "unix_ms" else "s"
    if "timezone" in told and copy.tool.time in {"naive", "minute"}:
        out["timezone"] = "Asia/Shanghai"
    if "contacts" in told:
        out["contacts"] = [{"id": p.id, "nickname": p.nickname, "remark": name_on(life, copy.owner, i)} for i, p in enumerate(life.people) if i != copy.owner]  # fmt: skip
    if copy.joined_at is not None and life.rng.random() < 0.5:
        joined = datetime.fromtimestamp(int(copy.joined_at), UTC).isoformat()
        out["groups"] = [{"id": life.room, "members": [{"id": me.id, "name": me.nickname, "joined_at": joined}]}]
    return out


def write(sides: Sides, folder: Path) -> None:
    """Write a.csv, a.json, b.csv and b.json into the folder; a side that states nothing of itself gets no sidecar."""
    for side, name in NAMES.items():
        rows = sides.tables[side]
        columns = [c for c in HEADING if rows and c in rows[0]]
        buffer = io.StringIO(newline="")
        out = csv.DictWriter(buffer, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
        (folder / f"{name}.csv").write_text(buffer.getvalue(), "utf-8-sig" if sides.boms[side] else "utf-8", newline="")
        if sides.sidecars[side]:
            (folder / f"{name}.json").write_text(json.dumps(sides.sidecars[side], ensure_ascii=False), "utf-8")
