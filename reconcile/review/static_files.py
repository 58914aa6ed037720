"""The page's own files, served by exact name from memory: no request becomes a path."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of the page."""

    content: bytes
    media_type: str


def static_files() -> dict[str, StaticFile]:
    """Every file of the review page, by name."""
    return files_of(__package__)


@cache
def files_of(package: str) -> dict[str, StaticFile]:
    """Every file of the folder `static` of a package, by name."""
    folder = files(package) / "static"
    return {
        item.name: StaticFile(item.read_bytes(), TYPES[item.name.rpartition(".")[2]])
        for item in folder.iterdir()
        if item.name.rpartition(".")[2] in TYPES
    }
