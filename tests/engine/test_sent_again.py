"""Words sent again are found by who said them, what they say and when."""

import polars as pl
import pytest

from reconcile.engine.sent_again import sent_again

LOOK = ["party", "text"]


def rows(*said: tuple[str | None, str | None, int | None]) -> pl.DataFrame:
    table = pl.DataFrame(said, schema={"party": pl.String, "text": pl.String, "t": pl.Int64}, orient="row")
    return table.with_row_index("row")


FIRST = rows(("a", "付款了", 100), ("a", "收到", 100), ("b", "付款了", 100), ("a", None, 100), ("a", "付款了", None))


@pytest.mark.parametrize(
    ("said", "also_before", "met"),
    [
        (("a", "付款了", 160), False, [0]),
        (("a", "付款了", 161), False, []),
        (("a", "付款了", 40), False, []),
        (("a", "付款了", 40), True, [0]),
        (("b", "付款了", 100), False, [2]),
        (("a", None, 130), False, [3]),
        (("a", "付款了", None), True, []),
    ],
)
def test_equal_words_of_one_person_within_the_limit_are_sent_again(
    said: tuple[str | None, str | None, int | None], met: list[int], *, also_before: bool
) -> None:
    assert sent_again(FIRST, rows(said), LOOK, 60, also_before=also_before).to_list() == met


def test_words_said_a_hundred_thousand_times_are_looked_up_once_each() -> None:
    often = rows(*[("a", "好", 1_000 * n) for n in range(100_000)])
    assert sent_again(often, often, LOOK, 60).to_list() == list(range(100_000))
