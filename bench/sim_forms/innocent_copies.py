"""Innocent things that happen to a device: late delivery, gaps, cleaned media, wrong clocks, foreign zones."""

import random
from itertools import pairwise

from bench.sim_forms.devices import held, insert, lose, own_rows, side_of
from bench.sim_forms.model import Lack, Sides
from reconcile.vocabulary import Kind, Side

DAY = 86400.0


# What a client queues without network; payments and calls need it.
QUEUED = (Kind.TEXT, Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER, Kind.FILE, Kind.LINK, Kind.QUOTE, Kind.LOCATION)


def _late(sides: Sides, side: Side, truth: int, by: float) -> None:
    copy = sides.copies[side]
    row = held(sides, side)[truth]
    row.at = float(int(row.at + by))
    insert(copy, row)
    sides.spans[truth] = by


def late_single(rng: random.Random, sides: Sides) -> bool:
    """Single messages written without network reach the other device seconds to days later."""
    side = side_of(rng)
    own = [r for r in own_rows(sides, side) if r.kind in QUEUED]
    for row in rng.sample(own, min(len(own), rng.randint(1, 3))):
        _late(sides, side.other, row.truth, min(3 * DAY, max(5.0, rng.lognormvariate(5.5, 2.2))))
    return bool(own)


def late_burst(rng: random.Random, sides: Sides) -> bool:
    """A run of one's own messages is delivered together when the network is back."""
    side = side_of(rng)
    own = [r for r in own_rows(sides, side) if r.kind in QUEUED]
    if len(own) < 6:
        return False
    first = rng.randrange(len(own) - 4)
    run = [r for r in own[first : first + rng.randint(2, 8)] if r.at - own[first].at < DAY]
    back = run[-1].at + min(3 * DAY, max(10.0, rng.lognormvariate(6.5, 1.8)))
    for n, row in enumerate(run):
        _late(sides, side.other, row.truth, back + n * rng.choice((0, 1, 1, 2)) - held(sides, side.other)[row.truth].at)
    return True


def sync_gap(rng: random.Random, sides: Sides) -> bool:
    """A computer was not signed in: it lacks everything of some hours or days, whoever wrote it."""
    side = side_of(rng)
    rows = sides.copies[side].rows
    if len(rows) < 20:
        return False
    first = rng.randrange(5, len(rows) - 8)
    until = rows[first].at + rng.choice((2 * 3600, 8 * 3600, DAY, 2 * DAY))
    gone = [r for r in rows[first : len(rows) - 4] if r.at <= until][: len(rows) // 4]
    lose(sides, side, gone, Lack.SYNC)
    return len(gone) >= 2


def cleaned_media(rng: random.Random, sides: Sides) -> bool:
    """Media files were cleaned or never opened: rows stay, their facts are gone."""
    rows = sides.copies[side_of(rng)].rows
    before = rows[int(len(rows) * rng.uniform(0.4, 1)) - 1].at
    for row in rows:
        if row.at <= before and row.kind in (Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.FILE):
            row.facts.pop("hash", None)
            row.facts["cleaned"] = "1"
    return True


def own_clock(rng: random.Random, sides: Sides) -> bool:
    """A device stamps its own messages by its own clock, which is wrong."""
    side = side_of(rng)
    copy, by = sides.copies[side], float(rng.choice((-1, 1)) * rng.randint(15, 420))
    for row in copy.rows:
        if row.author == copy.owner:
            row.at += by
    copy.rows.sort(key=lambda r: r.at)
    sides.slack += abs(by)
    return True


def offset(rng: random.Random, sides: Sides) -> bool:
    """All times of one device are off by one amount."""
    by = float(rng.choice((-1, 1)) * rng.choice((rng.randint(8, 90), rng.randint(90, 1500), 3600, 86400)))
    copy = sides.copies[side_of(rng)]
    copy.exported_at += by
    for row in copy.rows:
        row.at += by
    sides.slack += 20
    return True


def drift(rng: random.Random, sides: Sides) -> bool:
    """A device's clock runs too fast or too slow, evenly, by a few minutes at most."""
    rows = sides.copies[side_of(rng)].rows
    start, span = rows[0].at, max(1.0, rows[-1].at - rows[0].at)
    by = rng.choice((-1, 1)) * min(rng.uniform(20, 300), span / 2000)
    for row in rows:
        row.at = float(int(row.at + by * (row.at - start) / span))
    sides.slack += 20
    return True


def foreign_zone(rng: random.Random, sides: Sides) -> bool:
    """The exporting computer stands in another zone; only forms that write local times show it."""
    copy = sides.copies[side_of(rng)]
    if copy.form.is_local:
        copy.zone_seconds = rng.choice((0, 3600, 7 * 3600, 9 * 3600, -5 * 3600, 19800))
    return copy.form.is_local


def travel(rng: random.Random, sides: Sides) -> bool:
    """The computer's zone has summer time, or its owner travels: from a day on local times are hours off, to the end or for days."""
    copy = sides.copies[side_of(rng)]
    span = copy.rows[-1].at - copy.rows[0].at
    if not copy.form.is_local or span < 8 * DAY or copy.zone_seconds != 8 * 3600:
        return False
    by = rng.choice((-3600, 3600, -6 * 3600, -7 * 3600, 3 * 3600))
    # Nobody writes during the journey, so that the order of local times stands.
    still = [
        one.at + 300
        for one, two in pairwise(copy.rows)
        if two.at - one.at > abs(by) + 900 and 0.2 * span < one.at - copy.rows[0].at < 0.9 * span
    ]
    if not still:
        return False
    moment = rng.choice(still)
    copy.shifts.append((moment, by))
    back = [at for at in still if at - moment > 2 * DAY]
    if back and rng.random() < 0.4:
        copy.shifts.append((rng.choice(back), -by))
    return True


DEVICE = (late_single, late_burst, sync_gap, cleaned_media)
CLOCK = (own_clock, offset, drift, foreign_zone, travel)
