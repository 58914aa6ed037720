"""The files that a case's commands wrote, by the names under which they are served."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconcile.app.cases import RESULT, Case
from reconcile.app.errors import Refused
from reconcile.vocabulary import Side

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".toml": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
PREVIEW = {
    "Content-Security-Policy": (
        "sandbox allow-scripts allow-modals; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
"""Shows reports in a separate origin, so that their scripts cannot reach the application."""
MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Output:
    """One file that a command wrote."""

    folder: str
    path: Path

    @property
    def shown(self) -> dict[str, Any]:
        """What the page shows about it."""
        stat = self.path.stat()
        form = self.path.suffix.removeprefix(".")
        return {
            "folder": self.folder,
            "name": self.path.name,
            "form": form,
            "bytes": stat.st_size,
            "at": int(stat.st_mtime),
        }


def outputs(case: Case, place: Path) -> list[Output]:
    """Every file that may be opened or downloaded, in the folders that this case's commands wrote."""
    folders = dict.fromkeys([RESULT, *(f.folder for f in reversed(case.finished) if f.folder)])
    return [Output(folder, path) for folder in folders for path in files_in(place / folder)][:MOST_FILES]


def output(found: list[Output], folder: str, name: str) -> Output:
    """The file with this folder and name, only if it is listed. Raises Refused."""
    listed = next((o for o in found if (o.folder, o.path.name) == (folder, name)), None)
    if listed is None:
        raise Refused("no_such_file", 404)
    return listed


def exports_of(case: Case) -> dict[Side, Path]:
    """The path of each side's export, for showing pictures; sides with several devices are left out."""
    by_side = {side: [Path(e.path) for e in case.exports if e.side == side] for side in Side}
    return {side: paths[0] for side, paths in by_side.items() if len(paths) == 1 and paths[0].exists()}


def files_in(folder: Path) -> Iterator[Path]:
    """Files of a folder that may be opened or downloaded, sorted by name."""
    if not folder.is_dir() or folder.is_symlink():
        return iter(())
    found = (p for p in sorted(folder.iterdir()) if p.suffix in TYPES and not p.is_symlink() and p.is_file())
    return (p for p in found if not p.name.startswith("."))
