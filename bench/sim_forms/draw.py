"""One dispute of a seed: the story, both devices, what happened to them, and how both exports are written."""

import random
from pathlib import Path

from bench.sim.ledger import Ledger
from bench.sim_forms import (
    devices,
    forms_analysis,
    forms_chatlog,
    forms_dump,
    forms_json,
    forms_memo,
    forms_more,
    forms_plain,
    story,
)
from bench.sim_forms.guilty_content import CONTENT_ACTS
from bench.sim_forms.guilty_rows import ROW_ACTS
from bench.sim_forms.innocent_copies import CLOCK, DEVICE, travel
from bench.sim_forms.innocent_exports import EXPORT, FILE, declared, migrated, pages_twice, unticked
from bench.sim_forms.innocent_world import WORLD, away, late_join
from bench.sim_forms.model import Form, Sides
from bench.sim_forms.truth import ledger_of
from reconcile.vocabulary import Side

# A party seldom hands in mere copied text; the message table is what stands for all other tools.
COMMON = (
    *forms_memo.FORMS,
    *forms_dump.FORMS,
    *forms_json.FORMS,
    *forms_chatlog.FORMS,
    *forms_more.FORMS,
    *forms_analysis.FORMS,
)
FORMS = (*COMMON, *forms_plain.FORMS)
ACTS = (*ROW_ACTS, *CONTENT_ACTS)
SELDOM_POSSIBLE = (late_join, away, travel, migrated, pages_twice, declared, unticked)


def _form(rng: random.Random, group: bool) -> Form:
    draw = rng.random()
    if draw < 0.24:
        return forms_plain.table_form(rng)
    known = [f for f in (COMMON if draw < 0.86 else forms_plain.FORMS) if f.for_groups or not group]
    return rng.choice(known)


def draw(seed: int) -> tuple[Sides, Ledger]:
    """The dispute of a seed and the right answer to it."""
    rng = random.Random(f"forms {seed}")
    sides = story.begin(seed, rng)
    forms = {side: _form(rng, bool(sides.room)) for side in Side}
    sides.ids_shared = rng.random() < 0.85
    devices.stand(rng, sides, forms)
    is_guilty = rng.random() < 0.5
    happened = rng.choices((0, 1, 2, 3), (1.5, 4, 3, 1.5))[0] if not is_guilty else rng.choices((0, 1, 2), (4, 4, 2))[0]
    steps = (WORLD, DEVICE, CLOCK, EXPORT, FILE)
    every = [(n, c) for n, step in enumerate(steps) for c in step]
    # Some need a group, a long chat or a certain form: they are tried more often.
    ranked = sorted(every, key=lambda pair: -(rng.random() ** (0.4 if pair[1] in SELDOM_POSSIBLE else 1.0)))
    chosen = sorted(ranked[: happened + (happened > 0)], key=every.index)
    for copy in sides.copies.values():
        copy.exported_at = max(r.at for r in copy.rows) + rng.uniform(3600, 20 * 86400)

    def happen(*numbers: int) -> None:
        for n, circumstance in chosen:
            if n in numbers and circumstance(rng, sides):
                sides.circumstances.append(circumstance.__name__)

    happen(0, 1)
    devices.number(rng, sides)
    happen(2, 3)
    if is_guilty:
        side = devices.side_of(rng)
        wanted = 1 if rng.random() < 0.75 else 2
        for act in rng.sample(ACTS, len(ACTS)):
            if len(sides.acts) < wanted:
                act(rng, sides, side)
    happen(4)
    if not sides.ids_shared:
        _ids_of_its_own(rng, sides)
    return sides, ledger_of(sides)


def _ids_of_its_own(rng: random.Random, sides: Sides) -> None:
    """Give the right device server ids of its own, in its references too."""
    new: dict[str, str] = {"": "", "0": "0"}
    rows = sides.copies[Side.RIGHT].rows
    for row in rows:
        row.id = new.setdefault(row.id, story.server_id(rng))
    for row in rows:
        if "to" in row.facts:
            row.facts["to"] = new.get(row.facts["to"], row.facts["to"])


def write(sides: Sides, folder: Path) -> dict[Side, Path]:
    """Both exports as files below the folder; the path to hand in for each side."""
    places = {}
    for side, copy in sides.copies.items():
        place = folder / str(side)
        place.mkdir(parents=True)
        for name, content in copy.form.write(copy, sides).items():
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        archives = list(place.glob("*.zip"))
        places[side] = archives[0] if archives else place
    return places
