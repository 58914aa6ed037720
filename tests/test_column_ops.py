"""What is looked up of many rows at once is what the plain ways of the library give."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from reconcile.column_ops import (
    aggregate_by_pair,
    by_rank,
    collected,
    filled,
    has_one_value,
    held_by,
    is_sorted,
    kept_for_few,
    listed,
    medians,
    occurs,
    plans_over,
    present,
    stretches,
)

PAIRS = st.none() | st.integers(0, 2)


@given(st.lists(st.tuples(PAIRS, st.none() | st.integers(-5, 5)), max_size=12), st.integers(-6, 6))
def test_what_is_found_of_one_conversation_is_what_is_found_among_many(
    rows: list[tuple[int | None, int | None]], least: int
) -> None:
    frame = pl.DataFrame(rows, schema={"pair": pl.UInt32, "t": pl.Int64}, orient="row")
    kept = frame.lazy().filter(pl.col("t").fill_null(0) >= least)
    found = (
        pl.len().alias("n"),
        pl.col("t").min().alias("first"),
        (pl.col("t") > 0).sum().alias("above"),
        pl.col("t").filter(pl.col("t") <= 3).quantile(0.9, "higher").alias("most"),
    )
    plain = kept.group_by("pair").agg(*found).collect()
    assert_frame_equal(aggregate_by_pair(kept, frame["pair"], *found).collect(), plain, check_row_order=False)


@given(st.lists(st.none() | st.sampled_from(["甲", "乙"]), max_size=4))
def test_a_column_is_of_one_where_every_row_says_the_same_and_none_says_nothing(names: list[str | None]) -> None:
    assert has_one_value(pl.Series(names, dtype=pl.String)) == (len(set(names)) == 1 and None not in names)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([(0, 1), (0, 1), (1, 0)], True),
        ([(0, 2), (0, 1), (1, 0)], False),
        ([(1, 0), (0, 1)], False),
    ],
)
def test_rows_stand_by_conversation_and_time_where_neither_ever_falls(
    told: list[tuple[int, int]], expected: bool
) -> None:
    pairs, times = zip(*told, strict=True)
    assert is_sorted(np.array(pairs, np.uint32), np.array(times, np.int64)) is expected


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1e9, 1e9)), min_size=1, max_size=30))
def test_the_median_of_each_stretch_is_the_librarys_median_of_its_group(rows: list[tuple[int, float]]) -> None:
    frame = pl.DataFrame(rows, schema={"group": pl.Int64, "value": pl.Float64}, orient="row").sort("group")
    starts = stretches(frame["group"].to_numpy())
    found = medians(frame["value"].to_numpy(), starts)
    assert (
        found.tolist() == frame.group_by("group", maintain_order=True).agg(pl.col("value").median())["value"].to_list()
    )


def test_no_rows_make_no_stretches() -> None:
    assert not len(stretches(np.zeros(0, np.int64)))


@given(st.permutations(range(8)), st.integers(0, 8))
def test_positions_in_order_of_their_ranks_are_those_of_a_sort(ranks: list[int], count: int) -> None:
    some = np.array(ranks[:count], np.int64)
    assert by_rank(some, 8).tolist() == np.argsort(some, kind="stable").tolist()


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_a_value_is_among_listed_ones_and_held_where_the_other_column_has_it(
    few: list[int | None], many: list[int]
) -> None:
    asked, held = (pl.DataFrame({"n": pl.Series(values, dtype=pl.Int64)}) for values in (few, many))
    told = [value is not None and value in many for value in few]
    assert asked.select(pl.col("n").is_in(listed(held["n"])).fill_null(value=False))["n"].to_list() == told
    assert held_by(held, asked, "n").to_list() == told


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=8))
def test_a_filled_column_has_the_value_in_place_of_nulls_and_nothing_else_changed(values: list[int | None]) -> None:
    assert filled(pl.Series(values, dtype=pl.Int64), -1).to_list() == [-1 if v is None else v for v in values]


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=8))
def test_present_values_are_those_that_are_not_null_in_their_order(values: list[int | None]) -> None:
    assert present(pl.Series(values, dtype=pl.Int64)).to_list() == [v for v in values if v is not None]


@given(st.lists(st.tuples(PAIRS, st.integers(-5, 5)), max_size=12))
def test_a_plan_gives_the_same_whether_it_is_said_to_be_over_few_rows_or_many(
    rows: list[tuple[int | None, int]],
) -> None:
    frame = pl.LazyFrame(rows, schema={"pair": pl.UInt32, "t": pl.Int64}, orient="row")
    least = frame.group_by("pair").agg(pl.col("t").min().alias("first"))
    plan = (
        frame.join(least, on="pair", maintain_order="left").filter(pl.col("t") > pl.col("first")).select("t", "first")
    )
    found = []
    for many in (1, 1_000_000):
        with plans_over(many):
            found.append(collected(plan))
    assert_frame_equal(*found)


@pytest.mark.parametrize("times", [1, 10_000])
def test_a_sign_occurs_in_few_and_in_many_texts_where_any_has_it(times: int) -> None:
    texts = pl.Series(["5 March", None, "", "noon"] * times)
    assert [occurs(sign, texts) for sign in ("(?i)march", "[0-9] M", "x")] == [True, True, False]


@pytest.mark.parametrize(("times", "asked"), [(1, 2), (10_000, 3)])
def test_a_function_of_a_short_column_is_run_once_for_equal_texts_and_changes_of_its_result_stay_with_who_made_them(
    times: int, asked: int
) -> None:
    runs: list[tuple[str, str]] = []

    @kept_for_few
    def with_end(texts: pl.Series, end: str) -> pl.Series:
        runs.append((texts.name, end))
        return texts + end

    texts = pl.Series("t", ["a", None, "b"] * times)
    first = with_end(texts, "!")
    first.scatter(0, "changed")
    assert with_end(pl.Series("t", ["a", None, "b"] * times), end="!" if times > 1 else "?")[0][:1] == "a"
    assert with_end(texts, "!").head(3).to_list() == ["a!", None, "b!"]
    assert len(runs) == asked
