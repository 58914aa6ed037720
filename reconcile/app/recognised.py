"""What the page shows about a recognised export, and what the program had to guess."""

import os
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from reconcile.app.cases import Case, Export
from reconcile.vocabulary import NoteCode
from reconcile.wording import Lang, name_of
from reconcile.wording.errors import tell_note
from reconcile.wording.forms import form_title
from reconcile.wording.instants import china_time

MOST_NOTES, MOST_CONVERSATIONS = 60, 100
LEAST_PARTS, MOST_PARTS = 2, 40
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".heic", ".bmp", ".tif", ".tiff", ".gif"})
KEPT = (
    "reader",
    "owner",
    "tool",
    "tool_version",
    "exported_at",
    "rows",
    "coverage",
    "zone_source",
    "senders",
    "mapping",
    "samples",
)


def kept_facts(found: dict[str, Any]) -> dict[str, Any]:
    """The stored part of `inspect --json`; only the first of very many conversations, notes and files."""
    return {
        **{name: found.get(name) for name in KEPT},
        "conversation_count": len(found["conversations"]),
        "conversations": found["conversations"][:MOST_CONVERSATIONS],
        "notes": found["notes"][:MOST_NOTES],
        "digests": sorted({file["sha256"] for file in found["files"]})[:1000],
        "bytes": sum(file["size"] for file in found["files"]),
    }


def facts_shown(export: Export, lang: Lang) -> dict[str, Any] | None:
    """The facts as the page shows them; None where the export is not recognised yet."""
    facts = export.facts
    if facts is None:
        return None
    # A direct conversation is called by its peer's account.
    called = {s["sender"]: s["name"] for s in facts.get("senders") or [] if s["sender"]}
    return {
        "form": form_title(facts["reader"], lang),
        "owner": facts["owner"],
        "rows": facts["rows"],
        "bytes": facts["bytes"],
        "from": china_time(facts["coverage"][0]),
        "to": china_time(facts["coverage"][1]),
        "conversation_count": facts["conversation_count"],
        "conversations": [
            {"name": c["title"] or called.get(c["conversation"]) or c["conversation"], "rows": c["rows"]}
            for c in facts["conversations"][:8]
        ],
        "notes": [_note_in_words(note, lang) for note in facts["notes"]],
        "guesses": guesses(export),
        "senders": facts.get("senders") or [],
        "sample": [_sample_row(row) for row in facts.get("samples") or []],
    }


def mapping_shown(export: Export) -> dict[str, Any] | None:
    """How the columns of an unknown form are read, and what is asked; None where the form is known.

    `spelled` is the mapping as the user could type it.
    """
    found = export.question or (export.facts or {}).get("mapping")
    if not found:
        return None
    shown = {"fields": [], "unclear": {}, "readings": [], **found}
    return shown | {"spelled": _spelled(shown["columns"])}


def _spelled(columns: dict[str, str]) -> str:
    return ",".join(f"{role}={column.replace(',', chr(92) + ',')}" for role, column in columns.items())


def guesses(export: Export) -> list[dict[str, str]]:
    """What the program guessed and the user has not stated: `columns`, `timezone`, `owner`."""
    facts, stated = export.facts or {}, export.told
    found = []
    mapping = (facts.get("mapping") or {}).get("columns") or {}
    columns = next((n["excerpt"] for n in facts.get("notes", ()) if n["code"] == NoteCode.COLUMN_GUESSED), None)
    columns = _spelled(mapping) or columns
    if columns is not None and not stated.columns:
        found.append({"what": "columns", "guess": columns})
    if (facts.get("zone_source") or {}).get("assumed") and not stated.timezone:
        found.append({"what": "timezone", "guess": "Asia/Shanghai"})
    owner = facts.get("owner") or {}
    if not stated.owner and not any(owner.get(name) for name in ("id", "alias", "name")):
        found.append({"what": "owner", "guess": ""})
    return found


def same_as(case: Case, export: Export) -> str | None:
    """The id of an earlier export of the case with the same files, on either side; None = none.

    One of the two may have further files, such as the sidecar of its table.
    """
    mine = {*((export.facts or {}).get("digests") or ())}
    others = ((e.id, {*((e.facts or {}).get("digests") or ())}) for e in case.exports[: case.exports.index(export)])
    return next((name for name, held in others if mine and held and (mine <= held or held <= mine)), None)


def other_account(case: Case, export: Export) -> str:
    """The name of an earlier export of the same side that belongs to another account; '' = none."""
    mine = _accounts(export)
    earlier = [e for e in case.exports[: case.exports.index(export)] if e.side == export.side and _accounts(e)]
    return next((e.name for e in earlier if mine and not mine & _accounts(e)), "")


def is_same_account(case: Case, export: Export) -> bool:
    """Whether an earlier export of the other side belongs to the same account."""
    earlier = case.exports[: case.exports.index(export)]
    return any(_accounts(export) & _accounts(e) for e in earlier if e.side != export.side)


def _accounts(export: Export) -> set[str]:
    """What the account of an export's owner is called; empty where none is stated."""
    owner = (export.facts or {}).get("owner") or {}
    return {owner["id"], owner.get("alias")} - {None} if owner.get("id") else set()


def parts_of(export: Export) -> list[Path]:
    """Files and folders in an export that may be exports of their own, sorted; none of too many."""
    folder = Path(export.path)
    if not folder.is_dir():
        return []
    with suppress(OSError), os.scandir(folder) as scan:
        entries = list(islice(scan, MOST_PARTS + 1))
        names = [e.name for e in entries if not e.name.startswith(".") and not e.is_symlink()]
        kept = [folder / n for n in sorted(names) if Path(n).suffix.lower() not in PICTURES]
        return kept if len(entries) <= MOST_PARTS else []
    return []


def _sample_row(row: dict[str, Any]) -> dict[str, Any]:
    """A message of the sample as the page shows it."""
    who = row["sender_name"] or row["sender"]
    return {"at": china_time(row["sent_at"]), "who": who, "kind": row["kind"], "text": row["text"]}


def _note_in_words(note: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """A note with its texts in the language."""
    said = tell_note(note["code"], note["excerpt"], lang) if note["said"] else note["excerpt"]
    return {
        "what": name_of(f"verdict.note.{note['code']}", lang),
        "where": note["locator"],
        "said": said,
        "count": note["count"],
    }
