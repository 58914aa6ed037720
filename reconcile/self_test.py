"""The checks of `reconcile self-test`: published digests, disputes with known answers, laws."""

import hashlib
import platform
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

import polars as pl

from reconcile import __version__, digests
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.errors import ReconcileError
from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from reconcile.wording import Lang, say
from reconcile.wording.errors import tell

# Digests of "abc" and of the empty text as the algorithms' own documents publish them: RFC 1321, FIPS 180-4, GB/T 32905-2016.
VECTORS = (
    ("md5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
    ("md5", b"abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("sha1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("sha256", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("sha256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("sm3", b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ("sm3", b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
)
COUNTS = ("grade", "agreements", "conflicts", "doubtful", "left_missing", "right_missing")
MIRROR = ("grade", "agreements", "conflicts", "doubtful", "right_missing", "left_missing")
LIBRARIES = ("polars", "numpy", "networkx", "rapidfuzz", "cryptography", "lxml")


@dataclass(frozen=True, slots=True)
class Known:
    """A shipped dispute and its answers: verdicts by conversation, and differing rows."""

    name: str
    verdicts: tuple[tuple[object, ...], ...]
    rows: tuple[tuple[str, int | None, int | None], ...]


KNOWN = (
    Known("loan", (("conflicting", 55, 1, 0, 0, 1),), (("one_sided", 34, None), ("conflict", 46, 45))),
    Known(
        "group_renovation",
        (("explained_differences", 44, 0, 0, 0, 0), ("explained_differences", 23, 0, 0, 0, 0)),
        (),
    ),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer; `found` is empty where the answer is as expected.

    The question concerns a published value or a shipped dispute.
    """

    name: str
    passed: bool
    found: str = ""
    of: str = "whole"


def run_checks() -> list[Check]:
    """Every check, in a fixed order; never raises for a check that fails."""
    return [*check_digests(), *(c for known in KNOWN for c in _check_dispute(known))]


def versions() -> dict[str, str]:
    """What ran: the program, the interpreter, and the libraries that results rest on."""
    libraries = {name: _package_version(name) for name in LIBRARIES}
    return {
        "reconcile": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "openssl": ssl.OPENSSL_VERSION,
        "sqlite": sqlite3.sqlite_version,
        **libraries,
    }


def as_lines(checks: list[Check], lang: Lang) -> list[str]:
    """The checks, the versions, and last the one line that can go into a report."""
    shown = [
        say(
            "self_test.passed" if c.passed else "self_test.failed",
            lang,
            name=say(f"self_test.of_{c.of}", lang, name=c.name),
            found=tell(c.found, lang),
        )
        for c in checks
    ]
    used = versions()
    listed = say("self_test.versions", lang, versions=" · ".join(f"{k} {v}" for k, v in used.items()))
    passed = sum(c.passed for c in checks)
    key = "self_test.line" if passed == len(checks) else "self_test.line_failed"
    line = say(
        key, lang, version=__version__, passed=passed, count=len(checks), python=used["python"], system=used["system"]
    )
    return [*shown, listed, line]


def check_digests() -> Iterator[Check]:
    """Whether each algorithm gives the digests that its document publishes."""
    for algorithm, data, expected in VECTORS:
        try:
            if algorithm in digests.VECTORS:
                hasher = digests.new(algorithm)
                hasher.update(data)
                found = hasher.hexdigest()
            else:
                found = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
        except (ValueError, ReconcileError) as error:
            found = str(error)
        yield Check(
            f"{algorithm.upper()} ({len(data)} B)", found == expected, "" if found == expected else found, "digest"
        )


def _check_dispute(known: Known) -> Iterator[Check]:
    """Whether a shipped dispute gives the known result, also with sides swapped and against itself."""
    try:
        left, right = _shipped_readings(known.name)
    except (OSError, ReconcileError) as error:
        yield Check(known.name, passed=False, found=str(error))
        return
    findings = compare_readings(left, right)
    yield _check_equal(known.name, "verdicts", _verdict_values(findings, COUNTS), known.verdicts)
    yield _check_equal(known.name, "rows", _finding_rows(findings), known.rows)
    yield _check_equal(known.name, "swapped", _verdict_values(compare_readings(right, left), MIRROR), known.verdicts)
    alone = compare_readings(left, left)
    held = sum(alone.alignment["left_row"].is_not_null()), sum(alone.alignment["right_row"].is_not_null())
    yield _check_equal(known.name, "once", held, (left.messages.height,) * 2)
    yield _check_equal(known.name, "itself", set(alone.verdicts["grade"].cast(pl.String)), {"no_gap_found"})


def _check_equal(name: str, of: str, found: object, expected: object) -> Check:
    """A check that holds if the value is as expected."""
    return Check(name, found == expected, "" if found == expected else f"{found} ≠ {expected}", of)


def _verdict_values(findings: Findings, columns: tuple[str, ...]) -> tuple[tuple[object, ...], ...]:
    """These columns of every verdict, by number of agreements."""
    rows = findings.verdicts.sort("agreements", descending=True).select(columns)
    return tuple(rows.with_columns(pl.col("grade").cast(pl.String)).rows())


def _finding_rows(findings: Findings) -> tuple[tuple[object, ...], ...]:
    """Relation, left row and right row of every finding."""
    lines = findings.alignment.with_columns(pl.col("relation").cast(pl.String))
    disputed = lines.filter(pl.col("relation").is_in(["one_sided", "conflict", "doubtful"]))
    return tuple(disputed.select("relation", "left_row", "right_row").sort("left_row").rows())


def _shipped_readings(name: str) -> tuple[Reading, Reading]:
    """Both exports of a shipped dispute."""
    with shipped_folder(name) as folder:
        return read(folder / "a.csv"), read(folder / "b.csv")


def shipped_folder(name: str) -> AbstractContextManager[Path]:
    """The folder of a shipped dispute."""
    return as_file(_shipped() / name)


def _shipped() -> Traversable:
    """The folder of the shipped disputes: in the package if installed, else among the fixtures."""
    inside = files("reconcile") / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "fixtures" / "disputes"


def _package_version(package: str) -> str:
    """The installed version of a package; `-` without one."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"
