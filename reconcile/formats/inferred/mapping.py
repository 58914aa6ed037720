"""Mappings of fields to roles, with certainty and alternatives; users can confirm and reuse them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
import polars as pl

from reconcile.column_ops import present
from reconcile.errors import UsageError

NEEDED = ("time", "text")
_LONGEST_LIST = 2000
# Largest share of elements of a page that are notices without a name and a time.
FEW_NOTICES = 0.3
# Most other candidates that are listed with a choice.
MOST_CANDIDATES = 4
# What stands in a question for what the program does not know; a person writes something else in its place.
OPEN = "…"
# How what stands in no column is written.
SPELLED = {"date": "YYYY-MM-DD", "year": "YYYY", "timezone": "+HH:MM"}
# How many values of a column a question shows, and how much of each.
_FIRST, _SHOWN = 3, 40


@dataclass(frozen=True, slots=True)
class Choice:
    """The column chosen for a role, how certain the choice is (0 to 1), and the other candidates."""

    column: str
    confidence: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inferred:
    """The mapping inferred for one list of rows.

    `doubts`: role -> the candidates among which the values do not decide; empty tuple = no candidate at all.
    `manners`: how cells read (`time_unit`, `day_first`), and what words mean (`kind:…`, `direction:…`).
    """

    choices: Mapping[str, Choice]
    manners: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Role -> column, with the manners: what `--columns` takes."""
        return {role: c.column for role, c in self.choices.items()} | dict(self.manners)

    @property
    def is_clear(self) -> bool:
        """Whether every needed role has one column that its values confirm."""
        return not self.doubts

    @property
    def confidence(self) -> float:
        """The lowest confidence of a needed role; 0 where one has no column."""
        sides = [self.choices[r].confidence for r in ("sender", "direction") if r in self.choices]
        needed = [self.choices[r].confidence for r in NEEDED if r in self.choices]
        return min([*needed, max(sides)]) if len(needed) == len(NEEDED) and sides else 0.0

    def without_doubt(self, role: str) -> "Inferred":
        """The mapping without a doubt that the user settled."""
        return replace(self, doubts={r: c for r, c in self.doubts.items() if r != role})

    def spelled(self) -> str:
        """The mapping as `--columns` takes it."""
        return spelled(self.columns)


@dataclass
class Found:
    """The roles chosen so far, and the columns that are spoken for."""

    choices: dict[str, Choice] = field(default_factory=dict)
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    manners: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    # Whether the chosen times are instants, whatever zone is stated beside them.
    is_instant: bool = False

    def choose(self, role: str, column: str, confidence: float, others: tuple[str, ...] = ()) -> None:
        """Gives the role the column."""
        self.choices[role] = Choice(column, round(min(max(confidence, 0.05), 0.99), 2), others)
        self.used.add(column)


def spelled(columns: Mapping[str, str]) -> str:
    """Role -> column as `--columns` takes it: `time=…,sender=…`."""
    return ",".join(f"{r}={_escape_comma(c)}" for r, c in columns.items() if ":" not in r)


def question(path: Path, one: Inferred, frame: pl.DataFrame) -> UsageError:
    """The error that asks for what a mapping leaves open, with the answer to type.

    Without a field that names the senders there is no such answer.
    """
    known, doubts, example = parts_of_question(one, frame)
    answer = f"give --columns {example} as fits"
    if one.doubts.get("sender") == ():
        answer = (
            "no field tells who speaks: ask for an export with a name in each message, or state a pattern= with the "
            "group sender in --columns"
        )
    return UsageError(
        "--columns", f"{path}: no reader knows this form; it reads as {known}, but unclear are {doubts}; {answer}"
    )


def parts_of_question(one: Inferred, frame: pl.DataFrame) -> tuple[str, str, str]:
    """The known and the unclear parts of a mapping, and how the user can state them.

    A column without a rival is shown with its first values, which the user can judge.
    """
    known = spelled({r: c for r, c in one.columns.items() if r not in one.doubts})
    first = {
        r: c[0] if c and not _are_ends(frame, c) else OPEN if c else SPELLED.get(r, OPEN)
        for r, c in one.doubts.items()
        # Where no column names anybody, there is nothing to write.
        if c or r != "sender"
    }
    example = ",".join(f"{r}={c}" for r, c in first.items())
    doubts = []
    for role, told in one.doubts.items():
        lone = frame[told[0]] if len(told) == 1 and told[0] in frame.columns else pl.Series([], dtype=pl.String)
        shown = [" ".join(str(v).split())[:_SHOWN] for v in present(lone).unique(maintain_order=True).head(_FIRST)]
        such_as = f" (such as {', '.join(map(repr, shown))})" if shown else ""
        doubts.append(f"{role}: {' / '.join(told) if told else 'none'}{such_as}")
    return known or OPEN, "; ".join(doubts), ",".join(filter(None, (known, example)))


def _are_ends(frame: pl.DataFrame, told: Sequence[str]) -> bool:
    """Whether the first two candidates name the same people, and none in both: either may be the sender."""
    if len(told) < 2 or not {*told[:2]} <= {*frame.columns}:
        return False
    one, other = frame[told[0]], frame[told[1]]
    same = {*present(one).unique()} == {*present(other).unique()}
    return same and one.drop_nulls().n_unique() > 1 and not (one == other).any()


def _escape_comma(name: str) -> str:
    return name.replace(",", "\\,")


def save(file: Path, columns: Mapping[str, str]) -> bytes:
    """A mapping as the bytes of a file that `--columns` takes: JSON for .json, else TOML."""
    tables: dict[str, dict[str, str]] = {"columns": {}, "kinds": {}, "direction": {}}
    for role, value in columns.items():
        head, colon, word = role.partition(":")
        table = {"kind": "kinds", "direction": "direction"}[head] if colon else "columns"
        tables[table][word if colon else role] = value
    held = {name: pairs for name, pairs in tables.items() if pairs}
    if file.suffix.lower() == ".json":
        return orjson.dumps(held, option=orjson.OPT_INDENT_2)
    lines: list[str] = []
    for name, pairs in held.items():
        lines += [f"[{name}]", *(f"{_toml_string(k)} = {_toml_string(v)}" for k, v in pairs.items())]
    return ("\n".join(lines) + "\n").encode()


def draft(inferred: Inferred, names: Sequence[str]) -> bytes:
    """A mapping to complete, as TOML: what is known, candidates of what is not, all fields."""
    lines = ["# " + " | ".join(names)[:_LONGEST_LIST], "[columns]"]
    open_roles = {**dict.fromkeys((*NEEDED, "sender"), ()), **inferred.doubts}
    known = {r: c for r, c in inferred.columns.items() if ":" not in r and r not in inferred.doubts}
    lines += [f"{r} = {_toml_string(c)}" for r, c in known.items()]
    for role, told in open_roles.items():
        if role in known or (role == "sender" and "direction" in known):
            continue
        first = inferred.choices[role].column if role in inferred.choices else next(iter(told), None)
        others = " | ".join(c for c in told if c != first)
        mark = "" if first is not None else "# "
        key = _toml_string(role) if ":" in role else role
        lines.append(
            f"{mark}{key} = {_toml_string(first or SPELLED.get(role, ''))}" + (f"  # ? {others}" if others else "  # ?")
        )
    return ("\n".join(_without_controls(line) for line in lines) + "\n").encode()


def _without_controls(text: str) -> str:
    """The text with a space for each control character."""
    return "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)


def _toml_string(text: str) -> str:
    # A basic string of TOML escapes what JSON does.
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")


def candidates(ranked: Sequence[tuple[float, str]]) -> tuple[str, ...]:
    """The names of the first few ranked columns."""
    return tuple(name for _, name in ranked[:MOST_CANDIDATES])


def count_notices(frame: pl.DataFrame, choices: Mapping[str, Choice]) -> int:
    """The number of elements with words and neither time nor sender; 0 where these are no exceptions."""
    if "sender" not in choices:
        return 0
    own = [pl.col(choices[r].column).is_null() for r in ("time", "sender")]
    count = int(frame.select((pl.all_horizontal(own) & pl.col(choices["text"].column).is_not_null()).sum()).item())
    return count if count <= FEW_NOTICES * frame.height else 0


def together(frame: pl.DataFrame, choices: Mapping[str, Choice]) -> int:
    """The number of rows with both time and text."""
    wanted = [choices[r].column for r in ("time", "text", "date") if r in choices]
    if not {"time", "text"} <= choices.keys():
        return 0
    gaps = [n for c in wanted if (n := frame[c].null_count())]
    if len(gaps) <= 1:
        return frame.height - sum(gaps)
    return int(frame.select(pl.all_horizontal(pl.col(c).is_not_null() for c in wanted).sum()).item())
