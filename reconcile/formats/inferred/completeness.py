"""What an export says of its own completeness: counts, limits, more pages, skipped rows."""

import re
from collections.abc import Mapping

from reconcile.formats.inferred.fields import Fields
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

_COUNT = re.compile(r"(?i)^(?:total_?)?(?:messages?_?)?(?:count|total)$|^(?:total_?messages?|messagecount|msg_?count)$")
_MORE = re.compile(r"(?i)^(?:has_?more|truncated|is_?partial|incomplete|has_?next)$")
_SKIPPED = re.compile(r"(?i)^(?:skipped|dropped|failed|errors?_?count|omitted)$")
_STATUS = frozenset({"windowed", "possibly_stale", "stale", "partial", "truncated", "incomplete"})
_LISTED = re.compile(r"(?i)^(?:shard_?warnings|warnings|unavailable_?shards|failed_?shards)$")


def stated(fields: Fields, held: int) -> tuple[int | None, list[Note]]:
    """The number of messages that the export states, and a note for each statement that it is incomplete."""
    notes = [
        Note(NoteCode.LIMIT_REACHED, fields.file, f"{k}={v}"[:200]) for k, v in statements(fields.beside, held).items()
    ]
    counts = [
        int(v) for k, v in fields.beside.items() if _COUNT.match(k.rpartition(".")[2]) and v.isdigit() and len(v) < 10
    ]
    return (max(counts) if counts else None), notes


def statements(beside: Mapping[str, str], held: int) -> dict[str, str]:
    """Fields outside the rows that say messages are missing, with their values.

    `held` is the number of rows in the export.
    """
    found: dict[str, str] = {}
    for key, value in beside.items():
        last = key.rpartition(".")[2]
        lacks = _MORE.match(last) and value.lower() in ("true", "1")
        lacks = lacks or (_SKIPPED.match(last) and value.isdigit() and int(value) > 0)
        lacks = (
            lacks
            or (last.lower() == "status" and value.lower() in _STATUS)
            or (_LISTED.match(last) and value not in ("0", "[]", ""))
        )
        lacks = lacks or (last.lower() == "limit" and value == str(held))
        if lacks:
            found[key] = value
    return found
