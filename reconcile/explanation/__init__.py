"""Why one row was judged as it was: factors, hypotheses, weights, alternatives.

Also what would change the decision.
"""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import CaseError, UsageError, reading_of_results
from reconcile.explanation.account_lines import account_of_row, causes_tried
from reconcile.outputs import load_manifest
from reconcile.vocabulary import Side
from reconcile.wording.sides import SIDES, row_name, row_named

_SHOWN = (
    "sent_at",
    "sent_raw",
    "sender",
    "sender_name",
    "party",
    "kind",
    "text",
    "message_id",
    "local_id",
    "amount",
    "media_hash",
    "status",
)
_FOUND = ("relation", "cause", "detail", "confidence", "similarity", "offset_seconds", "method")
Facts = dict[str, Any]


def explain(folder: Path, name: str) -> Facts:
    """What decided about one row of a result folder, as JSON values; `as_text` puts it in words.

    Everything is read from the results; nothing is compared again.

    Args:
        folder: results of `compare`.
        name: `left:123`, `right:123` (the row's number in that side's message table, from 1) or the row's locator.

    Raises:
        CaseNotFound: no finished comparison is there.
        CaseError: it was written with --no-messages or by an earlier version, or a file of it cannot be read.
        UsageError: no such row, or a locator that both sides have.
    """
    with reading_of_results(folder):
        return _explain_line(folder, name)


def _explain_line(folder: Path, name: str) -> Facts:
    """The explanation, with errors of the files as CaseError."""
    load_manifest(folder)
    if not (folder / "messages.parquet").is_file():
        raise CaseError(folder, f"{folder}: holds no messages.parquet; run compare without --no-messages first")
    if not (folder / "account.parquet").is_file():
        raise CaseError(folder, f"{folder}: holds no account.parquet; run compare again with this version")
    try:
        alignment = pl.scan_parquet(folder / "alignment.parquet")
        side, row = _find_row(alignment, name)
        line = alignment.filter(pl.col(f"{side}_row") == row).collect().row(0, named=True)
        here = pl.col("conversation") == line["conversation"]
        messages = pl.scan_parquet(folder / "messages.parquet").filter(here)
        account = pl.scan_parquet(folder / "account.parquet").filter((pl.col("side") == str(side)) & (pl.col("row") == row))  # fmt: skip
        found = account_of_row(account.collect().to_dicts(), line, side)
        tables = {t: pl.read_parquet(folder / f"{t}.parquet").filter(here) for t in ("gaps", "irregularities")}
        return _explanation_facts(side, row, line, found, messages, tables)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CaseError(folder, f"{folder}: a result file cannot be read ({error}); run compare again") from None


def _explanation_facts(
    side: Side, row: int, line: Facts, account: Facts, messages: pl.LazyFrame, tables: dict[str, pl.DataFrame]
) -> Facts:
    """All parts of the explanation as one JSON value."""
    gap = _gap_of(tables["gaps"], side, row)
    odd = tables["irregularities"].filter((pl.col("side") == str(side)) & (pl.col("row") == row))["reason"].to_list()
    other = row_named(account["other"]) if account["other"] else None
    return {
        "side": str(side), "row": row + 1, "locator": line[f"{side}_locator"], "conversation": line["conversation"],
        "message": _message_facts(messages, side, row), "found": {k: line[k] for k in _FOUND},
        "partner": row_name(side.other, line[f"{side.other}_row"]) if line[f"{side.other}_row"] is not None else None,
        "other_message": None if other is None else _message_facts(messages, Side(other[0]), other[1]),
        **account, "causes": causes_tried(line, gap), "irregular": odd,
        "not_excluded": gap["not_excluded"] if gap else [], "tests_not_possible": gap["tests_not_possible"] if gap else [],
    }  # fmt: skip


def _find_row(alignment: pl.LazyFrame, name: str) -> tuple[Side, int]:
    """Side and row of `left:N`, `right:N` or a locator."""
    place = row_named(name)
    if place is not None:
        side, number = place
        if alignment.filter(pl.col(f"{side}_row") == number).select(pl.len()).collect().item():
            return Side(side), number
    if name.partition(":")[0] in SIDES and name.partition(":")[2].isdigit():
        raise UsageError("ROW", f"{name}: no such row; rows of a side count from 1 in the order of its message table")
    held = [
        (s, r)
        for s in Side
        for r in alignment.filter(pl.col(f"{s}_locator") == name).select(f"{s}_row").collect()[f"{s}_row"].head(2)
    ]
    if len(held) == 1:
        return held[0]
    if held:
        which = ", ".join(row_name(s, r) for s, r in held)
        raise UsageError("ROW", f"{name}: stands for several rows ({which}); give one of these")
    raise UsageError(
        "ROW", f"{name}: no such row; expected left:NUMBER, right:NUMBER or a locator of alignment.parquet"
    )


def _message_facts(messages: pl.LazyFrame, side: Side, row: int) -> Facts:
    """The shown fields of a row that have a value."""
    found = messages.filter((pl.col("side") == str(side)) & (pl.col("row") == row)).collect()
    if found.is_empty():
        return {"side": str(side), "row": row + 1}
    facts = found.row(0, named=True)
    shown = {k: facts[k] for k in _SHOWN if facts.get(k) not in (None, "")}
    if "sent_at" in shown:
        shown["sent_at"] = shown["sent_at"].isoformat()
    return {"side": str(side), "row": row + 1, "locator": facts["locator"], **shown}


def _gap_of(gaps: pl.DataFrame, side: Side, row: int) -> Facts | None:
    """The gap that a one-sided row belongs to; None for other rows."""
    inside = gaps.filter(
        (pl.col("lacking") == str(side.other)) & (pl.col("first_row") <= row) & (pl.col("last_row") >= row)
    )
    return inside.row(0, named=True) if inside.height else None


__all__ = ["explain"]
