"""Irregularities inside one copy: numbers, ids and order that do not fit their neighbours.

They are observations about rows, never about people.
"""

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.contradictions import contradicting_rows
from reconcile.engine.graph.numbering import restored_notes
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Reading
from reconcile.wechat.kind_classes import SYSTEM

# Windows 3 and 4.x derive a row's sequence number from its time: seconds times 1000 plus a count inside the second.
_SEQUENCE = r'"(?:sort_seq|sequence)":(\d{12,14})'
_LOOKED_AT = ("pair", "row", "raw_t", "cls", "text", "status", "local_id", "message_id")

_FOUND = {"pair": pl.UInt32, "row": pl.UInt32, "reason": pl.String, "locator": pl.String}


def irregular_rows(rows: pl.DataFrame, reading: Reading, *, each: bool = False) -> pl.DataFrame:
    """pair, row, reason, locator of one side's irregular rows.

    Where a whole numbering is meant, row is null and locator is set. Empty where the side has too few rows, or too few
    ids, for a rule.

    no_slot: no local number where nearly all rows have one. order_broken: a local number outside those of the rows
    before and after it in time, while these two are in order. id_repeated: one server id on two rows with different
    text. id_form: an impossible server id where nearly all are 64-bit numbers. id_missing: no server id where nearly
    all delivered rows have one. time_against_id: a time that differs from the one in the row's sequence number, where
    nearly all agree. row_contradicts: one quantity stated twice and differently in the row. counter_restored: the numbers were assigned again (restore, migration), so they prove nothing.

    Args:
        rows: the side's frame of rows.
        reading: the export.
        each: whether every pair is an export of its own.
    """
    # Only the columns that the rules use are copied.
    usable = rows[_LOOKED_AT].filter(pl.col("pair").is_not_null())
    restored = _restored_counters(reading)
    usable = usable.filter(_over_export(pl.len(), each=each) >= PARAMS.rule_rows)
    if usable.is_empty():
        return restored
    # Numbers of several devices have no common order.
    slots = [] if len(reading.facts.devices) > 1 else _irregular_local_ids(usable, each=each)
    contradicting = usable.lazy().filter(pl.Series(contradicting_rows(usable["row"], reading)))
    found = [
        _with_reason(contradicting, "row_contradicts"),
        *slots,
        *_irregular_server_ids(usable, each=each),
        *_times_against_ids(usable, reading, each=each),
    ]
    rows_found = pl.concat(found).unique().sort("row", "reason").pipe(collected)
    if rows_found.is_empty():
        return restored
    return pl.concat([rows_found.with_columns(pl.lit(None, dtype=pl.String).alias("locator")), restored])


def _restored_counters(reading: Reading) -> pl.DataFrame:
    """A row for each store whose counter was restored."""
    places = restored_notes(reading)
    if not places:
        return pl.DataFrame(schema=_FOUND)
    frame = pl.DataFrame({"locator": places}, schema={"locator": pl.String})
    bare = frame.select(
        pl.lit(None, dtype=pl.UInt32).alias("pair"), pl.lit(None, dtype=pl.UInt32).alias("row"),
        pl.lit("counter_restored").alias("reason"), "locator",
    )  # fmt: skip
    return bare.unique(maintain_order=True)


def _times_against_ids(usable: pl.DataFrame, reading: Reading, *, each: bool) -> list[pl.LazyFrame]:
    """Rows with a time that differs from the one in their own sequence number."""
    raw = reading.messages["raw"]
    if raw.null_count() == raw.len():
        return []
    told = usable.lazy().select("pair", "row", "raw_t").with_columns(
        raw[usable["row"]].str.extract(_SEQUENCE, 1).cast(pl.Int64, strict=False).alias("place")
    )  # fmt: skip
    told = told.filter(pl.col("place").is_not_null() & pl.col("raw_t").is_not_null())
    away = (pl.col("place") // 1000 - pl.col("raw_t") // 1_000_000).abs()
    agree = (_over_export(pl.len(), each=each) >= PARAMS.rule_rows) & (
        _over_export((away <= 1).mean(), each=each) >= PARAMS.rule_share
    )
    return [_with_reason(told.filter(agree & (away > PARAMS.sequence_seconds)), "time_against_id")]


def _with_reason(frame: pl.LazyFrame, reason: str) -> pl.LazyFrame:
    return frame.select("pair", "row", pl.lit(reason).alias("reason"))


def _over_export(value: pl.Expr, *, each: bool) -> pl.Expr:
    """The expression over the whole export; with `each`, per pair."""
    return value.over("pair") if each else value


def _irregular_local_ids(rows: pl.DataFrame, *, each: bool) -> list[pl.LazyFrame]:
    """Rows without a local id, and single rows whose id breaks the order of time."""
    has = pl.col("local_id").is_not_null()
    if rows["local_id"].null_count() == rows.height:
        return []
    enough = _over_export(has.sum(), each=each) >= PARAMS.rule_share * _over_export(pl.len(), each=each)
    usable = rows.lazy().filter(enough)
    numbered = usable.filter(pl.col("local_id").is_not_null() & pl.col("raw_t").is_not_null()).sort(
        "pair", "raw_t", "row"
    )
    own = pl.col("local_id")
    before, after = own.shift(1).over("pair"), own.shift(-1).over("pair")
    before2, after2 = own.shift(2).over("pair"), own.shift(-2).over("pair")
    out = ((own > after) & (own > after2) | (own < before) & (own < before2)) & (before < after)
    # Where time and number disagree for many rows, the numbering was renewed (migration) and proves nothing about a row.
    marked = numbered.with_columns(
        out.fill_null(value=False).alias("out"), _over_export(pl.len(), each=each).alias("numbered")
    )
    odd = marked.filter((pl.col("raw_t").diff().over("pair").fill_null(1) != 0) & pl.col("out"))
    single = odd.filter(
        _over_export(pl.len(), each=each)
        <= pl.max_horizontal(pl.lit(PARAMS.misplaced_rows), PARAMS.misplaced_share * pl.col("numbered"))
    )
    return [_with_reason(usable.filter(~has), "no_slot"), _with_reason(single, "order_broken")]


def _irregular_server_ids(usable: pl.DataFrame, *, each: bool) -> list[pl.LazyFrame]:
    """Rows whose server id is repeated, missing or of an unusual form."""
    if usable["message_id"].null_count() == usable.height:
        return []
    spoken = usable.lazy().filter(
        (pl.col("cls") != SYSTEM)
        & ~pl.col("status").cast(pl.String).is_in(["failed", "rejected", "sending"]).fill_null(value=False)
    )
    share = 1 - _over_export(pl.col("message_id").null_count(), each=each) / _over_export(pl.len(), each=each)
    spoken = spoken.filter(share >= PARAMS.rule_share)
    with_id = spoken.filter(pl.col("message_id").is_not_null())
    digits = pl.col("message_id").str.len_chars().is_between(5, 20) & ~pl.col("message_id").str.contains(r"\D")
    with_id = with_id.with_columns(digits.alias("numeric"))
    numeric = pl.col("numeric")
    words = (
        with_id.filter(pl.col("message_id").hash(seed=71).is_duplicated())
        .group_by("pair", "message_id")
        .agg(pl.struct("text", "cls").n_unique().alias("n"), pl.col("row"))
        .filter(pl.col("n") > 1)
    )
    found = [
        _with_reason(words.explode("row"), "id_repeated"),
        _with_reason(spoken.filter(pl.col("message_id").is_null()), "id_missing"),
    ]
    found.append(
        _with_reason(
            with_id.filter((_over_export(numeric.mean(), each=each) >= PARAMS.rule_share) & ~numeric), "id_form"
        )
    )
    return found
