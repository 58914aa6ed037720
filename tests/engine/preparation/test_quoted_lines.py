"""A reply to a message of several lines is told from the words that it quotes."""

import polars as pl

from reconcile.engine.preparation.quoted_lines import with_joined_quotations
from tests.build.chats import chat, held_direct, relations_in
from tests.build.together import Comparing

SAID = "工资三百还没发。\n王工不在，周五再来。\n先付一千。"


def test_quoted_lines_are_joined_where_the_chat_holds_a_message_of_just_these_lines() -> None:
    texts = [SAID, f"回复 李娜: {SAID}\n好\n马上办", "回复 李娜: 我没说过\n这话\n算了", "回复 李娜: 一行\n好"]
    rows = pl.DataFrame({"pair": [0] * 4 + [1], "text": [*texts, texts[1]]})
    joined = "回复 李娜: " + SAID.replace("\n", " ") + "\n好\n马上办"
    assert with_joined_quotations(rows)["text"].to_list() == [SAID, joined, *texts[2:], texts[1]]


def test_replies_that_quote_several_lines_agree_with_replies_alone_in_either_spelling() -> Comparing:
    rows = [r | {"text": SAID} if i == 20 else r for i, r in enumerate(chat())]
    for head, end in (("回复 李娜: ", ""), ("[回复 李娜: ", "]")):
        copied = [r | {"text": f"{head}{SAID}{end}\n{r['text']}"} if i in (22, 25) else r for i, r in enumerate(rows)]
        found = yield held_direct(rows, 0), held_direct(copied, 1)
        assert relations_in(found) == {"agreement"}
