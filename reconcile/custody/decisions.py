"""Reviewers' decisions about single rows: the model and the append-only log `decisions.jsonl`.

One JSON object a line. Each entry carries the digest of the one before it, which reveals a line that was changed,
moved or dropped from the middle. `decisions.head.json` states their number, which reveals a log that was cut, emptied
or removed. An entry is one write, flushed to the disk before it counts. A line cut short by a crash stays and is
skipped; nothing is ever rewritten. An undo is another entry.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from reconcile.custody.leftovers import sync
from reconcile.custody.lock import log_locked
from reconcile.custody.log import Head, Stated, announced, stated_in
from reconcile.errors import DecisionsChanged
from reconcile.vocabulary import Relation, Side

LOG_NAME, HEAD_NAME = "decisions.jsonl", "decisions.head.json"
START = "0" * 64
# How often a log that is being written is read again until two readings agree.
_TRIES = 50
MAX_NAME = 80
MAX_NOTE = 2_000


class Judgement(StrEnum):
    """A reviewer's judgement of a line: one message, not one message, or not to be counted."""

    SAME = "same"
    NOT_SAME = "not_same"
    SET_ASIDE = "set_aside"


class RowKey(BaseModel):
    """One row of one export, named three ways so that a later run can recognise it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int = Field(ge=0, description="position in the reader's order")
    locator: str | None = Field(None, description="file and row id inside it")
    message_id: str | None = Field(None, description="server id as text; null = none")


class Decision(BaseModel):
    """One entry of the log: a judgement, or the undoing of an earlier one.

    Attributes:
        id: random, 16 hex digits.
        at: instant of the entry, UTC.
        reviewer: the name the reviewer gave.
        action: `judge`, or `undo` of the entry named by `undoes`.
        judgement: null in an undo.
        differs: with `same`: the two rows are one message and its content differs in substance.
        note: the reviewer's words; may be empty.
        conversation: our id of the matched pair.
        left: the left row that it is about; null where the line has none.
        right: the right row that it is about.
        found: the relation that the comparison itself gave (of the left row where the rows were in separate lines).
        basis: digest of the settings and input digests of the run that the reviewer saw.
        undoes: id of the entry taken back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    at: AwareDatetime
    reviewer: str = Field(min_length=1, max_length=MAX_NAME)
    action: Literal["judge", "undo"]
    judgement: Judgement | None = None
    differs: bool = False
    note: str = Field("", max_length=MAX_NOTE)
    conversation: str = ""
    left: RowKey | None = None
    right: RowKey | None = None
    found: Relation | None = None
    basis: str = ""
    undoes: str | None = None

    @model_validator(mode="after")
    def names_its_rows(self) -> Self:
        """A judgement names a row; `same` names two; an undo names an entry."""
        if self.action == "undo":
            if self.undoes is None or self.judgement is not None:
                raise ValueError("an undo names the entry it takes back, and judges nothing")
            return self
        if self.judgement is None or not self.rows:
            raise ValueError("a judgement names at least one row")
        if self.judgement is Judgement.SAME and len(self.rows) != 2:
            raise ValueError("one message on both sides needs a row of each")
        return self

    @property
    def rows(self) -> tuple[tuple[Side, int], ...]:
        """The rows that the entry names, left first."""
        pairs = ((Side.LEFT, self.left), (Side.RIGHT, self.right))
        return tuple((side, key.row) for side, key in pairs if key is not None)


@dataclass(frozen=True, slots=True)
class DecisionLog:
    """A log as read.

    Attributes:
        entries: every whole entry, in order.
        torn_lines: line numbers (from 1) of lines that a crash cut short.
        broken_at: number of the first line that is missing, or whose digest does not follow from the line before it; null
            = none.
        head: digest of the last whole entry; 64 zeros for an empty log.
    """

    entries: tuple[Decision, ...] = ()
    torn_lines: tuple[int, ...] = ()
    broken_at: int | None = None
    head: str = START


def new_id() -> str:
    """A fresh random id of an entry."""
    return secrets.token_hex(8)


def now() -> datetime:
    """This instant, UTC, whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def read_log(folder: Path) -> DecisionLog:
    """The log of a case folder, checked against its head; empty if absent. Never raises."""
    content, stated = _log_content(folder), stated_in(folder / HEAD_NAME)
    # Somebody may be writing. Content between two equal heads was stable.
    for _ in range(_TRIES):
        if (again := stated_in(folder / HEAD_NAME)) == stated and _log_content(folder) == content:
            break
        content, stated = _log_content(folder), again
    log = parse_log(content)
    if log.broken_at is None and not (stated or Stated(Head(0, START))).allows(Head(len(log.entries), log.head)):
        return replace(log, broken_at=content.count(b"\n") + 1)
    return log


def _log_content(folder: Path) -> bytes:
    """The bytes of the log; empty without a log."""
    try:
        return (folder / LOG_NAME).read_bytes()
    except FileNotFoundError:
        return b""


def parse_log(content: bytes) -> DecisionLog:
    """The entries in the bytes of a log, whatever its head states; see `DecisionLog`."""
    entries: list[Decision] = []
    torn: list[int] = []
    head = START
    broken_at = None
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line:
            continue
        entry, stored, expected = _parse_line(line, head)
        if entry is None:
            torn.append(number)
            continue
        if stored != expected and broken_at is None:
            broken_at = number
        entries.append(entry)
        head = stored
    return DecisionLog(tuple(entries), tuple(torn), broken_at, head)


def append(folder: Path, decision: Decision) -> str:
    """Appends one entry to the log and flushes it to the disk; returns the digest of the entry.

    Raises DecisionsChanged when the log was changed after it was written, and OSError when the disk refuses; then the
    log is as it was.
    """
    with log_locked(folder):
        return append_locked(folder, decision, read_log(folder))


def append_locked(folder: Path, decision: Decision, log: DecisionLog) -> str:
    """Like `append`, for a caller that holds the lock and has read the log under it."""
    if log.broken_at is not None:
        raise changed_log_error(folder, log.broken_at)
    body = decision.model_dump(mode="json") | {"prev": log.head}
    digest = _digest_of(body)
    line = orjson.dumps(body | {"hash": digest}, option=orjson.OPT_SORT_KEYS) + b"\n"
    number = len(log.entries)
    with announced(folder / HEAD_NAME, Head(number, log.head), Head(number + 1, digest)):
        _write_whole(folder / LOG_NAME, line)
    return digest


def load_decisions(folder: Path) -> tuple[Decision, ...]:
    """The decisions in force, in order: neither undone nor replaced by a later one about the same row.

    Raises DecisionsChanged when the log was changed after it was written.
    """
    return standing(whole_log(folder).entries)


def whole_log(folder: Path) -> DecisionLog:
    """The log of a case folder. Raises DecisionsChanged when it was changed or cut short."""
    log = read_log(folder)
    if log.broken_at is not None:
        raise changed_log_error(folder, log.broken_at)
    return log


def standing(entries: Iterable[Decision]) -> tuple[Decision, ...]:
    """The judgements that are neither undone nor replaced."""
    listed = tuple(entries)
    undone = {entry.undoes for entry in listed if entry.action == "undo"}
    judged = [entry for entry in listed if entry.action == "judge" and entry.id not in undone]
    last: dict[tuple[str, Side, int], str] = {}
    for entry in judged:
        last.update(dict.fromkeys(_row_keys(entry), entry.id))
    return tuple(entry for entry in judged if all(last[key] == entry.id for key in _row_keys(entry)))


def basis_of(manifest: object) -> str:
    """Digest of a run's basis: its settings and the SHA-256 of each input, as in the manifest."""
    stated = manifest if isinstance(manifest, dict) else {}
    inputs = sorted(_find_digests(stated.get("inputs")))
    return _digest_of({"settings": stated.get("settings"), "inputs": inputs})


def changed_log_error(folder: Path, line: int) -> DecisionsChanged:
    """The error for a log that was changed after it was written."""
    return DecisionsChanged(
        folder,
        f"{folder / LOG_NAME}: changed or cut short after it was written (line {line}); put the kept copy and its {HEAD_NAME} back, or move both away",
    )


def _row_keys(entry: Decision) -> list[tuple[str, Side, int]]:
    """The rows that an entry is about, as keys."""
    return [(entry.basis, side, row) for side, row in entry.rows]


def _parse_line(line: bytes, head: str) -> tuple[Decision | None, str, str]:
    """The entry, its stored digest and the expected one; (None, '', '') for a line that is no entry."""
    try:
        body = orjson.loads(line)
        stored = body.pop("hash")
        expected = _digest_of(body | {"prev": head})
        body.pop("prev")
        return Decision.model_validate(body), str(stored), expected
    except (ValueError, ValidationError, KeyError, AttributeError, TypeError):
        return None, "", ""


def _digest_of(body: object) -> str:
    """SHA-256 of the value as JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _write_whole(path: Path, line: bytes) -> None:
    """Appends a line in one write, flushed to the disk, or leaves the file as it was."""
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and _last_byte(handle, size) != b"\n":
            line = b"\n" + line  # a line that a crash cut short stays, and ends here
        _write_or_take_back(handle, line, size)
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        sync(path.parent)


def _last_byte(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)


def _write_or_take_back(handle: int, line: bytes, size: int) -> None:
    """Writes at the end of the file; cuts it back to `size` where the disk refuses."""
    try:
        written = os.write(handle, line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes of a decision were written; is the disk full?")
    except OSError:
        os.ftruncate(handle, size)
        raise


def _find_digests(value: object) -> Iterator[str]:
    """Every `sha256` at any depth."""
    if isinstance(value, dict):
        found = value.get("sha256")
        if isinstance(found, str):
            yield found
        for inner in value.values():
            yield from _find_digests(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _find_digests(inner)
