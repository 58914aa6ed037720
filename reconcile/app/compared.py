"""A finished comparison: its verdicts, worst first, what could be masked, and its review page.

Import this module late: it loads polars.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import polars as pl
from starlette.applications import Starlette

from reconcile.app.cases import RESULT
from reconcile.app.commands import MASKS
from reconcile.app.errors import Refused
from reconcile.batch.jobs import find_jobs
from reconcile.custody.atomic_folder import writing
from reconcile.errors import ReconcileError
from reconcile.outputs import load_manifest
from reconcile.report.masking import NUMBER
from reconcile.review.app import build_app
from reconcile.review.marks import MarkShelf
from reconcile.review.store import CaseFolder
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say
from reconcile.wording.sides import SIDES, row_name

MOST_VERDICTS, MOST_SCORED = 500, 2000
BATCH_COUNTS = ("conflicts", "left_missing", "right_missing", "doubtful")
COUNTS = ("agreements", "conflicts", "doubtful", "left_missing", "right_missing", "set_aside", "referenced_absent")


def review_over(place: Path, lang: Lang, exports: Mapping[Side, Path]) -> Starlette:
    """The review page over a case's finished comparison. Raises ReconcileError."""
    home = f"../../#case={quote(place.name)}&page=compare"
    return build_app(CaseFolder(place / RESULT), lang, exports, home=home)


def result_shown(place: Path, lang: Lang) -> dict[str, Any]:
    """Names of the sides and verdicts of a finished comparison, worst first; None = not finished."""
    try:
        folder = CaseFolder(place / RESULT)
        rows = folder.verdicts
    except (ReconcileError, pl.exceptions.PolarsError):
        return {"broken": True, "names": {}, "verdicts": [], "total": 0}
    verdicts = [_verdict_row(row, index, folder.name_of(row), lang) for index, row in enumerate(rows[:MOST_VERDICTS])]
    return {"broken": False, "names": folder.names(lang), "verdicts": verdicts, "total": len(rows)}


def _verdict_row(row: dict[str, Any], index: int, name: str, lang: Lang) -> dict[str, Any]:
    """One verdict as the page shows it."""
    shown = {"index": index, "name": name, "grade": row["grade"], "grade_name": say(f"verdict.{row['grade']}", lang)}
    return shown | {count: row[count] for count in COUNTS}


def masked_rows(place: Path) -> list[str]:
    """The rows that reviewers marked for masking, by name. Raises Refused if the marks cannot be read."""
    marks = MarkShelf(CaseFolder(place / RESULT)).of_run()
    return [row_name(side, row) for mark in marks if mark.is_masked for side, row in mark.rows]


def maskable_shown(place: Path) -> dict[str, Any]:
    """People and numbers that could be masked, the last choice, and the number of marked rows.

    Raises:
        ReconcileError: the results cannot be read.
    """
    found = maskable(place / RESULT)
    try:
        chosen = orjson.loads((place / MASKS).read_bytes())
    except (OSError, ValueError):
        chosen = {}
    return {
        "people": found.people,
        "numbers": found.numbers,
        "rows": len(masked_rows(place)),
        "chosen": {name: chosen.get(name, []) for name in ("people", "numbers")},
    }


def scored_disputes(folder: Path, lang: Lang) -> list[dict[str, Any]]:
    """The cases of a batch, highest score first; none if it wrote no table."""
    try:
        cases = pl.read_parquet(folder / "cases.parquet").sort(["score", "case"], descending=[True, False])
    except (OSError, pl.exceptions.PolarsError):
        return []
    wanted = cases.head(MOST_SCORED).select("case", "score", "grade", "amount_at_stake", *BATCH_COUNTS)
    return [row | {"grade_name": say(f"verdict.{row['grade']}", lang)} for row in wanted.iter_rows(named=True)]


def disputes_in(disputes: Path, folder: Path, called: str) -> tuple[Path, Path, Path | None]:
    """Both exports of a batch's dispute, and the folder of its results (None = none). Raises Refused."""
    job = next((j for j in find_jobs(disputes) if j.case == called), None)
    if job is None or job.left is None or job.right is None:
        raise Refused("path_not_there", 404)
    try:
        rows = pl.read_parquet(folder / "cases.parquet").filter(pl.col("case") == called)["folder"].to_list()
    except (OSError, pl.exceptions.PolarsError):
        rows = []
    result = folder / rows[0] if rows and rows[0] else None
    is_there = result is not None and (result / "manifest.json").is_file() and result.is_relative_to(folder)
    return job.left.resolve(), job.right.resolve(), result if is_there else None


def take_result(result: Path, place: Path) -> None:
    """Copies the results of a batch into a case, so that reviewers' decisions are stored with the case."""
    with writing(place, overwrite=False) as draft:
        shutil.copytree(result, draft, dirs_exist_ok=True)


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
    said = _texts_with_authors(folder)
    senders = said.group_by("sender", "sender_name").len("rows").collect()
    names: dict[str, dict[str, None]] = {}
    rows: dict[str, int] = {}
    for sender, name, count in senders.sort("rows", descending=True).iter_rows():
        key = sender or name
        if key:
            rows[key] = rows.get(key, 0) + count
            names.setdefault(key, {}).update(dict.fromkeys(n for n in (sender, name) if n))
    for key, others in (*_contact_names(folder), *_owner_names(folder)):
        if key in names:
            names[key].update(dict.fromkeys(others))
    people = [{"names": list(names[key]), "rows": rows[key]} for key in sorted(names, key=lambda k: (-rows[k], k))]
    return Maskable(people[:MOST_LISTED], _long_numbers(said)[:MOST_LISTED])


def _texts_with_authors(folder: Path) -> pl.LazyFrame:
    """Who said what, in messages, in posts and beneath posts."""
    authors = {"sender": "sender", "sender_name": "sender_name"}, {"author": "sender", "author_name": "sender_name"}
    files = (("messages", authors[0]), ("posts", authors[1]), ("interactions", authors[1]))
    there = [
        (pl.scan_parquet(f, glob=False), names) for name, names in files if (f := folder / f"{name}.parquet").is_file()
    ]
    return pl.concat([frame.select(*names, "text").rename(names) for frame, names in there])


def _contact_names(folder: Path) -> Iterable[tuple[str, list[str]]]:
    """Account and names of each contact."""
    file = folder / "contacts.parquet"
    if not file.is_file():
        return
    listed = pl.read_parquet(file).select("id", "alias", "remark", "nickname", "phone").drop_nulls("id")
    for key, *others in listed.iter_rows():
        yield key, [name for name in others if name]


def _owner_names(folder: Path) -> Iterable[tuple[str, list[str]]]:
    """Account and names of the owner of each export."""
    inputs = load_manifest(folder).get("inputs") or {}
    for side in SIDES:
        owner = ((inputs.get(side) or {}).get("facts") or {}).get("owner") or {}
        if owner.get("id"):
            yield owner["id"], [owner[name] for name in ("alias", "name", "phone") if owner.get(name)]


def _long_numbers(messages: pl.LazyFrame) -> list[dict[str, Any]]:
    """Telephone, card and identity numbers in the texts, with counts, most frequent first."""
    texts = messages.select("text").filter(pl.col("text").str.contains(_MAY_HOLD_NUMBER)).collect()["text"]
    counts: dict[str, int] = {}
    for text in texts:
        for number in NUMBER.findall(text):
            counts[number] = counts.get(number, 0) + 1
    return [{"number": n, "count": counts[n]} for n in sorted(counts, key=lambda n: (-counts[n], n))]
