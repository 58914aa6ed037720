"""Draws a whole dispute: plan, truth, dialects, copies, faults; the same seed and faults give the same dispute."""

from collections.abc import Sequence
from random import Random
from typing import Any

from bench.sim.faults import FAULTS
from bench.sim.faults.notices import recall_words
from bench.sim.ledger import Ledger, ledger_of
from bench.sim.model import Dialect, Dispute, Key, Numbering, Spelling, Who, copy_truth, number_rows
from bench.sim.stage import Fault, Scene
from bench.sim.tables import put_in_order
from bench.sim.truth import Plan, tell
from reconcile.vocabulary import Kind, Side, Status

ATTEMPTS = 40
# Spellings of times that lose nothing, and how often a side uses each.
CLEAR_SPELLINGS = {
    Spelling.OFFSET: 5, Spelling.NAIVE: 5, Spelling.NAIVE_T: 2, Spelling.SLASHED: 2, Spelling.ZULU: 1, Spelling.NAIVE_MILLI: 1, Spelling.UNIX: 3,
    Spelling.UNIX_MILLI: 2,
}  # fmt: skip


class NoOccasion(RuntimeError):
    """No dispute of this seed gives all faults the rows that they need."""


def draw(seed: int, faults: Sequence[str | Fault] = (), lines: tuple[str, ...] = ()) -> tuple[Dispute, Ledger]:
    """The dispute of a seed with the faults named, and its ledger.

    Raises:
        NoOccasion: in forty draws a fault found no occasion; the fault's plan must ask for one.
    """
    chosen = sorted((FAULTS[f] if isinstance(f, str) else f for f in faults), key=lambda f: f.stage)
    names = [f if isinstance(f, str) else f.name for f in faults]
    for attempt in range(ATTEMPTS):
        rng = Random(f"{seed}/{attempt}/{'+'.join(names)}")
        dispute = _attempt(f"seed {seed}", chosen, rng, lines)
        if dispute is not None:
            dispute.faults = tuple(names)
            return dispute, ledger_of(dispute)
    raise NoOccasion(f"no occasion for {names} in {ATTEMPTS} draws of seed {seed}")


def draw_several(seed: int, lines: tuple[str, ...] = ()) -> tuple[Dispute, Ledger]:
    """The dispute of a seed with two to four faults that may stand together; `faults` of the dispute names them."""
    for attempt in range(ATTEMPTS):
        try:
            return draw(seed, combination(seed, attempt), lines)
        except NoOccasion:
            continue
    raise NoOccasion(f"no combination of seed {seed} can be drawn")


def combination(seed: int, attempt: int = 0) -> tuple[str, ...]:
    """Two to four fault names by lot, no two of one slot."""
    rng = Random(f"several {seed} {attempt}")
    names = [name for name, fault in FAULTS.items() if not fault.alone]
    taken: set[str] = set()
    chosen: list[str] = []
    count = rng.choice((2, 2, 3, 3, 4))
    for name in rng.sample(names, len(names)):
        slots = set(FAULTS[name].slot.split())
        if not slots & taken:
            chosen.append(name)
            taken |= slots
        if len(chosen) == count:
            break
    return tuple(chosen)


def _attempt(name: str, faults: Sequence[Fault], rng: Random, lines: tuple[str, ...]) -> Dispute | None:
    plan = base_plan(rng)
    plan.lines = lines
    for fault in faults:
        if fault.plan is not None:
            fault.plan(plan, rng)
    dispute = tell(name, plan, rng)
    for side, copy in dispute.copies.items():
        copy.dialect = _dialect(dispute, side, plan, rng)
        if rng.random() < 0.5:
            copy.exported_at = max(r.at or 0.0 for r in dispute.said) + rng.randint(3600, 30 * 86_400)
    copy_truth(dispute)
    _give_status(dispute)
    scene = Scene(dispute, plan, rng)
    numbered = False
    for fault in faults:
        if not numbered and fault.stage.name == "ORDER":
            number_rows(dispute)
            numbered = True
        if not fault.apply(scene):
            return None
    _name_recalls(dispute)
    number_rows(dispute)
    put_in_order(dispute)
    return dispute


def base_plan(rng: Random) -> Plan:
    """What disputes are like before any fault: two people or a room, some dozens to some hundreds of messages."""
    plan = Plan()
    plan.members = 2 if rng.random() < 0.65 else rng.randint(3, 9)
    plan.messages = min(400, max(24, int(rng.lognormvariate(4.6, 0.6))))
    plan.stock = rng.uniform(0.1, 0.5)
    plan.others = {side: rng.choice((0, 0, 0, 1, 2)) for side in Side}
    plan.shared = 1 if rng.random() < 0.12 else 0
    plan.twins = rng.choice((0.0, 0.004, 0.01))
    has_ids = rng.random()
    for i, side in enumerate(Side):
        plan.tables[side]["has_ids"] = has_ids < 0.5 or (has_ids > 0.9 and i == int(has_ids * 100) % 2)
    return plan


def _dialect(dispute: Dispute, side: Side, plan: Plan, rng: Random) -> Dialect:
    chats = [c for c in dispute.chats if side in c.holders]
    is_direct = len(chats) == 1 and len(chats[0].members) == 2
    values: dict[str, Any] = {
        "who": rng.choices((Who.BOTH, Who.SENDER, Who.SELF), (6, 2, 2))[0],
        "has_names": rng.random() < 0.6,
        "key": rng.choices((Key.ID, Key.TITLE, Key.ABSENT), (7, 1, 2))[0],
        "has_conversation_kind": rng.random() < 0.7,
        "numbering": rng.choices(tuple(Numbering), (4, 4, 2))[0],
        "first_local_id": rng.choice((1, 1, rng.randint(2, 50_000))),
        "has_kind": rng.random() < 0.93,
        "has_hash": rng.random() < 0.85,
        "has_amount": rng.random() < 0.8,
        "has_duration": rng.random() < 0.7,
        "has_reply": rng.random() < 0.8,
        "has_status": rng.random() < 0.6,
        "spelling": rng.choices(list(CLEAR_SPELLINGS), list(CLEAR_SPELLINGS.values()))[0],
        "zone_name": "Asia/Shanghai" if rng.random() < 0.6 else None,
        "container": rng.choices(("csv", "jsonl", "parquet"), (7, 2, 2))[0],
        "byte_order_mark": rng.random() < 0.1,
        "has_sidecar": rng.random() < 0.75,
        "has_owner": rng.random() < 0.85,
        "has_contacts": rng.random() < 0.6,
        "by_chat": rng.random() < 0.5,
        "has_number_holes": rng.random() < 0.2,
        "truths": rng.choices((("true", "false"), ("1", "0"), ("True", "False"), ("是", "否")), (7, 1, 1, 1))[0],
    }
    values |= plan.tables[side]
    if len(chats) > 1 and values["key"] is Key.ABSENT:
        values["key"] = Key.TITLE if values.get("names_for_ids") else Key.ID
    if values["who"] is Who.SELF and not is_direct and any(len(c.members) > 2 for c in chats):
        values["who"] = Who.BOTH
    dialect = Dialect()
    for name, value in values.items():
        setattr(dialect, name, value)
    return dialect


def _give_status(dispute: Dispute) -> None:
    for copy in dispute.copies.values():
        for row in copy.rows:
            if row.author is not None and row.kind is not Kind.RECALL:
                row.status = Status.SENT if row.author == copy.owner else Status.RECEIVED


def _name_recalls(dispute: Dispute) -> None:
    for side, copy in dispute.copies.items():
        for row in copy.rows:
            if row.kind is Kind.RECALL and row.author is not None:
                row.text = recall_words(dispute, side, row.author)
