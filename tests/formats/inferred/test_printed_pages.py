"""Heads and feet of printed pages stand between the messages and belong to none."""

from pathlib import Path

import pytest

from reconcile.vocabulary import NoteCode
from tests.build.readings import read_text, skipped, spoken
from tests.thorough import some

ROWS = [
    (f"2024-06-03 09:{i:02}:00", ("Anna", "Ben")[i % 2], f"word {'abcdefghijklmnopqrstuvwx'[i]}") for i in range(24)
]
ROWS[7] = (*ROWS[7][:2], "first line\nsecond line")
COVER = "Chat of the team\n\nCase 2024-113\nPrinted: 2024-07-01 10:00:00\n\n"


def line(row: tuple[str, str, str]) -> str:
    return f"{row[0]} {row[1]}: {row[2]}\n"


def block(row: tuple[str, str, str]) -> str:
    return f"{row[1]} {row[0]}\n{row[2]}\n\n"


PAGES = {
    "feet": (line, "", "第 {p} 页 共 {n} 页\n"),
    "heads and feet": (line, "Chat of the team\n", "Page {p} of {n}\n"),
    "feet of blocks": (block, "Chat of the team\n", "- {p} -\n\n"),
    "form feeds": (block, "", "第{p}页/共{n}页\n\f"),
    "numbers in heads": (line, "\fTeam\t{p}\n", ""),
    "numbers behind a name": (block, "", "\nMessages - Ben                    {p}\n"),
    "rules of Markdown": (block, "", "---\n\n*{p} / {n}*\n\n"),
}


@pytest.mark.parametrize("layout", some(PAGES, 2))
def test_heads_and_feet_are_no_words(tmp_path: Path, layout: str) -> None:
    written, head, foot = PAGES[layout]
    pages = [ROWS[i : i + 6] for i in range(0, len(ROWS), 6)]
    text = "".join(
        head.format(p=p, n=len(pages)) + "".join(map(written, rows)) + foot.format(p=p, n=len(pages))
        for p, rows in enumerate(pages, 1)
    )
    reading = read_text(tmp_path, COVER + text)
    assert spoken(reading, "%F %T") == ROWS
    assert len(skipped(reading)) >= len(pages) - 1


def test_the_heading_of_a_table_below_its_title_is_no_words_on_further_pages(tmp_path: Path) -> None:
    head = "No time sender words\n"
    parts = ["".join(map(line, ROWS[i : i + 12])) + f"第{i // 12 + 1}页 共2页\n" for i in (0, 12)]
    assert spoken(read_text(tmp_path, "Chat of the team\n" + head + head.join(parts)), "%F %T") == ROWS


@pytest.mark.parametrize("pages", [2, 3])
def test_the_title_of_few_pages_is_no_words(tmp_path: Path, pages: int) -> None:
    """The head of the first page stands where the file begins, and the last page may have no foot."""
    size = len(ROWS) // pages
    parts = ["".join(map(line, ROWS[i : i + size])) for i in range(0, len(ROWS), size)]
    text = "\n".join(f"聊天记录（与 Ben）\n\n{part}\n第 {p} 页 共 {pages} 页\n" for p, part in enumerate(parts, 1))
    assert spoken(read_text(tmp_path, text), "%F %T") == ROWS


def test_numbers_that_people_write_in_lines_of_their_own_stay(tmp_path: Path) -> None:
    rows = [(t, n, f"scan\n第{i}页" if i % 6 == 5 else w) for i, (t, n, w) in enumerate(ROWS)]
    assert spoken(read_text(tmp_path, "".join(map(line, rows))), "%F %T") == rows


def test_headings_of_messages_of_one_minute_are_no_heads_of_pages(tmp_path: Path) -> None:
    """They recur at equal distance where each message has as many lines as the next."""
    rows = [(f"2024-06-03 09:{i // 6:02}", n, f"{w}\nand\nmore") for i, (_, n, w) in enumerate(ROWS)]
    rows = [(t, "Anna" if i in range(6, 12) else n, w) for i, (t, n, w) in enumerate(rows)]
    assert spoken(read_text(tmp_path, "".join(map(block, rows))), "%F %H:%M") == rows


def test_a_page_may_end_between_the_name_and_the_time_of_a_heading(tmp_path: Path) -> None:
    blocks = [[("张三", "李四")[n % 2], f"2024-03-05 09:{n:02}:07", f"第{n}批货到了"] for n in range(24)]
    lines: list[str] = []
    for n, block in enumerate(blocks):
        page = [f"- {n // 5} -", "\f律师事务所"] if n % 5 == 3 else []
        lines += [block[0], *page, *block[1:], ""]
    rows = read_text(tmp_path, "\n".join(lines)).messages
    assert rows["text"].to_list() == [words for *_, words in blocks]
    assert rows["sender"].to_list() == [name for name, *_ in blocks]


def test_words_that_recur_at_equal_distance_are_words_and_no_skipped_lines(tmp_path: Path) -> None:
    said = ["好的", "收到", "明天发货", "在吗", "没问题"] * 12
    text = "".join(f"## {('周海', '李强')[i % 2]} 2024-03-01 09:{i:02}:00\n\n{w}\n\n" for i, w in enumerate(said))
    reading = read_text(tmp_path, text)
    assert reading.messages["text"].to_list() == said
    assert not [n for n in reading.notes if n.code is NoteCode.ROW_SKIPPED]


def test_a_form_feed_before_a_message_begins_it(tmp_path: Path) -> None:
    text = "".join(("\f" if i % 6 == 0 else "") + block(row) for i, row in enumerate(ROWS))
    assert spoken(read_text(tmp_path, text), "%Y-%m-%d %H:%M:%S") == ROWS
