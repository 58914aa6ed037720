"""A case: exports in, findings and reports out as one folder that is written whole or not at all. The one room that wires the rest."""

import hashlib
import shlex
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from reconcile import __version__
from reconcile.comparison import compare_readings
from reconcile.custody import leftovers
from reconcile.custody.decisions import log_locked
from reconcile.custody.whole import unwritten
from reconcile.devices import Party, labels_of, merge_devices, write_devices
from reconcile.digests import digest_bytes
from reconcile.errors import (
    CaseNotEmpty,
    CaseNotFound,
    UnrecognisedSource,
    UsageError,
    reading_of_source,
)
from reconcile.frames import Findings, PostFindings
from reconcile.graph.export import graphml, node_link_json
from reconcile.intake.contract import Reader, Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source, SourceFile
from reconcile.intake.store.unread import (
    each_place_once,
    left_out_notes,
    nothing_notes,
    run_on_notes,
    unclaimed_notes,
    unread_notes,
)
from reconcile.intake.supplement import is_supplement, supplemented
from reconcile.match.parties import NOTHING_STATED, Stated
from reconcile.parquet import write_parquet
from reconcile.readers import all_readers
from reconcile.settings import Settings
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

if TYPE_CHECKING:
    from reconcile.report import ExportSummary

Progress = Callable[[str], None]
MANIFEST = "manifest.json"
FORMAT = 1
# The outputs that the same inputs and settings give again byte for byte; reports print their hashes.
REPRODUCED = ("alignment.parquet", "verdicts.json")
# Libraries that no reader needs, and the comparison or its error rates do.
_OF_COMPARISON, _OF_RATES = ("networkx",), ("scipy.special",)


@dataclass(frozen=True, slots=True)
class CaseOptions:
    """What the user may choose for a comparison; the defaults are those of the command.

    Attributes:
        readers: reader forced for (left, right); None = recognised.
        read: what the readers may be told.
        labels: what reports call the sides; None = 原告/被告 or plaintiff/defendant.
        stated: pairings that the user states.
        settings: thresholds.
        lang: language of the reports.
        messages: write messages.parquet.
        reports: forms to write: html, docx, xlsx, pdf, csv, json, case; empty = none.
        mask: replace third parties' names and numbers in reports.
        error_rates: measure the run's own error rates; None = for one comparison yes, in a batch no.
    """

    readers: tuple[str | None, str | None] = (None, None)
    read: tuple[ReadOptions, ReadOptions] = (ReadOptions(), ReadOptions())
    labels: tuple[str | None, str | None] = (None, None)
    stated: Stated = NOTHING_STATED
    settings: Settings = field(default_factory=Settings)
    lang: Lang = "zh"
    messages: bool = True
    reports: Collection[str] = ("html",)
    mask: bool = False
    error_rates: bool | None = None


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
        reading = each_place_once(reading)
        unread = [*left_out_notes(source), *unread_notes(reading, source, options), *run_on_notes(reading)]
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
    findings = compare_readings(readings[0], readings[1], options.settings, name, options.stated, error_rates=wanted)
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        command = command_of(left, right, options, name, more)
        write_devices(parties, findings, folder, options.lang)
        write_case(findings, readings, folder, options, command)
    return findings


def read_parties(paths: tuple[Sequence[Path], Sequence[Path]], options: CaseOptions) -> list[Party]:
    """Each party's exports, read and merged; a forced reader reads a party's first one."""
    later = (*_OF_COMPARISON, *(_OF_RATES if options.error_rates is not False else ()))
    with ThreadPoolExecutor(max_workers=3) as pool:
        # What the comparison needs later is loaded while the tables are parsed.
        loading = [pool.submit(import_module, name) for name in later]
        jobs = [
            [pool.submit(read, p, reader if n == 0 else None, told) for n, p in enumerate(side)]
            for side, reader, told in zip(paths, options.readers, options.read, strict=True)
        ]
        readings = [[j.result() for j in side] for side in jobs]
        for module in loading:
            module.result()
    return [
        merge_devices(r, labels_of([p.name for p in side]), options.settings)
        for r, side in zip(readings, paths, strict=True)
    ]


def write_case(findings: Findings, readings: list[Reading], folder: Path, options: CaseOptions, command: str) -> None:
    """Every result of contract 3 into `folder`; `command` is what gives them again."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The two long tables are written, and hashed, while graph and reports are made.
        alignment = pool.submit(_written, findings.alignment, folder / "alignment.parquet")
        long = [alignment]
        if options.messages:
            long.append(pool.submit(_written, findings.messages, folder / "messages.parquet"))
        _write_short(findings, folder, messages=options.messages)
        write_people(readings, folder)
        if options.reports:
            known = {"alignment.parquet": alignment.result()}
            _write_reports(findings, readings, folder, options, command, known)
        known = {f"{name}.parquet": job.result() for name, job in zip(("alignment", "messages"), long, strict=False)}
    write_manifest(folder, readings, options, findings, command, known)


def check_free(out: Path, *, overwrite: bool) -> None:
    """Raises CaseNotEmpty when `out` holds something that may not be replaced; clears up after a run that was killed."""
    restored = leftovers.clear(out.resolve())
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError("--out", f"{out}: is a file; --out names a folder")
    if any(out.iterdir()) and not overwrite:
        found = (
            "a run that was replacing these results was interrupted; they are back in place"
            if restored
            else "not empty"
        )
        raise CaseNotEmpty(out, f"{out}: {found}; choose another folder or give --overwrite")
    if any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise CaseNotEmpty(out, f"{out}: holds files that no run of this program wrote; choose another folder")


@contextmanager
def writing(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder beside `out` to write into; it becomes `out` in one step when all is written, and vanishes when anything fails."""
    out = out.resolve()
    partial_folder = leftovers.beside(out, leftovers.PARTIAL)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        leftovers.clear(out)
        partial_folder.mkdir()
    except OSError as error:
        raise unwritten(out, error, "; choose another folder") from None
    try:
        yield partial_folder
        leftovers.settle(partial_folder)
        _put_in_place(partial_folder, out, overwrite=overwrite)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise unwritten(out, error, "; nothing was left half-written") from None
    finally:
        shutil.rmtree(partial_folder, ignore_errors=True)


def _put_in_place(new: Path, out: Path, *, overwrite: bool) -> None:
    if out.exists() and any(out.iterdir()):
        if not overwrite:
            raise CaseNotEmpty(out, f"{out}: filled by another run meanwhile; choose another folder")
        old = leftovers.beside(out, leftovers.OLD)
        # What a reviewer decided is never thrown away with the results that it was decided on; nobody adds to it meanwhile.
        with log_locked(out):
            for kept in out.glob("decisions*.jsonl"):
                shutil.copy2(kept, new / kept.name)
                leftovers.sync(new / kept.name)
            out.rename(old)
            try:
                new.rename(out)
            except OSError:
                old.rename(out)
                raise
        leftovers.sync(out.parent)
        shutil.rmtree(old, ignore_errors=True)
        return
    if out.exists():
        out.rmdir()
    new.rename(out)
    leftovers.sync(out.parent)


# ---------------------------------------------------------------------------------------------- results


def _written(frame: pl.DataFrame, file: Path) -> dict[str, Any]:
    """Writes a table of results; size and digests of its file."""
    write_parquet(frame, file)
    return _digest(file)


def _write_short(findings: Findings, folder: Path, *, messages: bool) -> None:
    """The result files of contract 3 but for the two long tables, manifest and reports."""
    for name in ("verdicts", "gaps", "absent", "irregularities"):
        _written(getattr(findings, name), folder / f"{name}.parquet")
    if findings.posts is not None:
        _write_posts(findings.posts, folder, messages=messages)
    (folder / "verdicts.json").write_bytes(verdicts_json(findings))
    _write_graph(findings, folder)


def write_people(readings: list[Reading], folder: Path) -> None:
    """contacts.parquet and conversations.parquet: whom and what each export names, by side."""
    for name in ("contacts", "conversations"):
        parts = [
            getattr(reading, name).select(pl.lit(side.value).alias("side"), pl.all())
            for side, reading in zip(Side, readings, strict=True)
        ]
        write_parquet(pl.concat(parts), folder / f"{name}.parquet")


def _write_posts(posts: PostFindings, folder: Path, *, messages: bool) -> None:
    """The files of docs/post-table.md; `messages` also decides on both sides' tables as read."""
    frames: dict[str, pl.DataFrame] = {
        "posts_alignment": posts.alignment, "interactions_alignment": posts.interactions_alignment, "posts_traces": posts.traces,
        "articles": posts.article_pairs, "article_cards": posts.articles,
        "favourites": posts.favourites,
    }  # fmt: skip
    if messages:
        frames |= {
            "posts": posts.posts, "post_media": posts.media, "interactions": posts.interactions, "post_witnesses": posts.witnesses,
        }  # fmt: skip
    for name, frame in frames.items():
        write_parquet(frame, folder / f"{name}.parquet")


def verdicts_json(findings: Findings) -> bytes:
    """verdicts.json: case, one object a conversation, error rates. The same inputs give the same bytes."""
    rows = findings.verdicts.with_columns(pl.col("coverage_from", "coverage_to").dt.to_string("iso:strict"))
    body = {
        "format": FORMAT,
        "program": f"reconcile {__version__}",
        "case": rows["case"][0] if rows.height else None,
        "verdicts": rows.to_dicts(),
        "error_rates": findings.error_rates,
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _write_graph(findings: Findings, folder: Path) -> None:
    from reconcile.report.visible import shown_column  # noqa: PLC0415 - as in _write_reports

    runs, edges = findings.runs, findings.edges
    (folder / "graph.json").write_bytes(node_link_json(runs, edges))
    # XML has no way to hold a control character: titles of the material stand there as reports print them.
    shown = runs.with_columns(shown_column(runs[c]).alias(c) for c in runs.columns)
    (folder / "graph.graphml").write_bytes(graphml(shown, edges))


def write_manifest(
    folder: Path,
    readings: list[Reading],
    options: CaseOptions,
    findings: Findings,
    command: str,
    known: Mapping[str, dict[str, Any]] | None = None,
) -> None:
    """manifest.json: inputs with size and digests, readers, settings, program version, and the hash of every output.

    `known`: size and digests of outputs that were hashed when they were written, by file name.
    """
    found = {f.relative_to(folder).as_posix(): f for f in sorted(folder.rglob("*")) if f.is_file()}
    told = known or {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        outputs = dict(zip(found, pool.map(lambda n: told.get(n) or _digest(found[n]), found), strict=True))
    body = {
        "format": FORMAT,
        "program": "reconcile",
        "version": __version__,
        "case": findings.verdicts["case"][0] if findings.verdicts.height else None,
        "inputs": {side: _input(r) for side, r in zip(("left", "right"), readings, strict=True)},
        "command": command,
        "settings": options.settings.model_dump(mode="json"),
        "stated": {"conversations": dict(options.stated.conversations), "senders": dict(options.stated.senders)},
        "labels": dict(zip(("left", "right"), options.labels, strict=True)),
        "outputs": outputs,
    }
    (folder / MANIFEST).write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def inputs_json(readings: Mapping[str, Reading]) -> dict[str, Any]:
    """What a manifest says of each export: reader, rows, files with digests, facts, notes."""
    return {name: _input(reading) for name, reading in readings.items()}


def _input(reading: Reading) -> dict[str, Any]:
    facts = asdict(reading.facts) | {"limits": _limits(reading)}
    return {
        "reader": reading.facts.reader,
        "rows": reading.messages.height,
        "files": [asdict(f) for f in reading.sources],
        "facts": _jsonable(facts),
        "notes": [_jsonable(asdict(n)) for n in reading.notes],
    }


def _limits(reading: Reading) -> dict[str, Any]:
    limits = reading.facts.limits
    return {
        "kinds_absent": sorted(limits.kinds_absent),
        "kinds_without_content": sorted(limits.kinds_without_content),
        "text_cut_at": limits.text_cut_at,
        "strips_prefix": limits.strips_prefix,
    }


def _jsonable(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_jsonable(v) for v in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _digest(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "sm3": digest_bytes(data, "sm3")}


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished comparison. Raises CaseNotFound when there is none."""
    try:
        value = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise CaseNotFound(
            folder, f"{folder}: no finished comparison there; run `reconcile compare LEFT RIGHT --out {folder}` first"
        ) from None
    return value  # type: ignore[no-any-return]


def _write_reports(
    findings: Findings,
    readings: list[Reading],
    folder: Path,
    options: CaseOptions,
    command: str,
    known: Mapping[str, dict[str, Any]],
) -> None:
    from reconcile.report import RunFacts, build_report, write_reports  # noqa: PLC0415 - loaded only when reports are written

    left, right = (summary_of(r, side, options) for r, side in zip(readings, Side, strict=True))
    run = RunFacts(
        case=str(findings.verdicts["case"][0]) if findings.verdicts.height else folder.name,
        program_version=__version__,
        settings=options.settings.model_dump(mode="json"),
        command=command,
        hashes={n: (known.get(n) or _digest(folder / n))["sha256"] for n in REPRODUCED},
    )
    write_reports(build_report(findings, left, right, run, mask=options.mask), folder, options.lang, options.reports)


def summary_of(reading: Reading, side: Side, options: CaseOptions) -> "ExportSummary":
    """What reports print of one export: its own statements, notes and files, and what the user calls the side."""
    from reconcile.report import ExportSummary  # noqa: PLC0415 - as above

    label = options.labels[0 if side is Side.LEFT else 1] or say(f"report.side_{side}", options.lang)
    return ExportSummary(
        side=side,
        label=label,
        facts=reading.facts,
        notes=reading.notes,
        sources=reading.sources,
        conversations=reading.conversations,
        contacts=reading.contacts,
    )


def command_of(
    left: Path,
    right: Path,
    options: CaseOptions,
    case: str,
    more: tuple[Sequence[Path], Sequence[Path]] = ((), ()),
) -> str:
    """The command that gives these results again, with file names as the evidence list has them."""
    parts = ["reconcile", "compare", left.name, right.name, "--out", case]
    parts += [w for side, paths in zip(Side, more, strict=True) for p in paths for w in (f"--{side}", p.name)]
    owners = tuple(o.owner for o in options.read)
    for flag, values in (("name", options.labels), ("reader", options.readers), ("owner", owners)):
        parts += [w for side, v in zip(Side, values, strict=True) if v for w in (f"--{side}-{flag}", v)]
    if options.read[0].timezone:
        parts += ["--timezone", options.read[0].timezone]
    if options.stated != NOTHING_STATED:
        parts += ["--map", "map.toml"]
    if options.error_rates is False:
        parts.append("--no-error-rates")
    return shlex.join(parts)


__all__ = [
    "CaseOptions",
    "SourceFile",
    "check_free",
    "compare",
    "load_manifest",
    "partial",
    "read",
    "verdicts_json",
    "write_manifest",
    "writing",
]
