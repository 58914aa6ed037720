"""What stands below the words of a text: signatures, totals and words that it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.readings import read_text, skipped, spoken
from tests.thorough import meeting, some

ROWS = [(f"09:{i:02}", ("Anna", "Ben")[i % 3 % 2], ("ok", "word\nand more", f"word {i}")[i % 3]) for i in range(15)]


def quoted(words: str) -> str:
    return "> " + words.replace("\n", "\n> ")


@meeting(
    form=[
        lambda t, n, w: f"{w}\n——{n}，2024-03-05 {t}\n\n",
        lambda t, n, w: f"{w}\n    -- {n}, 2024-03-05 {t}\n\n",
        lambda t, n, w: f"{w}\n（{n} 2024年3月5日 {t}）\n\n",
        lambda t, n, w: f"{quoted(w)}\n>\n> — {n} · 2024-03-05 {t}\n\n",
    ],
    title=["", "Excerpt\n\n"],
)
def test_words_above_a_signature_are_signed_by_it(
    form: Callable[[str, str, str], str], title: str, tmp_path: Path
) -> None:
    assert spoken(read_text(tmp_path, title + "".join(form(*r) for r in ROWS)), "%H:%M") == ROWS


def test_signatures_need_no_empty_lines_where_a_text_begins_with_words_and_ends_signed(tmp_path: Path) -> None:
    text = "".join(f"{w}\n——{n}，2024-03-05 {t}\n" for t, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_a_line_of_name_and_time_above_words_begins_them(tmp_path: Path) -> None:
    text = "Excerpt\n\n" + "\n".join(f"——{n}，2024-03-05 {t}\n{w}\n" for t, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


ENDS = [
    "共 15 条记录", "-- end --", "(15 rows)", "聊天记录导出完毕", "Total: 15 messages", "15 rows in set (0.00 sec)",
    "==== 结束 ====", "—— 以上为全部聊天记录 ——", "End of export",
]  # fmt: skip
LINES = "".join(f"2024-03-05 {t}:07 {n}: {w}\n" for t, n, w in ROWS)
FIELDS = "".join(
    f"**** {i}. row ****\nsent: 2024-03-05 {t}:07\nfrom: {n}\ntext: {w}\n" for i, (t, n, w) in enumerate(ROWS)
)


@pytest.mark.parametrize(
    ("text", "end"), [*((LINES, end) for end in some(ENDS, 2)), *((FIELDS, end) for end in ENDS[::3])]
)
def test_a_total_or_words_that_a_text_ends_are_no_part_of_the_last_message(text: str, end: str, tmp_path: Path) -> None:
    reading = read_text(tmp_path, f"{text}{end}\n")
    assert reading.messages["text"].to_list() == [w for *_, w in ROWS]
    assert end in skipped(reading)


@pytest.mark.parametrize("end", ["共 3 条", "完成", "-- so long --", "15"])
def test_other_last_lines_are_words(end: str, tmp_path: Path) -> None:
    assert read_text(tmp_path, f"{LINES}{end}\n").messages["text"][-1] == f"word 14\n{end}"


def test_records_between_bars_are_read(tmp_path: Path) -> None:
    rows = [(t, n, w.partition("\n")[0]) for t, n, w in ROWS]
    text = "".join(
        f"-[ RECORD {i} ]-----\nsent   | 2024-03-05 {t}\nsender | {n}\ntext   | {w}\n"
        for i, (t, n, w) in enumerate(rows)
    )
    assert spoken(read_text(tmp_path, text), "%H:%M") == rows
