"""What stands below the last message, written otherwise than all messages, is said by nobody."""

from pathlib import Path

import pytest

from tests.build.readings import read_text, skipped, spoken

ROWS = [(f"09:{i:02}:07", ("Anna", "Ben Ode")[i % 2], f"word {i} of many") for i in range(21)]
SHOWN = "We saw this on the telephone."


@pytest.mark.parametrize("closing", ["1\n2\nNext", "Printed on a Monday", "以上操作过程由本处录屏"])
def test_closing_lines_below_messages_of_one_line_are_noted_and_no_words(tmp_path: Path, closing: str) -> None:
    reading = read_text(tmp_path, "".join(f"[2024-03-05 {c}] {n}: {w}\n" for c, n, w in ROWS) + closing)
    assert spoken(reading, "%H:%M:%S") == ROWS
    assert any(closing in note for note in skipped(reading))


def test_what_stands_below_the_remark_that_ends_all_messages_is_no_words_as_is_the_remark(tmp_path: Path) -> None:
    text = "".join(f"[2024-03-05 {c}] {n}: {w} (page {i // 4})\n" for i, (c, n, w) in enumerate(ROWS)) + SHOWN
    reading = read_text(tmp_path, text)
    assert spoken(reading, "%H:%M:%S") == ROWS
    assert SHOWN in skipped(reading)


def test_one_plain_line_below_the_last_message_is_part_of_it(tmp_path: Path) -> None:
    text = "".join(f"[2024-03-05 {c}] {n}: {w}\n" for c, n, w in ROWS) + "and more"
    assert read_text(tmp_path, text).messages["text"][-1] == "word 20 of many\nand more"


@pytest.mark.parametrize("layout", ["{t}\n{n}\n{w}\n", "{t} {n}：{w}\n", "{t}\n{n}: {w}\n"])
def test_names_may_hold_the_colon_that_ends_names(tmp_path: Path, layout: str) -> None:
    names = {"Anna": "买家：豆坊", "Ben Ode": "Shop:Ben"}
    text = "".join(layout.format(t=f"2024-03-05 {c}", n=names[n], w=w) for c, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%H:%M:%S") == [(c, names[n], w) for c, n, w in ROWS]


def test_a_state_below_all_messages_of_one_side_is_no_words(tmp_path: Path) -> None:
    state = {"Anna": "", "Ben Ode": "已读\n"}
    text = "".join(f"2024-03-05 {c} {n}\n{w}\n{state[n]}" for c, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%H:%M:%S") == ROWS
