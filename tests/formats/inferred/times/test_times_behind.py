"""Times that stand behind the words of messages, or in signatures below them."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import ReconcileError
from reconcile.formats.inferred.times.times_behind import times_in_front
from reconcile.vocabulary import NoteCode
from tests.build.readings import read_text, spoken
from tests.conftest import Within
from tests.thorough import some


@pytest.mark.parametrize("line", some(["{w} ——{n} {t}", "{w} ({n}, {t})", "{w} — {n}, {t}", "{w}\n  ——{n} {t}"], 2))
def test_a_clock_behind_the_words_and_the_name_that_signs_them_is_their_time(tmp_path: Path, line: str) -> None:
    words = [f"昨天下午5:4{i}做完第{i}项" + ("\n还有别的" if i % 3 == 1 else "") for i in range(6)]
    said = [(f"0{9 - i % 2}:1{i}", ("陈姐", "王工")[i % 2], w) for i, w in enumerate(words)]
    lines = [line.format(t=t, n=n, w=w) for t, n, w in said]
    text = "\n".join(["【2024年3月1日】", *lines[:3], "", "【2024年3月2日】", *lines[3:]])
    assert spoken(read_text(tmp_path, text), "%H:%M") == said


def test_a_clock_behind_words_that_nobody_signs_is_no_time(tmp_path: Path) -> None:
    lines = [f"Nummer {i} von {'AB'[i % 2]} um 10:1{i}" for i in range(6)]
    with pytest.raises(ReconcileError):
        read_text(tmp_path, "\n".join(["2024-03-01", *lines]))


@pytest.mark.parametrize("sign", ["—", "(", "甲", " ", "09:10", "— 甲 ", "\t"])
def test_lines_of_one_sign_take_linear_time(sign: str, within: Within, timed: bool) -> None:
    line = sign * ((40_000 if timed else 500) // len(sign))
    with within(5):
        times_in_front(pl.Series(["2024-03-01", *[f"{line} 09:10", f"{line}——甲 09:10"] * 4]))


@pytest.mark.parametrize("title", ["", "聊天记录\n"])
def test_a_clock_behind_each_message_is_of_the_day_above_it_below_any_title(tmp_path: Path, title: str) -> None:
    lines = [
        "2024年3月4日",
        "Kevin 邓：哦（13:58）",
        "戴德梓：我记着呢",
        "一定办（14:02）",
        "Kevin 邓：好（23:59）",
        "2024年3月5日",
        "戴德梓：在吗（0:03）",
    ]
    found = read_text(tmp_path, title + "\n".join(lines)).messages
    assert found["sent_raw"].to_list() == [
        f"2024年3月{d}日 {c}" for d, c in ((4, "13:58"), (4, "14:02"), (4, "23:59"), (5, "0:03"))
    ]
    assert found["sender"].to_list() == ["Kevin 邓", "戴德梓"] * 2
    assert found["text"].to_list() == ["哦", "我记着呢\n一定办", "好", "在吗"]


@pytest.mark.parametrize("opening", ["", "整理于2025年1月5日\n"])
def test_remarks_and_rules_between_messages_that_end_in_times_are_no_words_of_them(
    tmp_path: Path, opening: str
) -> None:
    text = """沈佳：在吗（2024/10/11 08:48）
老邱：半包 68,500：
水电 17,800（2024/10/11 08:51）
// 下面是付款
=====
沈佳：【图片】（2024/10/11 08:52）
老邱：好（2024/10/11 08:53）
沈佳：行（2024/10/11 08:54）
老邱：明天见（2024/10/11 08:55）
"""
    reading = read_text(tmp_path, opening + text)
    said = spoken(reading, "%H:%M")
    assert said[:2] == [("08:48", "沈佳", "在吗"), ("08:51", "老邱", "半包 68,500：\n水电 17,800")]
    assert [(t, n) for t, n, _ in said[2:4]] == [("08:52", "沈佳"), ("08:53", "老邱")]
    skipped = [n.excerpt for n in reading.notes if n.code is NoteCode.ROW_SKIPPED]
    assert skipped == [*opening.splitlines(), "// 下面是付款", "====="]
