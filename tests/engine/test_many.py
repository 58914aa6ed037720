"""Steps over the rows of many conversations at once tell of each what the plain way tells."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.preparation import headings as heads
from reconcile.engine.preparation.merged import _in_time
from reconcile.lookup import in_order
from reconcile.wechat.classes import SECONDS, WORDS

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
    order = _in_time(frame)
    plain = np.lexsort((frame["t"].to_numpy(), frame["pair"].to_numpy()))
    assert (np.arange(frame.height) if order is None else order).tolist() == plain.tolist()


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
    frame = _frame(told)
    assert in_order(frame["pair"].to_numpy(), frame["t"].to_numpy()) is expected


@pytest.mark.parametrize(
    ("text", "looks"), [("明天验收，发票带来", 1), ("阿强：明天验收，发票带来", 5), ("明天验收，发票带来 ✓", 5)]
)
def test_conversations_are_looked_through_once_where_no_text_begins_or_ends_as_a_tool_writes(
    text: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    likely = heads._likely
    monkeypatch.setattr(heads, "_likely", lambda frame, shape: asked.append(shape) or likely(frame, shape))  # type: ignore[func-returns-value]
    heads.without_heads(
        pl.DataFrame(
            {
                "pair": [0, 1] * 10,
                "row": range(20),
                "cls": [WORDS] * 20,
                "text": [text] * 20,
                "sender": ["甲"] * 20,
                "is_self": [None] * 20,
            },
            schema_overrides={"pair": pl.UInt32, "row": pl.UInt32, "cls": pl.UInt8, "is_self": pl.Boolean},
        )
    )
    assert len(asked) == looks
