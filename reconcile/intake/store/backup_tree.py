"""An unencrypted iTunes or Finder backup: which hashed file is which of the app's own files (Manifest.db)."""

import plistlib
from pathlib import Path

from reconcile.errors import SourceError, UnreadableSource
from reconcile.intake.source import Source
from reconcile.intake.store.database import is_plain, open_database, tables_in
from reconcile.intake.store.table import read_table

DOMAIN = "AppDomain-com.tencent.xin"
_FILES = {"id": ("text", "fileID"), "path": ("text", "relativePath")}


def manifest_of(source: Source) -> Path | None:
    """The backup's Manifest.db, when the source is a backup folder, else None."""
    found = [f for f in source.files if f.name == "Manifest.db"]
    return found[0] if len(found) == 1 and not source.is_file else None


def is_encrypted_backup(source: Source) -> bool:
    """Whether the folder is a backup made with a password: its Manifest.db is no SQLite file, or Manifest.plist says so."""
    manifest = manifest_of(source)
    if manifest is None:
        return False
    if not is_plain(source, manifest):
        return True
    try:
        stated = plistlib.loads(source.head(manifest.with_name("Manifest.plist"), 2**22))
    except (plistlib.InvalidFileException, ValueError, KeyError, IndexError, OverflowError, RecursionError):
        return False
    return isinstance(stated, dict) and stated.get("IsEncrypted") is True


def backup_files(source: Source, domain: str = DOMAIN) -> dict[Path, str]:
    """Existing file -> the app's own path for it, of one app's domain; {} where the source is no readable backup.

    A file lies at `<first two digits of its id>/<id>`, in old backups at `<id>`.
    """
    manifest = manifest_of(source)
    if manifest is None or "Files" not in tables_in(source, manifest):
        return {}
    try:
        with open_database(source, manifest) as database:
            table = read_table(database, "Files", _FILES, where=("domain", domain))
    except (SourceError, UnreadableSource):
        return {}
    held = set(source.files)
    found: dict[Path, str] = {}
    for digest, path in table.iter_rows():
        if not digest or not path:
            continue
        places = (manifest.parent / digest[:2] / digest, manifest.parent / digest)
        if (file := next((p for p in places if p in held), None)) is not None:
            found[file] = path
    return found
