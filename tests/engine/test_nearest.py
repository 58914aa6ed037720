"""Rows that are near in time meet, and a crowd in one moment costs no more than its rows."""

import polars as pl

from reconcile.engine.nearest import join_nearest


def frames(
    own: list[tuple[int, float | None]], other: list[tuple[int, float | None]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    made = (
        pl.DataFrame(rows, schema={"pair": pl.Int64, c: pl.Float64}, orient="row")
        for rows, c in ((own, "u"), (other, "at"))
    )
    return tuple(f.with_row_index(n) for f, n in zip(made, ("row", "notice"), strict=True))  # type: ignore[return-value]


def met(own: list[tuple[int, float | None]], other: list[tuple[int, float | None]], k: int = 2) -> set[tuple[int, int]]:
    found = join_nearest(*frames(own, other), ("u", "at"), 60, k)
    return set(found.select("row", "notice").iter_rows())


def test_rows_of_one_conversation_within_the_distance_meet() -> None:
    assert met([(0, 100.0), (1, 100.0)], [(0, 160.0), (0, 161.0), (1, 40.0)]) == {(0, 0), (1, 2)}


def test_rows_without_a_time_meet_nobody() -> None:
    assert met([(0, None), (0, 1.0)], [(0, None), (0, 2.0)]) == {(1, 1)}


def test_of_a_crowd_in_a_minute_each_row_meets_the_nearest_before_and_behind_it() -> None:
    crowd: list[tuple[int, float | None]] = [(0, second) for second in range(50)]
    assert {notice for row, notice in met(crowd, crowd) if row == 20} == {18, 19, 20, 21}
