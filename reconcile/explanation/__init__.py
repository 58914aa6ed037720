"""Everything the comparison thought about one row: how it was placed, which rows of the other side came into question, which rules were tried."""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import CaseError, UsageError, reading_of_results
from reconcile.explanation.candidates import candidates_of
from reconcile.explanation.rerun import Rerun, match_again
from reconcile.explanation.rules import causes_tried, rules_tried, steps_tried
from reconcile.outputs import load_manifest
from reconcile.rates.calibration import evidence_class, right_share
from reconcile.settings import Settings
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
Facts = dict[str, Any]


def explain(folder: Path, name: str) -> Facts:
    """What the comparison in `folder` thought about one row, as values for JSON, rows numbered from 1; `as_text` puts it in words.

    The matching of the row's conversation runs once more on the messages saved with the results; what the run itself found is shown as
    it stands in alignment.parquet.

    Args:
        folder: results of `compare`.
        name: `left:123`, `right:123` (the row's number in that side's message table, from 1) or the row's locator.

    Raises:
        CaseNotFound: no finished comparison is there.
        CaseError: it was written with --no-messages, or a file of it cannot be read.
        UsageError: no such row, or a locator that both sides have.
    """
    with reading_of_results(folder):
        return _explained(folder, name)


def _explained(folder: Path, name: str) -> Facts:
    manifest = load_manifest(folder)
    if not (folder / "messages.parquet").is_file():
        raise CaseError(folder, f"{folder}: holds no messages.parquet; run compare without --no-messages first")
    try:
        alignment = pl.scan_parquet(folder / "alignment.parquet")
        side, row = _place(alignment, name)
        line = alignment.filter(pl.col(f"{side}_row") == row).collect().row(0, named=True)
        here = pl.col("conversation") == line["conversation"]
        lines = alignment.filter(here).collect()
        messages = pl.scan_parquet(folder / "messages.parquet").filter(here).collect()
        tables = {
            t: pl.read_parquet(folder / f"{t}.parquet").filter(here) for t in ("verdicts", "gaps", "irregularities")
        }
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CaseError(folder, f"{folder}: a result file cannot be read ({error}); run compare again") from None
    settings = Settings.model_validate(manifest.get("settings") or {})
    rerun = match_again(messages, tables["verdicts"], settings)
    return _told(side, row, line, lines, messages, tables, rerun, settings)


def _told(
    side: Side,
    row: int,
    line: Facts,
    lines: pl.DataFrame,
    messages: pl.DataFrame,
    tables: dict[str, pl.DataFrame],
    rerun: Rerun | None,
    settings: Settings,
) -> Facts:
    other = line[f"{side.other}_row"]
    gap = _gap(tables["gaps"], side, row)
    odd = tables["irregularities"].filter((pl.col("side") == str(side)) & (pl.col("row") == row))["reason"].to_list()
    return {
        "side": str(side), "row": row + 1, "locator": line[f"{side}_locator"], "conversation": line["conversation"], "message": _message(messages, side, row),
        "found": {k: line[k] for k in ("relation", "cause", "detail", "confidence", "similarity", "offset_seconds", "method")},
        "partner": None if other is None else _message(messages, side.other, other),
        "evidence": None if rerun is None else _evidence(line, rerun, side, row),
        "clock": None if rerun is None else rerun.clock,
        "pairing_rules": None if rerun is None else steps_tried(rerun, side, row, line, settings),
        "candidates": None if rerun is None else candidates_of(rerun, side, row, lines, settings),
        "set_aside_rules": rules_tried(line), "causes": causes_tried(line, gap), "irregular": odd,
        "not_excluded": gap["not_excluded"] if gap else [], "tests_not_possible": gap["tests_not_possible"] if gap else [],
    }  # fmt: skip


def _place(alignment: pl.LazyFrame, name: str) -> tuple[Side, int]:
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


def _message(messages: pl.DataFrame, side: Side, row: int) -> Facts:
    found = messages.filter((pl.col("side") == str(side)) & (pl.col("row") == row))
    if found.is_empty():
        return {"side": str(side), "row": row + 1}
    facts = found.row(0, named=True)
    shown = {k: facts[k] for k in _SHOWN if facts.get(k) not in (None, "")}
    if "sent_at" in shown:
        shown["sent_at"] = shown["sent_at"].isoformat()
    return {"side": str(side), "row": row + 1, "locator": facts["locator"], **shown}


def _gap(gaps: pl.DataFrame, side: Side, row: int) -> Facts | None:
    inside = gaps.filter(
        (pl.col("lacking") == str(side.other)) & (pl.col("first_row") <= row) & (pl.col("last_row") >= row)
    )
    return inside.row(0, named=True) if inside.height else None


def _evidence(line: Facts, rerun: Rerun, side: Side, row: int) -> Facts:
    """The class of evidence that the confidence stands for; `reproduced`: whether the rerun pairs the row as the run did."""
    pair = rerun.partner_of(side, row)
    again = None if pair is None else pair[0]
    confidence = pair[1] if pair is not None else 0.99
    of = pl.DataFrame([line | {"confidence": confidence}], infer_schema_length=1)
    kind = of.select(evidence_class()).item()
    return {"class": kind, "share_right": right_share(kind), "reproduced": again == line[f"{side.other}_row"]}


__all__ = ["explain"]
