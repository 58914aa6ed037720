"""Texts typed from screens: numbers and titles are no words, and what two screens show was said once."""

from pathlib import Path

from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from tests.build.readings import read_text
from tests.thorough import meeting

SCREENS = (
    ("2024年3月5日 9:05", "甲某：货到了没有", "乙某：还没有装车", "甲某：好"),
    ("2024年3月6日 13:10", "乙某：周五之前一定送到", "甲某：好"),
    ("甲某：好", "2024年3月7日 8:30", "甲某：怎么还不来", "乙某：在路上了"),
)
WORDS = ["货到了没有", "还没有装车", "好", "周五之前一定送到", "好", "怎么还不来", "在路上了"]


def typed(folder: Path, numbers: str, title: str = "", overlap: int = 0) -> Reading:
    """The screens, each below its number and a title, and below as many last lines of the one before."""
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for n, screen in enumerate(SCREENS, 1):
        lines += [numbers.format(n), *([title] if title else []), *(before[-overlap:] if overlap else []), *screen, ""]
        before = screen
    return read_text(folder, "\n".join(lines), "整理.txt")


@meeting(numbers=["图{}", "（截图{}）", "【第{}张截图】", "Screenshot {}", "第{}页"], title=["", "乙某(水泥)"])
def test_numbers_and_titles_of_screens_are_no_words(tmp_path: Path, numbers: str, title: str) -> None:
    rows = typed(tmp_path, numbers, title).messages
    assert rows["text"].to_list()[-2:] == WORDS[-2:]
    assert set(rows["sender"]) == {"甲某", "乙某"}


def test_lines_that_end_a_screen_and_begin_the_next_one_were_said_once(tmp_path: Path) -> None:
    reading = typed(tmp_path, "图{}", overlap=2)
    assert reading.messages["text"].to_list() == [*WORDS[:5], "好", *WORDS[5:]]
    assert [n.excerpt for n in reading.notes if n.code == NoteCode.DUPLICATE_ROW]


def test_a_short_line_that_only_one_screen_repeats_may_be_said_twice(tmp_path: Path) -> None:
    assert typed(tmp_path, "图{}").messages["text"].to_list().count("好") == 3
