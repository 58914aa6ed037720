"""Records of kinds that the tool of the other export leaves out."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from tests.build.chats import chat, held


@pytest.mark.parametrize(("quotes", "relation"), [((12, 20, 25), "set_aside"), ((12,), "doubtful")])
def test_a_tool_for_text_leaves_out_several_quoting_messages_with_all_other_kinds(
    quotes: tuple[int, ...], relation: str
) -> None:
    rows = chat(40)
    kinds = dict.fromkeys((6, 18, 30), "image") | dict.fromkeys((8, 33), "voice") | {22: "sticker", 28: "file"}
    whole = [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(rows)]
    whole = [
        r | {"text": f"好的，{i}号就这样\n引用：甲: {rows[i - 1]['text']}"} if i in quotes else r
        for i, r in enumerate(whole)
    ]
    found = compare_readings(held(whole, 0), held([r for i, r in enumerate(whole) if i not in {*kinds, *quotes}], 1))
    told = found.alignment.filter(pl.col("left_row").is_in(quotes))
    assert set(told["relation"].cast(pl.String)) == {relation}
