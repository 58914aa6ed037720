"""Folders of this machine, for choosing a path on the page."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from reconcile.app.desk import path_given
from reconcile.app.errors import Refused

MOST_ENTRIES, MOST_DRIVES = 500, 26
# What systems call the folders in which people keep files; some are inside the folder of a service that copies them.
_KEPT_IN = {
    "desktop": ("Desktop", "桌面", "OneDrive/Desktop", "OneDrive/桌面"),
    "documents": ("Documents", "文档", "OneDrive/Documents", "OneDrive/文档"),
    "downloads": ("Downloads", "下载"),
}


def folder_entries(path: str) -> dict[str, Any]:
    """The folders and files of a folder, sorted; by default of the user's home. Raises Refused."""
    place = path_given(path) if path else Path.home()
    if not place.is_dir():
        raise Refused("path_not_there", 404)
    try:
        with os.scandir(place) as scan:
            found = [(not entry.is_dir(), entry.name) for entry in scan if not entry.name.startswith(".")]
    except OSError:
        raise Refused("folder_closed", 403) from None
    listed = sorted(found)[:MOST_ENTRIES]
    return {
        "path": str(place),
        "up": str(place.parent) if place.parent != place else None,
        "places": places(),
        "more": len(found) - len(listed),
        "entries": [{"name": name, "path": str(place / name), "is_folder": not is_file} for is_file, name in listed],
    }


def places() -> list[dict[str, str]]:
    """Where people look first: the user's own folders, by code, then drives and cards, by path."""
    home = Path.home()
    own = {"home": home}
    for code, names in _KEPT_IN.items():
        if found := next((folder for name in names if (folder := home / name).is_dir()), None):
            own[code] = found
    drives = [{"code": "", "path": str(drive)} for drive in _drives()[:MOST_DRIVES]]
    return [{"code": code, "path": str(folder)} for code, folder in own.items()] + drives


def _drives() -> list[Path]:
    """The roots of Windows' drives; elsewhere what is mounted for a user."""
    if sys.platform == "win32":
        return [root for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if (root := Path(f"{letter}:\\")).exists()]
    folders = (Path("/Volumes"), Path("/media") / Path.home().name, Path("/run/media") / Path.home().name)
    found = []
    for folder in folders:
        with suppress(OSError):
            found += sorted(f for f in folder.iterdir() if f.is_dir())
    return found
