"""What happens while an export is written: pages and rows written twice, two devices merged, numbers given anew."""

from dataclasses import replace

from bench.sim_life.devices import REPEAT
from bench.sim_life.model import NOTICES, Copy, Life
from bench.sim_life.occasions import DOUBT, EITHER, Circumstance
from reconcile.vocabulary import Kind

# A short row twice in one second may have been sent twice, where no number tells.
MAYBE = replace(REPEAT, also=EITHER)


def page_twice(life: Life, copy: Copy) -> bool:
    """A page of rows stands in the export twice, at once or at its end."""
    if len(copy.rows) < 25:
        return False
    copy.rows.sort(key=lambda r: r.place)
    size = life.rng.randint(6, 30)
    start = life.rng.randrange(len(copy.rows) - 8)
    page = copy.rows[start : start + size]
    shift = (copy.rows[-1].place if life.rng.random() < 0.4 else page[-1].place) - page[0].place + 0.001
    copy.rows += [replace(row, place=row.place + shift) for row in page]
    return True


def rows_twice(life: Life, copy: Copy) -> bool:
    """Single rows stand in the export twice, one beside the other."""
    rows = [r for r in copy.rows if r.kind not in NOTICES]
    told = copy.tool.ids == "exact" or copy.tool.local_ids in {"chat", "device"}
    for row in life.rng.sample(rows, min(len(rows), life.rng.randint(1, 4))):
        copy.rows.append(replace(row, place=row.place + 0.0001))
        unique = row.kind is Kind.TEXT and len(row.text) > 12
        copy.repeats[row.event] = REPEAT if told or unique else MAYBE
    return bool(rows)


def merged_devices(life: Life, copy: Copy) -> bool:
    """Phone and computer were merged: a stretch that both hold stands in the export twice, with numbers of its own."""
    if len(copy.rows) < 30:
        return False
    copy.rows.sort(key=lambda r: r.place)
    start = life.rng.randrange(len(copy.rows) - 15)
    stretch = copy.rows[start : start + life.rng.randint(10, len(copy.rows))]
    first = life.rng.randint(1, 90_000)
    for place, row in enumerate(stretch):
        lag = life.rng.choice((0, 0, 1)) if row.author == copy.owner else 0
        copy.rows.append(replace(row, at=row.at + lag, local_id=first + place, place=row.place + 0.0002))
        copy.repeats[row.event] = replace(REPEAT, also=DOUBT) if copy.tool.ids == "none" else REPEAT
    return True


def renumbered(life: Life, copy: Copy) -> bool:
    """A migration gave every row a new running number."""
    first = life.rng.randint(1, 500)
    for place, row in enumerate(sorted(copy.rows, key=lambda r: r.place)):
        row.local_id = first + place
    return copy.tool.local_ids != "none"


EXPORTED: dict[str, Circumstance] = {
    "page twice": page_twice, "rows twice": rows_twice, "merged devices": merged_devices, "renumbered": renumbered,
}  # fmt: skip
