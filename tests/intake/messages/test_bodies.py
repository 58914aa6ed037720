"""What stands in many rows is looked at once, and each row has it as if it stood there alone."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.messages.complete import fill_from_bodies
from reconcile.settings import Limits

_QUOTE = (
    "<msg><appmsg><title>好</title><type>57</type><refermsg><type>1</type><svrid>6116900000000000001</svrid>"
    "<fromusr>wxid_yi0002</fromusr><content>明天</content></refermsg></appmsg></msg>"
)
_ITEM = '<dataitem datatype="1"><sourcename>乙</sourcename><datadesc>收到</datadesc></dataitem>'
_RECORD = (
    "<msg><appmsg><title>记录</title><type>19</type><recorditem><![CDATA[<recordinfo><datalist>"
    f"{_ITEM}{_ITEM.replace('收到', '好的')}</datalist></recordinfo>]]></recorditem></appmsg></msg>"
)


def test_what_recurring_bodies_mention_stands_where_each_of_them_stood() -> None:
    contents = [_QUOTE, _RECORD] * 4
    rows = pl.DataFrame({
        "base": [49] * 8, "sub": [57, 19] * 4, "content": contents, "locator": [f"a#{n}" for n in range(8)],
        "conversation": ["x", "y", "y", "x"] * 2,
    })  # fmt: skip
    alone = pl.concat([read_bodies(rows.slice(n, 1), Limits()).witnesses for n in range(8)])
    assert alone["witness"].n_unique() == 2
    assert_frame_equal(read_bodies(rows, Limits()).witnesses, alone)


def test_a_notice_of_many_words_about_a_recall_is_none() -> None:
    words = ["你撤回了一条消息", "长" * 120 + "你撤回了一条消息", "长" * 600 + "你撤回了一条消息", "拍了拍"]
    rows = pl.DataFrame({"base": 10000, "sub": 0, "content": words * 3, "locator": "a#1", "conversation": "x"})
    assert read_bodies(rows, Limits()).messages["kind"].to_list() == ["recall", "system", "system", "system"] * 3


@pytest.mark.parametrize(
    ("given", "shown", "expected"),
    [
        (["a", None, None], ["b", "c"], ["a", "c", None]),
        (["a", None, None], [None, None], ["a", None, None]),
        ([1, None, None], [2.5, 3.5], [1.0, 3.5, None]),
    ],
)
def test_what_a_form_states_counts_before_what_its_bodies_show(
    given: list[object], shown: list[object], expected: list[object]
) -> None:
    fields = pl.DataFrame({"at_row": [0, 1], "duration" if 1 in given else "url": shown})
    column = pl.Series("duration" if 1 in given else "url", given)
    assert fill_from_bodies(column, fields).to_list() == expected
