"""The laws that every reading of a changed input keeps, alone and against that of its sound original."""

from collections import Counter
from pathlib import Path

from bench.fuzz.tokens import material, noted_lines, rows_lost, shown, standing
from reconcile.custody.bill import Bill
from reconcile.engine.compare import compare_readings
from reconcile.frames import Contacts, Conversations, Counters, Members, Messages, Witnesses
from reconcile.intake.contract import Reading
from reconcile.settings import Settings
from reconcile.vocabulary import NoteCode

# Notes that say nothing of a row that was not read: one of them never stands for a lost row.
_OF_ROWS_READ = frozenset(
    (NoteCode.BAD_TIME, NoteCode.UNKNOWN_KIND, NoteCode.ID_ROUNDED, NoteCode.ID_SPREADSHEET, NoteCode.ID_ODD, NoteCode.ZONE_ASSUMED,
     NoteCode.PRECISION_LOST, NoteCode.COERCED_CELL, NoteCode.ENCODING_GUESSED, NoteCode.SENDER_UNKNOWN, NoteCode.OWNER_UNKNOWN,
     NoteCode.COLUMN_UNKNOWN, NoteCode.COLUMN_GUESSED, NoteCode.MEDIA_MISSING, NoteCode.CONVERSATION_UNNAMED, NoteCode.PREFIX_STRIPPED)
)  # fmt: skip


_OF_FIELDS = frozenset((NoteCode.COLUMN_UNKNOWN, NoteCode.UNKNOWN_KIND))


class SilentLoss(AssertionError):
    """Fewer rows than were put in, and no note says so."""


class NotedShort(AssertionError):
    """Words stand in nothing that was read, and the notes speak of fewer places than that."""


def rows_of(reading: Reading) -> int:
    return reading.messages.height + (reading.posts.posts.height if reading.posts else 0)


def more_noted(reading: Reading, base: Reading) -> int:
    """How many more rows the notes speak of than those of the sound original, code by code."""
    new, old = Counter[NoteCode](), Counter[NoteCode]()
    for counter, notes in ((new, reading.notes), (old, base.notes)):
        for n in notes:
            counter[n.code] += n.count * (n.code not in _OF_ROWS_READ)
    return sum((new - old).values())


def hold_schemas(reading: Reading) -> None:
    """Every frame keeps the rules of its schema."""
    for schema, frame in (
        (Messages, reading.messages), (Conversations, reading.conversations), (Contacts, reading.contacts), (Members, reading.members),
        (Witnesses, reading.witnesses), (Counters, reading.counters),
    ):  # fmt: skip
        schema.validate(frame)


def hold_reading(
    reading: Reading,
    base: Reading | None,
    removed: int | None,
    path: Path,
    sound: Path,
    tokens: frozenset[str] | None = None,
) -> None:
    """The laws that every reading keeps; against its sound original also that nothing went silently."""
    messages = reading.messages
    assert messages["locator"].is_unique().all(), "two rows of one locator"
    assert set(messages["conversation"]) <= set(reading.conversations["conversation"]), "row of no conversation"
    if base is None:
        return
    if tokens is not None:
        hold_tokens(reading, base, tokens, path, sound)
        return
    rows, base_rows, said = rows_of(reading), rows_of(base), more_noted(reading, base)
    lost = base_rows - rows - (removed or 0)
    if removed is not None and lost > said and not _speaks_of_parts(reading, base):
        raise SilentLoss(f"{base_rows} rows were {rows}, {said} more noted, removed {removed}")
    if _speaks_of_parts(reading, base):
        return
    if removed is None and lost > said and (gone := words_gone(path, sound, reading, base)) > said:
        raise SilentLoss(f"{base_rows} rows were {rows}, words of {gone} stand in the file and nowhere else")


def _speaks_of_parts(reading: Reading, base: Reading) -> bool:
    """Whether a new note says that a whole part was not read: it counts once, however many rows lay in it."""
    parts = {
        NoteCode.PART_UNREADABLE,
        NoteCode.PART_UNSUPPORTED,
        NoteCode.PART_ENCRYPTED,
        NoteCode.MEMBER_UNLISTED,
        NoteCode.MEMBER_MISSING,
        NoteCode.COUNT_MISMATCH,
    }
    known = {(n.code, n.locator, n.excerpt) for n in base.notes}
    if any(
        n.code is NoteCode.BROKEN_BODY and n.said and "#" not in n.locator and n not in base.notes
        for n in reading.notes
    ):
        return True
    return any(n.code in parts and (n.code, n.locator, n.excerpt) not in known for n in reading.notes)


def words_gone(path: Path, sound: Path, reading: Reading, base: Reading) -> int:
    """How many texts of the sound reading stand as often as ever in the changed files, and in no row and no note."""
    held, before = _words_of(path), _words_of(sound)
    rows = [*reading.messages["text"].to_list(), *reading.messages["raw"].drop_nulls().to_list()]
    told = "\n".join([*rows, *(n.excerpt for n in reading.notes)])
    texts = {t for t in base.messages["text"].to_list() if len(t) > 3}
    return sum(0 < before.count(t) <= held.count(t) and t not in told for t in texts)


def _words_of(path: Path) -> str:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file() and not f.is_symlink()]
    return "\n".join(f.read_bytes().decode("utf-8", "replace") for f in files)


def hold_findings(left: Reading, right: Reading) -> None:
    """Every row of both sides exactly once (contract 3)."""
    found = compare_readings(left, right, Settings())
    for side, reading in (("left_row", left), ("right_row", right)):
        rows = found.alignment[side].drop_nulls().sort().to_list()
        assert rows == list(range(reading.messages.height)), f"{side}: rows stand not exactly once"


def hold_tokens(reading: Reading, base: Reading, tokens: frozenset[str], path: Path, sound: Path | None = None) -> None:
    """A token that stands whole in the material is in something read, or a new note speaks of a row or place not read."""
    lost = (tokens & standing(path)) - shown(reading)
    fewer = rows_of(base) - rows_of(reading)
    more = rows_lost(reading, base, path, sound) if fewer > len(lost) else set()
    if lost or more:
        quoted = noted_lines(reading, path)
        lost, more = frozenset(t for t in lost if t not in quoted), {i for i in more if i not in quoted}
    count = max(_places(lost, base), min(fewer, len(more)))
    if not count or _speaks_of_parts(reading, base):
        return
    said = more_noted(reading, base)
    if fewer <= 0:
        # Every row is read: a column, property or kind that no reader knows is told of, too.
        said += sum(n.count for n in set(reading.notes) - set(base.notes) if n.code in _OF_FIELDS)
    if said < count:
        kind = NotedShort if said else SilentLoss
        raise kind(f"{sorted(lost)[:3] or sorted(more)[:3]}: {count} of {rows_of(base)} rows, {said} more noted")


def _places(tokens: frozenset[str], base: Reading) -> int:
    """How many rows of the sound original held the tokens; one that no row held counts by itself. A note speaks of a row, whatever it held."""
    if len(tokens) < 2:
        return len(tokens)
    rows = [" ".join(str(v) for v in row if v is not None) for row in base.messages.rows()]
    return len({next((at for at, row in enumerate(rows) if t in row), t) for t in tokens})


def hold_bill(bill: Bill, sound: Bill, path: Path) -> None:
    """A payment's number that stands whole in the statement is in one of its lines, or a new note speaks of it."""
    held = str((bill.rows.rows(), [n.excerpt for n in bill.notes])).encode()
    whole = material(path)
    numbers = [n.encode() for n in sound.rows["transaction_id"].drop_nulls()]
    lost = [n for n in numbers if n in whole and n not in held]
    said = len(bill.notes) - len(sound.notes)
    if said < len(lost):
        raise (NotedShort if said > 0 else SilentLoss)(f"{lost[:3]}: {len(lost)} of {len(numbers)} payments")
