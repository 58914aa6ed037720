"""The model of a checklist: status, files, remarks, rows, and the input of the rules."""

from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reconcile.submission.case_file import CaseFile
from reconcile.submission.export_summary import Seen

REQUIRED = frozenset({1, 2, 3, 4, 5, 6, 8, 9, 11, 18, 19, 20, 21, 22, 24})
ROWS = tuple(range(1, 25))


class Status(StrEnum):
    """present: what the row asks for is there. unclear: partly or not visible. missing: none of it.

    not_applicable: the row is conditional, and neither the material nor the party calls for it.
    """

    PRESENT = "present"
    UNCLEAR = "unclear"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class FileRef(_Model):
    """A file of the case: path, size, UTC time of change, digests; an absent file has its path only."""

    path: str
    size: int | None = None
    modified_at: str = ""
    sha256: str = ""
    sm3: str = ""


class Remark(_Model):
    """A code with values; its texts are in the catalogue (`checklist.seen_*`, `checklist.lacks_*`)."""

    code: str
    values: dict[str, str] = {}


class ChecklistRow(_Model):
    """One row as judged."""

    number: int
    required: bool
    status: Status
    files: tuple[FileRef, ...] = ()
    lacks: tuple[Remark, ...] = ()
    seen: tuple[Remark, ...] = ()
    by: str = ""
    when: str = ""
    note: str = ""


class ChecklistData(_Model):
    """The whole checklist; everything a page shows is in here or in the catalogue."""

    title: str
    facts: dict[str, str]
    made_on: str
    rows: tuple[ChecklistRow, ...]

    def count(self, status: Status, *, required: bool | None = None) -> int:
        """Number of rows with a status; `required` restricts it to required rows, or to the others."""
        return sum(1 for r in self.rows if r.status is status and required in (None, r.required))

    @property
    def has_findings(self) -> bool:
        """Whether anything required is missing or unclear."""
        return any(r.required and r.status in (Status.MISSING, Status.UNCLEAR) for r in self.rows)


class Judgement(_Model):
    """The answer of one rule; `unknown` = the material does not show whether the row applies."""

    given: bool
    lacks: tuple[Remark, ...] = ()
    seen: tuple[Remark, ...] = ()
    applies: bool = True
    unknown: bool = False


class Context(BaseModel):
    """The input of the rules."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    folder: Path
    case: CaseFile
    own: Seen
    other: Seen
    paths: dict[int, tuple[Path, ...]]
    today: date

    def files(self, number: int) -> tuple[Path, ...]:
        """The files of a row that are there."""
        return tuple(p for p in self.paths[number] if p.is_file())
