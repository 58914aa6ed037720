"""Messages of one author stand in one order, whatever part of a minute a clock gains."""

from random import Random

import pytest

from tests.build.chats import Row, chat, relations_in
from tests.build.together import Comparing


def to_the_minute(rows: list[Row], drift: float = 0.0) -> list[Row]:
    return [r | {"at": (r["at"] + drift * i) // 60 * 60, "precision": "minute"} for i, r in enumerate(rows)]


@pytest.mark.parametrize("seed", [2, 4, 5, 9])
def test_messages_of_one_minute_keep_their_order_where_one_clock_gains_a_minute_in_the_chat(seed: int) -> Comparing:
    draw, at, rows = Random(seed), 0.0, chat(300)
    for row in rows:
        at += draw.choice((5.0, 20.0, 90.0, 4000.0))
        row |= {"at": at, "who": draw.randrange(2)}
    assert relations_in((yield to_the_minute(rows), to_the_minute(rows, 70 / 300))) == {"agreement"}
