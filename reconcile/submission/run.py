"""run_check(): reads paths and writes a folder of results, whole or not at all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile import __version__, temp_folders
from reconcile.case import read
from reconcile.custody.atomic_folder import check_free, refuse_inside, writing
from reconcile.digests import entry_of
from reconcile.errors import ReconcileError, UnrecognisedSource, UsageError
from reconcile.frames import Messages
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.parquet import plain, write_parquet
from reconcile.report.docx_report import document_of
from reconcile.settings import Settings
from reconcile.submission.check import check_submission
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.submission.check_page import check_page
from reconcile.submission.identity import IdentityFinding, cross_check_identity
from reconcile.submission.pasted import SUFFIXES, read_pasted, read_quotations
from reconcile.submission.printed import as_document
from reconcile.wording import Lang, say

MANIFEST, PAGE, WORD = "manifest.json", "check.html", "check.docx"
FORMAT = 1
# How a PDF that was written as a document is called until it is read.
_DOCUMENT = r"\.(?:docx|txt)\b"
# A paper of quotations has at most so many times as many other rows.
_FEW_MORE = 2
# What the command calls the options of the submission, which errors of reading call as other commands do.
_OPTIONS = {"--columns": "--submission-columns", "--timezone": "--submission-timezone"}
TABLES = ("rows", "left_out", "passages", "verdicts")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission as read: rows, whether they come from pictures, and how legible each row's digits are."""

    reading: Reading
    recognised: bool = False
    legible: dict[int, float] | None = None


def run_check(
    submission: Path,
    against: Sequence[Path],
    out: Path,
    *,
    lang: Lang = "zh",
    overwrite: bool = False,
    recognised: bool = False,
    reader: str | None = None,
    options: ReadOptions | None = None,
    export_options: Sequence[ReadOptions] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> SubmissionFindings:
    """Checks a submission against one or more exports and writes the results to `out`.

    Args:
        submission: message table, any export, pasted text, text of pages, pictures or a PDF of screens.
        against: the party's own full exports first, then the other party's.
        out: folder for the results; refused when it holds another run, unless `overwrite`.
        lang: language of the report.
        overwrite: replace an earlier run's results.
        recognised: the submission's words come from text recognition by another program.
        reader: force a reader for the submission.
        options: reader options.
        export_options: reader options of each export, in the order of `against`; empty = `options`.
        progress: called with `reading`, `matching`, `writing`.

    Raises:
        SourceError, CaseError, UsageError, MissingExtra: nothing has been written then.
    """
    if not against:
        raise UsageError("--against", "--against: name at least one full export to compare the submission with")
    refuse_inside(out, [submission, *against])
    check_free(out, overwrite=overwrite)
    progress("reading")
    each_options = export_options or [options or ReadOptions()] * len(against)
    exports = [read(path, None, each) for path, each in zip(against, each_options, strict=True)]
    try:
        submitted = read_submission(submission, reader, options)
    except ReconcileError as error:
        error.renamed = _OPTIONS
        raise
    progress("matching")
    findings = check_submission(
        submitted.reading, exports, recognised=recognised or submitted.recognised, legible=submitted.legible
    )
    identity = cross_check_identity(exports[0], exports[1]) if len(exports) > 1 else []
    names = [submission.name, *(p.name for p in against)]
    progress("writing")
    with writing(out, overwrite=overwrite) as folder:
        _write_files(folder, findings, submitted.reading, exports, names, lang, identity, Settings())
    return findings


def read_submission(path: Path, reader: str | None = None, options: ReadOptions | None = None) -> Submitted:
    """A submission of any form: what a reader recognises, else pictures and PDF, else text.

    Raises:
        SourceError: it is none of these.
        MissingExtra: pictures are given and the part that reads them is not installed.
    """
    from reconcile.submission.screens import SCREEN_SUFFIXES, read_screens  # noqa: PLC0415 - loads picture libraries

    held = options or ReadOptions()
    source = Source(path, held.limits)
    if reader is None and all(f.suffix.lower() in SCREEN_SUFFIXES for f in source.files):
        screens = read_screens(path, held)
        if screens is None:
            return _read_printed(source, held)
        return Submitted(_with_digests(screens.reading, source), recognised=True, legible=screens.legible)
    is_text = source.is_file and path.suffix.lower() in SUFFIXES
    quoted = read_quotations(path, held) if reader is None and is_text else None
    try:
        found = read(path, reader, held)
    except (UnrecognisedSource, UsageError) as error:
        if quoted is None and (reader is not None or not is_text or isinstance(error, UsageError)):
            raise
        found = quoted or _with_digests(read_pasted(path, held), source)
    return Submitted(found if quoted is None or not _quotes(quoted, found) else _with_digests(quoted, source))


def _quotes(quoted: Reading, found: Reading) -> bool:
    """Whether a paper is made of its quotations: it names no senders otherwise, or holds few more rows."""
    return found.messages["sender"].count() == 0 or found.messages.height <= _FEW_MORE * quoted.messages.height


def _read_printed(source: Source, options: ReadOptions) -> Submitted:
    """The text of PDF files, read as the document that was printed."""
    with temp_folders.folder() as folder:
        document, notes = as_document(source, folder)
        try:
            reading = read_submission(document, None, options).reading
        except ReconcileError as error:
            error.args = (str(error).replace(str(document), str(source.path)),)
            raise
    locators = pl.col("locator").str.replace(_DOCUMENT, ".pdf")
    messages = Messages.cast(reading.messages.with_columns(locators))
    noted = (replace(n, locator=re.sub(_DOCUMENT, ".pdf", n.locator, count=1)) for n in reading.notes)
    read = replace(reading, messages=messages, notes=(*noted, *notes))
    return Submitted(_with_digests(read, source))


def _with_digests(reading: Reading, source: Source) -> Reading:
    return replace(reading, sources=source.digest())


def _write_files(
    folder: Path,
    findings: SubmissionFindings,
    submission: Reading,
    exports: Sequence[Reading],
    names: Sequence[str],
    lang: Lang,
    identity: Sequence[IdentityFinding],
    settings: Settings,
) -> None:
    for name in TABLES:
        write_parquet(getattr(findings, name), folder / f"{name}.parquet")
    (folder / "verdicts.json").write_bytes(verdicts_json(findings, identity))
    page = check_page(findings, submission, exports, names, lang, identity)
    (folder / PAGE).write_text(page, "utf-8")
    (folder / WORD).write_bytes(document_of(page, say("submission.title", lang), lang, landscape=True))
    (folder / MANIFEST).write_bytes(_manifest_of(folder, findings, submission, exports, names, settings))


def verdicts_json(findings: SubmissionFindings, identity: Sequence[IdentityFinding] = ()) -> bytes:
    """Grade, verdicts, passages, selection and identity as JSON; the same inputs give the same bytes."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "program": f"reconcile {__version__}",
        "grade": findings.grade,
        "verdicts": findings.verdicts.to_dicts(),
        "passages": plain(findings.passages).with_columns(pl.col("from_at", "to_at").dt.to_string("iso:strict")).to_dicts(),
        "selection": list(findings.selection),
        "identity": [asdict(f) | {"is_finding": f.is_finding} for f in identity],
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _manifest_of(
    folder: Path,
    findings: SubmissionFindings,
    submission: Reading,
    exports: Sequence[Reading],
    names: Sequence[str],
    settings: Settings,
) -> bytes:
    outputs = {f.name: entry_of(f) for f in sorted(folder.iterdir()) if f.is_file()}
    body = {
        "format": FORMAT,
        "program": "reconcile",
        "version": __version__,
        "command": "check",
        "grade": findings.grade,
        "inputs": [
            {
                "name": name,
                "role": "export" if n else "submission",
                "reader": r.facts.reader,
                "rows": r.messages.height,
                "files": [asdict(f) for f in r.sources],
                "notes": [{"code": str(x.code), "locator": x.locator, "excerpt": x.excerpt, "count": x.count} for x in r.notes],
            }
            for n, (name, r) in enumerate(zip(names, [submission, *exports], strict=True))
        ],
        "settings": settings.model_dump(mode="json"),
        "outputs": outputs,
    }  # fmt: skip
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
