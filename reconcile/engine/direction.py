"""Puts conversations in order of time, and translates rows back afterwards."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.account import in_order
from reconcile.engine.params import PARAMS
from reconcile.frames import SIDES, Alignment, Findings, Gaps, Irregularities, Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import Side

# Columns by which people sort a table.
GROUPED_BY = ("sender", "sender_name", "kind")
Places = dict[Side, pl.Series]
"""By side, the row that stood at each place before the conversations were turned."""


def in_one_direction(left: Reading, right: Reading, pairs: pl.DataFrame) -> tuple[Reading, Reading, Places]:
    """Both exports with conversations in one direction, and the original row of each place.

    Times show which files begin with the newest row, and which were sorted by sender or kind. Where a side has no times,
    the order of common messages shows its direction. Sides without a moved conversation have no entry in the places.
    """
    readings = {Side.LEFT: left, Side.RIGHT: right}
    turned = _conversations_to_turn(readings, pairs)
    grouped = {side: _grouped(readings[side].messages) for side in SIDES}
    places = {
        side: _places_moved(readings[side].messages, turned[side], grouped[side])
        for side in SIDES
        if turned[side] or grouped[side]
    }
    for side, rows in places.items():
        readings[side] = of_rows(readings[side], rows)
    return readings[Side.LEFT], readings[Side.RIGHT], places


def of_rows(reading: Reading, rows: pl.Series) -> Reading:
    """The export with the messages in these rows, in this order, and numbered by it."""
    messages = reading.messages[rows].with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    return replace(reading, messages=frame_of(Messages, messages))


def _conversations_to_turn(readings: dict[Side, Reading], pairs: pl.DataFrame) -> dict[Side, list[str]]:
    """By side, the conversations to turn."""
    out = {side: _backwards(readings[side].messages) for side in SIDES}
    if all(r.messages["sent_at"].null_count() == 0 for r in readings.values()):
        return out
    rows = {side: _comparable_rows(readings[side].messages, pairs, side) for side in SIDES}
    for pair in _in_opposite_order(rows):
        side = _newest_first({s: f.filter(pl.col("pair") == pair) for s, f in rows.items()})
        names = pairs.filter(pl.col("pair") == pair)[f"{side}_conversation"].to_list()
        out[side] += [n for n in names if n not in out[side]]
    return out


def runs_backwards() -> pl.Expr:
    """Whether nearly all times of a conversation fall from row to row; to be used in an aggregation."""
    step = pl.col("sent_at").drop_nulls().diff()
    falls, rises = (step < pl.duration()).sum(), (step > pl.duration()).sum()
    return (falls >= PARAMS.direction_records) & (falls >= PARAMS.falling_share * (falls + rises))


def _backwards(messages: pl.DataFrame) -> list[str]:
    """The conversations of an export that its file stores newest first."""
    if messages["sent_at"].is_sorted():
        return []
    told = messages.group_by("conversation").agg(runs_backwards().alias("backwards"))
    return sorted(told.filter("backwards")["conversation"])


def _grouped(messages: pl.DataFrame) -> list[str]:
    """The conversations whose file was sorted by sender or kind.

    In each group of rows, and only there, times rise.
    """
    if messages["sent_at"].is_sorted():
        return []
    inside = pl.col("conversation").eq_missing(pl.col("conversation").shift())
    starts = {c: inside & pl.col(c).ne_missing(pl.col(c).shift()) for c in GROUPED_BY}
    falls = (inside & (pl.col("sent_at") < pl.col("sent_at").shift())).fill_null(value=False)
    marked = messages.select("conversation", falls.alias("falls"), **starts)
    # A chat in order of time changes its sender and its kind all the time, so that hardly any is looked at.
    counts = marked.group_by("conversation").agg(pl.len().alias("n"), pl.col("falls", *GROUPED_BY).sum())
    few = pl.any_horizontal(pl.col(c).is_between(1, pl.col("n") * PARAMS.sorted_groups) for c in GROUPED_BY)
    asked = counts.filter((pl.col("falls") > 0) & (pl.col("n") >= PARAMS.direction_records) & few)["conversation"]
    if asked.is_empty():
        return []
    rows = messages.filter(pl.col("conversation").is_in(listed(asked)))
    falls = pl.col("sent_at").diff() < pl.duration()
    told = []
    for column in GROUPED_BY:
        cell = pl.col(column)
        begins = cell.ne_missing(cell.shift()) & (pl.int_range(pl.len()) > 0)
        # Each value begins one run of rows.
        told.append(
            (begins.sum() + 1 == cell.n_unique()) & begins.any() & falls.any()
            & ((falls & ~begins).sum() <= (1 - PARAMS.sorted_share) * pl.len())
        )  # fmt: skip
    usable = pl.col("sent_at").null_count() == 0
    found = rows.group_by("conversation").agg((usable & pl.any_horizontal(told)).alias("grouped"))
    return sorted(found.filter("grouped")["conversation"])


def _comparable_rows(messages: pl.DataFrame, pairs: pl.DataFrame, side: Side) -> pl.DataFrame:
    """Messages of paired conversations in file order; untimed if the conversation has no times."""
    keys = pairs.select("pair", pl.col(f"{side}_conversation").alias("conversation")).drop_nulls()
    wanted = messages.select("conversation", "row", "text", "sent_at", "local_id").join(keys, on="conversation")
    return wanted.with_columns(pl.col("sent_at").is_null().all().over("pair").alias("untimed")).sort("pair", "row")


def _in_opposite_order(rows: dict[Side, pl.DataFrame]) -> list[int]:
    """Pairs where one side has no times and the common messages are in opposite orders."""
    untimed = pl.concat([f.filter("untimed").select("pair") for f in rows.values()]).unique()
    once = [
        f.join(untimed, on="pair", how="semi")
        .filter(pl.col("text").str.len_chars() >= PARAMS.direction_characters)
        .filter(pl.len().over("pair", "text") == 1)
        .select("pair", "text", "row")
        for f in rows.values()
    ]
    both = once[0].join(once[1], on=["pair", "text"], suffix="_right").sort("pair", "row")
    step = pl.col("row_right").cast(pl.Int64).diff().over("pair")
    told = both.with_columns(step.alias("step")).group_by("pair").agg(
        pl.len().alias("n"), (pl.col("step").drop_nulls() < 0).mean().alias("falling")
    )  # fmt: skip
    return sorted(
        told.filter((pl.col("n") >= PARAMS.direction_records) & (pl.col("falling") >= PARAMS.falling_share))["pair"]
    )


def _newest_first(rows: dict[Side, pl.DataFrame]) -> Side:
    """The side that begins with its newest row, by times or local numbers; right if neither shows it."""
    for column in ("sent_at", "local_id"):
        for side in SIDES:
            steps = rows[side][column].drop_nulls().to_physical().cast(pl.Int64).diff().drop_nulls()
            if len(steps) >= PARAMS.direction_records:
                falls = int((steps < 0).sum()) > int((steps > 0).sum())
                return side if falls else side.other
    return Side.RIGHT


def _places_moved(messages: pl.DataFrame, turned: list[str], grouped: list[str]) -> pl.Series:
    """The rows in the order in which these conversations are read; each stays within its own places.

    Args:
        messages: the messages of one side.
        turned: conversations that are read backwards.
        grouped: conversations that are read in order of time.
    """
    kept = messages.select("conversation", "row", "sent_at").filter(pl.col("conversation").is_in([*turned, *grouped]))
    by_time = pl.col("row").sort_by("sent_at", maintain_order=True)
    order = pl.when(pl.col("conversation").is_in(turned)).then(pl.col("row").reverse().over("conversation"))
    back = kept.with_columns(order.otherwise(by_time.over("conversation")).alias("back"))
    return messages["row"].scatter(kept["row"], back["back"])


def restored(findings: Findings, places: Places) -> Findings:
    """The findings with the row numbers of the original files."""
    runs: pl.DataFrame = findings.runs
    gaps: pl.DataFrame = findings.gaps
    for side, rows in places.items():
        runs = runs.with_columns(_original_rows(f"{side}_{end}", rows) for end in ("first", "last"))
        held = pl.col("lacking") != str(side)
        ends = [_original_rows(c, rows, held) for c in ("first_row", "last_row")]
        gaps = gaps.with_columns(
            pl.when(held).then(pl.min_horizontal(ends)).otherwise("first_row").alias("first_row"),
            pl.when(held).then(pl.max_horizontal(ends)).otherwise("last_row").alias("last_row"),
        )
    return replace(
        findings,
        alignment=frame_of(Alignment, rows_restored(findings.alignment, places)),
        gaps=frame_of(Gaps, gaps),
        irregularities=frame_of(Irregularities, _side_rows_restored(findings.irregularities, places)),
        messages=_side_rows_restored(findings.messages, places),
        runs=runs,
        account=in_order(_account_restored(findings.account, places)),
    )


def _account_restored(account: pl.DataFrame, places: Places) -> pl.DataFrame:
    """The account with the row numbers of the original files."""
    for side, rows in places.items():
        own, other = pl.col("side") == str(side), pl.col("side") == str(side.other)
        account = account.with_columns(
            pl.when(own).then(_original_rows("row", rows, own)).otherwise("row").alias("row"),
            pl.when(other).then(_original_rows("other_row", rows, other)).otherwise("other_row").alias("other_row"),
        )
    return account


def rows_restored(pairs: pl.DataFrame, places: Places) -> pl.DataFrame:
    """`left_row` and `right_row` as row numbers of the original files."""
    return pairs.with_columns(_original_rows(f"{side}_row", rows) for side, rows in places.items())


def _side_rows_restored(frame: pl.DataFrame, places: Places) -> pl.DataFrame:
    """A frame of `side` and `row` with the row numbers of the original files, sorted by them."""
    for side, rows in places.items():
        here = pl.col("side") == str(side)
        frame = frame.with_columns(pl.when(here).then(_original_rows("row", rows, here)).otherwise("row").alias("row"))
    return frame.sort("side", "row", maintain_order=True)


def _original_rows(column: str, rows: pl.Series, here: pl.Expr | None = None) -> pl.Expr:
    """Place numbers replaced by the rows that stand there, only where `here` holds; null stays null."""
    places = pl.col(column) if here is None else pl.when(here).then(column)
    return pl.lit(rows).gather(places).alias(column)
