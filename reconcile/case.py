"""One case: reads exports, compares them, writes findings and reports. Wires the other packages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.custody.atomic_folder import check_free, writing
from reconcile.custody.tree import distinct
from reconcile.devices import Party, merge_devices, refuse_other_accounts, with_labelled_locators, write_devices
from reconcile.errors import (
    ReconcileError,
    UnrecognisedSource,
    UsageError,
    changed_source,
    is_defect,
    reading_of_source,
)
from reconcile.formats.registry import all_readers, reader_of, reader_of_rest, readers_for
from reconcile.frames import Findings
from reconcile.intake.checks.both_parties import foreign_sender_notes, refuse_both_parties
from reconcile.intake.checks.outside_words import without_outside_words
from reconcile.intake.checks.stated_owner import refuse_unknown_owner
from reconcile.intake.checks.swallowed_headings import with_swallowed_read
from reconcile.intake.checks.unread_text import unread_text_notes
from reconcile.intake.contract import Note, Reader, Reading, ReadOptions
from reconcile.intake.other_forms import read_other_forms, without_notes_on
from reconcile.intake.side_stores import is_side_store, with_side_stores
from reconcile.intake.source import Source
from reconcile.intake.sqlite.damaged import with_damaged_spans
from reconcile.intake.sqlite.unread import (
    cut_texts,
    doubled_notes,
    each_place_once,
    empty_reading_notes,
    garbled_notes,
    left_out_notes,
    odd_member_notes,
    places_of,
    run_on_notes,
    unclaimed_notes,
    unread_notes,
)
from reconcile.options import CaseOptions
from reconcile.outputs import command_of, write_case
from reconcile.settings import Settings
from reconcile.vocabulary import Side

if TYPE_CHECKING:
    from reconcile.report.model import ReportData

Progress = Callable[[str], None]
# Each form's reading, by its first file; "" for the first one.
Forms = list[tuple[str, Reading]]
# Modules that no reader needs, but the comparison or a report does.
_OF_COMPARISON = ("reconcile.engine.compare",)
_OF_REPORTS = ("reconcile.report.html", "reconcile.report.build", "jinja2", "reconcile.report.plotting")


def read(path: str | Path, reader: str | None = None, options: ReadOptions | None = None) -> Reading:
    """Everything that one export holds, with the digests of its files.

    The sources are hashed while they are parsed and once more afterwards.

    Raises:
        SourceError: the export is missing, unknown, ambiguous, unreadable, beyond the limits, or changed while it was read.
    """
    forms, check_unchanged = _read(Path(path), reader, options or ReadOptions())
    check_unchanged()
    return _merged([(Path(path), forms)], Settings()).reading


def _merged(exports: Sequence[tuple[Path, Forms]], settings: Settings) -> Party:
    """One party's exports as one; the forms of one folder are merged as those of several devices are."""
    names = distinct([path.name for path, _ in exports])
    held = [
        (reading, f"{name}: {file}" if file else name, name if len(exports) > 1 else "")
        for name, (_, forms) in zip(names, exports, strict=True)
        for file, reading in forms
    ]
    readings, labels, folders = zip(*held, strict=True)
    return merge_devices(readings, labels, settings, folders)


def _read(path: Path, reader: str | None, options: ReadOptions) -> tuple[Forms, Callable[[], None]]:
    """The forms that an export holds, and a check that raises SourceChanged where its files changed."""
    with reading_of_source(path):
        source = Source(path, options.limits)
        stamped = source.stamps()
        with _changes_reported_first(source, stamped):
            source.check_files()
            forms = _read_forms(source, reader, options)
    files = forms[0][1].sources

    def check_unchanged() -> None:
        """Raises SourceChanged where the files changed since they were read."""
        with reading_of_source(path), _changes_reported_first(source, stamped):
            source.verify_unchanged(files, stamped)

    return forms, check_unchanged


@contextmanager
def _changes_reported_first(source: Source, stamped: Mapping[str, tuple[int, int]]) -> Iterator[None]:
    """Turns any failure inside into SourceChanged where a file changed or vanished meanwhile."""
    try:
        yield
    except BaseException as error:
        if (is_defect(error) or isinstance(error, ReconcileError)) and (changed := source.changed_since(stamped)):
            raise changed_source(source.path, changed[0]) from error
        raise


def _read_forms(source: Source, reader: str | None, options: ReadOptions) -> Forms:
    """What the chosen reader reads, with digests of all files, and what other forms in the folder hold."""
    chosen = choose_reader(source, reader, options)
    with ThreadPoolExecutor(max_workers=1) as pool:
        digests = pool.submit(source.digest)
        try:
            first = _read_source(source, reader, chosen, options)
            others, notes = _read_others(first, chosen, source, options) if reader is None else ([], [])
        except BaseException:
            # The digests of refused files are abandoned, since gigabytes would take long.
            source.stopped.set()
            raise
        before = digests.result()
    refuse_unknown_owner(first, options.owner, source.path.name)
    notes += empty_reading_notes(first, sum(f.size for f in before), source.path.name)
    told = {*(n.locator for n in notes), *(p for _, r in others for p in places_of([r.messages["locator"]]))}
    first = without_notes_on(first, [p.partition("#")[0] for p in told])
    first = replace(first, sources=(*before, *source.beside.values()), notes=(*first.notes, *notes))
    return [("", first), *others]


def _read_others(first: Reading, chosen: Reader, source: Source, options: ReadOptions) -> tuple[Forms, list[Note]]:
    """What the files of other forms in the folder hold, and notes on those that cannot be read."""
    asked = replace(options, columns={}) if chosen.name == "inferred" else options

    def read_part(part: Source) -> Reading:
        """The content of some of the folder's files, which is that of the same account."""
        try:
            reading = _read_source(part, None, reader_of_rest(part), asked)
        except UsageError as error:
            from reconcile.formats.inferred.reader import may_hold_messages  # noqa: PLC0415 - known forms need none

            if not may_hold_messages(part):
                raise UnrecognisedSource(part.path, str(error)) from None
            raise
        if reading.messages["sent_at"].null_count() == reading.messages.height > 0:
            # Names and numbers of people are no chat; whoever hands in words without times names their file.
            raise UnrecognisedSource(
                part.path, f"{part.path}: none of its rows has a time; if it holds a chat, name the file by itself"
            )
        refuse_other_accounts((first, reading), (source.path.name, part.relative(part.files[0])), str(source.path))
        return reading if part.root == source.root else with_labelled_locators(reading, part.path.name)

    return read_other_forms(first, getattr(chosen, "companions", ()), source, read_part)


def _read_source(source: Source, reader: str | None, chosen: Reader, options: ReadOptions) -> Reading:
    """What a reader reads, with a note on everything left unread in its files."""
    reading = chosen.read(source, options)
    reading = with_swallowed_read(reading, source, options, all_readers, is_forced=reader is not None)
    reading = without_outside_words(reading, source)
    if reader is None and not chosen.name.endswith("_db"):
        refuse_both_parties(reading, source)
    if reader is None or not is_side_store(chosen):
        reading = with_side_stores(reading, readers_for(source), source, options, chosen.name)
    reading = cut_texts(with_damaged_spans(each_place_once(reading)), options.limits)
    unread = [
        *left_out_notes(source),
        *odd_member_notes(reading, source),
        *doubled_notes(source),
        *unread_notes(reading, source, options),
        *run_on_notes(reading),
        *garbled_notes(reading),
        *foreign_sender_notes(reading),
    ]
    unread += unread_text_notes(replace(reading, notes=(*reading.notes, *unread)), source, options)
    if is_side_store(chosen):
        unread += unclaimed_notes(reading, source)
    return replace(reading, notes=(*reading.notes, *unread))


def choose_reader(source: Source, name: str | None, options: ReadOptions) -> Reader:
    """The reader that is named, else the one that recognises the source. Raises as `identify` does."""
    try:
        return reader_of(source, name)
    except UnrecognisedSource:
        # A user who names the columns states that there are rows, whatever they look like.
        if not options.columns:
            raise
        return reader_of(source, "inferred")


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
    on_report: "Callable[[ReportData], None]" = lambda _: None,
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
        more: further devices of the left and of the right party; each party's devices are merged (docs/en/devices.md).
        on_report: called with what the reports print, where reports are written.

    Raises:
        SourceError, CaseError, UsageError: nothing has been written then.
    """
    options = options or CaseOptions()
    check_free(out, overwrite=overwrite)
    progress("reading")
    name = case or out.resolve().name
    wanted = options.error_rates is not False
    later = (*_OF_COMPARISON, *(_OF_REPORTS if options.reports else ()))
    with _imported_meanwhile(later) as beside:
        read_all, check_unchanged = read_parties(((left, *more[0]), (right, *more[1])), options)
        parties = dict(zip(Side, read_all, strict=True))
        readings = [p.reading for p in parties.values()]
        checked = beside.submit(check_unchanged)
        progress("matching")
        from reconcile.engine.compare import compare_readings  # noqa: PLC0415 - loaded while files are read

        findings = compare_readings(
            readings[0], readings[1], options.settings, name, options.stated, error_rates=wanted, account=True
        )
        checked.result()
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        command = command_of(left, right, options, name, more)
        write_devices(parties, findings, folder, options.lang)
        # Of merged devices a row does not say which export holds its file.
        exports = {side: path for side, path, other in zip(Side, (left, right), more, strict=True) if not other}
        printed = write_case(findings, readings, folder, options, command, out.resolve().name, exports)
    if printed is not None:
        on_report(printed)
    return findings


@contextmanager
def _imported_meanwhile(modules: Sequence[str]) -> Iterator[ThreadPoolExecutor]:
    """A thread that imports later stages while whole-column work runs; it can take more tasks afterwards."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        loaded = [pool.submit(import_module, name) for name in modules]
        yield pool
        for module in loaded:
            module.result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_parties(
    paths: tuple[Sequence[Path], Sequence[Path]], options: CaseOptions
) -> tuple[list[Party], Callable[[], None]]:
    """Each party's exports, read and merged, and a check that raises SourceChanged.

    The check finds files that changed since they were read. A forced reader applies to a party's first export.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [
            [pool.submit(_read, p, reader if n == 0 else None, read_options) for n, p in enumerate(side)]
            for side, reader, read_options in zip(paths, options.readers, options.read, strict=True)
        ]
        done = [[j.result() for j in side] for side in jobs]

    checks = [check for side in done for _, check in side]

    def check_unchanged() -> None:
        """Raises SourceChanged where files of any export changed."""
        for check in checks:
            check()

    parties = [
        _merged([(path, forms) for path, (forms, _) in zip(given, side, strict=True)], options.settings)
        for side, given in zip(done, paths, strict=True)
    ]
    return parties, check_unchanged


__all__ = ["Progress", "compare", "read", "read_parties"]
