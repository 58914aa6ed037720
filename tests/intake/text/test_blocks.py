"""Text exports are split at their headers and not at look-alikes inside the words."""

from reconcile.intake.text.blocks import split_blocks
from reconcile.vocabulary import NoteCode

HEADER = r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<name>.+)$"
CHAT = """2024-03-01 09:00:00 甲
一

2024-03-01 09:00:05 乙
二

2024-03-04 10:00:00 {name}
冒充

2024-03-01 09:00:09 甲
三
四


2024-03-01 09:00:10 乙
五

"""


def split(name: str, title: str | None = None) -> tuple[list[str], list[NoteCode]]:
    rows, notes = split_blocks(CHAT.format(name=name), HEADER, "a.txt", title)
    return rows["text"].to_list(), [n.code for n in notes]


def test_a_header_whose_time_breaks_the_order_belongs_to_the_words_above() -> None:
    words, notes = split("甲")
    assert words == ["一", "二\n\n2024-03-04 10:00:00 甲\n冒充", "三\n四\n", "五"]
    assert notes == [NoteCode.AMBIGUOUS_HEADER]


def test_a_third_name_in_a_chat_of_two_is_no_header() -> None:
    text = CHAT.format(name="丙").replace("2024-03-04 10:00:00", "2024-03-01 09:00:06")
    rows, notes = split_blocks(text, HEADER, "a.txt", "乙")
    assert rows["name"].to_list() == ["甲", "乙", "甲", "乙"]
    assert [n.code for n in notes] == [NoteCode.AMBIGUOUS_HEADER]


def test_small_disorder_is_not_a_look_alike() -> None:
    rows, notes = split_blocks(
        CHAT.format(name="甲").replace("2024-03-04 10:00:00", "2024-03-01 08:59:58"), HEADER, "a.txt"
    )
    assert rows.height == 5
    assert notes == []


def test_a_line_without_an_empty_line_before_it_is_no_header() -> None:
    rows, _ = split_blocks("2024-03-01 09:00:00 甲\n一\n2024-03-01 09:00:01 乙\n二\n", HEADER, "a.txt")
    assert rows["text"].to_list() == ["一\n2024-03-01 09:00:01 乙\n二"]


def test_what_stands_before_the_first_header_is_noted() -> None:
    _, notes = split_blocks("闲话\n\n2024-03-01 09:00:00 甲\n一\n", HEADER, "a.txt")
    assert [(n.code, n.excerpt) for n in notes] == [(NoteCode.ROW_SKIPPED, "闲话\n")]


def test_windows_line_ends_change_nothing() -> None:
    rows, _ = split_blocks(CHAT.format(name="甲").replace("\n", "\r\n"), HEADER, "a.txt")
    assert rows["text"].to_list()[0] == "一"
