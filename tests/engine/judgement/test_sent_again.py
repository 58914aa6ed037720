"""Words sent again are found by who said them, what they say and when."""

import numpy as np
import polars as pl
import pytest

from reconcile.engine.judgement.sent_again import Way, sent_again
from reconcile.engine.records import Records

Said = tuple[int, str | None, float]


def records_of(*said: Said) -> Records:
    party, text, t = zip(*said, strict=True)
    nothing = pl.Series(dtype=pl.String).extend_constant(None, len(said))
    return Records(
        frame=pl.DataFrame({"text": pl.Series(text, dtype=pl.String), "amount": nothing}),
        pair=np.zeros(len(said), np.int64),
        export=np.zeros(len(said), np.int64),
        t=np.array(t),
        unit=np.ones(len(said)),
        party=np.array(party),
        cls=np.ones(len(said), np.uint8),
        is_right=False,
    )


FIRST: tuple[Said, ...] = ((0, "付款了", 100.0), (0, "收到", 100.0), (1, "付款了", 100.0), (0, "付款了", np.nan))


@pytest.mark.parametrize(
    ("said", "ways", "met"),
    [
        ((0, "付款了", 160.0), ("forward",), [0]),
        ((0, "付款了", 161.0), ("forward",), []),
        ((0, "付款了", 40.0), ("forward",), []),
        ((0, "付款了", 40.0), ("forward", "backward"), [0]),
        ((1, "付款了", 100.0), ("forward",), [2]),
        ((0, "付款了", np.nan), ("forward", "backward"), []),
    ],
)
def test_equal_words_of_one_person_within_the_limit_are_sent_again(
    said: Said, ways: tuple[Way, ...], met: list[int]
) -> None:
    records = records_of(*FIRST, said)
    again = sent_again(records, np.arange(4), np.array([4]), 60.0, ways)
    assert np.flatnonzero(again).tolist() == met


def test_words_said_a_hundred_thousand_times_are_looked_up_once_each() -> None:
    often = records_of(*[(0, "好", 1_000.0 * n) for n in range(100_000)])
    every = np.arange(100_000)
    assert np.flatnonzero(sent_again(often, every, every, 60.0)).tolist() == every.tolist()
