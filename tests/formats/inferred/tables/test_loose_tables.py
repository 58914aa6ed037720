"""Tables as people keep them: merged days, totals, repeated headings, commas without quotes."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.errors import UsageError
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from tests.build.readings import read

ROWS = [
    ("2024-03-05", "09:12:31", "Anna", "the first of all words"), ("2024-03-05", "09:13:02", "Ben", "a second one, and more"),
    ("2024-03-06", "10:00:00", "Anna", "yes, of course, at ten"), ("2024-03-06", "10:05:00", "Ben", "then it is settled"),
    ("2024-03-07", "11:00:00", "Anna", "fine"), ("2024-03-07", "11:00:09", "Ben", "see you there, then"),
]  # fmt: skip


def told(reading: Reading) -> list[tuple[str, str, str]]:
    rows = reading.messages.select("sent_raw", "sender", "text").iter_rows()
    return [(raw[:19], sender, text) for raw, sender, text in rows]


def sheet(path: Path, rows: Sequence[Sequence[object]], *merged: str) -> Path:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(list(row))
    for place in merged:
        page.merge_cells(place)
    book.save(path)
    return path


WHOLE = [(f"{day} {clock}", who, words) for day, clock, who, words in ROWS]


def test_a_day_merged_over_several_rows_is_the_day_of_each(tmp_path: Path) -> None:
    rows = [[None if i % 2 else d, c, who, words] for i, (d, c, who, words) in enumerate(ROWS)]
    path = sheet(tmp_path / "a.xlsx", [["日期", "时间", "发言者", "内容"], *rows], "A2:A3", "A4:A5", "A6:A7")
    assert told(read(path)) == WHOLE


def test_the_heading_of_each_printed_page_and_its_number_are_no_rows(tmp_path: Path) -> None:
    heading: list[object] = ["时间", "发送者", "内容"]
    rows: list[list[object]] = [[datetime.fromisoformat(t), who, words] for t, who, words in WHOLE]
    pages: list[Sequence[object]] = [["页 1"], heading, *rows[:3], ["页 2"], heading, *rows[3:]]
    reading = read(sheet(tmp_path / "a.xlsx", pages))
    assert told(reading) == WHOLE
    assert sum(n.count for n in reading.notes if n.code == "line_outside") == 3


def test_a_total_below_the_rows_is_noted_and_no_message(tmp_path: Path) -> None:
    rows: list[list[object]] = [[i, *row] for i, row in enumerate(ROWS, 1)]
    rows += [[], ["合计", None, None, None, "共6条"]]
    reading = read(sheet(tmp_path / "a.xlsx", [["序号", "日期", "时刻", "发言人", "聊天内容"], *rows]))
    assert told(reading) == WHOLE
    assert ["合计 共6条" in n.excerpt for n in reading.notes if n.code == "row_skipped"] == [True]


def test_commas_of_words_without_quotes_end_no_cell(tmp_path: Path) -> None:
    lines = ["name,date,message", *(f"{who},{t},{words}" for t, who, words in WHOLE)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert told(read(tmp_path / "a.csv")) == WHOLE


def test_without_a_heading_the_shortest_row_tells_the_columns(tmp_path: Path) -> None:
    lines = [f"{d[8:]}/03/2024,{c},{who},+49{int(who == 'Ben')}1,{words}" for d, c, who, words in ROWS]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert read(tmp_path / "a.csv").messages["text"].to_list() == [r[3] for r in ROWS]


def test_two_rows_that_lost_their_line_end_are_noted_as_one_odd_row(tmp_path: Path) -> None:
    plain = [f"{t},{who},{words.replace(',', '')}" for t, who, words in WHOLE]
    lines = ["time,sender,text", *plain, *(p.replace("2024", "2025") for p in plain)]
    lines[3:5] = [lines[3] + lines[4]]
    lines[7:9] = [lines[7] + lines[8]]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert sum(n.count for n in read(tmp_path / "a.csv").notes if n.code == "row_skipped") >= 2


@pytest.mark.parametrize("heading", ["", '"time","sender","text"\n'])
def test_a_backslash_before_a_quote_is_no_part_of_the_words(heading: str, tmp_path: Path) -> None:
    rows = [(t, who, words.replace("first", '\\"first\\"')) for t, who, words in WHOLE]
    (tmp_path / "a.csv").write_text(heading + "".join(f'"{t}","{who}","{words}"\n' for t, who, words in rows))
    assert read(tmp_path / "a.csv").messages["text"][0] == 'the "first" of all words'


def test_a_break_in_a_cell_of_a_page_that_calls_itself_xls_is_a_new_line(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td>{t}</td><td>{who}</td><td>{words.replace(', ', '<br>')}</td></tr>" for t, who, words in WHOLE
    )
    (tmp_path / "a.xls").write_text(
        f"<html><table><tr><th>时间</th><th>发送者</th><th>内容</th></tr>{rows}</table></html>"
    )
    assert read(tmp_path / "a.xls").messages["text"][2] == "yes\nof course\nat ten"


def test_one_row_with_a_separator_in_its_words_is_read_where_nothing_is_quoted(tmp_path: Path) -> None:
    rows = [f"{t};{who};{words.replace(',', ';', 1)}" for t, who, words in WHOLE[2:]] + [
        f"{t};{who};x{i}" for i, (t, who, _) in enumerate(WHOLE * 2)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["time;sender;text", *rows]) + "\n", "utf-8")
    assert told(read(tmp_path / "a.csv"))[0] == (*WHOLE[2][:2], WHOLE[2][2].replace(",", ";", 1))


def test_quotes_that_no_cell_needs_belong_to_the_words(tmp_path: Path) -> None:
    said = ['"Try" is no date', "fine", '"no"', "see you", "well", "bye"]
    file = tmp_path / "a.csv"
    rows = [f"2024-03-04 09:1{i}:05|{('Ann', 'Bob')[i % 2]}|{text}" for i, text in enumerate(said)]
    file.write_text("\n".join(["Time|Name|Message", *rows]), "utf-8")
    assert read(file).messages["text"].to_list() == said
    # Where cells need them, or all of a column have them, they are no words.
    file.write_text("\n".join(["Time|Name|Message", *rows[1:2], *rows[3:], '2024-03-04 10:00:05|Ann|"a|b"']), "utf-8")
    assert read(file).messages["text"][-1] == "a|b"


def test_a_cell_that_begins_with_a_doubled_quote_needs_its_quotes_though_no_other_cell_has_any(tmp_path: Path) -> None:
    rows = [f"2024-03-04 09:1{i}:05,{('Ann', 'Bob')[i % 2]},line {i}" for i in range(6)]
    file = tmp_path / "a.csv"
    file.write_text("\n".join(["Time,Name,Message", *rows, '2024-03-04 10:00:05,Ann,"""Bob"" is here"']), "utf-8")
    assert read(file).messages["text"][-1] == '"Bob" is here'


@pytest.mark.parametrize("heading", ["time\tsender\ttext\n", ""], ids=["named columns", "no heading"])
@pytest.mark.parametrize("separator", ["\t", " | ", ";"])
def test_lines_below_a_row_without_quotes_go_on_with_its_words(tmp_path: Path, heading: str, separator: str) -> None:
    whole = [(t, who, words + "\n1. 拆墙\n\n2、防水，另计" * (i == 2)) for i, (t, who, words) in enumerate(WHOLE)]
    text = heading.replace("\t", separator) + "".join(separator.join(row) + "\n" for row in whole)
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert [tuple(map(str.strip, row)) for row in told(read(tmp_path / "a.txt"))] == whole


@pytest.mark.parametrize("spelt", ["{:%Y%m%d %H:%M:%S}", "{:%d %b %Y %H:%M:%S}"])
def test_rows_with_times_of_any_spelling_are_told_from_the_lines_below_them(tmp_path: Path, spelt: str) -> None:
    rows = [(spelt.format(datetime.fromisoformat(t)), who, words) for t, who, words in WHOLE]
    text = "".join(";".join(row) + "\n" for row in rows).replace("all words", "all\nwords")
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert read(tmp_path / "a.txt").messages["text"].to_list()[:2] == ["the first of all\nwords", WHOLE[1][2]]


def test_a_total_below_the_last_row_without_quotes_is_noted_and_no_words(tmp_path: Path) -> None:
    text = "".join("\t".join(row) + "\n" for row in WHOLE).replace("then\n", "then,\nat ten\n") + "共6条\n"
    (tmp_path / "a.txt").write_text(text, "utf-8")
    reading = read(tmp_path / "a.txt")
    assert told(reading)[-1] == (*WHOLE[-1][:2], "see you there, then,\nat ten")
    assert "共6条" in [n.excerpt for n in reading.notes if n.code == "row_skipped"]


def test_cells_that_are_called_like_columns_make_no_heading(tmp_path: Path) -> None:
    """A status, a kind or an answer may be worded like the heading of another column."""
    heading = "No,Time,Sender,Type,Content,Status,Deleted\n"
    rows = [f'{i},{t},{who},Text,"{words}",Sent,No\n' for i, (t, who, words) in enumerate(WHOLE)]
    (tmp_path / "a.csv").write_text(heading + "".join(rows), "utf-8")
    assert told(read(tmp_path / "a.csv")) == WHOLE


@pytest.mark.parametrize("name", ["1", "图片"])
def test_a_name_that_is_also_a_kind_is_a_name_under_a_heading_of_senders(tmp_path: Path, name: str) -> None:
    rows = [(t, name if who == "Anna" else who, words) for t, who, words in [*WHOLE, *WHOLE[:1]]]
    text = "序号,时间,发送者,消息\n" + "".join(f'{i},{t},{who},"{w}"\n' for i, (t, who, w) in enumerate(rows, 1))
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert told(read(tmp_path / "a.csv")) == rows


def test_words_that_end_in_a_backslash_do_not_join_the_next_row(tmp_path: Path) -> None:
    rows = [["2024-03-05 09:12", "Anna", 'she wrote ""yes, and no"", then left, I think, in the end']] * 3
    rows += [["2024-03-05 09:13", "Ben", "all logs need cleaning :-\\"], ["2024-03-05 09:14", "Anna", "they do"]]
    path = tmp_path / "a.csv"
    path.write_text(
        "time,sender,text\n" + "".join(f'{t},{n},"{w}"\n' if "," in w else f"{t},{n},{w}\n" for t, n, w in rows)
    )
    messages = read(path).messages
    assert messages["sender"].to_list() == ["Anna", "Anna", "Anna", "Ben", "Anna"]
    assert messages["text"].to_list()[-2:] == ["all logs need cleaning :-\\", "they do"]


def test_words_that_a_spreadsheet_program_made_a_number_or_a_date_are_noted_at_their_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    said = ["在吗", 84707, "好的", date(2026, 7, 8), "行", "明天见", "嗯", "收到"]
    sheet.append(["时间", "发送人", "内容"])
    for i, words in enumerate(said):
        sheet.append([f"2024-03-05 10:{i:02}:07", ("甲方李", "乙方王")[i % 2], words])
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    noted = [n.locator for n in reading.notes if str(n.code) == "coerced_cell"]
    assert noted == reading.messages["locator"][[1, 3]].to_list()


def test_the_half_of_the_day_behind_a_clock_is_nobody(tmp_path: Path) -> None:
    rows = "\r ".join(f'12/{i}/2015 6:{i}:03 AM;from;+546000000001;"";"word {i} of many"' for i in range(13, 27))
    (tmp_path / "a.csv").write_bytes(rows.encode())
    with pytest.raises(UsageError, match="sender"):
        read(tmp_path / "a.csv")


def test_sheets_of_months_with_rows_of_days_get_the_year_of_their_titles(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [["甲与乙的聊天记录(2024年3月)"], ["时间", "发送者", "内容"]]
    for day, week in ((1, "五"), (2, "六")):
        rows += [[f"3月{day}日 星期{week}"], ["13:01", "甲", f"第{day}句"], ["13:02", "乙", f"第{day}答"]]
    reading = read(sheet(tmp_path / "a.xlsx", rows, "A1:C1", "A3:C3", "A6:C6"))
    assert [f"{t:%F}" for t in reading.messages["sent_at"]] == ["2024-03-01"] * 2 + ["2024-03-02"] * 2


def test_rows_of_days_may_stand_between_columns_of_speakers(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [["时间", "原告", "被告"]]
    for day in (1, 2):
        rows += [[f"2024年3月{day}日"]]
        rows += [[f"09:{n:02}", *(w if n % 2 == at else None for at, w in enumerate((f"问题{day}{n}", f"答复{day}{n}")))] for n in range(6)]  # fmt: skip
    messages = read(sheet(tmp_path / "a.xlsx", rows)).messages
    assert messages["sender"].to_list() == ["原告", "被告"] * 6


def test_fields_of_structures_in_parquet_and_words_that_are_json_strings_are_read(tmp_path: Path) -> None:
    rows = [{"sent": f"2024-03-01 09:{n:02}:07", "sender": {"id": f"u{n % 2}", "name": "甲乙"[n % 2]}, "content": f'"第{n}句\\n续"'} for n in range(9)]  # fmt: skip
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    messages = read(tmp_path / "a.parquet").messages
    assert messages["sender"].to_list() == [f"u{n % 2}" for n in range(9)]
    assert messages["text"].to_list() == [f"第{n}句\n续" for n in range(9)]


def test_names_that_stand_alone_above_their_rows_are_the_senders(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [["时间", "内容"]]
    for n in range(6):
        rows += [["甲乙"[n % 2]], [f"2024-03-01 09:{n:02}:07", f"第{n}句"], [f"2024-03-01 09:{n:02}:37", f"第{n}句续"]]
    messages = read(sheet(tmp_path / "a.xlsx", rows)).messages
    assert messages["sender"].to_list() == ["甲", "甲", "乙", "乙"] * 3


def test_a_row_of_parquet_may_hold_all_messages(tmp_path: Path) -> None:
    said = [{"at": f"2024-03-01 09:{n:02}:07", "by": {"first": "Tom", "last": ("Reed", "Hill")[n % 2]}, "text": f"word {n}"} for n in range(9)]  # fmt: skip
    pl.DataFrame([{"room": "x", "messages": said}]).write_parquet(tmp_path / "a.parquet")
    messages = read(tmp_path / "a.parquet").messages
    assert messages["sender"].n_unique() == 2
    assert messages["text"].to_list() == [f"word {n}" for n in range(9)]


def test_a_title_above_a_table_and_lines_below_it_are_no_unread_rows(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [["张三与李四微信聊天记录"], ["日期", "时刻", "发言人", "聊天内容"], *ROWS]
    reading = read(sheet(tmp_path / "a.xlsx", [*rows, ["以上共30条"], ["整理人：李律师"]]))
    assert told(reading) == WHOLE
    codes = [n.code for n in reading.notes]
    assert (codes.count(NoteCode.LINE_OUTSIDE), codes.count(NoteCode.ROW_SKIPPED)) == (3, 0)
