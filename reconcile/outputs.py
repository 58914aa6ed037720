"""The files of one comparison: tables, graph, verdicts, manifest with digests, and reports."""

import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from reconcile.custody.atomic_folder import MANIFEST
from reconcile.digests import entry_of, files_under
from reconcile.engine.confidence import bounds_of
from reconcile.engine.entities.parties import NOTHING_STATED
from reconcile.engine.graph.export import graphml, node_link_json
from reconcile.errors import CaseError, CaseNotFound
from reconcile.frames import Findings, PostFindings
from reconcile.intake.contract import Reading
from reconcile.intake.media import Shelf, shelf_of
from reconcile.options import CaseOptions
from reconcile.parquet import write_parquet
from reconcile.same_party import same_party_evidence
from reconcile.version import VERSION
from reconcile.vocabulary import Side
from reconcile.wording.sides import called

if TYPE_CHECKING:
    from reconcile.report import ExportSummary
    from reconcile.report.model import ReportData

FORMAT = 1
# Outputs that equal inputs and settings reproduce byte for byte; reports print their hashes.
REPRODUCED = ("alignment.parquet", "verdicts.json")


def write_case(
    findings: Findings,
    readings: list[Reading],
    folder: Path,
    options: CaseOptions,
    command: str,
    name: str,
    exports: Mapping[Side, Path] | None = None,
) -> "ReportData | None":
    """Writes every result of contract 3 into `folder`. Returns what the reports print, if any.

    `command` reproduces them; `name` is the folder's name once it is in place; `exports`: where pictures and sounds of a side lie.
    """
    printed = None
    tables: dict[str, pl.DataFrame] = {"alignment.parquet": findings.alignment}
    if options.messages:
        tables["messages.parquet"] = findings.messages
    with ThreadPoolExecutor(max_workers=1) as writer, ThreadPoolExecutor(max_workers=1) as hasher:
        # The two long tables are written and hashed in a thread while graph and reports are made.
        written = {name: writer.submit(write_parquet, frame, folder / name) for name, frame in tables.items()}
        hashed = {name: hasher.submit(_entry_when_written, job, folder / name) for name, job in written.items()}
        _write_small_files(findings, folder, messages=options.messages)
        write_people(readings, folder)
        if options.reports:
            printed = _write_reports(findings, readings, folder, options, (command, name), hashed, exports or {})
        known = {name: job.result() for name, job in hashed.items()}
    write_manifest(folder, readings, options, findings, command, known)
    return printed


def _entry_when_written(written: Future[None], file: Path) -> dict[str, Any]:
    """Size and digests of a file once it is written."""
    written.result()
    return entry_of(file)


def _write_small_files(findings: Findings, folder: Path, *, messages: bool) -> None:
    """The result files of contract 3 but for the two long tables, manifest and reports."""
    for name in ("verdicts", "gaps", "absent", "irregularities", "account"):
        write_parquet(getattr(findings, name), folder / f"{name}.parquet")
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
    """The files of docs/en/post-table.md; `messages` also decides on both sides' tables as read."""
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
    """The bytes of verdicts.json: case, one object a conversation, error bounds and error rates."""
    rows = findings.verdicts.with_columns(pl.col("coverage_from", "coverage_to").dt.to_string("iso:strict"))
    body = {
        "format": FORMAT,
        "program": f"reconcile {VERSION}",
        "case": rows["case"][0] if rows.height else None,
        "verdicts": rows.to_dicts(),
        "error_bounds": bounds_of(findings.verdicts),
        "error_rates": findings.error_rates,
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _write_graph(findings: Findings, folder: Path) -> None:
    """Writes graph.json and graph.graphml."""
    from reconcile.report.visible import shown_column  # noqa: PLC0415 - as in _write_reports

    runs, edges = findings.runs, findings.edges
    (folder / "graph.json").write_bytes(node_link_json(runs, edges))
    # XML cannot hold control characters, so titles are written as reports print them.
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
    """Writes manifest.json: inputs, readers, settings, program version, hash of every output.

    `known`: size and digests of outputs that were hashed while they were written, by file name.
    """
    found = {f.relative_to(folder).as_posix(): f for f in files_under(folder)}
    hashed = known or {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        outputs = dict(zip(found, pool.map(lambda n: hashed.get(n) or entry_of(found[n]), found), strict=True))
    body = {
        "format": FORMAT,
        "program": "reconcile",
        "version": VERSION,
        "case": findings.verdicts["case"][0] if findings.verdicts.height else None,
        "inputs": {side: _input_facts(r) for side, r in zip(("left", "right"), readings, strict=True)},
        "command": command,
        "settings": options.settings.model_dump(mode="json"),
        "stated": {"conversations": dict(options.stated.conversations), "senders": dict(options.stated.senders)},
        "labels": dict(zip(("left", "right"), options.labels, strict=True)),
        **({"cover": asdict(options.cover)} if options.cover else {}),
        "outputs": outputs,
    }
    (folder / MANIFEST).write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def inputs_json(readings: Mapping[str, Reading]) -> dict[str, Any]:
    """A manifest's facts on each export: reader, rows, files with digests, facts, notes."""
    return {name: _input_facts(reading) for name, reading in readings.items()}


def _input_facts(reading: Reading) -> dict[str, Any]:
    """One export's part of the manifest."""
    facts = asdict(reading.facts) | {"limits": _limit_facts(reading)}
    return {
        "reader": reading.facts.reader,
        "rows": reading.messages.height,
        "files": [asdict(f) for f in reading.sources],
        "facts": _as_json(facts),
        "notes": [_as_json(asdict(n)) for n in reading.notes],
    }


def _limit_facts(reading: Reading) -> dict[str, Any]:
    """What the form of the export cannot hold."""
    limits = reading.facts.limits
    return {
        "kinds_absent": sorted(limits.kinds_absent),
        "kinds_unknown": sorted(limits.kinds_unknown),
        "kinds_without_content": sorted(limits.kinds_without_content),
        "text_cut_at": limits.text_cut_at,
        "strips_prefix": limits.strips_prefix,
    }


def _as_json(value: object) -> Any:
    """The value with sets as sorted lists and instants as ISO text."""
    if isinstance(value, Mapping):
        return {str(k): _as_json(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_as_json(v) for v in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished comparison. Raises CaseNotFound or CaseError.

    CaseError: the folder contains a link or device.
    """
    check_plain(folder)
    try:
        value = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise CaseNotFound(
            folder, f"{folder}: no finished comparison there; run `reconcile compare LEFT RIGHT --out {folder}` first"
        ) from None
    if not isinstance(value, dict):
        raise CaseNotFound(folder, f"{folder}: {MANIFEST} is not a result of a comparison; run compare again")
    return value


def same_party_evidence_in(manifest: Mapping[str, Any]) -> str | None:
    """`same_party_evidence` from the inputs in a manifest."""
    left, right = (manifest["inputs"][str(side)] for side in Side)
    sums = [[f["sha256"] for f in side["files"] if not f.get("is_statement")] for side in (left, right)]
    return same_party_evidence((sums[0], sums[1]), (left["facts"]["owner"]["id"], right["facts"]["owner"]["id"]))


def check_plain(folder: Path) -> None:
    """Raises CaseError where a folder of results contains a link, pipe or device.

    Reading it would lead elsewhere or never end.
    """
    if odd := next((p for p in _entries_of(folder) if p.is_symlink() or not (p.is_file() or p.is_dir())), None):
        raise CaseError(
            folder,
            f"{folder}: holds a link or device ({odd.name}), which no run writes; copy the results as plain files",
        )


def _entries_of(folder: Path) -> list[Path]:
    """The entries of a folder, sorted; none where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _write_reports(
    findings: Findings,
    readings: list[Reading],
    folder: Path,
    options: CaseOptions,
    called: tuple[str, str],
    hashed: Mapping[str, "Future[dict[str, Any]]"],
    exports: Mapping[Side, Path],
) -> "ReportData":
    """Writes the reports and returns what they print."""
    from reconcile.report import RunFacts, build_report, limits_for, with_hashes, write_reports  # noqa: PLC0415 - loaded only when reports are written

    left, right = (summary_of(r, side, options) for r, side in zip(readings, Side, strict=True))
    run = RunFacts(
        case=str(findings.verdicts["case"][0]) if findings.verdicts.height else folder.name,
        program_version=VERSION,
        settings=options.settings.model_dump(mode="json"),
        command=called[0],
        explained_in=called[1] if options.messages else None,
        cover=options.cover,
    )
    limits = limits_for(options.reports)
    digests = {s.side: {f.path: f.sha256 for f in s.sources} for s in (left, right)}

    def open_shelf(side: Side) -> Shelf | None:
        return shelf_of(exports[side], digests[side]) if side in exports else None

    data = build_report(findings, left, right, run, mask=options.mask, limits=limits, open_shelf=open_shelf)
    entries = {n: hashed[n].result() if n in hashed else entry_of(folder / n) for n in REPRODUCED}
    data = with_hashes(data, {n: entry["sha256"] for n, entry in entries.items()})
    write_reports(data, folder, options.lang, options.reports)
    return data


def summary_of(reading: Reading, side: Side, options: CaseOptions) -> "ExportSummary":
    """What reports print of one export: its statements, notes and files, and the side's name."""
    from reconcile.report import ExportSummary  # noqa: PLC0415 - as above

    label = called(side, options.labels[0 if side is Side.LEFT else 1], options.lang)
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
    """The command that reproduces these results, with file names as in the evidence list."""
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
