"""All findings as plain tables for programs. Ids are text, and no cell becomes a formula."""

from io import BytesIO

import polars as pl

from reconcile.frames import Findings
from reconcile.report.masking import Masker
from reconcile.report.model import ReportData
from reconcile.report.visible import shown_column
from reconcile.wording.sides import explain_command

_TEXT_FIELDS = ("sender", "sender_name", "text", "message_id", "amount", "media_hash", "file_name")
_SIDES = ("left", "right")
# A spreadsheet reads a cell that begins like this as a formula. East Asian ones accept full-width signs too.
_FORMULA = r"^[\s\x{200b}\x{feff}]*[=+\-@\t\r\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"


def finding_lines(findings: Findings, masker: Masker, zone: str, explained_in: str | None) -> pl.LazyFrame:
    """Every line except agreements without a cause, with both rows' fields; not yet collected.

    In the order of the alignment. Texts are raw except for masked names; times are local, with offset; rows count from
    1. `explain` is the command that explains the line's row; null for posts.
    """
    lines = (
        findings.alignment.lazy()
        .filter((pl.col("relation") != "agreement") | pl.col("cause").is_not_null())
        .with_columns(pl.col("relation", "cause").cast(pl.String))
    )
    for side in _SIDES:
        lines = lines.join(_side_rows(findings, side, zone), on=f"{side}_row", how="left", maintain_order="left")
        # A post's row is that of the post table.
        lines = lines.with_columns(pl.coalesce(f"{side}_post_row", f"{side}_row").add(1).alias(f"{side}_row"))
    command = (
        pl.lit(None, pl.String)
        if explained_in is None
        else pl.lit(explain_command(explained_in, "")) + _row_reference()
    )
    explained = lines.with_columns(command.alias("explain")).drop(f"{side}_post_row" for side in _SIDES)
    return explained.with_columns(*_masked_columns(masker)) if masker.on else explained


def _row_reference() -> pl.Expr:
    """The name of a line's row, left first; null for posts."""
    names = [
        pl.when(pl.col(f"{side}_post_row").is_null()).then(pl.format("{}:{}", pl.lit(side), pl.col(f"{side}_row")))
        for side in _SIDES
    ]
    return pl.coalesce(names)


def gap_lines(findings: Findings, masker: Masker, zone: str) -> pl.LazyFrame:
    """Every run of one-sided rows, with local times; not yet collected."""
    at = [_local_text(pl.col(name), zone).alias(name) for name in ("from_at", "to_at")]
    lines = findings.gaps.lazy().with_columns(pl.col("lacking", "cause").cast(pl.String), *at)
    if not masker.on:
        return lines
    return lines.with_columns(pl.col("conversation").map_elements(masker.name, return_dtype=pl.String))


def findings_csv(data: ReportData) -> bytes:
    """findings.csv: UTF-8 with a byte order mark, so that spreadsheets read it right.

    A text that a spreadsheet would read as a formula gets an apostrophe in front; messages.parquet holds it unchanged.
    """
    frame = shown_frame(data.lines.drop(f"{side}_time_precision" for side in _SIDES).collect())
    texts = [c for c in frame.columns if frame[c].dtype == pl.String and not c.endswith("_sent_at")]
    guarded = frame.with_columns(
        pl.when(pl.col(c).str.contains(_FORMULA)).then(pl.lit("'") + pl.col(c)).otherwise(pl.col(c)).alias(c)
        for c in texts
    )
    out = BytesIO()
    guarded.write_csv(out, include_bom=True, quote_style="non_numeric")
    return out.getvalue()


def shown_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with invisible characters in its texts made visible."""
    return frame.with_columns(shown_column(frame[c]).alias(c) for c in frame.columns)


def _side_rows(findings: Findings, side: str, zone: str) -> pl.LazyFrame:
    """The fields of one side's messages, each column named for the side."""
    rows = findings.messages.lazy().filter(pl.col("side") == side)
    is_there = "post_row" in findings.messages.columns
    post_row = pl.col("post_row") if is_there else pl.lit(None, pl.UInt32)
    return rows.select(
        post_row.alias(f"{side}_post_row"),
        pl.col("row").alias(f"{side}_row"),
        _local_text(pl.col("sent_at"), zone).alias(f"{side}_sent_at"),
        pl.col("time_precision").cast(pl.String).alias(f"{side}_time_precision"),
        pl.col("kind").cast(pl.String).alias(f"{side}_kind"),
        *(pl.col(name).alias(f"{side}_{name}") for name in _TEXT_FIELDS),
    )


def _local_text(at: pl.Expr, zone: str) -> pl.Expr:
    """Local time as ISO text with offset."""
    return at.dt.convert_time_zone(zone).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")


def _masked_columns(masker: Masker) -> list[pl.Expr]:
    """The columns with names, numbers and places masked."""
    exact = [f"{side}_{name}" for side in _SIDES for name in ("sender", "sender_name")] + ["conversation"]
    inside = [f"{side}_{name}" for side in _SIDES for name in ("text", "file_name")]
    places = [f"{side}_locator" for side in _SIDES]
    return [
        *(pl.col(name).map_elements(masker.place, return_dtype=pl.String) for name in places),
        *(pl.col(name).map_elements(masker.name, return_dtype=pl.String) for name in exact),
        *(pl.col(name).map_elements(masker.text, return_dtype=pl.String) for name in inside),
    ]
