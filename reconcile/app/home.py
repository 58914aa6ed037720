"""Settings that outlast a run on this machine: the folder of cases, the port, the running server."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from reconcile.custody.atomic_files import write_files

FILE = "app.json"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of the user's settings."""

    folder: Path

    @classmethod
    def of_user(cls) -> "Home":
        """The system's settings folder for this user, or the one in RECONCILE_HOME."""
        return cls(Path(os.environ.get("RECONCILE_HOME") or click.get_app_dir("reconcile")))

    @property
    def cases(self) -> Path:
        """The folder of cases: the user's choice, or `reconcile` in Documents, or in the home folder."""
        stated = self._read_object(FILE).get("cases")
        if isinstance(stated, str) and stated:
            return Path(stated)
        documents = Path.home() / "Documents"
        return (documents if documents.is_dir() else Path.home()) / "reconcile"

    @property
    def port(self) -> int:
        """The port of the last run; 0 before the first."""
        stated = self._read_object(FILE).get("port")
        return stated if isinstance(stated, int) and 1024 <= stated <= 65535 else 0

    def remember(self, **values: Any) -> None:
        """Stores settings for later runs. If the folder cannot be written, nothing is remembered."""
        with suppress(Exception):
            self._write_object(FILE, self._read_object(FILE) | values)

    def running(self, cases: Path) -> dict[str, Any]:
        """Address and token of the server that said it serves this folder; readable only by this user."""
        return self._read_object(_running_file(cases))

    def begin(self, cases: Path, port: int, token: str) -> None:
        """Records that a server of this folder is running."""
        with suppress(Exception):
            self._write_object(_running_file(cases), {"port": port, "token": token, "process": os.getpid()})

    def end(self, cases: Path) -> None:
        """Records that the server of this folder has stopped."""
        if self.running(cases).get("process") == os.getpid():
            with suppress(OSError):
                (self.folder / _running_file(cases)).unlink()

    def _read_object(self, name: str) -> dict[str, Any]:
        """The JSON object in a file of the folder; empty where it cannot be read."""
        with suppress(OSError, ValueError):
            found = orjson.loads((self.folder / name).read_bytes())
            if isinstance(found, dict):
                return found
        return {}

    def _write_object(self, name: str, values: dict[str, Any]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_files({self.folder / name: orjson.dumps(values, option=orjson.OPT_INDENT_2)})


def _running_file(cases: Path) -> str:
    """The record of the server of a folder of cases; each folder has its own."""
    return f"running-{hashlib.sha256(os.fsencode(cases.resolve())).hexdigest()[:16]}.json"
