"""A case: exports in, findings and reports out as one folder. The one room that wires the rest."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from reconcile.comparison import compare_readings
from reconcile.custody.folder import check_free, writing
from reconcile.devices import Party, labels_of, merge_devices, write_devices
from reconcile.errors import UnrecognisedSource, reading_of_source
from reconcile.frames import Findings
from reconcile.intake.contract import Reader, Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.intake.store.damaged import with_damaged_spans
from reconcile.intake.store.unread import (
    cut_texts,
    doubled_notes,
    each_place_once,
    garbled_notes,
    left_out_notes,
    nothing_notes,
    odd_member_notes,
    run_on_notes,
    unclaimed_notes,
    unread_notes,
)
from reconcile.intake.supplement import is_supplement, supplemented
from reconcile.options import CaseOptions
from reconcile.outputs import command_of, write_case
from reconcile.readers import all_readers
from reconcile.vocabulary import Side

Progress = Callable[[str], None]
# Libraries that no reader needs, and the comparison or its error rates do.
_OF_COMPARISON, _OF_RATES = ("networkx",), ("scipy.special",)


def read(path: Path, reader: str | None = None, options: ReadOptions | None = None) -> Reading:
    """Everything that one export holds, with the digests of its files.

    The sources are hashed while they are parsed and once more afterwards.

    Raises:
        SourceError: the export is missing, unknown, ambiguous, unreadable, beyond the limits, or changed while it was read.
    """
    options = options or ReadOptions()
    with reading_of_source(path):
        return _read(Source(Path(path), options.limits), reader, options)


def _read(source: Source, reader: str | None, options: ReadOptions) -> Reading:
    source.check_files()
    stamped = source.stamps()
    chosen = _reader_of(source, reader, options)
    with ThreadPoolExecutor(max_workers=1) as pool:
        digests = pool.submit(source.digest)
        try:
            reading = chosen.read(source, options)
            if reader is None or not is_supplement(chosen):
                reading = supplemented(reading, all_readers(), source, options, chosen.name)
        except BaseException:
            # Nobody waits for the digests of gigabytes that are refused.
            source.stopped.set()
            raise
        reading = cut_texts(with_damaged_spans(each_place_once(reading)), options.limits)
        unread = [
            *left_out_notes(source),
            *odd_member_notes(reading, source),
            *doubled_notes(source),
            *unread_notes(reading, source, options),
            *run_on_notes(reading),
            *garbled_notes(reading),
        ]
        if is_supplement(chosen):
            unread += unclaimed_notes(reading, source)
        before = digests.result()
    unread += nothing_notes(reading, sum(f.size for f in before), source.path.name)
    source.verify_unchanged(before, stamped)
    return replace(reading, sources=before, notes=(*reading.notes, *unread))


def _reader_of(source: Source, name: str | None, options: ReadOptions) -> Reader:
    try:
        return identify(all_readers(), source, name)
    except UnrecognisedSource:
        # Who explains the columns of a table says what it is, whatever its headings.
        if not options.columns:
            raise
        return identify(all_readers(), source, "any_table")


def compare(
    left: Path,
    right: Path,
    out: Path,
    options: CaseOptions | None = None,
    *,
    case: str | None = None,
    overwrite: bool = False,
    progress: Progress = lambda _: None,
    more: tuple[Sequence[Path], Sequence[Path]] = ((), ()),
) -> Findings:
    """Compares two exports and writes the results of contract 3 to `out`.

    Args:
        left: one party's export: a file, folder, archive or database.
        right: the other party's.
        out: folder for the results; made if missing, refused when it holds another run unless `overwrite`.
        options: readers, names, thresholds, report forms.
        case: the name in every result row; None = the name of `out`.
        overwrite: replace an earlier run's results.
        progress: called with `reading`, `matching`, `writing`.
        more: further devices of the left and of the right party; each party's devices are merged (docs/devices.md).

    Raises:
        SourceError, CaseError, UsageError: nothing has been written then.
    """
    options = options or CaseOptions()
    check_free(out, overwrite=overwrite)
    progress("reading")
    parties = dict(zip(Side, read_parties(((left, *more[0]), (right, *more[1])), options), strict=True))
    readings = [p.reading for p in parties.values()]
    progress("matching")
    name = case or out.resolve().name
    wanted = options.error_rates is not False
    with _loading((*_OF_COMPARISON, *(_OF_RATES if wanted else ()))):
        findings = compare_readings(
            readings[0], readings[1], options.settings, name, options.stated, error_rates=wanted
        )
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        command = command_of(left, right, options, name, more)
        write_devices(parties, findings, folder, options.lang)
        write_case(findings, readings, folder, options, command)
    return findings


@contextmanager
def _loading(modules: Sequence[str]) -> Iterator[None]:
    """Loads what is needed later in a thread, while columns are at work, which need no interpreter."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = [pool.submit(import_module, name) for name in modules]
        yield
        for module in loading:
            module.result()


def read_parties(paths: tuple[Sequence[Path], Sequence[Path]], options: CaseOptions) -> list[Party]:
    """Each party's exports, read and merged; a forced reader reads a party's first one."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [
            [pool.submit(read, p, reader if n == 0 else None, told) for n, p in enumerate(side)]
            for side, reader, told in zip(paths, options.readers, options.read, strict=True)
        ]
        readings = [[j.result() for j in side] for side in jobs]
    return [
        merge_devices(r, labels_of([p.name for p in side]), options.settings)
        for r, side in zip(readings, paths, strict=True)
    ]


__all__ = ["Progress", "compare", "read", "read_parties"]
