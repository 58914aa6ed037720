"""Marks second copies in spans that an export holds twice, because two devices or tools were merged."""

from bisect import bisect_left

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import sort_order
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import TimePrecision
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS

Ints = npt.NDArray[np.int64]


def merged_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `is_repeat` also for second copies in a span that occurs twice within three seconds.

    Repeats already known by ids or equal rows stay. Rows of the span that occur once stay single. Where one part states
    seconds and another minutes, copies are of one minute.
    """
    timed = rows[["pair", "row", "t", "cls", "text"]].with_columns(_in_one_unit(rows))
    if rows["pair"].null_count() or rows["t"].null_count() or rows["is_repeat"].any():
        timed = timed.filter(pl.col("pair").is_not_null() & pl.col("t").is_not_null() & ~rows["is_repeat"])
    order = order_by_time(timed)
    if order is not None:
        timed = timed[order]
    t, pair = timed["t"].to_numpy(), timed["pair"].to_numpy()
    close = np.flatnonzero(_near_alike(t, pair, timed["text"].str.len_bytes().to_numpy()))
    if len(close) < 2 * PARAMS.copied_sentences:
        return rows
    is_long = (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= PARAMS.copied_characters)
    near_by = timed[["pair", "t", "cls", "text"]][close].with_columns(pl.Series("at", close)).filter(is_long)
    twice = _repeated_sentences(near_by) if near_by.height >= 2 * PARAMS.copied_sentences else set()
    if len(twice) < 2 * PARAMS.copied_sentences:
        return rows
    long = timed.with_row_index("at").filter(is_long)["at"].to_numpy()
    again: list[int] = []
    for first, last in _repeated_spans(long, pair, twice):
        stretch = timed[first : last + 1]
        if stretch.filter(is_long)["text"].n_unique() >= PARAMS.copied_sentences:
            again += _copies_in_span(rows[stretch["row"]].with_columns(stretch["t"]))
    return rows.with_columns(pl.col("is_repeat") | pl.col("row").is_in(again)) if again else rows


def _in_one_unit(rows: pl.DataFrame) -> pl.Series:
    """`t`, to the minute in conversations of which some rows state no seconds and others do."""
    is_coarse = (rows["time_precision"].cast(pl.String) == str(TimePrecision.MINUTE)).fill_null(value=False)
    if not is_coarse.any() or is_coarse.all():
        return rows["t"]
    told = rows.select("pair", "t", is_coarse.alias("is_coarse"))
    mixed = pl.col("is_coarse").any().over("pair") & ~pl.col("is_coarse").all().over("pair")
    return told.select(pl.when(mixed).then(pl.col("t") - pl.col("t") % (60 * SECONDS)).otherwise("t").alias("t"))["t"]


def _near_alike(t: Ints, pair: Ints, size: Ints) -> npt.NDArray[np.bool_]:
    """Rows with another of the same byte length within three seconds; `t` is sorted within pairs.

    Equal rows are among them, and comparing lengths costs a tenth of comparing hashes.
    """
    found = np.zeros(len(t), bool)
    for step in range(1, len(t)):
        near = (t[step:] - t[:-step] <= PARAMS.second_device_seconds * SECONDS) & (pair[step:] == pair[:-step])
        if not near.any():
            break
        # Where many rows lie within three seconds, lengths are no longer compared.
        alike = near & (size[step:] == size[:-step]) if step < PARAMS.copied_steps else near
        found[step:] |= alike
        found[:-step] |= alike
        if step == PARAMS.copied_steps:
            break
    return found


def order_by_time(timed: pl.DataFrame) -> Ints | None:
    """The order of the rows by conversation and time; None = already in order."""
    return sort_order(timed["pair"].to_numpy(), timed["t"].to_numpy())


def _repeated_sentences(said: pl.DataFrame) -> set[int]:
    """Positions (`at`) of sentences with an equal one within three seconds."""
    again = said.with_columns(pl.struct("pair", "text").hash(seed=67).alias("h"))
    again = again.filter(pl.col("h").is_duplicated()).sort("h", "t", "at")
    near = (pl.col("h") == pl.col("h").shift()) & (
        pl.col("t") - pl.col("t").shift() <= PARAMS.second_device_seconds * SECONDS
    )
    marked = again.with_columns(near.fill_null(value=False).alias("near"))
    return set(marked.filter(pl.col("near") | pl.col("near").shift(-1, fill_value=False))["at"])


def _repeated_spans(long: Ints, pair: Ints, twice: set[int]) -> list[tuple[int, int]]:
    """First and last position of each span that occurs twice, between the single sentences around it."""
    hits = np.flatnonzero(np.isin(long, list(twice)))
    of_hit = pair[long[hits]]
    parts = np.split(hits, np.flatnonzero((np.diff(hits) > PARAMS.copied_single_rows + 1) | (np.diff(of_hit) != 0)) + 1)
    found = []
    for part in parts:
        if len(part) < 2 * PARAMS.copied_sentences or len(part) < PARAMS.copied_share * (part[-1] - part[0] + 1):
            continue
        begin, end = (int(np.searchsorted(pair, pair[long[part[0]]], side=side)) for side in ("left", "right"))
        low, high = part[0] - 1, part[-1] + 1
        first = max(begin, int(long[low]) + 1) if low >= 0 else begin
        last = min(end, int(long[high])) - 1 if high < len(long) else end - 1
        found.append((first, last))
    return found


def _copies_in_span(stretch: pl.DataFrame) -> list[int]:
    """The second copies of a span; none where too few rows between its first and last copy occur twice."""
    pairs = _second_copies(stretch)
    again = [max(p) for p in pairs]
    twice = stretch.select(
        (pl.col("row").is_in([r for p in pairs for r in p]) | pl.col("twin").is_not_null()).alias("b")
    )["b"]
    at = twice.arg_true()
    if len(at) < 2 * PARAMS.copied_rows:
        return []
    between = stretch["cls"][int(at[0]) : int(at[-1]) + 1]
    return again if len(at) >= PARAMS.copied_share * int((between != SYSTEM).sum()) else []


def _second_copies(stretch: pl.DataFrame) -> list[tuple[int, int]]:
    """Pairs of rows with the same content within three seconds; no row is in two pairs.

    Two server ids are two messages: the devices of one owner keep the same id.
    """
    # Equal rows of one second without ids are already marked as twins.
    looks = stretch.filter(pl.col("twin").is_null()).select(
        "row",
        "t",
        "cls",
        "sender",
        "is_self",
        "media_hash",
        "message_id",
        pl.when(pl.col("cls") == WORDS).then("text").otherwise(pl.lit("")).alias("said"),
    )
    waiting: dict[tuple[int, str], list[tuple[int, int, tuple[bool | str | None, ...]]]] = {}
    pairs: list[tuple[int, int]] = []
    for row, t, cls, *marks, said in looks.iter_rows():
        if cls == SYSTEM:
            continue
        open_rows = waiting.setdefault((cls, said), [])
        del open_rows[: bisect_left(open_rows, t - PARAMS.second_device_seconds * SECONDS, key=lambda r: r[0])]
        match = next((r for r in open_rows[-PARAMS.copied_steps :] if all(map(_may_be_equal, marks, r[2]))), None)
        if match is None:
            open_rows.append((t, row, tuple(marks)))
        else:
            open_rows.remove(match)
            pairs.append((match[1], row))
    return pairs


def _may_be_equal(one: bool | str | None, two: bool | str | None) -> bool:
    """Whether two values are equal, or one is not stated."""
    return one is None or two is None or one == two


__all__ = ["merged_repeats"]
