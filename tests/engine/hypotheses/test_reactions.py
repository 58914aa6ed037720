"""Reactions in words, which only one of the telephones writes as a row."""

import pytest

from tests.build.chats import Row, chat, state_of
from tests.build.together import Comparing

LONG = "第4批水泥23件已经送到4号楼了"
OTHER = "Liked “第6批水泥29件已经送到6号楼了”"


def with_rows(*more: tuple[int, str], who: int = 1) -> list[Row]:
    """The chat with these texts of one person right after the row of that number."""
    rows = chat()
    said = [{"at": rows[at]["at"] + 5 + n / 10, "who": who, "text": t} for n, (at, t) in enumerate(more)]
    return sorted([*rows, *said], key=lambda r: r["at"])


@pytest.mark.parametrize(
    "text",
    [
        f"Loved“{LONG}”", f"Emphasized “{LONG}”", f"大笑于“{LONG}”", f"Reacted 😂 to “{LONG}”", f"👍🏽 to “{LONG}”", f"Removed a heart from “{LONG}”",
        f"A attribué la mention «\u00a0J’aime\u00a0» à «\u00a0{LONG}\u00a0»", f"Le gustó “{LONG}”", f"對「{LONG}」做出 ❤️ 反應", f"Laughed at “{LONG[:12]}…”",
    ],
)  # fmt: skip
def test_a_reaction_that_quotes_an_earlier_message_is_no_message_of_its_own(text: str) -> Comparing:
    found = yield with_rows((20, text), (25, OTHER)), chat()
    assert state_of(found, text, "left") == ("set_aside", "per_side_row")


@pytest.mark.parametrize(
    "text",
    [
        f"Liked “{LONG}” and I owe you 5000", f"I never Liked “{LONG}”", "Liked “第9批水泥还没有送”", f"Liked “{LONG}…，我欠你五万”",
        "Liked “第35批水泥116件已经送到35号楼了”", "Liked “第…”", f"“{LONG}”", f"❌ “{LONG}”",
    ],
)  # fmt: skip
def test_more_words_or_words_that_nobody_wrote_before_are_a_message(text: str) -> Comparing:
    found = yield with_rows((20, text)), chat()
    assert state_of(found, text, "left") == ("one_sided", "unexplained")


def test_a_reaction_in_two_rows_of_one_moment_is_one_and_the_row_beside_it_a_message() -> Comparing:
    parts = f"Liked “{LONG[:9]}", f"{LONG[9:]}”", "这五万块我周五还"
    found = yield with_rows(*((20, t) for t in parts), (25, OTHER)), chat()
    told = [state_of(found, t, "left")[0] for t in parts]
    assert told == ["set_aside", "set_aside", "one_sided"]


def test_a_single_reaction_or_one_beside_others_that_the_other_export_holds_may_be_a_message_left_out() -> Comparing:
    first = f"Liked “{LONG}”"
    found = yield {
        "single": (with_rows((20, first)), chat()),
        "shown": (with_rows((20, first), (25, OTHER)), with_rows((20, first))),
    }
    assert state_of(found["single"], first, "left")[0] == "doubtful"
    assert state_of(found["shown"], OTHER, "left")[0] == "doubtful"
