"""An unencrypted iTunes or Finder backup: which hashed file is which app file (Manifest.db)."""

import plistlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from reconcile.errors import SourceError, UnreadableSource
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Logs, database_files, is_plain, open_database, tables_in
from reconcile.intake.sqlite.table import read_table

DOMAIN = "AppDomain-com.tencent.xin"
STORES = (".sqlite", ".db")
_FILES = {"id": ("text", "fileID"), "path": ("text", "relativePath")}


def manifest_of(source: Source) -> Path | None:
    """The backup's Manifest.db, when the source is a backup folder, else None."""
    found = manifests_in(source)
    return found[0] if len(found) == 1 else None


def manifests_in(source: Source) -> list[Path]:
    """The Manifest.db of every backup in a folder."""
    return [] if source.is_file else [f for f in source.files if f.name == "Manifest.db"]


def is_encrypted_backup(source: Source) -> bool:
    """Whether the folder is a password-protected backup.

    Its Manifest.db is then no SQLite file, or Manifest.plist says so.
    """
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


def backup_files(source: Source) -> dict[Path, str]:
    """Existing file -> the app's own path for it; {} where the source is no readable backup.

    A file lies at `<first two digits of its id>/<id>`, in old backups at `<id>`.
    """
    manifest = manifest_of(source)
    if manifest is None or "Files" not in tables_in(source, manifest):
        return {}
    held = set(source.files)
    found: dict[Path, str] = {}
    for digest, path in _listed(source, manifest, manifest.stat().st_mtime_ns):
        places = (manifest.parent / digest[:2] / digest, manifest.parent / digest)
        if (file := next((p for p in places if p in held), None)) is not None:
            found[file] = path
    return found


def stores_not_held(source: Source) -> list[str]:
    """The app's own paths of databases that the backup lists and does not hold."""
    manifest = manifest_of(source)
    held = backup_files(source)
    if manifest is None or not held:
        return []
    listed = _listed(source, manifest, manifest.stat().st_mtime_ns)
    return sorted({path for _, path in listed if path.endswith(STORES)} - set(held.values()))


def store_files(source: Source) -> dict[Path, Logs]:
    """Every file that may be a database, by own name or by its name in a backup -> its logs.

    Path order; those of a backup after the others, in the order of the app's own paths.
    """
    paths = backup_files(source)
    by_path = {path: file for file, path in paths.items()}
    stores = sorted((f for f, path in paths.items() if path.endswith(STORES)), key=paths.__getitem__)
    return {f: () for f in database_files(source) if f not in paths} | {f: _logs_of(paths[f], by_path) for f in stores}


def _logs_of(path: str, by_path: Mapping[str, Path]) -> Logs:
    return tuple((s, by_path[path + s]) for s in ("-wal", "-journal") if path + s in by_path)


@lru_cache(maxsize=4)
def _listed(source: Source, manifest: Path, modified: int) -> tuple[tuple[str, str], ...]:
    """Id and path of each file that the app's domain lists. `modified` is there for the cache alone."""
    del modified
    try:
        with open_database(source, manifest) as database:
            table = read_table(database, "Files", _FILES, where=("domain", DOMAIN))
    except (SourceError, UnreadableSource):
        return ()
    return tuple((digest, path) for digest, path in table.iter_rows() if digest and path)
