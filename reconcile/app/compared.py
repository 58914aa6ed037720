"""A finished comparison: its verdicts, worst first, and the review page over it. Loads the libraries of columns, so that it is imported late."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
from starlette.applications import Starlette

from reconcile.app.cases import RESULT
from reconcile.errors import ReconcileError
from reconcile.review.app import build_app
from reconcile.review.store import CaseFolder
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say

MOST_VERDICTS = 500
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
    verdicts = [_verdict(row, index, folder.name_of(row), lang) for index, row in enumerate(rows[:MOST_VERDICTS])]
    return {"broken": False, "names": folder.names(lang), "verdicts": verdicts, "total": len(rows)}


def _verdict(row: dict[str, Any], index: int, name: str, lang: Lang) -> dict[str, Any]:
    told = {"index": index, "name": name, "grade": row["grade"], "grade_name": say(f"verdict.{row['grade']}", lang)}
    return told | {count: row[count] for count in COUNTS}
