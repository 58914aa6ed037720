"""Which conversations of a folder one run of a tool wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from reconcile.intake.contract import Run

# Files that state times this far apart were written by several runs; design: a run takes hours at most.
_ONE_RUN = timedelta(days=1)


def runs_of(parts: Sequence[tuple[str, datetime | None, Iterable[str]]]) -> tuple[Run, ...]:
    """The run of each conversation, by the files that hold it; empty where one run wrote all.

    Files that state about one time of export are of one run. A file without such a time may be of any day, so it is a
    run of its own.

    Args:
        parts: file, time of export (None = not stated), conversations.
    """
    names: dict[str, set[str]] = {}
    made: dict[str, datetime] = {}
    begun: datetime | None = None
    for file, exported_at, conversations in sorted(parts, key=lambda p: (p[1].timestamp() if p[1] else 0.0, p[0])):
        if exported_at is not None and (begun is None or exported_at - begun > _ONE_RUN):
            begun = exported_at
        for key in conversations:
            names.setdefault(key, set()).add(file if exported_at is None else str(begun))
            if exported_at is not None:
                made[key] = exported_at
    if len({frozenset(n) for n in names.values()}) < 2:
        return ()
    return tuple(Run(key, " ".join(sorted(names[key])), made.get(key)) for key in sorted(names))
