"""Builds Findings from lines: runs, gaps, causes and verdicts by the graph, and locators of rows."""

from collections import defaultdict

import dataframely as dy
import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.compared import Aligned, Compared, located
from reconcile.engine.confidence import confidence_of, expected_wrong
from reconcile.engine.entities.stated_people import BY_CONTENT, SHARED
from reconcile.engine.graph.build import edges_of, run_table, runs_of, whole_graph
from reconcile.engine.graph.gaps import GapCause, SideFacts, explain_gaps, facts_of
from reconcile.engine.graph.irregular import irregular_rows
from reconcile.engine.references import JudgedReferences, absent_frame, judge_references
from reconcile.engine.references.distinct import counted_absent
from reconcile.engine.relations import CAUSE
from reconcile.engine.verdict import CLOCK_COUNTS, COUNTS, judged, tallies
from reconcile.frames import Findings, Gaps, Irregularities, Verdicts
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.parallel import run_both_sides, run_together
from reconcile.vocabulary import Cause, NoteCode, Relation, Side
from reconcile.wechat.kind_classes import SYSTEM


def assemble(compared: Compared, lines: pl.DataFrame) -> Findings:
    """The Findings of one comparison.

    Many comparisons in one pass get alignment, verdicts, absent and runs; the rest stays empty.
    """
    each = compared.each
    sides = ((compared.aligned.left, compared.left), (compared.aligned.right, compared.right))
    height = compared.aligned.left.height + compared.aligned.right.height
    readings = {Side.LEFT: compared.left, Side.RIGHT: compared.right}

    def judge_rows() -> tuple[list[pl.DataFrame], JudgedReferences]:
        """Irregular rows of both sides, and judged references."""
        odd = run_both_sides(lambda side: irregular_rows(*sides[side], each=each), height)
        return odd, judge_references(compared.aligned, readings, compared.pairs, lines, each=each)

    def build_runs() -> tuple[pl.DataFrame, pl.DataFrame]:
        """Runs of lines, and the table of runs."""
        runs = runs_of(lines)
        return runs, run_table(runs)

    (odd, refs), (runs, table) = run_together(judge_rows, build_runs, height)
    facts = _facts_by_side(lines, sides, each=each)
    names = compared.pairs.select("pair", pl.col("name").alias("conversation"))

    nodes, edges = (table, edges_of(table)) if each else whole_graph(table, runs, refs.speaking, refs.absent)

    def explain() -> tuple[pl.DataFrame, dict[int, GapCause]]:
        """Counts of the nodes, and the cause of each gap."""
        return tallies(nodes), explain_gaps(nodes, edges, facts)

    # Gaps are asked one by one, which keeps the interpreter busy: columns do not need it.
    (counts, causes), rows = run_together(explain, lambda: located(runs, compared, names), height)
    caused = _row_causes(runs, causes, odd, refs)
    caused = caused.with_columns(confidence_of(caused.with_columns(rows.lines["offset_seconds"])))
    absent = absent_frame(refs, names, compared.case)
    verdicts = _verdicts(counts, table, caused, causes, compared, counted_absent(refs.absent), rows.spans)
    alignment = rows.alignment(caused)
    if each:
        nothing = frame_of(Gaps), frame_of(Irregularities)
        return Findings(alignment, verdicts, nothing[0], absent, nothing[1], rows.messages, table, {})
    return Findings(
        alignment=alignment,
        verdicts=verdicts,
        gaps=_gaps(caused, causes, compared, names),
        absent=absent,
        irregularities=_irregularities(odd, compared, names),
        messages=rows.messages,
        runs=nodes.join(names, on="pair", how="left", maintain_order="left").drop("cause"),
        error_rates={},
        edges=edges,
    )


def _facts_by_side(
    lines: pl.DataFrame, sides: tuple[tuple[pl.DataFrame, Reading], tuple[pl.DataFrame, Reading]], *, each: bool
) -> dict[Side, SideFacts]:
    """What the gaps of each side need: its numbering and times, for conversations with one-sided rows."""
    pairs = lines["pair"].filter(lines["relation"] == "one_sided").unique().drop_nulls().sort().to_list()
    height = sum(rows.height for rows, _ in sides)
    found = run_both_sides(lambda side: facts_of(sides[side][0], pairs, sides[side][1], each=each), height)
    return dict(zip(Side, found, strict=True))


def _row_causes(
    runs: pl.DataFrame,
    causes: dict[int, GapCause],
    odd: list[pl.DataFrame],
    refs: JudgedReferences,
) -> pl.DataFrame:
    """The lines with the cause of every one-sided row.

    The first that applies: a reference by the lacking side, the cause of its gap, an irregularity of the row itself;
    otherwise unexplained.
    """
    table = pl.DataFrame(
        [(r, str(c.cause)) for r, c in causes.items()], schema={"run": pl.UInt32, "gap_cause": CAUSE}, orient="row"
    )
    one = (runs["relation"] == str(Relation.ONE_SIDED)).arg_true()
    if one.is_empty():
        return runs
    alone = runs[["run", "left_row", "right_row"]][one]
    alone = alone.join(table, on="run", how="left", maintain_order="left")
    told, is_odd = pl.lit(value=False), pl.lit(value=False)
    for side, name in enumerate(("left", "right")):
        row = pl.col(f"{name}_row")
        told |= row.is_in(listed(refs.told[Side(name)])).fill_null(value=False)
        is_odd |= row.is_in(listed(odd[side]["row"].drop_nulls())).fill_null(value=False)
    cause = (
        pl.when(told).then(pl.lit(str(Cause.REFERENCED), CAUSE))
        .when(pl.col("gap_cause").is_in([str(Cause.ID_GAP), str(Cause.SYNC_GAP)])).then("gap_cause")
        .when(is_odd).then(pl.lit(str(Cause.IRREGULAR), CAUSE))
        .otherwise(pl.lit(str(Cause.UNEXPLAINED), CAUSE))
    )  # fmt: skip
    return runs.with_columns(runs["cause"].scatter(one, alone.select(cause.alias("cause"))["cause"]))


def _gaps(
    lines: pl.DataFrame, causes: dict[int, GapCause], compared: Compared, names: pl.DataFrame
) -> dy.DataFrame[Gaps]:
    """One row per run of one-sided rows; if its rows have different causes, the best supported one."""
    alone = lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    if alone.is_empty():
        return frame_of(Gaps)
    rank = {
        str(c): i
        for i, c in enumerate((Cause.REFERENCED, Cause.ID_GAP, Cause.SYNC_GAP, Cause.IRREGULAR, Cause.UNEXPLAINED))
    }
    held = [name for name in ("left", "right") if alone[f"{name}_row"].count()]
    rows = pl.concat([_with_row_facts(alone, compared, name) for name in held]).sort("run", "at")
    told = rows.lazy()
    grouped = told.with_columns(pl.col("cause").replace_strict(rank, return_dtype=pl.UInt8)).group_by("run", maintain_order=True).agg(
        pl.col("pair").first(), pl.col("lacking").first(), pl.col("row").min().alias("first_row"), pl.col("row").max().alias("last_row"), pl.len().alias("rows"),
        pl.col("sent_at").min().alias("from_at"), pl.col("sent_at").max().alias("to_at"), pl.col("cause").min(),
    )  # fmt: skip
    # Lists and distinct counts are built from distinct values. Nearly every run is one row, and a group costs more than a row.
    kinds = told.select("run", pl.col("kind").cast(pl.String).alias("kinds")).unique().sort("run", "kinds")
    authors = told.select("run", "who").unique().group_by("run").len("authors")
    grouped = (
        grouped.with_columns(pl.col("cause").replace_strict({i: c for c, i in rank.items()}, return_dtype=pl.String))
        .join(kinds.group_by("run", maintain_order=True).agg("kinds"), on="run", how="left", maintain_order="left")
        .join(authors, on="run", how="left", maintain_order="left")
    )
    out = grouped.join(_left_open(causes).lazy(), on="run", how="left", maintain_order="left").join(
        names.lazy(), on="pair", how="left", maintain_order="left"
    )
    out = out.with_columns(
        pl.lit(compared.case).alias("case"), pl.int_range(1, pl.len() + 1).over("conversation").alias("gap")
    )
    return frame_of(Gaps, out.sort("conversation", "gap").pipe(collected))


def _left_open(causes: dict[int, GapCause]) -> pl.DataFrame:
    """run, not_excluded, tests_not_possible of every gap."""
    return pl.DataFrame([
        pl.Series("run", list(causes), dtype=pl.UInt32), _list_column([c.not_excluded for c in causes.values()]).alias("not_excluded"),
        _list_column([c.tests_not_possible for c in causes.values()]).alias("tests_not_possible"),
    ])  # fmt: skip


def _list_column(words: list[tuple[str, ...]]) -> pl.Series:
    """A column of these lists. Few of them differ, so each is built once."""
    places = {w: at for at, w in enumerate(dict.fromkeys(words))}
    distinct = pl.Series([list(w) for w in places], dtype=pl.List(pl.String))
    return distinct[pl.Series([places[w] for w in words], dtype=pl.UInt32)]


def _with_row_facts(alone: pl.DataFrame, compared: Compared, name: str) -> pl.DataFrame:
    """One-sided rows of one side with time, kind and sender."""
    reading = compared.left if name == "left" else compared.right
    rows = alone.filter(pl.col(f"{name}_row").is_not_null()).select(
        "run", "pair", "at", "cause", pl.col(f"{name}_row").alias("row")
    )
    facts = reading.messages.select(pl.col("sent_at", "kind", "sender", "is_self").gather(rows["row"])).select(
        "sent_at",
        "kind",
        pl.coalesce(pl.col("sender"), pl.col("is_self").cast(pl.String)).fill_null("").alias("who"),
    )
    return pl.concat([rows, facts], how="horizontal").with_columns(
        pl.lit("right" if name == "left" else "left").alias("lacking")
    )


def _verdicts(
    counts: pl.DataFrame,
    runs: pl.DataFrame,
    lines: pl.DataFrame,
    causes: dict[int, GapCause],
    compared: Compared,
    absent_counts: dict[int, int],
    spans: pl.DataFrame,
) -> dy.DataFrame[Verdicts]:
    """One verdict per conversation; `counts` are verdict.tallies."""
    if compared.pairs.is_empty():
        return frame_of(Verdicts)
    tests = _tests_not_possible(causes, runs, lines, compared.aligned)
    unread = sum(n.code is NoteCode.FILE_UNREAD for r in (compared.left, compared.right) for n in r.notes)
    table = (
        compared.pairs.lazy()
        .join(_pair_facts(lines, compared, spans), on="pair", how="left", maintain_order="left")
        .join(counts.lazy(), on="pair", how="left", maintain_order="left")
        .with_columns(pl.col("left_rows", "right_rows", *COUNTS).fill_null(0))
        .with_columns(pl.col("pair").replace_strict(absent_counts, default=0, return_dtype=pl.Int64).alias("referenced_absent"), pl.lit(unread).alias("files_unread"))
        .join(_clock_segments(compared).lazy(), on="pair", how="left", maintain_order="left")
        .join(expected_wrong(lines).lazy(), on="pair", how="left", maintain_order="left")
        .with_columns(pl.col(*CLOCK_COUNTS).fill_null(0), pl.col("clock_segments").fill_null(pl.lit([], dtype=Verdicts.clock_segments.dtype)))
        .pipe(collected)
    )  # fmt: skip
    frame = table.with_columns(
        pl.col("name").alias("conversation"), pl.col("kind").alias("conversation_kind"), pl.lit(compared.case).alias("case"),
        *judged(table),
        _list_column([tuple(sorted(tests.get(pair, ()))) for pair in table["pair"]]).alias("tests_not_possible"),
    )  # fmt: skip
    frame = frame.with_columns(pl.col("unstated").alias("not_stated_selectively")).sort("conversation")
    return verdicts_of(frame)


def verdicts_of(frame: pl.DataFrame) -> dy.DataFrame[Verdicts]:
    """The verdicts with empty conversation keys kept.

    An empty key is that of an export which is one conversation; only null says that a side has none.
    """
    keys = frame[["left_conversation", "right_conversation"]]
    return Verdicts.cast(frame_of(Verdicts, frame).with_columns(keys))


def _clock_segments(compared: Compared) -> pl.DataFrame:
    """pair, CLOCK_COUNTS, clock_segments (Verdicts), where there is a clock segment."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "pair": pl.UInt32,
        **dict.fromkeys(CLOCK_COUNTS, pl.Int64),
        "clock_segments": Verdicts.clock_segments.dtype,
    }
    if compared.segments is None or compared.segments.is_empty():
        return pl.DataFrame(schema=schema)
    found = compared.segments.with_columns(
        pl.col("pair").cast(pl.UInt32),
        pl.col("left_first", "left_last", "right_first", "right_last", "rows").cast(pl.UInt32),
    )
    told = pl.struct("reading", "seconds", "rows", "left_first", "left_last", "right_first", "right_last")
    counts = [
        pl.col("reading").is_in([str(r) for r in readings]).sum().cast(pl.Int64).alias(name)
        for name, readings in CLOCK_COUNTS.items()
    ]
    grouped = found.group_by("pair", maintain_order=True).agg(*counts, told.alias("clock_segments"))
    return grouped.with_columns(pl.col("clock_segments").cast(Verdicts.clock_segments.dtype))


def _senders_untied(aligned: Aligned) -> pl.Series:
    """Pairs where each side has rows of a sender without a counterpart; these matched without a sender."""
    # A side with a known sender on every row has no such sender.
    if any(not f["party"].null_count() for f in (aligned.left, aligned.right)):
        return pl.Series("pair", dtype=pl.UInt32)
    nobody = (pl.col("cls") != SYSTEM) & pl.col("party").is_null() & pl.col("pair").is_not_null()
    pairs = [
        f.lazy().filter(nobody).select(pl.col("pair").unique()).pipe(collected)["pair"]
        for f in (aligned.left, aligned.right)
    ]
    return pairs[0].filter(pairs[0].is_in(pairs[1].implode()))


def _tests_not_possible(
    causes: dict[int, GapCause], runs: pl.DataFrame, lines: pl.DataFrame, aligned: Aligned
) -> dict[int, set[str]]:
    """Tests that each conversation does not allow, by pair."""
    pair_of = dict(runs[["run", "pair"]].iter_rows())
    tests: dict[int, set[str]] = defaultdict(set)
    for pair in _distinct(lines["pair"].filter(lines["cause"] == str(Cause.CLOCK_UNMEASURED))):
        tests[pair].add("clock_at_ends")
    for pair in _senders_untied(aligned):
        tests[pair].add("senders")
    for frame in (aligned.left, aligned.right):
        for pair in _distinct(frame["pair"].filter(frame["tie"].is_in([BY_CONTENT, SHARED]))):
            tests[pair].add("who_is_who")
    for run, cause in causes.items():
        tests[pair_of[run]] |= set(cause.tests_not_possible)
    return tests


def _distinct(pairs: pl.Series) -> pl.Series:
    """The pair numbers, each once; mostly there are none."""
    return pairs.drop_nulls().unique() if len(pairs) else pairs


def _pair_facts(lines: pl.DataFrame, compared: Compared, spans: pl.DataFrame) -> pl.LazyFrame:
    """Rows per side, causes, skew, common coverage and titles of each conversation."""

    def causes_of(relation: Relation) -> pl.Expr:
        """Causes of lines with this relation, sorted."""
        return pl.col("cause").cast(pl.String).filter(pl.col("relation") == str(relation)).drop_nulls().unique().sort()

    # The same few kinds of lines recur in every conversation, so they are counted first.
    kinds = (
        lines.lazy()
        .group_by("pair", "relation", "cause")
        .agg(
            pl.col("left_row").is_not_null().sum().alias("left_rows"),
            pl.col("right_row").is_not_null().sum().alias("right_rows"),
        )
    )
    summed = kinds.group_by("pair").agg(
        pl.col("left_rows").sum(), pl.col("right_rows").sum(),
        causes_of(Relation.ONE_SIDED).alias("causes"), causes_of(Relation.CONFLICT).alias("conflict_causes"), causes_of(Relation.SET_ASIDE).alias("set_aside_causes"),
    )  # fmt: skip
    out = summed.join(spans.lazy(), on="pair", how="left")
    for name, reading in (("left", compared.left), ("right", compared.right)):
        # The first title of a conversation counts.
        stated = reading.conversations[["conversation", "title"]].rows()
        titles = dict(reversed(stated))
        told = pl.Series(f"{name}_title", [titles.get(c) for c in compared.pairs[f"{name}_conversation"]], pl.String)
        out = out.join(pl.LazyFrame([compared.pairs["pair"], told]), on="pair", how="left")
    return out


def _irregularities(odd: list[pl.DataFrame], compared: Compared, names: pl.DataFrame) -> dy.DataFrame[Irregularities]:
    """Irregular rows with side, conversation and locator."""
    if all(frame.is_empty() for frame in odd):
        return frame_of(Irregularities)
    parts = []
    for frame, reading, side in zip(odd, (compared.left, compared.right), ("left", "right"), strict=True):
        places = reading.messages.select("row", pl.col("locator").alias("place"))
        located = frame.join(places, on="row", how="left").join(names, on="pair", how="left")
        parts.append(located.with_columns(pl.lit(side).alias("side"), pl.coalesce("place", "locator").alias("locator")))
    return frame_of(
        Irregularities, pl.concat(parts).with_columns(pl.lit(compared.case).alias("case")).sort("side", "row", "reason")
    )


__all__ = ["assemble", "verdicts_of"]
