"""Code of readers of exporters' Moments files: choosing their files and checking JSON values."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Claim, Note
from reconcile.intake.file_reader import DATA_SUFFIXES
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.shape import JsonShape, json_shape
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode, PostMediaKind
from reconcile.wechat.payload.media import hex_digest

Row = dict[str, Any]
# Files beside exporters' posts that hold nothing more.
COMPANIONS = ("index.html", "index.json", "index.txt", "index.xlsx", "manifest.json", "export_report.json")

# Fewer posts do not show which fields all have.
_LEAST_POSTS = 3


def files_of(source: Source, is_mine: Callable[[JsonShape], bool], *suffixes: str) -> list[Path]:
    """The source's files whose beginning has the form's shape."""
    named = [f for f in source.files if f.suffix.lower() in (suffixes or (".json",))]
    return [f for f in named if is_mine(json_shape(source.head(f)))]


def claim_of_files(source: Source, mine: Sequence[Path], what: str) -> Claim:
    """Certain where the data files and companions are the form's own, likely with others beside them."""
    if not mine:
        return Claim("none", f"looked for {what}")
    stems = {f.stem for f in mine}
    others = [
        f
        for f in source.files
        if f not in set(mine)
        and f.suffix.lower() in DATA_SUFFIXES
        and f.stem not in stems
        and f.name.lower() not in COMPANIONS
    ]
    return Claim("likely" if others else "certain", what)


def rows_of_file(source: Source, file: Path, key: str | None, notes: list[Note]) -> tuple[list[Row], Row]:
    """The objects of a file's array of posts, and everything else in the file."""
    array = JsonArray(source, source.relative(file), key)
    rows = [row for piece in array.pieces() for row in piece]
    if not array.found:
        raise UnreadableSource(source.path, f"{file}: holds no array of posts")
    if array.odd_members:
        notes.append(Note(NoteCode.ROW_SKIPPED, source.relative(file), "", array.odd_members))
    return rows, array.rest


def readable(
    source: Source, files: Sequence[Path], key: str | None, notes: list[Note], words: str = ""
) -> Iterator[tuple[Path, list[Row], Row]]:
    """Each file's posts and the rest; an unreadable file among readable ones becomes a note.

    `words`: as for `renamed`.
    """
    failure: UnreadableSource | None = None
    count = 0
    for file in files:
        try:
            rows, rest = rows_of_file(source, file, key, notes)
        except UnreadableSource as error:
            failure = error
            notes.append(Note(NoteCode.PART_UNREADABLE, source.relative(file), str(error)[:200], said=True))
            continue
        count += 1
        notes += renamed(source.relative(file), rows, words)
        yield file, rows, rest
    if not count and failure is not None:
        raise failure


def renamed(name: str, rows: Sequence[Row], words: str = "") -> list[Note]:
    """A note for each post that lacks a field of all others and has another instead: a renamed field.

    `words`: the field that the form writes for every post; with few posts, each one without it gets a note.
    """
    if len(rows) < _LEAST_POSTS:
        return [Note(NoteCode.ODD_VALUE, f"{name}#/{i}") for i, r in enumerate(rows) if words and words not in r]
    counts = Counter(k for r in rows for k in r)
    shared = {k for k, n in counts.items() if n >= len(rows) - 1}
    alone = {k for k, n in counts.items() if n == 1}
    odd = [(i, sorted(r.keys() & alone)) for i, r in enumerate(rows) if shared - r.keys() and r.keys() & alone]
    return [Note(NoteCode.ODD_VALUE, f"{name}#/{i}", str(rows[i][k])[:200]) for i, (k, *_) in odd]


def text(value: Any) -> str:
    """Words of a JSON value: text as it is, numbers as digits; '' for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def whole(value: Any) -> int | None:
    """A whole number, also as text or as 1080.0; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value) if "." in value else int(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**63:
        return None
    return int(value)


def real(value: Any) -> float | None:
    """A number, also from text; None for anything else and for infinite values."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def item(value: Any) -> Row:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Row]:
    """The objects of an array."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def texts(row: Row, **paths: str) -> dict[str, Any]:
    """For each name the first text at its paths, such as `card.title|name`; None = there is none."""
    return {name: next(filter(None, map(text, _values_at(row, path))), None) for name, path in paths.items()}


def wholes(row: Row, **paths: str) -> dict[str, Any]:
    """For each name the first whole number at its paths; None = none."""
    return {
        name: next((n for v in _values_at(row, path) if (n := whole(v)) is not None), None)
        for name, path in paths.items()
    }


def _values_at(row: Row, path: str) -> Iterator[Any]:
    """Values under each choice of a path such as user.name|author."""
    for choice in path.split("|"):
        *outer, last = choice.split(".")
        held = row
        for member in outer:
            held = item(held.get(member))
        yield held.get(last)


def stated_count(name: str, stated: Any, held: int) -> list[Note]:
    """A note where a file states another number of posts than it holds."""
    if whole(stated) in (None, held):
        return []
    return [Note(NoteCode.COUNT_MISMATCH, name, f"{stated} stated, {held} held", said=True)]


def digests(entries: Iterable[Row]) -> str | None:
    """The md5 of stickers and pictures in a comment, blank-separated; None without any."""
    found = dict.fromkeys(d for e in entries if (d := hex_digest(text(e.get("md5")))))
    return " ".join(found) or None


def media_kind_of_url(url: str) -> PostMediaKind:
    """Picture or clip by its address, as the client's servers name them (WeFlow isVideoUrl)."""
    is_clip = "vweixinthumb" not in url and ("snsvideodownload" in url or "video" in url or ".mp4" in url)
    return PostMediaKind.VIDEO if is_clip else PostMediaKind.IMAGE


def local_seconds(value: Any, zone: ZoneInfo) -> int | None:
    """Unix seconds of a local time text (2024-03-01T09:05:07); None for other texts."""
    try:
        at = datetime.fromisoformat(text(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()) if at.year >= 1971 else None


def instant(value: Any) -> datetime | None:
    """An ISO instant with its offset, in UTC; None for anything else."""
    try:
        at = datetime.fromisoformat(text(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
