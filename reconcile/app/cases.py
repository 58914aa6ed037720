"""Cases on disk: one folder per case, with a file that records its exports and commands."""

import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconcile.app.errors import Refused
from reconcile.app.uploads import RESERVED
from reconcile.custody.atomic_files import write_files
from reconcile.errors import ReconcileError
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Side

FILE, RESULT = "app.json", "result"
MOST_NAME = 60
_FORBIDDEN = lazy_pattern(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')


class Told(BaseModel):
    """What the user states about one export; never a key."""

    model_config = ConfigDict(extra="ignore")

    timezone: str = Field("", max_length=60)
    columns: str = Field("", max_length=2000)
    owner: str = Field("", max_length=200)


class Export(BaseModel):
    """One export of a party.

    Attributes:
        id: our name for it within the case.
        side: the party it belongs to.
        path: its file or folder.
        name: its name on the page.
        is_dropped: whether it is in the case's own folder.
        told: what the user states about it.
        facts: the result of `reconcile inspect --json`; None until then, or where it failed.
        error: the one line of the failure.
        question: what the user may state so that it can be read; None where nothing is asked.
        needs_key: whether the failure asks for a key.
        had_key: whether it was read with a key, which must be given again after the application was closed.
        is_confirmed: whether the user confirmed what the program guessed.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    side: Side
    path: str
    name: str = ""
    is_dropped: bool = False
    told: Told = Told()
    facts: dict[str, Any] | None = None
    error: str = ""
    question: dict[str, Any] | None = None
    needs_key: bool = False
    had_key: bool = False
    is_confirmed: bool = False


class Finished(BaseModel):
    """A finished command: its purpose, command line, exit code, output and result folder."""

    model_config = ConfigDict(extra="ignore")

    what: str
    command: str
    code: int
    lines: list[str] = []
    error: str = ""
    folder: str = ""


class Case(BaseModel):
    """What the application stores about a case."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[1] = 1
    name: str
    left_name: str = ""
    right_name: str = ""
    next: int = 1
    exports: list[Export] = []
    finished: list[Finished] = []

    def export(self, identifier: str) -> Export:
        """The export with this id. Raises Refused."""
        found = next((e for e in self.exports if e.id == identifier), None)
        if found is None:
            raise Refused("no_such_export", 404)
        return found

    def last(self, what: str) -> Finished | None:
        """The result of the last command of this kind; None where there was none."""
        return next((f for f in reversed(self.finished) if f.what == what), None)


class CaseShelf:
    """The cases of one folder. Every change is written immediately, so a crash loses nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unwritten: dict[Path, Case] = {}
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """Folders that hold a case, most recently changed first."""
        if not self.folder.is_dir():
            return []
        found = [f for f in self.folder.iterdir() if not f.is_symlink() and (f / FILE).is_file()]
        return [f.name for f in sorted(found, key=lambda f: -(f / FILE).stat().st_mtime_ns)]

    def place(self, name: str) -> Path:
        """The folder of a case. Only a listed name becomes a path. Raises Refused."""
        if name not in self.names():
            raise Refused("no_such_case", 404)
        return self.folder / name

    def load(self, name: str) -> Case:
        """The case as it was last written, or as it is where the disk is full. Raises Refused."""
        place = self.place(name)
        if (unwritten := self._unwritten.get(place)) is not None:
            return unwritten.model_copy(deep=True)
        try:
            return Case.model_validate_json((place / FILE).read_bytes())
        except (OSError, ValidationError):
            raise Refused("case_unreadable", 409) from None

    @contextmanager
    def changing(self, name: str, *, keeps: bool = False) -> Iterator[Case]:
        """The case, to be changed in the block and written at its end; one at a time.

        `keeps`: what cannot be written is no error; it is kept in memory until the case is written again.
        """
        with self._lock:
            case = self.load(name)
            yield case
            try:
                self._write_case(self.folder / name, case)
            except (OSError, ReconcileError):
                if not keeps:
                    raise
                self._unwritten[self.folder / name] = case
            else:
                self._unwritten.pop(self.folder / name, None)

    def create(self, name: str) -> str:
        """Creates a case and returns its folder's name, changed if it is taken or not allowed."""
        with self._lock:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            base = folder_name(name)
            numbered = (base if n == 1 else f"{base} ({n})" for n in range(1, 10_000))
            free = next(n for n in numbered if not (self.folder / n).exists())
            (self.folder / free).mkdir(mode=0o700)
            try:
                self._write_case(self.folder / free, Case(name=name.strip() or free))
            except (OSError, ReconcileError):
                shutil.rmtree(self.folder / free, ignore_errors=True)
                raise
            return free

    def forget_copy(self, name: str, export: Export, others: Iterable[Path] = ()) -> None:
        """Deletes a dropped export's files from the case's own folder; sources elsewhere are never touched.

        Files dropped together stay while one of the `others` lies among them.
        """
        place = self.place(name)
        inside = Path(export.path)
        if export.is_dropped and inside.is_relative_to(place):
            own = place.joinpath(*inside.relative_to(place).parts[:2])
            is_shared = any(path.is_relative_to(own) for path in others)
            if own.parent.parent == place and not own.is_symlink() and not is_shared:
                shutil.rmtree(own, ignore_errors=True)

    def _write_case(self, folder: Path, case: Case) -> None:
        write_files({folder / FILE: orjson.dumps(case.model_dump(mode="json"), option=orjson.OPT_INDENT_2)})


def folder_name(name: str) -> str:
    """A folder name for this case that every system allows."""
    plain = " ".join(_FORBIDDEN.sub(" ", name).split()).strip(". ")[:MOST_NAME].strip(". ")
    return f"_{plain}" if not plain or RESERVED.fullmatch(plain) else plain
