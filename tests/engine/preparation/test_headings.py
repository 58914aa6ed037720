"""Headings that a tool writes into texts are looked for only where they can stand."""

import polars as pl
import pytest

from reconcile.engine.preparation import headings
from reconcile.wechat.kind_classes import WORDS


@pytest.mark.parametrize(
    ("text", "looks"), [("明天验收，发票带来", 1), ("阿强：明天验收，发票带来", 5), ("明天验收，发票带来 ✓", 5)]
)
def test_conversations_are_looked_through_once_where_no_text_begins_or_ends_as_a_tool_writes(
    text: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    likely = headings.conversations_holding

    def counted(frame: pl.DataFrame, shape: str) -> pl.Series:
        asked.append(shape)
        return likely(frame, shape)

    monkeypatch.setattr(headings, "conversations_holding", counted)
    headings.without_heads(
        pl.DataFrame(
            {
                "pair": [0, 1] * 10,
                "row": range(20),
                "cls": [WORDS] * 20,
                "text": [text] * 20,
                "sender": ["甲"] * 20,
                "is_self": [None] * 20,
                "headed": [False] * 20,
                "tailed": [False] * 20,
            },
            schema_overrides={"pair": pl.UInt32, "row": pl.UInt32, "cls": pl.UInt8, "is_self": pl.Boolean},
        )
    )
    assert len(asked) == looks
