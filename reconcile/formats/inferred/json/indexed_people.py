"""Names of people, and of columns, that a list elsewhere in the document gives to places in it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.references import PEOPLE

# How deep such a list may lie; what columns of messages are called, and the least of these in a list of names.
_DEPTH, _ROLES, _SEVERAL = 4, ("time", "sender", "text"), 2
# The longest name of a column that says nothing.
_SAYS_NOTHING = 2


def with_indexed_people(found: list[Fields], document: Any, people: Mapping[str, str]) -> list[Fields]:
    """The lists with accounts or names in place of the numbers under which the document lists these.

    Unchanged unless one list holds nothing but people: accounts of known ones, or names under a word for people. One
    column alone holds its numbers in every row, and is called a sender or by a letter where the list is not of accounts.
    """
    indexes = list(_lists_of_people("", document, people, _DEPTH))
    return [_joined(f, *indexes[0]) for f in found] if len(indexes) == 1 else found


def with_names_of_places(fields: Fields, heads: Mapping[str, Mapping[str, Any]]) -> Fields:
    """The fields with the names that a list above the rows gives their places, where there is one."""
    places = fields.names
    if not all(n.startswith("#") for n in places):
        return fields
    lists = [v for head in heads.values() for v in head.values() if isinstance(v, list) and len(v) == len(places)]
    named = [v for v in lists if all(isinstance(n, str) for n in v) and len({*v}) == len(v)]
    told = [v for v in named if sum(any(hint(n, role) >= 1 for n in v) for role in _ROLES) >= _SEVERAL]
    return replace(fields, frame=fields.frame.rename(dict(zip(places, told[0], strict=True)))) if told else fields


def _lists_of_people(key: Any, value: Any, people: Mapping[str, str], levels: int) -> Iterator[tuple[list[str], bool]]:
    """The lists of several different people, and whether these are known accounts."""
    if isinstance(value, dict) and levels:
        for inner_key, inner in value.items():
            yield from _lists_of_people(inner_key, inner, people, levels - 1)
    elif isinstance(value, list):
        named = [v.get("name") if isinstance(v, dict) else v for v in value]
        told = [str(v) for v in named if isinstance(v, str | int)]
        is_known = people.keys() >= {*told}
        if 1 < len(value) == len({*told}) and (is_known or any(w in str(key).lower() for w in PEOPLE)):
            yield told, is_known


def _joined(fields: Fields, told: list[str], is_known: bool) -> Fields:
    """The fields with people in place of their numbers in the one column that holds these."""
    # Where somebody is silent, the first number may be 0 or 1.
    ways = [dict(zip(map(str, range(i, i + len(told))), told, strict=True)) for i in (0, 1)]
    held = {n: way for n in fields.names for way in ways if {*fields.frame[n]} == way.keys()}
    called = [n for n in held if hint(n, "sender") > 0]
    # A name of a letter or two says nothing, and nothing against it.
    numbered = called or [n for n in held if is_known or len(n) <= _SAYS_NOTHING]
    if len(numbered) != 1:
        return fields
    people = pl.col(numbered[0]).replace_strict(held[numbered[0]], return_dtype=pl.String)
    return replace(fields, frame=fields.frame.with_columns(people))
