"""Measures `reconcile validate`: known faults planted one at a time, expected and found results."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import orjson
import polars as pl

from reconcile.case import read
from reconcile.custody.atomic_folder import writing
from reconcile.engine.compare import compare_readings
from reconcile.engine.rates.interval import clopper_pearson
from reconcile.frames import Findings, Messages
from reconcile.patterns import lazy_pattern
from reconcile.report.plain import Section, plain_page
from reconcile.report.rates import at_most
from reconcile.self_test import KNOWN, check_digests, shipped_folder, versions
from reconcile.wording import Lang, say

PAGE = "validation.html"
_SHIFTS = (-7200, -90, -5, 5, 90, 7200)
_DIGIT = lazy_pattern(r"\d")
_CLAIMS = ("one_sided", "conflict")
_SIDES = ("a", "b")
# -a:3 = the third row of copy a taken away; a:3 = a number in it altered.
_CHANGE = lazy_pattern(r"(?P<how>-?)(?P<side>[ab]):(?P<row>[0-9]+)")
# Requirements measured in trials; the others hold or do not.
_MEASURED = ("missing", "altered", "unchanged")
_Item = TypeVar("_Item")
Row = dict[str, str]
Claims = frozenset[tuple[str, int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: the change, the expected and the actual result, and the number of wrong claims.

    Wrong claims concern other messages.
    """

    requirement: str
    data_set: str
    change: str
    expected: str
    found: str
    passed: bool
    wrong_claims: int = 0


@dataclass(frozen=True, slots=True)
class Tested:
    """A requirement over all its trials."""

    requirement: str
    trials: int
    passed: int
    wrong_claims: int
    failed_most: str


@dataclass(frozen=True, slots=True)
class Validation:
    """Every trial, the sums by requirement, what ran, and the digests of the program and of the data sets."""

    trials: tuple[Trial, ...]
    tested: tuple[Tested, ...]
    versions: dict[str, str]
    digests: dict[str, str]

    @property
    def passed(self) -> bool:
        """Whether no unchanged message was claimed missing or altered and every machine check passed."""
        fixed = ("unchanged", "swapped", "repeated", "digests")
        return all(t.passed == t.trials for t in self.tested if t.requirement in fixed) and not any(
            t.wrong_claims for t in self.tested
        )


def run_validation(progress: Callable[[str], None] = lambda _: None, most: int | None = None) -> Validation:
    """Runs every trial, with at most `most` messages a dispute; the same version, the same trials."""
    trials: list[Trial] = [
        Trial("digests", "-", c.name, "passed", c.found or "passed", c.passed) for c in check_digests()
    ]
    digests = {"reconcile": _program_digest()}
    for known in KNOWN:
        progress(known.name)
        with shipped_folder(known.name) as folder, TemporaryDirectory() as scratch:
            case = _Case(known.name, folder, Path(scratch), most)
            digests |= {f"{known.name}/{n}.csv": _digest_of(folder / f"{n}.csv") for n in _SIDES}
            trials += case.trials()
    names = dict.fromkeys(t.requirement for t in trials)
    return Validation(tuple(trials), tuple(_tested_of(n, trials) for n in names), versions(), digests)


def write_validation(found: Validation, out: Path, lang: Lang, *, overwrite: bool) -> None:
    """Writes validation.html, validation.csv and validation.json. Raises CaseNotEmpty, CaseError."""
    with writing(out, overwrite=overwrite) as folder:
        table = _trials_csv(found)
        digest = hashlib.sha256(table).hexdigest()
        (folder / "validation.csv").write_bytes(table)
        (folder / "validation.json").write_bytes(
            orjson.dumps(asdict(found) | {"trials_sha256": digest}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )  # fmt: skip
        (folder / PAGE).write_text(as_page(found, digest, lang), "utf-8")


def summary(found: Validation, lang: Lang) -> str:
    """The one line that can go into a report."""
    by = {t.requirement: t for t in found.tested}
    wrong = sum(t.wrong_claims for t in found.tested)
    return say(
        "validation.line",
        lang,
        version=found.versions["reconcile"],
        n=len(found.trials),
        missing=f"{by['missing'].passed}/{by['missing'].trials}",
        altered=f"{by['altered'].passed}/{by['altered'].trials}",
        wrong=wrong,
    )


def as_page(found: Validation, digest: str, lang: Lang) -> str:
    """The report of a validation as a page."""

    def t(key: str, **values: object) -> str:
        """The text `validation.<key>` of the catalogue."""
        return say(f"validation.{key}", lang, **values)

    heads = ("requirement", "test", "data", "result", "rate", "wrong", "limits")
    rows = tuple(
        (
            t(f"need_{x.requirement}"), t(f"test_{x.requirement}"), t(f"data_{x.requirement}"), f"{x.passed} / {x.trials}",
            t("rate_most", most=x.failed_most) if x.requirement in _MEASURED else "—", str(x.wrong_claims), t(f"limit_{x.requirement}"),
        )
        for x in found.tested
    )  # fmt: skip
    failed = tuple(
        (
            t(f"need_{x.requirement}"),
            x.data_set,
            _change_text(x.change, lang),
            t(f"outcome_{x.expected}"),
            _outcome_text(x.found, lang),
        )
        for x in found.trials
        if not x.passed or x.wrong_claims
    )
    parts = [
        Section(t("frame"), (t("framed"),)),
        Section(t("results"), (), tuple(t(h) for h in heads), rows),
        Section(t("failed"), () if failed else (t("failed_none"),), tuple(t(h) for h in ("requirement", "data", "change", "expected", "found")) if failed else (), failed),
        Section(t("limits_title"), tuple(t(f"limits_{n}") for n in range(1, 5))),
        Section(t("traced"), (t("traced_is", digest=digest),)),
        Section(t("versions"), (), (t("what"), t("value")), (*found.versions.items(), *((t("sha256", name=k), v) for k, v in found.digests.items()))),
    ]  # fmt: skip
    grade = "no_gap_found" if found.passed else "conflicting"
    return plain_page(t("title"), parts, lang, lead=summary(found, lang), grade=grade)


def _change_text(change: str, lang: Lang) -> str:
    """A deleted or altered message in words; any other change as it is written."""
    found = _CHANGE.fullmatch(change)
    if found is None:
        return change
    kind = "removed" if found["how"] == "-" else "altered"
    side = say(f"report.side_{'left' if found['side'] == 'a' else 'right'}", lang)
    return say(f"validation.change_{kind}", lang, side=side, row=found["row"])


def _outcome_text(code: str, lang: Lang) -> str:
    """The outcome in words; an unknown code stays as it is."""
    key = f"validation.outcome_{code}"
    try:
        return say(key, lang)
    except KeyError:
        return code


def _tested_of(name: str, trials: list[Trial]) -> Tested:
    """A requirement summed over its trials, with an upper bound on failures."""
    own = [t for t in trials if t.requirement == name]
    passed = sum(t.passed for t in own)
    most = at_most(clopper_pearson(len(own) - passed, len(own))[1])
    return Tested(name, len(own), passed, sum(t.wrong_claims for t in own), most)


class _Case:
    """A shipped dispute and the changed copies of it that are compared."""

    def __init__(self, name: str, folder: Path, scratch: Path, most: int | None) -> None:
        self._name, self._scratch = name, scratch
        for file in folder.glob("*.json"):
            (scratch / file.name).write_bytes(file.read_bytes())
        self._rows = {side: _read_rows(folder / f"{side}.csv") for side in _SIDES}
        self._readings = {side: read(self._write_table(side, rows)) for side, rows in self._rows.items()}
        self._known = self._compare_with("a", None)
        lines = self._known.alignment.filter(pl.col("relation").cast(pl.String) == "agreement")
        self._pairs = list(lines.select("left_row", "right_row").drop_nulls().iter_rows())
        self._most = most
        self._claims = _claims(self._known, None, None)

    def trials(self) -> Iterator[Trial]:
        """Every trial of the dispute: deleted, altered, shifted, swapped, repeated."""
        for side in _SIDES:
            numbered = [pair for pair in self._pairs if self._has_number(side, pair)]
            yield from (self._try_deleting(side, pair) for pair in self._evenly_drawn(self._pairs))
            yield from (self._try_altering(side, pair) for pair in self._evenly_drawn(numbered))
        yield from (self._try_shifting(seconds) for seconds in self._evenly_drawn(_SHIFTS))
        yield self._try_swapping()
        yield self._try_repeating()

    def _evenly_drawn(self, whole: Sequence[_Item]) -> Sequence[_Item]:
        """Every item, or as many as are wanted, evenly drawn."""
        return whole if self._most is None else whole[:: max(1, len(whole) // self._most)][: self._most]

    def _try_deleting(self, side: str, pair: tuple[int, int]) -> Trial:
        """Deletes a message from one copy; it must be reported missing there."""
        row = pair[side == "b"]
        rows = self._rows[side]
        found = self._compare_with(side, rows[:row] + rows[row + 1 :])
        claims = _claims(found, side, row)
        kept = (pair[0], None) if side == "b" else (None, pair[1])
        relation = self._relation_of_counterpart(found, side, pair[side == "a"])
        twin = self._is_twin_claimed(claims, side, pair)
        outcome = "one_sided" if ("one_sided", *kept) in claims or twin else relation
        wrong = claims - self._claims - {("one_sided", *kept)}
        count = len(wrong) - bool(twin)
        return Trial("missing", self._name, f"-{side}:{row + 1}", "one_sided", outcome, outcome == "one_sided", count)

    def _try_altering(self, side: str, pair: tuple[int, int]) -> Trial:
        """Alters a digit in one copy; the pair must be reported as a conflict."""
        row = pair[side == "b"]
        rows = list(self._rows[side])
        text = rows[row]["text"]
        place = _DIGIT.search(text)
        assert place is not None
        digit = str((int(place.group()) + 3) % 10)
        rows[row] = rows[row] | {"text": text[: place.start()] + digit + text[place.end() :]}
        found = self._compare_with(side, rows)
        claims = _claims(found, None, None)
        outcome = "conflict" if ("conflict", *pair) in claims else self._relation_of_counterpart(found, "b", pair[0])
        wrong = {c for c in claims - self._claims if pair[0] != c[1] and pair[1] != c[2]}
        return Trial("altered", self._name, f"{side}:{row + 1}", "conflict", outcome, outcome == "conflict", len(wrong))

    def _try_shifting(self, seconds: int) -> Trial:
        """The right clock set off by these seconds: no claim beyond those of the shipped dispute may appear."""
        moved = self._readings["b"]
        shift = pl.col("sent_at") + pl.duration(seconds=seconds)
        found = compare_readings(
            self._readings["a"], replace(moved, messages=Messages.cast(moved.messages.with_columns(shift)))
        )
        wrong = _claims(found, None, None) - self._claims
        outcome = "as_known" if not wrong else "claimed"
        return Trial("unchanged", self._name, f"{seconds:+d} s", "as_known", outcome, not wrong, len(wrong))

    def _try_swapping(self) -> Trial:
        """Swaps the sides; the claims must be mirrored."""
        found = _claims(compare_readings(self._readings["b"], self._readings["a"]), None, None)
        is_same = {(r, right, left) for r, left, right in found} == self._claims
        return Trial("swapped", self._name, "b, a", "as_known", "as_known" if is_same else "claimed", is_same)

    def _try_repeating(self) -> Trial:
        """Compares once more; the alignment must be equal."""
        again = self._compare_with("a", None)
        is_same = again.alignment.equals(self._known.alignment)
        return Trial("repeated", self._name, "a, b", "as_known", "as_known" if is_same else "claimed", is_same)

    def _has_number(self, side: str, pair: tuple[int, int]) -> bool:
        """Whether the message is text with a digit in it."""
        row = self._rows[side][pair[side == "b"]]
        return row.get("kind") in ("text", "", None) and bool(_DIGIT.search(row["text"]))

    def _is_twin_claimed(self, claims: Claims, side: str, pair: tuple[int, int]) -> bool:
        """Whether an equal neighbour of the deleted message is called missing in its place.

        Equal messages cannot be told apart.
        """
        held = "a" if side == "b" else "b"
        own = self._rows[held][pair[held == "b"]]
        new = [c[1] if held == "a" else c[2] for c in claims - self._claims if c[0] == "one_sided"]
        return any(r is not None and r != pair[held == "b"] and self._rows[held][r]["text"] == own["text"] for r in new)

    def _relation_of_counterpart(self, found: Findings, side: str, kept: int) -> str:
        """What became of the message that the other copy keeps, where `side` was changed."""
        column = "left_row" if side == "b" else "right_row"
        lines = found.alignment.filter(pl.col(column) == kept)
        return str(lines["relation"].cast(pl.String)[0]) if lines.height else "none"

    def _compare_with(self, side: str, rows: list[Row] | None) -> Findings:
        """The comparison with the rows of one side replaced; None = as shipped."""
        readings = dict(self._readings)
        if rows is not None:
            readings[side] = read(self._write_table(side, rows))
        return compare_readings(readings["a"], readings["b"])

    def _write_table(self, side: str, rows: list[Row]) -> Path:
        """Writes a copy as CSV; returns its path."""
        path = self._scratch / f"{side}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path


def _claims(found: Findings, side: str | None, removed: int | None) -> Claims:
    """Claims of missing or altered messages, by row numbers of the whole files.

    Rows after a removed one count one higher.
    """
    lines = found.alignment.with_columns(pl.col("relation").cast(pl.String)).filter(pl.col("relation").is_in(_CLAIMS))

    def whole(row: int | None, of: str) -> int | None:
        """The row number in the whole file."""
        return row + 1 if row is not None and removed is not None and side == of and row >= removed else row

    rows = lines.select("relation", "left_row", "right_row").iter_rows()
    return frozenset((r, whole(left, "a"), whole(right, "b")) for r, left, right in rows)


def _read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _trials_csv(found: Validation) -> bytes:
    """The bytes of validation.csv."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["requirement", "data_set", "change", "expected", "found", "passed", "wrong_claims"])
    for x in found.trials:
        # A space before a change such as -b:3 keeps spreadsheets from reading it as a formula.
        change = f" {x.change}" if x.change.startswith(("-", "+", "=", "@")) else x.change
        writer.writerow([x.requirement, x.data_set, change, x.expected, x.found, int(x.passed), x.wrong_claims])
    return out.getvalue().encode("utf-8-sig")


def _digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _program_digest() -> str:
    """SHA-256 over names and digests of the program's own source files, in order."""
    package = Path(__file__).parent
    whole = hashlib.sha256()
    for file in sorted(p for p in package.rglob("*") if p.suffix in (".py", ".toml", ".html", ".css", ".typ", ".txt")):
        whole.update(f"{file.relative_to(package).as_posix()}\0{_digest_of(file)}\n".encode())
    return whole.hexdigest()
