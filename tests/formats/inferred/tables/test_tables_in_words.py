"""Tables printed as text, whose cells stand in columns or between blanks."""

from collections.abc import Callable
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from reconcile import read
from reconcile.errors import UnrecognisedSource
from tests.build.readings import read_text, spoken

_HEADING = ("序号", "时间", "发送人", "类型", "内容")
_ROWS = [
    (str(i), f"2024-03-0{1 + i // 10} 09:{i:02d}:00", ("张三", "Li Si", "欧阳小明")[i % 3], "文本", words)
    for i, words in enumerate(("好的", "明天  发货", "[图片]", "ok 8000", "收到🙏", "没问题") * 4)
]


def _places(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _in_columns(row: tuple[str, ...], length: Callable[[str], int]) -> str:
    return "".join(c + " " * (n - length(c)) for c, n in zip(row, (6, 21, 10, 6, 0), strict=True)).rstrip()


@pytest.mark.parametrize("length", [_places, len])
def test_columns_below_their_headings_are_read_as_a_table(tmp_path: Path, length: Callable[[str], int]) -> None:
    file = tmp_path / "a.txt"
    file.write_text("\n".join(_in_columns(r, length) for r in (_HEADING, *_ROWS)) + "\n", "utf-8")
    messages = read(file).messages
    assert messages.select("sender", "text").rows() == [(r[2], r[4]) for r in _ROWS]


def test_an_empty_cell_stays_empty_where_cells_stand_in_columns(tmp_path: Path) -> None:
    rows = [r if i % 4 else (*r[:4], "") for i, r in enumerate(_ROWS)]
    file = tmp_path / "a.txt"
    file.write_text("\n".join(_in_columns(r, _places) for r in (_HEADING, *rows)) + "\n", "utf-8")
    messages = read(file).messages
    assert messages["text"].fill_null("").to_list() == [r[4] for r in rows]


def test_lines_that_a_print_broke_are_rows_again(tmp_path: Path) -> None:
    rows = [(*r[:4], r[4].replace("  ", " ")) for r in _ROWS]
    printed = [line[i : i + 40] for r in rows for line in ["  ".join(r)] for i in range(0, len(line), 40)]
    pages = [f"{w}\n第 {i // 10 + 1} 页" if i % 10 == 9 else w for i, w in enumerate(printed)]
    file = tmp_path / "a.txt"
    file.write_text("\n".join(("证据三", "  ".join(_HEADING), *pages)) + "\n", "utf-8")
    reading = read(file)
    assert reading.messages["text"].to_list() == [r[4] for r in rows]
    assert any("证据三" in n.excerpt for n in reading.notes)


def test_rows_that_lost_the_limits_of_their_cells_are_not_read(tmp_path: Path) -> None:
    rows = ["  ".join((*r[:2], r[2], *(() if i % 3 else ("备注",)), *r[3:])) for i, r in enumerate(_ROWS)]
    file = tmp_path / "a.txt"
    file.write_text("\n".join(("  ".join((*_HEADING[:3], "备注", *_HEADING[3:])), *rows)) + "\n", "utf-8")
    with pytest.raises(UnrecognisedSource):
        read(file)


def test_a_rule_below_the_heading_and_totals_below_the_rows_are_no_cells(tmp_path: Path) -> None:
    names = ["Anna Holt", "Ben Adler"]
    rows = "".join(f"03.06.2024  09:{10 + i}   {names[i % 2]:<12} word number {i}, and more\n" for i in range(9))
    text = f"LIST 4\n\nDATE        TIME    USER         MESSAGE\n==========  =====   ==========   ==============\n{rows}\nROWS IN TOTAL: 9\nEND\n"
    reading = read_text(tmp_path, text)
    assert spoken(reading, "%d %H:%M")[-1] == ("03 09:18", "Anna Holt", "word number 8, and more")
    assert reading.messages.height == 9


def test_words_in_the_last_column_may_hold_wide_blanks(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("\n".join("  ".join(r) for r in (_HEADING, *_ROWS)) + "\n", "utf-8")
    assert read(file).messages["text"].to_list() == [r[4] for r in _ROWS]


def test_a_heading_once_more_in_other_columns_is_no_message(tmp_path: Path) -> None:
    wide = tuple(f"{h} " if h == "时间" else h for h in _HEADING)
    first, second = ([_in_columns(r, _places) for r in part] for part in ((_HEADING, *_ROWS[:12]), (wide, *_ROWS[12:])))
    pages = "\n".join(
        [*first, " " * 40 + "- 1 -", *(line.replace("  2024", "   2024") for line in second), " " * 40 + "- 2 -"]
    )
    file = tmp_path / "a.txt"
    file.write_text(pages + "\n", "utf-8")
    assert read(file).messages.select("sender", "text").rows() == [(r[2], r[4]) for r in _ROWS]
