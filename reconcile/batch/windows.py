"""A conversation larger than memory: compared in overlapping windows of time, then joined."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from reconcile import temp_folders
from reconcile.batch.jobs import Job
from reconcile.batch.triage import amounts_of
from reconcile.batch.window_checks import (
    check_agreement,
    check_cut,
    check_ids,
    check_leftovers,
    check_reading,
    check_transfers,
    skew_of,
)
from reconcile.batch.window_cuts import (
    CannotSplit,
    Scan,
    Span,
    Window,
    offset_of,
    quiet_places,
    scan,
    scan_cells,
    windows,
)
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.confidence import confidence_of, expected_wrong
from reconcile.engine.content.forms import cut_at, spoken_lengths
from reconcile.engine.findings import verdicts_of
from reconcile.engine.graph.build import run_table, runs_of
from reconcile.engine.references.payments import is_answer
from reconcile.engine.verdict import COUNTS, Tally, judge, tallies
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.frames import Alignment, Findings
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.intake.source import Source, SourceFile
from reconcile.options import CaseOptions
from reconcile.parquet import system_errors
from reconcile.vocabulary import Kind, Relation
from reconcile.wechat.kind_classes import CLASS_OF, WORDS

_CLASSES = {str(kind): code for kind, code in CLASS_OF.items()}
_NAMED = (
    "conversation", "left_conversation", "right_conversation", "left_title", "right_title", "conversation_kind", "pairing",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Joined:
    """Joined results of windows: alignment and verdicts as of the undivided case.

    amounts: side, row, amount. files, rows, notes: of both sides.
    """

    alignment: pl.DataFrame
    verdicts: pl.DataFrame
    amounts: pl.DataFrame
    files: tuple[tuple[SourceFile, ...], tuple[SourceFile, ...]]
    rows: tuple[int, int]
    notes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """What counts of a window, and its lines around the next cut."""

    lines: pl.DataFrame
    shared: pl.DataFrame | None
    verdict: dict[str, object]
    amounts: pl.DataFrame
    transfers: pl.DataFrame
    notes: tuple[int, int]
    longest: tuple[tuple[int, int], ...]
    cut_at: tuple[int | None, ...]


def compare_in_windows(job: Job, options: CaseOptions, most_bytes: int) -> Joined:
    """The case from windows whose tables take at most `most_bytes`.

    Raises CannotSplit where the result might differ from that of the whole.
    """
    if any(job.addresses) or any(options.readers) or any(r.columns or r.owner or r.key for r in options.read):
        raise CannotSplit("a reading with options")
    if options.stated.conversations or options.error_rates:
        raise CannotSplit("a comparison with options")
    sources = [Source(p, r.limits) for p, r in zip((job.left, job.right), options.read, strict=True)]
    files = [_digests_with_sidecar(s) for s in sources]
    sides = [scan(p, r) for p, r in zip((job.left, job.right), options.read, strict=True)]
    if sides[0].senders != sides[1].senders:
        raise CannotSplit("the sides name their senders otherwise")
    rows = len(sides[0].t), len(sides[1].t)
    most_rows = int(most_bytes * sum(rows) / max(1, job.size))
    places = quiet_places(sides[0], sides[1], offset_of(sides[0], sides[1]))
    cut = list(windows(sides[0], sides[1], places, most_rows))
    check_ids(sides[0], sides[1], cut)
    first = _stands_first(sides[0], sides[1])
    parts: list[_Part] = []
    for before, window in zip([None, *cut], cut, strict=False):
        lines, part = _compare_window(window, sides, options, job.case, is_first=first)
        if before is not None and before.shared is not None:
            check_agreement(parts[-1].shared, _lines_in_span(lines, before.shared))
        shared = None if window.shared is None else _lines_in_span(lines, window.shared)
        parts.append(replace(part, lines=_lines_in_span(lines, window.kept), shared=shared))
    joined = _join_parts(parts, sides)
    for source, given in zip(sources, files, strict=True):
        source.verify_unchanged(given)
    notes = max(p.notes[0] for p in parts), max(p.notes[1] for p in parts)
    return Joined(*joined, (files[0], files[1]), rows, notes)


def _digests_with_sidecar(source: Source) -> tuple[SourceFile, ...]:
    """The digests of a table and its sidecar."""
    source.rest_on(source.path.with_suffix(".json"), is_statement=True)
    return (*source.digest(), *source.beside.values())


def _stands_first(left: Scan, right: Scan) -> bool:
    """Whether the left side comes first, as `mirror.stands_first` decides for the whole."""
    sizes = [(len(s.t), s.text_bytes) for s in (left, right)]
    if sizes[0] == sizes[1]:
        raise CannotSplit("two tables of one size")
    return sizes[0] < sizes[1]


def _compare_window(
    window: Window, sides: list[Scan], options: CaseOptions, case: str, *, is_first: bool
) -> tuple[pl.DataFrame, _Part]:
    """All lines of a window, and what the joined result needs from it."""
    with _window_tables(window.rows, sides) as paths:
        readings = [
            read(path, MessageTable.name, read_options) for path, read_options in zip(paths, options.read, strict=True)
        ]
    for reading in readings:
        check_reading(reading)
    found = compare_readings(readings[0], readings[1], options.settings, case, options.stated, is_first=is_first)
    if found.absent.height or found.verdicts.height != 1:
        raise CannotSplit("something speaks of other rows")
    notes = len(readings[0].notes), len(readings[1].notes)
    paid = [_kept_rows(f, window) for f in (amounts_of(found.messages, found.alignment), _transfers(found))]
    part = _Part(
        found.alignment.clear(),
        None,
        found.verdicts.row(0, named=True),
        paid[0],
        paid[1],
        notes,
        *_text_lengths(readings, window),
    )
    return _lines_of_whole(found, window.rows, sides), part


def _text_lengths(
    readings: list[Reading], window: Window
) -> tuple[tuple[tuple[int, int], ...], tuple[int | None, ...]]:
    """Length and number of each side's longest counted texts, and the length at which texts are cut."""
    longest, cuts = [], []
    for reading, rows, kept in zip(
        readings, (window.rows.left, window.rows.right), (window.kept.left, window.kept.right), strict=True
    ):
        spoken = reading.messages.filter(pl.col("kind").cast(pl.String).replace_strict(_CLASSES) == WORDS)
        cuts.append(cut_at(spoken_lengths(spoken["text"])))
        own = spoken.filter((pl.col("row") >= kept[0] - rows[0]) & (pl.col("row") < kept[1] - rows[0]))
        lengths = spoken_lengths(own["text"])
        most = lengths.max()
        longest.append((most, int((lengths == most).sum())) if isinstance(most, int) else (0, 0))
    return tuple(longest), tuple(cuts)


@contextmanager
def _window_tables(rows: Span, sides: list[Scan]) -> Iterator[list[Path]]:
    """The window's rows as temporary tables with sidecars."""
    with temp_folders.folder() as folder:
        paths = []
        for name, side, (start, stop) in zip("ab", sides, (rows.left, rows.right), strict=True):
            (folder / name).mkdir()
            path = folder / name / f"{side.path.stem}.parquet"
            with system_errors(path):
                scan_cells(side.path).slice(start, stop - start).sink_parquet(path, compression_level=1)
            sidecar = side.path.with_suffix(".json")
            if sidecar.is_file():
                shutil.copyfile(sidecar, path.with_suffix(".json"))
            paths.append(path)
        yield paths


def _lines_of_whole(found: Findings, rows: Span, sides: list[Scan]) -> pl.DataFrame:
    """The window's lines with the rows and locators of the whole.

    Their confidence is set once all windows are joined.
    """
    out: pl.DataFrame = found.alignment.with_columns(pl.lit(0.0).alias("confidence"))
    for name, side, start in (("left", sides[0], rows.left[0]), ("right", sides[1], rows.right[0])):
        row = (pl.col(f"{name}_row") + start).cast(pl.UInt32)
        out = out.with_columns(
            row.alias(f"{name}_row"), pl.format("{}#{}", pl.lit(side.path.name), row + 1).alias(f"{name}_locator")
        )
    return out


def _lines_in_span(lines: pl.DataFrame, span: Span) -> pl.DataFrame:
    """The lines within a span. Raises CannotSplit for a pair that crosses its ends."""
    left, right = (
        (pl.col(f"{n}_row") >= low) & (pl.col(f"{n}_row") < high)
        for n, (low, high) in (("left", span.left), ("right", span.right))
    )
    if bool(lines.select((left != right).any()).item()):
        raise CannotSplit("a pair crosses a cut")
    return lines.filter(pl.coalesce(left, right))


def _kept_rows(rows: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The rows (side, row, …) of a window that count, with the rows of the whole."""
    is_left = pl.col("side") == "left"
    start, low, high = (
        pl.when(is_left).then(pl.lit(a)).otherwise(pl.lit(b))
        for a, b in zip(
            (window.rows.left[0], *window.kept.left), (window.rows.right[0], *window.kept.right), strict=True
        )
    )
    placed = rows.with_columns((pl.col("row") + start).cast(pl.UInt32).alias("row"))
    return placed.filter((pl.col("row") >= low) & (pl.col("row") < high))


def _transfers(found: Findings) -> pl.DataFrame:
    """side, row, answers: the transfers, and whether each is a receipt, as in graph.payments."""
    paid = found.messages.filter(pl.col("kind").cast(pl.String) == str(Kind.TRANSFER))
    return paid.select(pl.col("side").cast(pl.String), "row", is_answer().alias("answers"))


def _join_parts(parts: list[_Part], sides: list[Scan]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Alignment, verdicts and amounts of the whole, once the checks hold."""
    lines = pl.concat([p.lines for p in parts])
    check_leftovers(lines, sides)
    one = lines.with_columns(pl.lit(0, dtype=pl.UInt32).alias("pair"))
    lines = lines.with_columns(confidence_of(one))
    check_cut([p.longest for p in parts], [p.cut_at for p in parts])
    check_transfers(pl.concat([p.transfers for p in parts]), lines)
    verdict = _joined_verdict([p.verdict for p in parts], lines, (len(sides[0].t), len(sides[1].t)))
    return frame_of(Alignment, lines), verdict, pl.concat([p.amounts for p in parts])


def _joined_verdict(told: list[dict[str, object]], lines: pl.DataFrame, rows: tuple[int, int]) -> pl.DataFrame:
    """The verdict of the whole from its lines, with facts from the windows where rows do not decide."""
    if any(t[c] != told[0][c] for t in told for c in _NAMED):
        raise CannotSplit("the windows differ about the parties")
    counts, causes = _count_lines(lines), {r: _causes_of(lines, r) for r in Relation}
    if not all(isinstance(t["skew_seconds"], float) for t in told):
        raise CannotSplit("a window without a pair")
    tally = Tally(
        pairing=str(told[0]["pairing"]), left_rows=rows[0], right_rows=rows[1], causes=causes[Relation.ONE_SIDED],
        conflict_causes=causes[Relation.CONFLICT], set_aside_causes=causes[Relation.SET_ASIDE], **counts,
    )  # fmt: skip
    grade, reasons = judge(tally)
    tests = sorted({n for t in told for n in t["tests_not_possible"]})  # type: ignore[attr-defined]
    bounds = expected_wrong(lines.with_columns(pl.lit(0, dtype=pl.UInt32).alias("pair"))).drop("pair")
    row = told[0] | dict.fromkeys(bounds.columns) | counts | (bounds.row(0, named=True) if bounds.height else {}) | {
        "left_rows": rows[0], "right_rows": rows[1], "grade": str(grade), "reasons": reasons, "tests_not_possible": tests,
        "not_stated_selectively": counts["unstated"], "skew_seconds": skew_of(lines), "coverage_to": told[-1]["coverage_to"],
    }  # fmt: skip
    return verdicts_of(pl.DataFrame([row], schema_overrides={"reasons": pl.List(pl.String), "tests_not_possible": pl.List(pl.String)}))  # fmt: skip


def _count_lines(lines: pl.DataFrame) -> dict[str, int]:
    """COUNTS over all lines, by the runs in which the engine counts them."""
    placed = lines.select(
        pl.lit(0, dtype=pl.UInt32).alias("pair"), pl.int_range(pl.len()).alias("at"), pl.lit(None, dtype=pl.Int64).alias("t"),
        "relation", "cause", "detail", "left_row", "right_row",
    )  # fmt: skip
    return tallies(run_table(runs_of(placed))).select(COUNTS).row(0, named=True)


def _causes_of(lines: pl.DataFrame, relation: Relation) -> tuple[str, ...]:
    """The distinct causes of the lines of one relation, sorted."""
    own = lines.filter(pl.col("relation").cast(pl.String) == str(relation))["cause"].cast(pl.String)
    return tuple(own.drop_nulls().unique().sort())


__all__ = ["CannotSplit", "Joined", "compare_in_windows"]
