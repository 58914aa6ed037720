"""The case file (case.toml) and its folders: written with comments, read as one frozen model."""

from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconcile.custody.atomic_folder import writing
from reconcile.digests import files_under
from reconcile.errors import CaseError, CaseNotEmpty, CaseNotFound
from reconcile.intake.text.toml import toml_of
from reconcile.report_cover import Cover
from reconcile.wording import Lang, say

CASE_FILE = "case.toml"
# Rows of the checklist that files answer; 1 and 24 are answered in the case file alone.
FOLDERS = tuple(range(2, 24))


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class Matter(_Table):
    """The dispute and the submitting party."""

    number: str = ""
    court: str = ""
    cause: str = ""
    plaintiff: str = ""
    defendant: str = ""
    third_party: str = ""
    handed_in_by: str = ""
    role: str = ""
    date: str = ""
    copies: str = ""
    evidence_deadline: str = ""
    examination_deadline: str = ""
    formed_abroad: str = ""
    plaintiff_counsel: str = ""
    defendant_counsel: str = ""
    requested_by: str = ""
    purpose: str = ""
    received: str = ""
    reported: str = ""
    custodian: str = ""


class CaseDevice(_Table):
    """One phone, tablet or computer."""

    make: str = ""
    model: str = ""
    serial: str = ""
    os: str = ""
    app_version: str = ""
    kept_at: str = ""
    unavailable_because: str = ""


class CaseAccount(_Table):
    """One own account."""

    wxid: str = ""
    alias: str = ""
    nickname: str = ""
    phone: str = ""
    used_on: str = ""


class Counterpart(_Table):
    """One person on the other side, as seen in the own client."""

    name: str = ""
    wxid: str = ""
    alias: str = ""
    nickname: str = ""
    remark: str = ""
    phone: str = ""
    contested: bool = False


class Record(_Table):
    """One submitted export."""

    file: str = ""
    path: str = ""
    tool: str = ""
    tool_version: str = ""
    exported_at: str = ""
    timezone: str = ""
    filters: str = ""


class Request(_Table):
    """A request to the other party, and the answer."""

    asked_on: str = ""
    asked_for: str = ""
    answered_on: str = ""
    answer: str = ""


class Declarations(_Table):
    """The party's declarations on its own material, each in words (`no` is an answer)."""

    no_other_accounts: str = ""
    no_other_devices: str = ""
    recalled: str = ""
    deleted: str = ""
    redacted: str = ""
    patched_client: str = ""
    clock_changed: str = ""
    device_replaced: str = ""
    cleaning_tools: str = ""


class Extraction(_Table):
    """How the material was extracted from the device."""

    person: str = ""
    place: str = ""
    started_at: str = ""
    ended_at: str = ""
    tool: str = ""
    steps: str = ""
    witness: str = ""


class Origin(_Table):
    """Whose account and device it was, and with whose consent."""

    own_account: str = ""
    own_device: str = ""
    consent: str = ""


class Item(_Table):
    """Who answered a row, when, a note, and whether the row applies at all (null = the program judges)."""

    by: str = ""
    when: str = ""
    note: str = ""
    applies: bool | None = None
    files: tuple[str, ...] = ()


class CaseFile(_Table):
    """Everything that case.toml says."""

    case: Matter = Matter()
    device: tuple[CaseDevice, ...] = ()
    account: tuple[CaseAccount, ...] = ()
    counterpart: tuple[Counterpart, ...] = ()
    record: tuple[Record, ...] = ()
    request: Request = Request()
    declarations: Declarations = Declarations()
    extraction: Extraction = Extraction()
    origin: Origin = Origin()
    item: dict[str, Item] = Field(default_factory=dict)

    def of(self, number: int) -> Item:
        """The file's entry for one row."""
        return self.item.get(f"{number:02d}") or self.item.get(str(number)) or Item()


def init_case(folder: Path, lang: Lang = "zh") -> tuple[Path, ...]:
    """Writes a commented case.toml and a folder for each row that files answer; returns what was made.

    Raises CaseNotEmpty where the folder is not empty: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CaseNotEmpty(folder, f"{folder}: not empty; a new case needs a folder of its own")
    template = files(__package__) / "templates" / f"case.{lang}.toml"
    places = [f"{number:02d}_{say(f'checklist.folder_{number:02d}', lang)}" for number in FOLDERS]
    with writing(folder, overwrite=False) as new:
        (new / CASE_FILE).write_text(template.read_text("utf-8"), "utf-8")
        for place in places:
            (new / place).mkdir()
    return (folder / CASE_FILE, *(folder / place for place in places))


def load_case(folder: Path) -> CaseFile:
    """The case file of a folder, or at the given path.

    Raises:
        CaseNotFound: there is none.
        CaseError: it is no TOML, or has an unknown key; the message names the line.
    """
    path = folder if folder.name == CASE_FILE and folder.is_file() else folder / CASE_FILE
    if not path.is_file():
        raise CaseNotFound(folder, f"{folder}: no {CASE_FILE} there; make one with reconcile init")
    try:
        data = toml_of(path)
    except ValueError as error:
        raise CaseError(folder, f'{path}: not readable ({error}); texts stand in "quotes", one key a line') from None
    try:
        return CaseFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise CaseError(
            folder, f"{path}: {where}: {first['msg'].lower()}; see the comments of a fresh case file"
        ) from None


def cover_of_case(case: CaseFile) -> Cover:
    """The case file's facts for the cover of a report; the plaintiff is the left side."""
    stated = case.case
    return Cover(
        court=stated.court,
        number=stated.number,
        cause=stated.cause,
        third_party=stated.third_party,
        requested_by=stated.requested_by or stated.handed_in_by,
        purpose=stated.purpose,
        received=stated.received,
        reported=stated.reported,
        custodian=stated.custodian,
        left_counsel=stated.plaintiff_counsel,
        right_counsel=stated.defendant_counsel,
    )


def files_of_row(folder: Path, case: CaseFile, number: int) -> tuple[Path, ...]:
    """The files that answer a row, by path: those of its folder `NN_…` and of the case file."""
    found: set[Path] = set()
    for place in folder.glob(f"{number:02d}_*"):
        found |= {p for p in files_under(place) if not p.name.startswith((".", "~$"))}
    found |= {folder / name for name in case.of(number).files}
    return tuple(sorted(found))
