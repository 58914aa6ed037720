"""The people and numbers in a case's messages that reports could mask."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.outputs import load_manifest
from reconcile.report.masking import NUMBER
from reconcile.wording.sides import SIDES

MOST_LISTED = 1000
_MAY_HOLD_NUMBER = r"[0-9][0-9 -]{6,}|@"


@dataclass(frozen=True, slots=True)
class Maskable:
    """What could be masked: people with names and row counts, and numbers with their counts."""

    people: list[dict[str, Any]]
    numbers: list[dict[str, Any]]


def maskable(folder: Path) -> Maskable:
    """The people and numbers of a finished comparison, most frequent first.

    Raises:
        OSError, PolarsError: its files are broken.
    """
    said = _said(folder)
    senders = said.group_by("sender", "sender_name").len("rows").collect()
    names: dict[str, dict[str, None]] = {}
    rows: dict[str, int] = {}
    for sender, name, count in senders.sort("rows", descending=True).iter_rows():
        key = sender or name
        if key:
            rows[key] = rows.get(key, 0) + count
            names.setdefault(key, {}).update(dict.fromkeys(n for n in (sender, name) if n))
    for key, others in (*_contacts(folder), *_owners(folder)):
        if key in names:
            names[key].update(dict.fromkeys(others))
    people = [{"names": list(names[key]), "rows": rows[key]} for key in sorted(names, key=lambda k: (-rows[k], k))]
    return Maskable(people[:MOST_LISTED], _numbers(said)[:MOST_LISTED])


def _said(folder: Path) -> pl.LazyFrame:
    """Who said what, in messages, in posts and beneath posts."""
    authors = {"sender": "sender", "sender_name": "sender_name"}, {"author": "sender", "author_name": "sender_name"}
    files = (("messages", authors[0]), ("posts", authors[1]), ("interactions", authors[1]))
    there = [
        (pl.scan_parquet(f, glob=False), names) for name, names in files if (f := folder / f"{name}.parquet").is_file()
    ]
    return pl.concat([frame.select(*names, "text").rename(names) for frame, names in there])


def _contacts(folder: Path) -> Iterable[tuple[str, list[str]]]:
    file = folder / "contacts.parquet"
    if not file.is_file():
        return
    listed = pl.read_parquet(file).select("id", "alias", "remark", "nickname", "phone").drop_nulls("id")
    for key, *others in listed.iter_rows():
        yield key, [name for name in others if name]


def _owners(folder: Path) -> Iterable[tuple[str, list[str]]]:
    inputs = load_manifest(folder).get("inputs") or {}
    for side in SIDES:
        owner = ((inputs.get(side) or {}).get("facts") or {}).get("owner") or {}
        if owner.get("id"):
            yield owner["id"], [owner[name] for name in ("alias", "name", "phone") if owner.get(name)]


def _numbers(messages: pl.LazyFrame) -> list[dict[str, Any]]:
    texts = messages.select("text").filter(pl.col("text").str.contains(_MAY_HOLD_NUMBER)).collect()["text"]
    counts: dict[str, int] = {}
    for text in texts:
        for number in NUMBER.findall(text):
            counts[number] = counts.get(number, 0) + 1
    return [{"number": n, "count": counts[n]} for n in sorted(counts, key=lambda n: (-counts[n], n))]
