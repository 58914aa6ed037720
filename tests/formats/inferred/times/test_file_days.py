"""Days that the names of files state for clocks without a day."""

from datetime import date
from pathlib import Path

import docx
import polars as pl
import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.times.file_days import FileDay, day_of_file, day_of_log
from tests.build.readings import read, read_text
from tests.thorough import some

CLOCKS = ["02:01:11", "07:48:26", "08:20:09", "09:20:26", "19:26:20", "21:00:00"]
LINES = "\n".join(f"[{c}] <{'anna' if i % 2 else 'ben'}> word {i}" for i, c in enumerate(CLOCKS))
PAGE = "".join(
    f'<div class="receive"><span class="timestamp">12:0{i}:48 AM</span><span class="sender">{"anna" if i % 2 else "ben"}</span>'
    f'<pre class="message">word {i}</pre></div>'
    for i in range(6)
)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2024-03-04.log", FileDay("2024-03-04")),
        ("2011-10-18.200620+0200CEST.html", FileDay("2011-10-18", "+0200")),
        ("#team_20161224.log.txt", FileDay("2016-12-24")),
        ("anna (2006-09-23).AdiumHTMLLog", FileDay("2006-09-23")),
        ("chat 2024-03-04.txt", FileDay("2024-03-04", is_sure=False)),
        ("2024年3月4日.txt", FileDay("2024-03-04")),
        ("2024 年 3 月 14 日.txt", FileDay("2024-03-14")),
        ("2024.3.4.txt", FileDay("2024-03-04")),
        ("聊天2024-3-4.txt", FileDay("2024-03-04", is_sure=False)),
        ("2024年3月.txt", None),
        ("2024.3.45.txt", None),
        ("2024-03-04 to 2024-03-05.txt", None),
        ("20240304123456789.txt", None),
    ],
)
def test_the_day_of_a_file_is_the_one_in_its_name(name: str, told: FileDay | None) -> None:
    assert day_of_file(name) == told


def test_the_clocks_of_a_log_are_of_the_day_in_its_name(tmp_path: Path) -> None:
    found = read_text(tmp_path, LINES, "#team_20161224.log.txt").messages
    assert found["sent_raw"].to_list() == [f"2016-12-24 {c}" for c in CLOCKS]


def test_a_day_of_one_message_is_read_like_the_other_days_of_the_folder(tmp_path: Path) -> None:
    for day, held in (("2024年3月4日", CLOCKS[2:]), ("2024年3月5日", CLOCKS[:1]), ("2024年3月16日", CLOCKS[:2])):
        words = "\n".join(f"{c} {'anna' if i % 2 else 'ben'}：word {i}" for i, c in enumerate(held))
        (tmp_path / f"{day}.txt").write_text(words, "utf-8")
    found = read(tmp_path)
    days = ["2024-03-04"] * 4 + ["2024-03-05"] + ["2024-03-16"] * 2
    assert sorted(found.messages["sent_raw"]) == [
        f"{d} {c}" for d, c in zip(days, [*CLOCKS[2:], CLOCKS[0], *CLOCKS[:2]], strict=True)
    ]
    assert "2024年3月5日.txt#line 1" in found.messages["locator"].to_list()
    assert "row_skipped" not in {str(n.code) for n in found.notes}


def test_the_clocks_of_a_page_are_of_the_day_in_the_name_of_its_log(tmp_path: Path) -> None:
    found = read_text(tmp_path, PAGE, "anna (2006-09-23).AdiumHTMLLog").messages
    assert found["sent_raw"].to_list() == [f"2006-09-23 12:0{i}:48 AM" for i in range(6)]


def test_the_offset_in_the_name_of_a_log_is_that_of_its_clocks(tmp_path: Path) -> None:
    found = read_text(tmp_path, LINES, "2011-10-18.200620+0200CEST.txt").messages
    assert str(found["sent_at"][0]) == "2011-10-18 00:01:11+00:00"


def test_a_day_in_the_name_of_another_file_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are date: date"):
        read_text(tmp_path, LINES, "chat 2016-12-24.txt")


def test_the_zone_in_the_line_that_opens_a_chat_is_that_of_its_clocks(tmp_path: Path) -> None:
    opening = "Conversation with ben@a.example at Tue 18 Oct 2011 02:01:00 CEST on anna@a.example (jabber)\n"
    lines = "\n".join(f"({c}) {'anna' if i % 2 else 'ben'}: word {i}" for i, c in enumerate(CLOCKS))
    assert str(read_text(tmp_path, opening + lines).messages["sent_at"][0]) == "2011-10-18 00:01:11+00:00"


def test_clocks_of_twelve_hours_take_the_offset_of_their_file_too(tmp_path: Path) -> None:
    opening = "Conversation with ben at 10/18/2011 8:06:20 PM on anna (aim)\n"
    lines = "\n".join(f"(8:0{i}:22 PM) {'anna' if i % 2 else 'ben'}: word {i}" for i in range(6, 10))
    found = read_text(tmp_path, opening + lines, "2011-10-18.200620-0400EDT.txt").messages
    assert str(found["sent_at"][0]) == "2011-10-19 00:06:22+00:00"


def test_the_only_labelled_day_of_a_head_is_asked_for(tmp_path: Path) -> None:
    lines = "\n".join(f"### {c} - {'anna' if i % 2 else 'ben'}\n\nword {i}\n" for i, c in enumerate(CLOCKS))
    head = "# orders\n\n**日期**: 2025-06-17\n**消息总数**: 6\n\n"
    with pytest.raises(UsageError, match="unclear are date: date"):
        read_text(tmp_path, head + lines, "a.md")


@pytest.mark.parametrize(
    ("title", "is_sure"),
    [("IRC Log for 2024-03-05", True), ("Log exported 2024-03-05", False), ("Meeting 2024-03-05", False)],
)
def test_a_title_that_calls_itself_a_log_states_the_day_of_its_clocks(title: str, is_sure: bool) -> None:
    lines = pl.Series([title, "Timestamps are local.", "[9:05] <Anna> hello"])
    assert day_of_log("a.html", lines) == FileDay("2024-03-05", is_sure=is_sure)


@pytest.mark.parametrize("words", ["{}聊天记录", "以下为{}的聊天", "―― {} ―― (continued)"])
def test_the_same_words_around_the_days_above_messages_are_no_part_of_them(words: str, tmp_path: Path) -> None:
    days = [words.format(d) + "\n" + LINES for d in ("2024-03-04", "2024-03-05")]
    times = read_text(tmp_path, "\n".join(days)).messages["sent_at"]
    assert times.dt.convert_time_zone("Asia/Shanghai").dt.day().to_list() == [4] * 6 + [5] * 6


def test_days_with_the_same_words_below_a_message_are_words_of_it(tmp_path: Path) -> None:
    lines = [f"2024-03-04 09:0{i}:11 {'anna' if i % 2 else 'ben'}: word {i}" for i in range(8)]
    lines[4] += "\n2024-05-01 to be paid\n2024-06-01 to be paid\nboth by transfer"
    texts = read_text(tmp_path, "\n".join(lines)).messages["text"].to_list()
    assert texts[4] == "word 4\n2024-05-01 to be paid\n2024-06-01 to be paid\nboth by transfer"


def test_a_document_of_a_day_with_one_message_is_read_like_those_beside_it(tmp_path: Path) -> None:
    for day, many in (("20240304", 6), ("20240305", 1), ("20240306", 6)):
        document = docx.Document()
        document.add_paragraph(f"2024年3月{day[-1]}日聊天记录")
        for i, clock in enumerate(CLOCKS[:many]):
            document.add_paragraph(f"{clock[:5]} {'小红' if i % 2 else '老周'}：第{day}批货送到了{i}号楼")
        document.save(str(tmp_path / f"{day}.docx"))
    messages = read(tmp_path).messages
    assert messages.height == 13
    assert messages["conversation"].n_unique() == 1


def test_a_document_full_of_times_beside_an_export_of_another_form_is_not_left_out_in_silence(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-05 09:0{i}:11,{'小红' if i % 2 else '老周'},第{i}批货已经送到了\n" for i in range(8))
    (tmp_path / "一览表.csv").write_text("时间,发送人,内容\n" + rows, encoding="utf-8")
    document = docx.Document()
    for i in range(8):
        document.add_paragraph(f"编号{i} 记录时间 2024-03-06 10:0{i}")
        document.add_paragraph(f"说到第{i}批货的事，双方各执一词")
    document.save(str(tmp_path / "登记表.docx"))
    with pytest.raises(UsageError, match=r"登记表\.docx holds 8 lines or cells with a time"):
        read(tmp_path)


@pytest.mark.parametrize(
    "layout",
    some(["log_%d_%m_%Y.log", "log_%m-%d-%Y.log", "%d.%m.%Y.txt", "%Y/%m/%d/chat.txt", "chat %b %d %Y.txt"], 3),
)
def test_days_of_several_files_are_told_in_any_order_by_all_their_names(tmp_path: Path, layout: str) -> None:
    for day in (4, 14, 25):
        file = tmp_path / date(2024, 3, day).strftime(layout)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"({c[:5]}) {'anna' if i % 2 else 'ben'}: word {i}\n" for i, c in enumerate(CLOCKS)))
    found = read(tmp_path).messages
    days = found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.day()
    assert days.to_list() == [d for d in (4, 14, 25) for _ in CLOCKS]
    assert found["conversation"].n_unique() == 1


def test_the_day_of_a_folder_is_that_of_a_talk_that_begins_soon_after_the_clock_beside_it(tmp_path: Path) -> None:
    for name, is_asked in (("2024-03-04 02.00.05 team", False), ("2024-03-04 team", True)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved.txt").write_text(LINES)
        if is_asked:
            with pytest.raises(UsageError, match="date: date \\(such as '2024-03-04'\\)"):
                read(tmp_path / name)
        else:
            assert read(tmp_path / name).messages["sent_raw"][0] == "2024-03-04 02:01:11"


def test_the_order_of_day_and_month_in_a_name_is_asked_for_where_nothing_tells_it(tmp_path: Path) -> None:
    (tmp_path / "log_03_04_2024.log").write_text(LINES)
    with pytest.raises(UsageError, match="day_first: true / false"):
        read(tmp_path)
