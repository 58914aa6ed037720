"""Parts that a party holds twice, and rows of several files in one order."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.preparation.second_copies import order_by_time
from reconcile.wechat.kind_classes import SECONDS
from tests.build.chats import chat, counts
from tests.build.together import Comparing

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 6)), min_size=1, max_size=30)


def _frame(told: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(pair, t * SECONDS) for pair, t in told], schema={"pair": pl.UInt32, "t": pl.Int64}, orient="row"
    )


@given(
    rows, st.sampled_from([lambda r: r, lambda r: sorted(r, key=lambda x: x[1]), sorted]), st.sampled_from([0, 2**16])
)
def test_rows_come_in_order_of_conversation_and_time_and_else_as_they_stood(told, arranged, first) -> None:  # type: ignore[no-untyped-def]
    frame = _frame([(first + pair, t) for pair, t in arranged(told)])
    order = order_by_time(frame)
    plain = np.lexsort((frame["t"].to_numpy(), frame["pair"].to_numpy()))
    assert (np.arange(frame.height) if order is None else order).tolist() == plain.tolist()


def test_what_one_part_states_to_the_minute_and_another_to_the_second_is_one_message() -> Comparing:
    rows = [r | {"at": 97 * i} for i, r in enumerate(chat())]
    typed = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows[:32]]
    found = yield rows, [*typed, *rows[20:]]
    assert counts(found) == {"agreement": 40, "set_aside": 12}


def test_a_message_that_both_overlapping_parts_lack_is_missing() -> Comparing:
    rows = [r | {"at": 97 * i} for i, r in enumerate(chat())]
    typed = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows[:32] if r is not rows[26]]
    found = yield rows, [*typed, *(r for r in rows[20:] if r is not rows[26])]
    assert counts(found) == {"agreement": 39, "one_sided": 1, "set_aside": 11}
