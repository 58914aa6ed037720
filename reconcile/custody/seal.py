"""seal(): records files, person and place as a statement and the first line of the custody log."""

import getpass
import platform
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reconcile.custody import leftovers, log
from reconcile.custody.atomic_folder import refuse_inside
from reconcile.custody.signature import ENVELOPE, envelope_of
from reconcile.custody.statement import STATEMENT, compose, tree_digest
from reconcile.custody.tree import Tree, roots_of, scan
from reconcile.digests import digest_bytes
from reconcile.errors import CaseError, CaseNotEmpty, UsageError
from reconcile.version import VERSION
from reconcile.wording import Lang, say
from reconcile.wording.instants import china_time


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal just made: its folder, digests, extent, and the log's head to write down."""

    folder: Path
    sealed_at: str
    files: int
    bytes: int
    tree_sha256: str
    tree_sm3: str
    statement_sha256: str
    statement_sm3: str
    head: str
    others: int


def seal(
    paths: Sequence[Path], out: Path, *, who: str = "", where: str = "", note: str = "", key: Path | None = None
) -> Seal:
    """Hashes every file under the paths and writes the seal to `out`; the files themselves are only read.

    Args:
        paths: files and folders; links inside them are named, not followed.
        out: a new or empty folder outside the paths.
        who: the person who seals, as he wants to be named.
        where: the place.
        note: anything else for the log.
        key: PEM private key; the statement is then also signed (DSSE).

    Raises:
        UnreadableSource: a path is not there, or a file cannot be opened.
        SourceChanged: a file moved while it was read.
        CaseNotEmpty: `out` holds something already.
        UsageError: no path given, `out` lies inside a path, or the key cannot be used.
    """
    if not paths:
        raise UsageError("PATH", "nothing to seal; name at least one file or folder")
    roots = roots_of(paths)
    refuse_inside(out, paths)
    if out.exists() and any(out.iterdir()):
        raise CaseNotEmpty(out, f"{out}: not empty; a seal needs a folder of its own")
    tree = scan(roots)
    sealed_at = datetime.now(UTC).isoformat(timespec="seconds")
    facts = {
        "sealedAt": sealed_at,
        "who": who,
        "where": where,
        "note": note,
        "tool": tool_facts(),
        "machine": machine_facts(),
    }
    statement = compose(tree, roots, facts)
    envelope = envelope_of(statement, key) if key else None
    with _beside(out) as new:
        (new / STATEMENT).write_bytes(statement)
        if envelope:
            (new / ENVELOPE).write_bytes(envelope)
        made = _first_line(new, statement, tree, sealed_at, who=who, where=where, note=note)
    return replace(made, folder=out)


def describe(made: Seal, lang: Lang) -> list[str]:
    """What was sealed, in lines for a person, with the head to write down."""
    lines = [
        say("custody.sealed", lang, n=made.files, bytes=f"{made.bytes:,}", at=china_time(made.sealed_at)),
        say("custody.sealed_tree", lang, sha256=made.tree_sha256, sm3=made.tree_sm3),
    ]
    if made.others:
        lines.append(say("custody.sealed_others", lang, n=made.others))
    return [*lines, say("custody.head", lang, head=made.head), say("custody.limit", lang)]


def tool_facts() -> dict[str, str]:
    """Name and versions of what made the seal."""
    return {
        "name": "reconcile",
        "version": VERSION,
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "cryptography": _package_version("cryptography"),
    }


def machine_facts() -> dict[str, str]:
    """The machine as it names itself, its zone, and the state of its clock as far as a program can say it."""
    offset = datetime.now(UTC).astimezone().strftime("%z")
    return {
        "host": socket.gethostname(),
        "user": _user_name(),
        "system": platform.platform(),
        "zone": f"{time.tzname[0]} {offset}",
        "clock": "machine clock; not checked against another",
    }


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder that becomes `out` when it is complete on the disk, since a partial seal is worthless."""
    out = out.resolve()
    new = leftovers.beside(out, leftovers.PARTIAL)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        leftovers.clear(out)
        new.mkdir(mode=0o700)
        yield new
        leftovers.settle(new)
        if out.exists():
            out.rmdir()
        new.rename(out)
        leftovers.sync(out.parent)
    except OSError as error:
        raise CaseError(out, f"{out}: cannot be written ({error.strerror or error}); choose another folder") from None
    finally:
        leftovers.discard(new)


def _first_line(out: Path, statement: bytes, tree: Tree, sealed_at: str, *, who: str, where: str, note: str) -> Seal:
    """Writes the log's first line; returns the seal as made."""
    whole = tree_digest(tree.files)
    sha256, sm3 = digest_bytes(statement), digest_bytes(statement, "sm3")
    data = {"statement": {"sha256": sha256, "sm3": sm3}, "tree": whole}
    head = log.append(out, "sealed", who=who, where=where, note=note, data=data)
    size = sum(f.size for f in tree.files)
    return Seal(
        out,
        sealed_at,
        len(tree.files),
        size,
        str(whole["dirHash"]),
        str(whole["dirHashSm3"]),
        sha256,
        sm3,
        head.sha256,
        len(tree.others),
    )


def _package_version(package: str) -> str:
    """The installed version of a package; `unknown` without one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
