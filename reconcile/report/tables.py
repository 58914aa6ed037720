"""All findings as plain tables for machines: CSV and JSON. Ids are text; a cell never becomes a formula."""

import polars as pl

from reconcile.frames import Findings
from reconcile.report.masking import Masker

_TEXT_FIELDS = ("sender", "sender_name", "text", "message_id", "amount", "media_hash", "file_name")


def finding_lines(findings: Findings, masker: Masker, zone: str) -> pl.LazyFrame:
    """Every line that is not an agreement equal in all that both sides state, with both rows' fields; not yet collected.

    Order: that of the alignment. Texts are raw but for masked names; times are local, with offset.
    """
    lines = (
        findings.alignment.lazy()
        .filter((pl.col("relation") != "agreement") | pl.col("cause").is_not_null())
        .with_columns(pl.col("relation", "cause").cast(pl.String))
    )
    for side in ("left", "right"):
        lines = lines.join(_rows(findings, side, zone), on=f"{side}_row", how="left", maintain_order="left")
    return lines.with_columns(*_masked(masker)) if masker.on else lines


def _rows(findings: Findings, side: str, zone: str) -> pl.LazyFrame:
    rows = findings.messages.lazy().filter(pl.col("side") == side)
    at = pl.col("sent_at").dt.convert_time_zone(zone).dt.to_string("%Y-%m-%dT%H:%M:%S%.f%:z").alias(f"{side}_sent_at")
    return rows.select(
        pl.col("row").alias(f"{side}_row"),
        at,
        pl.col("kind").cast(pl.String).alias(f"{side}_kind"),
        *(pl.col(name).alias(f"{side}_{name}") for name in _TEXT_FIELDS),
    )


def _masked(masker: Masker) -> list[pl.Expr]:
    exact = [f"{side}_{name}" for side in ("left", "right") for name in ("sender", "sender_name")] + ["conversation"]
    inside = [f"{side}_{name}" for side in ("left", "right") for name in ("text", "file_name")]
    return [
        *(pl.col(name).map_elements(masker.name, return_dtype=pl.String) for name in exact),
        *(pl.col(name).map_elements(masker.text, return_dtype=pl.String) for name in inside),
    ]
