"""Words of a table made from printed pages go on in rows with nothing else, and are of the row above."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text

HEADING = ["序号", "时间", "发言人", "内容"]
TALK = [
    ("在吗", ""), ("昨天问过了，物流单号等会发你，这事得说清", "楚"), ("好", ""), ("我查了，单价从二十涨到二十五，你看行不行", "，给个话"),
    ("知道了", ""), ("实在不行，对账单我核过了差八千元整，咱们", "茶馆见"), ("行", ""), ("月底前能不能再补三十六箱", ""), ("可以", ""),
]  # fmt: skip
WHOLE = [a + b for a, b in TALK]


def table(talk: Sequence[tuple[str, str]], *, numbered: bool = True) -> str:
    held = io.StringIO()
    write = csv.writer(held).writerow
    write(HEADING[not numbered :])
    for i, (words, more) in enumerate(talk):
        write([i + 1, f"2024-03-05 09:{10 + i}", ("甲", "乙")[i % 2], words][not numbered :])
        if more:
            write(["", "", "", more][not numbered :])
    return held.getvalue()


@pytest.mark.parametrize("numbered", [True, False])
def test_words_that_go_on_belong_to_the_row_above(tmp_path: Path, numbered: bool) -> None:
    messages = read_text(tmp_path, table(TALK, numbered=numbered), "a.csv").messages
    assert messages["text"].to_list() == WHOLE
    assert messages["sent_at"].null_count() == 0


def test_a_word_of_latin_letters_ends_with_its_line(tmp_path: Path) -> None:
    talk = [
        (w, more)
        for w, more in [
            ("please send me the contract", "today"),
            ("ok", ""),
            ("the number is seven and ten", "or so"),
            ("fine", ""),
        ]
    ]
    found = read_text(tmp_path, table(talk), "a.csv").messages["text"].to_list()
    assert found == ["please send me the contract today", "ok", "the number is seven and ten or so", "fine"]


def test_a_line_end_below_a_short_line_is_kept(tmp_path: Path) -> None:
    talk = [(w, "第二行" if w == "好" else more) for w, more in TALK]
    assert read_text(tmp_path, table(talk), "a.csv").messages["text"][2] == "好\n第二行"


def test_a_sentence_of_the_client_goes_on_nothing(tmp_path: Path) -> None:
    notice = "以上是打招呼的内容"
    talk = [(w, notice if w == "知道了" else more) for w, more in TALK]
    assert read_text(tmp_path, table(talk), "a.csv").messages["text"].to_list() == [*WHOLE[:5], notice, *WHOLE[5:]]


def test_remarks_below_short_words_are_not_joined_to_them(tmp_path: Path) -> None:
    talk = [(w, "此处有一张截图" if len(w) < 4 else "") for w, _ in TALK]
    try:
        found = read_text(tmp_path, table(talk), "a.csv").messages["text"].to_list()
    except UsageError:
        return
    assert "在吗\n此处有一张截图" not in found


def test_a_total_below_the_rows_goes_on_no_time(tmp_path: Path) -> None:
    times = [f"2024-03-05 09:{10 + i}:07" for i in range(8)]
    rows = "".join(f"{t},{i},甲乙丙丁{i % 2},第{i}句\n" for i, t in enumerate(times))
    messages = read_text(tmp_path, f"时间,序号,发言人,内容\n{rows}共8条,,,\n", "a.csv").messages
    assert messages["sent_at"].drop_nulls().len() == 8
    assert messages["text"].to_list()[:8] == [f"第{i}句" for i in range(8)]
