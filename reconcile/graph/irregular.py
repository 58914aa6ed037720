"""Oddities inside one copy: numbering, ids and order that do not fit their neighbours. Observations about rows, never about people."""

import polars as pl

from reconcile.wechat.classes import SYSTEM

# A column is the rule, and its absence odd, when at least this share of rows has it.
RULE_SHARE = 0.9
LEAST_ROWS = 12


def irregular_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """pair, row, reason of one side's odd rows.

    no_slot: no local number where nearly all rows have one. order_broken: a local number that lies outside those of the rows before and
    after it in time, while these two are in order. id_repeated: a server id that stands on two rows with different words. id_form: a server id of
    impossible form where nearly all are 64-bit numbers. id_missing: no server id where nearly all delivered rows have one. Empty where the side has
    too few rows, or ids too rarely, for a rule.
    """
    usable = rows.filter(pl.col("pair").is_not_null())
    if usable.height < LEAST_ROWS:
        return _none()
    found = [*_slots(usable), *_server_ids(usable)]
    return pl.concat(found).unique().sort("row", "reason") if found else _none()


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"pair": pl.UInt32, "row": pl.UInt32, "reason": pl.String})


def _as(frame: pl.DataFrame, reason: str) -> pl.DataFrame:
    return frame.select("pair", "row", pl.lit(reason).alias("reason"))


def _slots(usable: pl.DataFrame) -> list[pl.DataFrame]:
    has = usable["local_id"].is_not_null()
    if has.sum() < RULE_SHARE * len(has):
        return []
    numbered = usable.filter(pl.col("local_id").is_not_null() & pl.col("raw_t").is_not_null()).sort(
        "pair", "raw_t", "row"
    )
    own = pl.col("local_id")
    before, after = own.shift(1).over("pair"), own.shift(-1).over("pair")
    before2, after2 = own.shift(2).over("pair"), own.shift(-2).over("pair")
    out = ((own > after) & (own > after2) | (own < before) & (own < before2)) & (before < after)
    # Where time and number disagree for many rows the numbering was renewed (migration) and says nothing about a row.
    broken = numbered.with_columns(out.fill_null(value=False).alias("out")).filter(
        pl.col("raw_t").diff().over("pair").fill_null(1) != 0
    )
    odd = broken.filter("out")
    renewed = odd.height > max(3, 0.05 * numbered.height)
    return [_as(usable.filter(~has), "no_slot"), *([] if renewed else [_as(odd, "order_broken")])]


def _server_ids(usable: pl.DataFrame) -> list[pl.DataFrame]:
    spoken = usable.filter(
        (pl.col("cls") != SYSTEM)
        & ~pl.col("status").cast(pl.String).is_in(["failed", "rejected", "sending"]).fill_null(value=False)
    )
    if spoken.is_empty() or 1 - spoken["message_id"].null_count() / spoken.height < RULE_SHARE:
        return []
    numeric = pl.col("message_id").str.contains(r"^\d{5,20}$")
    with_id = spoken.filter(pl.col("message_id").is_not_null())
    words = (
        with_id.group_by("pair", "message_id")
        .agg(pl.struct("text", "cls").n_unique().alias("n"), pl.col("row"))
        .filter(pl.col("n") > 1)
    )
    found = [_as(words.explode("row"), "id_repeated"), _as(spoken.filter(pl.col("message_id").is_null()), "id_missing")]
    if float(with_id.select(numeric.mean()).item() or 0) >= RULE_SHARE:
        found.append(_as(with_id.filter(~numeric), "id_form"))
    return found
