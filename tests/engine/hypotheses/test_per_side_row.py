"""Notices that each client writes for itself."""

import pytest

from tests.build.chats import chat, state_of
from tests.build.together import Comparing

QUIT = "*** anna <anna!~anna@198.51.100.7> has quit IRC (Quit: Leaving for today)"


@pytest.mark.parametrize(
    ("other", "state"),
    [
        ("* anna has quit", ("agreement", "form")),
        ("* anna is now known as berta", ("set_aside", "per_side_row")),
        (None, ("set_aside", "per_side_row")),
    ],
)
def test_a_notice_in_fewer_words_is_of_the_same_event_and_a_parting_word_in_it_is_no_message(
    other: str | None, state: tuple[str, str]
) -> Comparing:
    rows = chat()
    notice = {"at": 1230, "who": None, "text": QUIT, "kind": "system"}
    short = [] if other is None else [notice | {"text": other}]
    found = yield [*rows[:21], notice, *rows[21:]], [*rows[:21], *short, *rows[21:]]
    assert state_of(found, QUIT, "left") == state


@pytest.mark.parametrize(
    ("text", "relation"),
    [("以上是打招呼的消息", "set_aside"), ("王师傅同意放弃全部债权", "doubtful")],
    ids=["known", "unknown"],
)
def test_a_sentence_that_no_client_writes_is_no_notice_though_its_kind_says_so(text: str, relation: str) -> Comparing:
    rows = chat()
    notice = {"at": 1230, "who": None, "text": text, "kind": "system"}
    found = yield [*rows[:21], notice, *rows[21:]], rows
    assert state_of(found, text, "left")[0] == relation
