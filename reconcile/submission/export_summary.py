"""A summary of a case's exports: owner, counterparts, kinds, coverage, filters, notes."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.errors import ReconcileError, reading_of_source
from reconcile.formats.registry import all_readers, reader_of, readers_for
from reconcile.intake.checks.swallowed_headings import with_swallowed_read
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.side_stores import with_side_stores
from reconcile.intake.source import Source


@dataclass(frozen=True, slots=True)
class SeenExport:
    """One export of the case as read; `problem` is the reason, in one line, why it was not."""

    name: str
    reading: Reading | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """All exports of one party in the case, and the sums over them."""

    exports: tuple[SeenExport, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The exports that could be read."""
        return tuple(e.reading for e in self.exports if e.reading is not None)

    @property
    def messages(self) -> int:
        """Rows in all of them."""
        return sum(r.messages.height for r in self.readings)

    def count(self, *kinds: str) -> int:
        """Rows of these kinds."""
        return sum(r.messages.filter(pl.col("kind").cast(pl.String).is_in(kinds)).height for r in self.readings)

    def span(self) -> tuple[str, str] | None:
        """First and last time in Beijing, as text; None without times."""
        times = [t for r in self.readings for t in (r.messages["sent_at"].min(), r.messages["sent_at"].max()) if t]
        if not times:
            return None
        local = pl.Series([min(times), max(times)]).dt.convert_time_zone("Asia/Shanghai")
        first, last = local.dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
        return first, last

    def owners(self) -> tuple[str, ...]:
        """Account ids of the exported devices' owners, as stated."""
        return tuple(sorted({r.facts.owner.id for r in self.readings if r.facts.owner.id}))

    def posts(self) -> tuple[int, int]:
        """Number of posts in Moments, and how many are the owner's own."""
        held = [r.posts.posts for r in self.readings if r.posts is not None]
        return sum(p.height for p in held), sum(p.filter(pl.col("is_self")).height for p in held)

    def groups(self) -> int:
        """How many group conversations there are."""
        return sum(
            r.conversations.filter(pl.col("conversation_kind").cast(pl.String) == "group").height for r in self.readings
        )

    def groups_with_members(self) -> int:
        """How many of them come with a list of members."""
        return sum(r.members["group_id"].n_unique() for r in self.readings)


def read_exports(places: tuple[Path, ...]) -> Seen:
    """Reads every export among the paths (each a file or a folder); what cannot be read keeps its reason."""
    return Seen(tuple(_read_or_error(p) for p in places))


def read_export(path: Path) -> Reading:
    """One export of any form that a reader knows. Raises SourceError."""
    options = ReadOptions()
    with reading_of_source(path):
        source = Source(path, options.limits)
        chosen = reader_of(source)
        reading = with_swallowed_read(chosen.read(source, options), source, options, all_readers, is_forced=False)
        return with_side_stores(reading, readers_for(source), source, options, chosen.name)


def _read_or_error(path: Path) -> SeenExport:
    """The export, or the reason why it could not be read."""
    try:
        return SeenExport(path.name, read_export(path))
    except ReconcileError as error:
        return SeenExport(path.name, None, str(error))
