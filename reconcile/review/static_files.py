"""The page's own files, served by exact name from memory: no request becomes a path."""

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from reconcile.wording import Lang, say

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


def in_language(page: bytes, lang: Lang) -> bytes:
    """The page in a language, with the sentence shown while it is not open yet."""
    opening = escape(say("review.not_open_yet", lang)).encode()
    return page.replace(b'lang="zh"', f'lang="{lang}"'.encode(), 1).replace(b"{opening}", opening, 1)


@cache
def files_of(package: str) -> dict[str, StaticFile]:
    """Every file of the folder `static` of a package, by name."""
    folder = files(package) / "static"
    return {
        item.name: StaticFile(item.read_bytes(), TYPES[item.name.rpartition(".")[2]])
        for item in folder.iterdir()
        if item.name.rpartition(".")[2] in TYPES
    }
