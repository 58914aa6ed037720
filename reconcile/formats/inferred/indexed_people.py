"""Rows that name people by their place in a list of accounts elsewhere in the document."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint

_DEPTH = 4


def with_indexed_people(found: list[Fields], document: Any, people: Mapping[str, str]) -> list[Fields]:
    """The lists with accounts in place of the numbers under which the document lists these.

    Unchanged unless one list holds accounts of known people alone. One column alone holds its numbers in every row, and
    is called a sender or holds each of them.
    """
    indexes = list(_lists_of_accounts(document, people, _DEPTH)) if people else []
    return [_joined(f, indexes[0]) for f in found] if len(indexes) == 1 else found


def _lists_of_accounts(value: Any, people: Mapping[str, str], levels: int) -> Iterator[list[str]]:
    """The lists of several different accounts of known people."""
    if isinstance(value, dict) and levels:
        for inner in value.values():
            yield from _lists_of_accounts(inner, people, levels - 1)
    elif isinstance(value, list) and all(isinstance(v, str | int) for v in value):
        accounts = [str(v) for v in value]
        if 1 < len(accounts) == len({*accounts}) and people.keys() >= {*accounts}:
            yield accounts


def _joined(fields: Fields, accounts: list[str]) -> Fields:
    numbers = [str(i) for i in range(len(accounts))]
    columns = {n: fields.frame[n] for n in fields.names if fields.frame[n].is_in(numbers).all()}
    held = [
        n
        for n, c in columns.items()
        if not c.null_count() and c.n_unique() > 1 and (c.n_unique() == len(numbers) or hint(n, "sender") > 0)
    ]
    if len(held) != 1:
        return fields
    named = pl.col(held[0]).replace_strict(numbers, accounts, return_dtype=pl.String)
    return replace(fields, frame=fields.frame.with_columns(named))
