"""A device's running numbers in the place of server ids: they name nothing on another device."""

import polars as pl

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

# A server id has 17 to 19 digits (fewer with older clients) and no order in its low digits.
_MOST_DIGITS = 16
_NUMBER = rf"^(\D{{0,12}})([0-9]{{1,{_MOST_DIGITS}}})(?:\.0*)?$"
# The least share of ids that must be such numbers; single short ones among long ones are damage.
_LEAST_SHARE = 0.5
# A running number of a whole device may skip so many steps between two messages of a chat and still be dense.
_STEPS = 100
# A few rows out of order (a late message, a second sheet) are tolerated.
_ORDERED_SHARE = 0.9


def without_running_ids(rows: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Note]]:
    """The rows with running numbers moved from `message_id` to `local_id`, and a note with their count.

    The values decide, never the heading. Numbers run if they have at most 16 digits and are dense, or rise or fall in
    file order. References to them (`reply_to`) name a row of this export alone and become raw fields, as do numbers
    that differ from the row's `local_id`. Without such numbers the rows stay as they are.
    """
    found = running_numbers(rows)
    if found is None:
        return rows, []
    moved = rows.with_columns(found.alias("_number"))
    local = pl.col("local_id") if "local_id" in rows.columns else pl.lit(None, dtype=pl.Int64)
    told = pl.coalesce(local.cast(pl.Int64, strict=False), "_number")
    bare = pl.col("message_id").cast(pl.String)
    columns = [
        pl.when(pl.col("_number").is_null()).then(bare).alias("message_id"),
        told.alias("local_id"),
        pl.when((told != pl.col("_number")).fill_null(value=False)).then(bare).alias("raw_message_id"),
    ]
    if "reply_to" in rows.columns:
        quoted = rows["reply_to"].cast(pl.String)
        is_local = pl.lit(_numbers(quoted).is_not_null())
        columns.append(pl.when(~is_local).then(pl.lit(quoted)).alias("reply_to"))
        columns.append(pl.when(is_local).then(pl.lit(quoted)).alias("raw_reply_to"))
    note = Note(NoteCode.ID_ODD, file, "local id in place of a server id", found.len() - found.null_count(), said=True)
    return moved.with_columns(columns).drop("_number"), [note]


def running_numbers(rows: pl.DataFrame) -> pl.Series | None:
    """The running numbers in `message_id`, null where a row has none; None where there are none at all."""
    if "message_id" not in rows.columns:
        return None
    ids = rows["message_id"].cast(pl.String)
    whole = ids.cast(pl.UInt64, strict=False)
    if whole.null_count() == ids.null_count() and bool((whole >= 10**_MOST_DIGITS).all()):
        return None
    numbers = _numbers(ids)
    said = ids.is_not_null() & ~ids.str.strip_chars().is_in(["", "0", "-1"])
    numbers = numbers.set(~said.fill_null(value=False), None)
    held = numbers.drop_nulls()
    if held.is_empty() or held.len() < _LEAST_SHARE * int(said.sum()):
        return None
    place = rows["conversation"] if "conversation" in rows.columns else pl.Series([""]).new_from_index(0, rows.height)
    return numbers if is_running(held, place.filter(numbers.is_not_null())) else None


def is_running(numbers: pl.Series, conversations: pl.Series) -> bool:
    """Whether whole numbers are a counter's: dense, or in order (up or down) within each conversation."""
    distinct = numbers.n_unique()
    low, high = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]
    if high - low < _STEPS * distinct:
        return True
    steps = pl.DataFrame({"n": numbers, "of": conversations}).select(pl.col("n").diff().over("of"))["n"].drop_nulls()
    steps = steps.filter(steps != 0)
    up = int((steps > 0).sum())
    return bool(steps.len()) and max(up, steps.len() - up) >= _ORDERED_SHARE * steps.len()


def _numbers(ids: pl.Series) -> pl.Series:
    """The number of each id that is one behind the letters that all of them share; null for the others."""
    parts = ids.str.strip_chars().str.extract_groups(_NUMBER).struct.unnest()
    heads = parts["1"].filter(parts["2"].is_not_null()).unique()
    if heads.len() > 1:
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, ids.len())
    return parts["2"].cast(pl.Int64, strict=False)
