"""Messages that nothing but their times tells apart keep their order."""

import polars as pl

from tests.build.chats import chat, held_direct
from tests.build.together import Comparing


def test_like_messages_of_a_clock_that_is_off_by_seconds_keep_their_order() -> Comparing:
    voices, late = (
        [{"at": at + by, "who": 1, "text": "[语音]", "kind": "voice"} for at in (1205, 1217)] for by in (0, 10)
    )
    rows = chat()
    sides = (held_direct([*rows[:21], *v, *rows[21:]], n) for n, v in enumerate((late, voices)))
    found = (yield tuple(sides)).alignment
    told = found.filter(pl.col("left_row").is_in([21, 22])).select("left_row", "right_row", "relation").rows()
    assert sorted(told) == [(21, 21, "agreement"), (22, 22, "agreement")]
    assert found.filter(pl.col("relation").cast(pl.String) == "doubtful").is_empty()
