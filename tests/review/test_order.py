"""The order in which lines are shown."""

from datetime import UTC, datetime, timedelta

import polars as pl

from reconcile.review.order import in_display_order

T0 = datetime(2024, 3, 1, tzinfo=UTC)
SCHEMA = {
    "name": pl.String(),
    "left_row": pl.UInt32(),
    "right_row": pl.UInt32(),
    "left_at": pl.Datetime("us", "UTC"),
    "right_at": pl.Datetime("us", "UTC"),
    "offset_seconds": pl.Float64(),
}


def line(
    name: str, left: int | None, right: int | None, at: float | None = None, right_at: float | None = None
) -> tuple[object, ...]:
    """A line whose rows stand at these minutes; the right side's minute is the left's unless said."""
    minute = at if right_at is None else right_at
    left_at = None if left is None or at is None else T0 + timedelta(minutes=at)
    other = None if right is None or minute is None else T0 + timedelta(minutes=minute)
    offset = (left_at - other).total_seconds() if left_at and other else None
    return (name, left, right, left_at, other, offset)


def shown(*lines: tuple[object, ...]) -> str:
    return "".join(in_display_order(pl.DataFrame(list(lines), schema=SCHEMA, orient="row"))["name"])


def test_pairs_stand_in_the_order_of_the_left_side() -> None:
    assert shown(line("c", 2, 2, 3), line("a", 0, 0, 1), line("b", 1, 1, 2)) == "abc"


def test_a_row_that_only_the_right_has_follows_its_neighbour_there() -> None:
    assert shown(line("a", 0, 0, 1), line("c", 1, 2, 9), line("b", None, 1, right_at=2)) == "abc"


def test_lone_rows_between_two_pairs_go_by_time() -> None:
    lines = [
        line("a", 0, 0, 1),
        line("e", 3, 3, 9),
        line("b", 1, None, 2),
        line("c", None, 1, right_at=3),
        line("d", 2, None, 4),
    ]
    assert shown(*lines, line("f", None, 4, right_at=10)) == "abcdef"


def test_a_shifted_clock_does_not_move_lone_rows() -> None:
    shift = 480
    lines = [line(name, n, n, n * 10, n * 10 + shift) for n, name in enumerate("acd")]
    lone = line("b", None, 9, right_at=5 + shift)
    assert shown(*lines, lone) == "abcd"


def test_an_export_that_runs_backwards_is_turned_round() -> None:
    assert shown(line("a", 2, 0, 1), line("b", 1, 1, 2), line("c", 0, 2, 3)) == "abc"


def test_backwards_rows_of_one_minute_keep_their_turn() -> None:
    lines = [line("d", 0, None, 9), line("c", 1, None, 2), line("b", 2, None, 2), line("a", 3, None, 1)]
    assert shown(*lines) == "abcd"


def test_a_pair_with_a_stray_time_does_not_drag_its_neighbours() -> None:
    lines = [line(name, n, n, n, None if name != "c" else 5000) for n, name in enumerate("abcdefg")]
    assert shown(*lines, line("h", None, 50, right_at=7)) == "abcdefgh"


def test_rows_without_any_time_keep_the_order_of_the_export() -> None:
    assert shown(line("a", 0, None), line("b", 1, None), line("c", 2, None)) == "abc"


def test_every_line_is_kept() -> None:
    lines = [line(str(n % 10), n if n % 3 else None, n if n % 2 or not n % 3 else None, n, n) for n in range(60)]
    assert len(shown(*lines)) == 60


def test_a_conversation_of_one_side_alone_goes_by_time() -> None:
    assert shown(line("b", None, 0, right_at=2), line("a", None, 1, right_at=1)) == "ab"
