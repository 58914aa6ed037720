"""A reply to a message of several lines is told from the words that it quotes."""

import polars as pl

from reconcile.engine.preparation.quoted_lines import with_joined_quotations, with_marked_quotations
from tests.build.chats import chat, export, held_direct, relations_in
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


def test_a_message_that_a_print_repeats_with_its_name_behind_the_answer_is_what_this_quotes() -> None:
    said = [
        "先给600",
        "协议樊姐那里有一份\n喻文静:先给600",
        "好\n喻文静：没人说过这话",
        "行\n喻文静:",
        "单价\n合计：先给600",
    ]
    rows = pl.DataFrame({"pair": [0] * 5, "text": said, "sender": ["喻文静", *["我"] * 4]})
    told = with_marked_quotations(rows, rows)["text"].to_list()
    assert told == [said[0], "协议樊姐那里有一份\n引用：喻文静：先给600", said[2], "行\n引用：喻文静：", said[4]]


def test_quotes_printed_below_the_answers_agree_with_answers_alone() -> Comparing:
    rows = [r | {"name": ("喻文静", "兔子")[r["who"]]} for r in chat()]
    printed = [
        r | {"text": f"{r['text']}\n{rows[i - 3]['name']}:{rows[i - 3]['text']}"} if i in (12, 25) else r
        for i, r in enumerate(rows)
    ]
    found = yield export(rows, ("喻文静", "兔子")), export(printed, ("喻文静", "兔子"))
    assert relations_in(found) == {"agreement"}
