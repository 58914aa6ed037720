"""The submission checklist 《提交材料核对表》: 24 rows, each present, missing or unclear.

Legal bases are named beside a row only if their text was read or they are marked as reported (`checklist.toml`).
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from reconcile.custody.tree import roots_of, scan
from reconcile.errors import ReconcileError
from reconcile.submission.case_file import CaseFile, files_of_row, load_case
from reconcile.submission.checklist_model import (
    REQUIRED,
    ROWS,
    ChecklistData,
    ChecklistRow,
    Context,
    FileRef,
    Judgement,
    Remark,
    Status,
)
from reconcile.submission.checklist_rows import RULES, Rule
from reconcile.submission.export_summary import read_exports


def checklist(folder: Path, *, today: date | None = None) -> ChecklistData:
    """Judges every row of a case folder.

    Args:
        folder: made by `init_case`, or any folder with a case.toml.
        today: the day of the check, for deadlines and the heading; None = today by this machine's clock.

    Raises:
        CaseNotFound: no case.toml there.
        CaseError: it cannot be read.
    """
    case = load_case(folder)
    paths = {n: files_of_row(folder, case, n) for n in ROWS}
    context = Context(
        folder=folder,
        case=case,
        own=read_exports(_exports_of(folder, 8, paths[8])),
        other=read_exports(_exports_of(folder, 9, paths[9])),
        paths=paths,
        today=today or datetime.now(UTC).astimezone().date(),
    )
    rows = tuple(_checklist_row(context, n, RULES[n]) for n in ROWS)
    return ChecklistData(
        title=folder.resolve().name, facts=_case_facts(case), made_on=context.today.isoformat(), rows=rows
    )


def _exports_of(folder: Path, number: int, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The entries of a row's folder and named files that are each one export."""
    # Each entry of the row's folder is one export; a table and the sidecar of its name count as one.
    places = [p for place in sorted(folder.glob(f"{number:02d}_*")) for p in sorted(place.iterdir())]
    named = [p for p in paths if not any(q in (p, *p.parents) for q in places)]
    entries = [p for p in [*places, *named] if p.exists() and not p.name.startswith((".", "~$"))]
    tables = {p.stem for p in entries if p.suffix.lower() in (".csv", ".jsonl", ".ndjson", ".parquet")}
    return tuple(p for p in entries if not (p.suffix.lower() == ".json" and p.stem in tables))


def _checklist_row(context: Context, number: int, rule: Rule) -> ChecklistRow:
    """The row as its rule judges it, with the case file's answers and missing files."""
    item = context.case.of(number)
    judged = rule(context)
    applies = judged.applies if item.applies is None else item.applies
    gone = [p for p in context.paths[number] if not p.is_file()]
    lacks = [*judged.lacks, *(Remark(code="file_not_there", values={"file": p.name}) for p in gone)]
    return ChecklistRow(
        number=number,
        required=number in REQUIRED,
        status=_status_of(judged, applies=applies, whole=not lacks),
        files=tuple(_file_ref(context.folder, p) for p in context.paths[number]),
        lacks=tuple(lacks) if applies or judged.given else (),
        seen=judged.seen,
        by=item.by,
        when=item.when,
        note=item.note,
    )


def _status_of(judged: Judgement, *, applies: bool, whole: bool) -> Status:
    """The status of a row, from its judgement and whether anything is lacking."""
    if judged.given:
        return Status.PRESENT if whole else Status.UNCLEAR
    if not applies:
        return Status.NOT_APPLICABLE
    return Status.UNCLEAR if judged.unknown else Status.MISSING


def _file_ref(folder: Path, path: Path) -> FileRef:
    """The file with size and digests; one that is absent or unreadable has its path only."""
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    if not path.is_file():
        return FileRef(path=name)
    try:
        (file,) = scan(roots_of([path])).files
    except (ReconcileError, ValueError):
        return FileRef(path=name)
    return FileRef(path=name, size=file.size, modified_at=file.modified_at, sha256=file.sha256, sm3=file.sm3)


def _case_facts(case: CaseFile) -> dict[str, str]:
    held = case.case
    names: tuple[Literal["number", "court", "cause", "plaintiff", "defendant", "third_party"], ...] = (
        "number", "court", "cause", "plaintiff", "defendant", "third_party",
    )  # fmt: skip
    more = {k: str(getattr(held, k)) for k in ("handed_in_by", "role", "date", "copies")}
    return {k: str(getattr(held, k)) for k in names} | more
