"""Text exports as lines and blocks: encodings told apart, whole columns, no message loop."""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.textfile import decode


def lines_of(source: Source, file: Path) -> tuple[pl.Series, list[Note]]:
    """The lines of a text file, without line ends or byte order mark, and notes on its encoding.

    Plain UTF-8 is never held as a whole; other encodings as `textfile.decode` tells them. Raises UnreadableSource for binary content.
    """
    head = source.head(file, 4096)
    if b"\x00" not in head:
        try:
            lines = pl.read_lines(file, glob=False)["line"]
            return _without_mark(lines), []
        except pl.exceptions.ComputeError:
            pass
        except OSError as error:
            raise UnreadableSource(source.path, f"{file}: cannot be read ({error})") from None
    text, notes = decode(source, source.relative(file), file.read_bytes())
    return split_lines(text), notes


def split_lines(text: str) -> pl.Series:
    """The lines of a text, without line ends."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return pl.Series("line", lines, dtype=pl.String).str.strip_suffix("\r")


def _without_mark(lines: pl.Series) -> pl.Series:
    if len(lines) and lines[0].startswith("\ufeff"):
        return lines.scatter(0, lines[0].removeprefix("\ufeff"))
    return lines


def blocks_of(lines: pl.Series, is_header: pl.Series) -> pl.DataFrame:
    """Columns line (1-based number of the header line), header, body (the lines up to the next header, joined).

    Lines before the first header are left out; trailing empty lines of a body stay, for the caller knows what ends a block.
    """
    frame = pl.DataFrame({"text": lines, "is_header": is_header}).with_row_index("line", offset=1)
    frame = frame.with_columns(pl.col("is_header").cum_sum().alias("block"))
    headers = frame.filter("is_header").select("line", "block", pl.col("text").alias("header"))
    bodies = (
        frame.filter(~pl.col("is_header") & (pl.col("block") > 0))
        .group_by("block", maintain_order=True)
        .agg(pl.col("text").str.join("\n").alias("body"))
    )
    joined = headers.join(bodies, on="block", how="left", maintain_order="left")
    return joined.select("line", "header", pl.col("body").fill_null(""))
