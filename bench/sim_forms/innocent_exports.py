"""Innocent things that happen when an export is made: its ends, lost and left out rows, numbers, order and pages."""

import random
from bisect import bisect_left

from bench.sim_forms.devices import lose, side_of
from bench.sim_forms.model import Lack, Sides
from reconcile.vocabulary import Kind


def starts_late(rng: random.Random, sides: Sides) -> bool:
    """A new phone, or a filter: the export does not reach back to the beginning."""
    side = side_of(rng)
    rows = sides.copies[side].rows
    lose(sides, side, rows[: int(len(rows) * rng.uniform(0.05, 0.35))], Lack.EDGE)
    return True


def ends_early(rng: random.Random, sides: Sides) -> bool:
    """The export was made earlier than the other party's."""
    side = side_of(rng)
    copy = sides.copies[side]
    keep = max(8, int(len(copy.rows) * rng.uniform(0.65, 0.97)))
    if keep >= len(copy.rows):
        return False
    # What is stamped in the very second in which the export ends may stand on either side of it.
    until = copy.rows[keep].at
    lose(sides, side, [r for r in copy.rows if r.at >= until], Lack.EDGE)
    copy.exported_at = until - 0.5
    return True


def exporter_lost(rng: random.Random, sides: Sides) -> bool:
    """An exporter lost rows at the edge of a page, and says nothing."""
    side = side_of(rng)
    rows = sides.copies[side].rows
    first = rng.randrange(3, len(rows) - 4)
    lose(sides, side, rows[first : first + rng.choice((1, 2, 5))], Lack.SYNC)
    return True


def unticked(rng: random.Random, sides: Sides) -> bool:
    """Some kinds were not ticked when the export was made; the file does not say so."""
    copies = [c for c in sides.copies.values() if c.form.ticks]
    kinds = rng.sample((Kind.IMAGE, Kind.VOICE, Kind.STICKER, Kind.VIDEO, Kind.CALL, Kind.FILE), rng.randint(2, 4))
    if not copies:
        return False
    copy = rng.choice(copies)
    gone = [r for r in copy.rows if r.kind in kinds]
    if len(gone) < 3:
        return False
    lose(sides, copy.side, gone, Lack.UNTICKED)
    return True


def declared(rng: random.Random, sides: Sides) -> bool:
    """A party leaves out a stretch and declares it beside its table."""
    copies = [c for c in sides.copies.values() if c.form.declares]
    if not copies:
        return False
    copy = rng.choice(copies)
    first = rng.randrange(3, len(copy.rows) - 6)
    gone = copy.rows[first : first + rng.randint(1, 6)]
    copy.declared = (gone[0].at - 90, gone[-1].at + 90)
    lose(sides, copy.side, gone, Lack.DECLARED)
    return True


def migrated(rng: random.Random, sides: Sides) -> bool:
    """A migration numbered the older rows anew, behind the later ones."""
    copy = sides.copies[side_of(rng)]
    old, top = (
        bisect_left([r.at for r in copy.rows], copy.rows[len(copy.rows) // 2].at),
        max(r.local for r in copy.rows),
    )
    for n, row in enumerate(copy.rows[:old], 1):
        row.local = top + n
    return copy.form.numbered


def pages_twice(rng: random.Random, sides: Sides) -> bool:
    """A tool wrote the rows at a page's edge, or a whole page, twice."""
    copies = [c for c in sides.copies.values() if c.form.free_order]
    if not copies:
        return False
    copy = rng.choice(copies)
    first = rng.randrange(len(copy.rows) - 4)
    until = first + rng.choice((1, 2, 5, 20))
    copy.rows = copy.rows[:until] + [r.copy() for r in copy.rows[first:until]] + copy.rows[until:]
    return True


def reordered(rng: random.Random, sides: Sides) -> bool:
    """A tool writes the newest row first, or the months in another order."""
    copies = [c for c in sides.copies.values() if c.form.free_order]
    if not copies:
        return False
    copy = rng.choice(copies)
    cut = rng.randrange(1, len(copy.rows))
    copy.rows = copy.rows[::-1] if rng.random() < 0.6 else copy.rows[cut:] + copy.rows[:cut]
    return True


EXPORT = (starts_late, ends_early, exporter_lost, unticked, declared, migrated)
FILE = (pages_twice, reordered)
