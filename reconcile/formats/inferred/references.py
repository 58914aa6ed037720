"""Rows with what the rows of other tables say that they name by number or key."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint, is_called_a_name, is_of_core_data, words_of
from reconcile.intake.tables.cells import ROW

NUMBER = "__number__"
"""Column of the number under which a container itself keeps each row."""
# Most rows and columns of a table that others refer to, and most tables that a column is compared with.
_MOST_ROWS, _MOST_COLUMNS, _MOST_TABLES = 200_000, 40, 30
# Most columns of a row with those of the rows that it names.
_MOST_JOINED = 400
# Least share of the cells that another table must know; steps from a row to the rows that it names.
_KNOWN, _STEPS = 0.9, 2
# Columns of a list of accounts and names.
_PAIR = 2
# Least people of a list of them, and the longest name of a column that says nothing.
_SEVERAL, _BARE = 2, 2
# The longest word before the thing in the name of a table, as in `wx_user`, that says nothing.
_PREFIX = 3
# A number of rows is not much larger than the number of rows.
_SPARSE, _SOME = 10, 1_000
# Rows that show whether a column holds keys or names.
_LOOK = 200
_NOTHING, _PLURALS = ("", "0", "-1"), ("", "s", "es")
# The last words of the name of a column that refers to another table, and the roles of columns that may have any name.
_KEYS = frozenset(["id", "row", "rowid", "key", "pk", "fk", "no", "ref"])
_ROLES = ("sender", "receiver", "conversation")
PEOPLE = (
    "user", "member", "contact", "people", "participant", "sender", "person", "author", "profile", "handle",
    "成员", "联系人", "用户", "人员", "好友", "通讯录",
)  # fmt: skip
"""Words in the names of tables and lists of people."""
# Words in the names of columns that identify somebody.
_ACCOUNTS = frozenset(["id", "uin", "uid", "account", "username", "user", "wxid", "jid", "login", "identifier", "number", "phone", "email", "mid"])  # fmt: skip
_ACCOUNT = r"^(?:\+?[0-9]{5,}|[^\s@]+@[^\s@]+|[A-Za-z][0-9A-Za-z_-]{4,39})$"


@dataclass(frozen=True)
class Table:
    """A table that others may refer to; `declared`: column -> the table and the key that it names."""

    columns: Sequence[str]
    read: Callable[[], pl.DataFrame]
    declared: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    _values: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows as texts."""
        frame = self.read().head(_MOST_ROWS)
        return frame.select(pl.exclude(ROW, "^\\^.*$").cast(pl.String))

    @cached_property
    def keys(self) -> list[str]:
        """The columns with a different value in every row, those called a key first."""
        named = sorted((c for c in self.rows.columns if c != NUMBER), key=lambda c: not {*_words(c)[-1:]} & _KEYS)
        found = [c for c in (*named, NUMBER) if c in self.rows.columns and not self.rows[c].null_count()]
        return [c for c in found if not self.rows[c].is_duplicated().any()]

    def values(self, key: str) -> frozenset[str]:
        """The values of a key."""
        if key not in self._values:
            self._values[key] = frozenset(self.rows[key])
        return self._values[key]


def with_references(
    frame: pl.DataFrame, own: Sequence[str], tables: Mapping[str, Table]
) -> tuple[pl.DataFrame, set[str]]:
    """The frame with the columns of the rows that its cells name, and the tables of these.

    `own`: the tables that the rows are of. A column `user_id` gets columns such as `user_id.nick`. The number of a row is
    no identity, so that the account or the name that the row states takes its place.
    """
    used = set[str]()
    for column, name, key in [*_references(frame, own, tables)]:
        frame, used = _joined(frame, column, name, key, tables, _STEPS), used | {name}
    return frame, used


def with_names(found: list[Fields], people: Mapping[str, str]) -> list[Fields]:
    """The lists with the names that the document gives accounts, where no column has these names."""
    if len(people) < _SEVERAL:
        return found
    table = pl.DataFrame({"id": [*people], "name": [*people.values()]})
    tables = {PEOPLE[0]: table_of(table)}
    names = {*people.values()}
    return [
        f
        if any(_are_of(f.frame[n].head(_LOOK), names) for n in f.names)
        else replace(f, frame=with_references(f.frame, [], tables)[0])
        for f in found
    ]


def _are_of(cells: pl.Series, names: set[str]) -> bool:
    """Whether nearly all cells are of these names."""
    return cells.len() > 0 and sum(c in names for c in cells) > _KNOWN * cells.len()


def people_in(value: Any, levels: int = 4) -> dict[str, str]:
    """Account -> name of objects of names alone, or of objects of one name, below a word for people."""
    found: dict[str, str] = {}
    for key, inner in value.items() if isinstance(value, dict) and levels else ():
        if isinstance(inner, dict) and any(w in str(key).lower() for w in PEOPLE):
            told = {str(k): [*v.values()] if isinstance(v, dict) else [v] for k, v in inner.items()}
            is_map = len(told) >= _SEVERAL and all(
                len(v) == 1 and isinstance(v[0], str) and v[0] for v in told.values()
            )
            found |= {k: v[0] for k, v in told.items()} if is_map else {}
        found = people_in(inner, levels - 1) | found
    return found


def table_of(frame: pl.DataFrame) -> Table:
    """The table whose rows are those of a frame."""
    return Table(frame.columns, lambda: frame)


def _joined(
    frame: pl.DataFrame, column: str, name: str, key: str, tables: Mapping[str, Table], steps: int
) -> pl.DataFrame:
    other = tables[name].rows
    if steps > 1:
        for inner, table, its in [*_references(other, [name], tables)]:
            other = _joined(other, inner, table, its, tables, steps - 1)
    keys = other[key]
    stated = other.drop(NUMBER, key, strict=False)
    head = column.rpartition(".")[0] if column.rpartition(".")[2].lower() in _KEYS and "." in column else column
    if frame.width + stated.width > _MOST_JOINED:
        return frame
    told = frame.select(pl.col(column).alias(key)).join(
        stated.with_columns(keys).rename({c: f"{head}.{c}" for c in stated.columns}),
        on=key,
        how="left",
        maintain_order="left",
    )
    whole = told[key].alias(column)
    frame = frame.with_columns(
        told[c]
        for c in told.columns
        if c != key and c not in frame.columns and told[c].count() and not told[c].equals(whole)
    )
    if are_row_numbers(keys) and (shown := _identity_of(stated)) is not None:
        frame = frame.with_columns(told[f"{head}.{shown}"].alias(column))
        # A name is that of the account as well.
        frame = frame if is_called_a_name(shown) or hint(shown, "sender") > 0 else frame.drop(f"{head}.{shown}")
    return frame


def _references(frame: pl.DataFrame, own: Sequence[str], tables: Mapping[str, Table]) -> Iterator[tuple[str, str, str]]:
    """Each column that refers to another table, with the table and its key."""
    declared = tables[own[0]].declared if own and own[0] in tables else {}
    others = {t: one for t, one in tables.items() if t not in own and len(one.columns) <= _MOST_COLUMNS}
    called: dict[str, list[str]] = {}
    for table in sorted(others, key=len):
        called.setdefault(_words(table)[-1] if _words(table) else "", []).append(table)
    for column in frame.columns:
        if column in (ROW, NUMBER) or frame.schema[column] != pl.String or column.startswith("^"):
            continue
        name, key = declared.get(column, (None, None))
        if name in others:
            found = [(name, k) for k in [_key_of(frame[column], others[name], key, least=0.0)] if k]
        else:
            named = [(t, k) for t in _named_by(column, called, others) if (k := _key_of(frame[column], others[t]))]
            found = named[:1] or _of_people(frame[column], others)
            found = [
                (t, k) for t, k in found if _is_of_store(t, (column, *own)) or not are_row_numbers(others[t].rows[k])
            ]
        if len(found) == 1:
            yield column, *found[0]


def _of_people(cells: pl.Series, tables: Mapping[str, Table]) -> list[tuple[str, str]]:
    """The tables of people that know a column of people by its values, each with its key."""
    # A place or a letter says nothing of what a column holds.
    is_bare = cells.name.startswith("#") or (len(cells.name) <= _BARE and hint(cells.name, "id") <= 0)
    # The key of somebody, as in `who.ref`, is called by what stands before it.
    named = cells.name.rpartition(".")[0] if _words(cells.name)[-1:] and _words(cells.name)[-1] in _KEYS else ""
    is_told = any(hint(n, r) > 0 for n in (cells.name, named) if n for r in _ROLES)
    if hint(cells.name, "direction") > 0:
        return []
    listed = {t for t in [*tables][:_MOST_TABLES] if _lists_people(tables[t])}
    pairs = {t for t in [*tables][:_MOST_TABLES] if len(tables[t].columns) == _PAIR and not is_told}
    people = [t for t in tables if t in listed | pairs]
    found = [(t, k) for t in people if (k := _key_of(cells, tables[t]))]
    if not is_told:
        # Such a column holds all the people, and nobody else. Accounts need no name to be known, other than row numbers.
        held = {*cells}
        found = [
            (t, k)
            for t, k in found
            if (is_bare and t in listed and held == tables[t].values(k))
            or (not are_row_numbers(tables[t].rows[k]) and 1 < len(held) < cells.len() and held <= tables[t].values(k))
        ]
    return [(t, k) for t, k in found if _is_told(cells.name, t, tables[t].rows[k])]


def _key_of(cells: pl.Series, table: Table, told: str | None = None, least: float = _KNOWN) -> str | None:
    """The key of a table that a column holds; None where the table does not know its values."""
    keys = [k for k in table.keys if told is not None and k.lower() == told.lower()] or table.keys
    # The first cells show of most keys that these are others.
    first = {c for c in cells.head(_LOOK) if c and c not in _NOTHING}
    keys = [k for k in keys if first and len(first & table.values(k)) >= least * len(first)]
    if not keys or cells.len() <= _LOOK:
        return keys[0] if keys else None
    held = {*present(cells).unique()} - {*_NOTHING}
    return next((k for k in keys if len(held & table.values(k)) >= least * len(held)), None)


def _named_by(column: str, called: Mapping[str, Sequence[str]], tables: Iterable[str]) -> list[str]:
    """The tables whose rows a column such as `user_id` or `ZUSER` names, that of the thing itself first.

    `called`: the tables by the last word of their names, the shortest first.
    """
    if is_of_core_data(column):
        # In Core Data, the names of all tables begin with those of the store, and the shortest is that of the thing itself.
        ends = tuple(f"{column[1:].lower()}{s}" for s in _PLURALS)
        return sorted((t for t in tables if t.lower().endswith(ends)), key=len)
    words = _words(column)
    while words and words[-1] in _KEYS:
        words = words[:-1]
    return [t for s in _PLURALS for t in called.get(f"{words[-1]}{s}", ())] if words else []


@lru_cache(10_000)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters."""
    return tuple(w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[^\W\d_a-zA-Z]+", name))


def _lists_people(table: Table) -> bool:
    """Whether a table has a column of names or accounts, and none of times or words."""
    return any(is_called_a_name(c) or hint(c, "sender") > 0 for c in table.columns) and not any(
        hint(c, "text") >= 1 for c in table.columns
    )


def _is_of_store(table: str, names: Sequence[str]) -> bool:
    """Whether the words before the thing in a table's name, as in `t_user`, are short or in other names."""
    shared = {w for n in names for w in _words(n)}
    return is_of_core_data(table) or all(w in shared or len(w) <= _PREFIX for w in _words(table)[:-1])


def _is_told(column: str, table: str, keys: pl.Series) -> bool:
    """Whether a column refers to the table whose keys it holds: by row numbers only if both name people."""
    is_of_people = any(w in table.lower() for w in PEOPLE) and hint(column, "conversation") <= 0
    return is_of_people or not are_row_numbers(keys)


def are_row_numbers(keys: pl.Series) -> bool:
    """Whether keys are numbers that a table gives its rows, which mean nothing elsewhere."""
    if not all_contain(keys, "^[0-9]{1,18}$"):
        return False
    most = keys.cast(pl.Int64).max()
    return isinstance(most, int) and most < _SPARSE * keys.len() + _SOME


def _identity_of(rows: pl.DataFrame) -> str | None:
    """The column whose account, or else name, tells the rows apart; None where none does."""
    ranked = []
    for at, name in enumerate(rows.columns):
        cells = rows[name]
        if cells.null_count() or cells.is_duplicated().any() or not all_contain(cells, r"\S"):
            continue
        is_account = bool(words_of(name.rpartition(".")[2]) & _ACCOUNTS) and all_contain(cells, _ACCOUNT)
        if is_account or is_called_a_name(name) or hint(name, "sender") > 0 or hint(name, "conversation") > 0:
            # The shortest account has nothing around it.
            length = int(cells.str.len_chars().sum()) if is_account else 0
            ranked.append((not is_account, name.count("."), length, at, name))
    return min(ranked)[-1] if ranked else None
