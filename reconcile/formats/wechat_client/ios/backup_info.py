"""What a phone backup states about itself: phone, number and date (Info, Status and Manifest.plist)."""

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from reconcile.intake.contract import Device, Note
from reconcile.intake.source import Source
from reconcile.intake.sqlite.phone_backup import manifest_of
from reconcile.vocabulary import NoteCode

# Info.plist holds the backup program's settings: a few megabytes at most.
_MOST_BYTES = 2**24
_MOST_CHARACTERS = 200
_BROKEN = (plistlib.InvalidFileException, ExpatError, ValueError, KeyError, IndexError, OverflowError, RecursionError, AttributeError, TypeError)  # fmt: skip
_APP = "com.tencent.xin"


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """The phone and the moment of the backup in UTC; None = not stated, or the backup was not finished."""

    device: Device = field(default_factory=Device)
    made_at: datetime | None = None
    notes: tuple[Note, ...] = ()


def backup_info(source: Source) -> BackupInfo:
    """What the property lists beside Manifest.db state; empty for a source that is no backup.

    A list that cannot be read becomes a note.
    """
    manifest = manifest_of(source)
    if manifest is None:
        return BackupInfo()
    notes: list[Note] = []
    info, status, listed = (
        _plist(source, manifest.with_name(n), notes) for n in ("Info.plist", "Status.plist", "Manifest.plist")
    )
    dates = [
        d for d in (info.get("Last Backup Date"), status.get("Date"), listed.get("Date")) if isinstance(d, datetime)
    ]
    finished = status.get("SnapshotState") in (None, "finished")
    if not finished:
        notes.append(
            Note(
                NoteCode.ODD_VALUE,
                "Status.plist",
                f"SnapshotState: {status.get('SnapshotState')}"[:_MOST_CHARACTERS],
                said=True,
            )
        )
    # All of these dates fall into one backup; content later than the first may be missing.
    made_at = min(d.replace(tzinfo=UTC) if d.tzinfo is None else d for d in dates) if dates and finished else None
    return BackupInfo(_device(info, listed), made_at, tuple(notes))


def _device(info: Mapping[str, Any], listed: Mapping[str, Any]) -> Device:
    lockdown = listed.get("Lockdown")
    beside = lockdown if isinstance(lockdown, dict) else {}
    apps = listed.get("Applications")
    app = apps.get(_APP) if isinstance(apps, dict) else None
    version = _text(info.get("Product Version") or beside.get("ProductVersion"))
    model = _text(info.get("Product Name") or info.get("Product Type") or beside.get("ProductType"))
    return Device(
        make="Apple" if model else None,
        model=model,
        serial=_text(info.get("Serial Number") or beside.get("SerialNumber")),
        os=f"iOS {version}" if version else None,
        app_version=_text(app.get("CFBundleVersion")) if isinstance(app, dict) else None,
        name=_text(info.get("Device Name") or beside.get("DeviceName")),
        phone=_text(info.get("Phone Number")),
    )


def _text(value: object) -> str | None:
    return " ".join(value.split())[:_MOST_CHARACTERS] or None if isinstance(value, str) else None


def _plist(source: Source, file: Path, notes: list[Note]) -> Mapping[str, Any]:
    if file not in set(source.files):
        return {}
    try:
        found = plistlib.loads(source.head(file, _MOST_BYTES))
    except _BROKEN:
        found = None
    if isinstance(found, dict):
        return found
    notes.append(Note(NoteCode.PART_UNREADABLE, source.relative(file), "no property list; not read", said=True))
    return {}
