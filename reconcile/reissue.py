"""Writes reports of a finished comparison again: other forms, language, masking, reviewers' decisions."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dataframely as dy
import orjson
import polars as pl
from pydantic import TypeAdapter, ValidationError

from reconcile import __version__
from reconcile.custody import leftovers
from reconcile.custody.decisions import basis_of, standing, whole_log
from reconcile.engine import decisions as decided
from reconcile.errors import CaseError, CaseNotEmpty, CaseNotFound, reading_of_results
from reconcile.frames import (
    Absent,
    Alignment,
    Contacts,
    Conversations,
    Findings,
    Gaps,
    Irregularities,
    PostFindings,
    Verdicts,
)
from reconcile.frames_posts import ArticlePairs, Articles, Favourites, InteractionAlignment, PostAlignment, PostTraces
from reconcile.intake.contract import ExportFacts, Note
from reconcile.intake.source import SourceFile
from reconcile.outputs import REPRODUCED, load_manifest
from reconcile.posts_as_rows import MOMENTS, with_posts_as_rows
from reconcile.report import Decided, ExportSummary, ReportData, RunFacts, build_report, write_reports
from reconcile.report.chosen_masks import Masks
from reconcile.report_cover import Cover, cover_in
from reconcile.vocabulary import Side
from reconcile.wording import Lang
from reconcile.wording.sides import called, stated_in

FOLDER = "reports"


@dataclass(frozen=True, slots=True)
class ReissueOptions:
    """Choices for a report: forms, language, masking, decisions; null `cover` = the comparison's.

    `labels`: names of the sides where the comparison was given none. `mask`: see `report.build_report`. `sign`: makes the
    signed bytes of a PDF; null = not signed.
    """

    forms: Collection[str] = ("html",)
    lang: Lang = "zh"
    mask: bool | Masks = False
    decisions: bool = True
    cover: Cover | None = None
    labels: tuple[str | None, str | None] = (None, None)
    sign: Callable[[bytes], bytes] | None = None


def reissue(folder: Path, out: Path, options: ReissueOptions, *, overwrite: bool = False) -> list[Path]:
    """Writes the reports of a case folder to `out`, returns their paths; only reads the case folder.

    Raises:
        CaseError: no finished comparison is there, it holds no messages, or its decision log was changed after it was written.
        CaseNotEmpty: `out` holds something, and not `overwrite`.
    """
    with reading_of_results(folder):
        return _write_reports(folder, out, options, overwrite=overwrite)


def _write_reports(folder: Path, out: Path, options: ReissueOptions, *, overwrite: bool) -> list[Path]:
    """Builds the reports from the folder and writes them."""
    manifest = load_manifest(folder)
    findings = with_posts_as_rows(load_findings(folder))
    named = None
    if options.decisions:
        findings, named = with_decisions(folder, findings, manifest)
    stated = stated_in(manifest)
    left, right = (
        _export_summary(folder, manifest, side, called(side, stated[side] or label, options.lang))
        for side, label in zip(Side, options.labels, strict=True)
    )
    data = build_report(
        findings, left, right, _run_facts(folder, manifest, options.cover), mask=options.mask, decided=named
    )
    return _put_in_place(data, out, options, overwrite=overwrite)


def _put_in_place(data: ReportData, out: Path, options: ReissueOptions, *, overwrite: bool) -> list[Path]:
    """Writes every form beside `out` first, then moves it there; other files in `out` stay."""
    partial = leftovers.beside(out / "reports", leftovers.PARTIAL)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        leftovers.clear(out / "reports")
        partial.mkdir(mode=0o700)
        written = write_reports(data, partial, options.lang, options.forms)
        for path in written:
            if options.sign is not None and path.suffix == ".pdf":
                path.write_bytes(options.sign(path.read_bytes()))
        leftovers.settle(partial)
        there = sorted(p.name for p in written if (out / p.name).exists())
        if there and not overwrite:
            raise CaseNotEmpty(out, f"{out}: holds {there[0]}; choose another folder or give --overwrite")
        return [p.replace(out / p.name) for p in written]
    except OSError as error:
        raise CaseError(out, f"{out}: cannot be written ({error.strerror or error}); choose another folder") from None
    finally:
        leftovers.discard(partial)


def load_findings(folder: Path) -> Findings:
    """The findings of a case folder as written. Raises CaseError where a file is missing or broken."""
    if not (folder / "messages.parquet").is_file():
        raise CaseError(folder, f"{folder}: holds no messages.parquet; run compare without --no-messages first")
    try:
        frames = {name: schema.cast(pl.read_parquet(folder / f"{name}.parquet")) for name, schema in _SCHEMAS.items()}
        messages = pl.read_parquet(folder / "messages.parquet")
        rates = orjson.loads((folder / "verdicts.json").read_bytes())["error_rates"]
    except (OSError, KeyError, orjson.JSONDecodeError, pl.exceptions.PolarsError) as error:
        raise CaseError(folder, f"{folder}: a result file cannot be read ({error}); run compare again") from None
    found = Findings(**frames, messages=messages, runs=pl.DataFrame(), error_rates=rates)  # type: ignore[arg-type]
    return replace(found, posts=_load_posts(folder, found))


def _load_posts(folder: Path, found: Findings) -> PostFindings | None:
    """Posts, articles and favourites of the folder; None where the comparison had none."""
    if not (folder / "posts_alignment.parquet").is_file():
        return None
    try:
        read = {field: pl.read_parquet(folder / f"{name}.parquet") for field, (name, _) in _POSTS.items()}
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CaseError(folder, f"{folder}: a result file cannot be read ({error}); run compare again") from None
    frames = {
        field: read[field] if schema is None else schema.cast(read[field]) for field, (_, schema) in _POSTS.items()
    }
    mine = pl.col("conversation") == MOMENTS
    return PostFindings(**frames, absent=found.absent.filter(mine), verdict=found.verdicts.filter(mine))  # type: ignore[arg-type]


def with_decisions(folder: Path, findings: Findings, manifest: dict[str, Any]) -> tuple[Findings, Decided]:
    """The findings with the log's standing decisions applied, and the report's facts on the log."""
    log = whole_log(folder)
    listed = standing(log.entries)
    if not listed:
        return findings, Decided((), 0, {}, len(log.entries), log.head)
    judged = decided.with_decisions(findings.alignment, findings.verdicts, listed, basis_of(manifest))
    grades = dict(findings.verdicts.select("conversation", "grade").iter_rows())
    rest = {name: getattr(findings, name) for name in ("gaps", "absent", "irregularities", "messages", "runs")}
    anew = Findings(
        alignment=judged.alignment,
        verdicts=judged.verdicts,
        error_rates=findings.error_rates,
        posts=findings.posts,
        **rest,
    )
    return anew, Decided(judged.applied, len(judged.out_of_date), grades, len(log.entries), log.head)


# Field of PostFindings: its file and schema; null = both sides as read, with `side`.
_POSTS: dict[str, tuple[str, type[dy.Schema] | None]] = {
    "alignment": ("posts_alignment", PostAlignment),
    "interactions_alignment": ("interactions_alignment", InteractionAlignment),
    "traces": ("posts_traces", PostTraces),
    "articles": ("article_cards", Articles),
    "article_pairs": ("articles", ArticlePairs),
    "favourites": ("favourites", Favourites),
    "posts": ("posts", None),
    "media": ("post_media", None),
    "interactions": ("interactions", None),
    "witnesses": ("post_witnesses", None),
}
_SCHEMAS: dict[str, type[dy.Schema]] = {
    "alignment": Alignment,
    "verdicts": Verdicts,
    "gaps": Gaps,
    "absent": Absent,
    "irregularities": Irregularities,
}


def _export_summary(folder: Path, manifest: dict[str, Any], side: Side, label: str) -> ExportSummary:
    """One side's facts from the manifest. Raises CaseNotFound where they are missing."""
    stated = manifest["inputs"][side.value]
    try:
        facts = TypeAdapter(ExportFacts).validate_python(stated["facts"])
        notes = TypeAdapter(tuple[Note, ...]).validate_python(stated["notes"])
        sources = TypeAdapter(tuple[SourceFile, ...]).validate_python(stated["files"])
    except (KeyError, ValidationError):
        raise CaseNotFound(folder, f"{folder}: the manifest does not state the inputs; run compare again") from None
    people = {name: _people_of(folder, name, side, schema) for name, schema in _PEOPLE.items()}
    return ExportSummary(side, label, facts, notes, sources, people["conversations"], people["contacts"])


_PEOPLE: dict[str, type[dy.Schema]] = {"conversations": Conversations, "contacts": Contacts}


def _people_of(folder: Path, name: str, side: Side, schema: type[dy.Schema]) -> Any:
    """The rows of one side in contacts or conversations; empty without the file."""
    file = folder / f"{name}.parquet"
    if not file.is_file():
        return schema.create_empty()
    return schema.cast(pl.read_parquet(file).filter(pl.col("side") == side.value).drop("side"))


def _run_facts(folder: Path, manifest: dict[str, Any], cover: Cover | None) -> RunFacts:
    """Case, program version, settings and command of the comparison, from the manifest."""
    outputs = manifest.get("outputs") or {}
    return RunFacts(
        case=str(manifest.get("case") or folder.name),
        program_version=str(manifest.get("version") or __version__),
        settings=manifest.get("settings") or {},
        command=str(manifest.get("command") or ""),
        explained_in=folder.resolve().name if (folder / "messages.parquet").is_file() else None,
        cover=cover or cover_in(manifest),
        hashes={name: outputs[name]["sha256"] for name in REPRODUCED if name in outputs},
    )
