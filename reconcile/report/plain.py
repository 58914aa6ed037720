"""A first plain report.html: the table of verdicts and every finding with both raw texts."""

from html import escape
from pathlib import Path

import polars as pl

from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from reconcile.wording import Lang

MOST_FINDINGS = 2000


def write(findings: Findings, readings: list[Reading], folder: Path, lang: Lang) -> None:
    """Writes report.html into the folder."""
    rows = "".join(
        f"<tr><td>{escape(v['conversation'])}<td>{v['grade']}<td>{v['agreements']}<td>{v['conflicts']}<td>{v['left_missing']}<td>{v['right_missing']}<td>{escape(', '.join(v['reasons']))}"
        for v in findings.verdicts.iter_rows(named=True)
    )
    found = findings.alignment.filter(
        pl.col("relation").cast(pl.String).is_in(["conflict", "one_sided", "doubtful"])
    ).head(MOST_FINDINGS)
    texts = [
        r.messages.select(pl.col("row").alias(f"{n}_row"), pl.col("text").alias(f"{n}_text"))
        for n, r in zip(("left", "right"), readings, strict=True)
    ]
    for table, name in zip(texts, ("left", "right"), strict=True):
        found = found.join(table, on=f"{name}_row", how="left", maintain_order="left")
    lines = "".join(
        f"<tr><td>{f['relation']}<td>{f['cause'] or ''}<td>{escape(f['left_text'] or '')}<td>{escape(f['right_text'] or '')}<td>{escape(f['left_locator'] or '')}<td>{escape(f['right_locator'] or '')}"
        for f in found.iter_rows(named=True)
    )
    page = f"<!doctype html><html lang={lang}><meta charset=utf-8><title>reconcile</title><table>{rows}</table><table>{lines}</table></html>"
    (folder / "report.html").write_text(page, "utf-8")
