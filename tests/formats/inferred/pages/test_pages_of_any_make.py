"""Pages whose sides differ in shape, and workbooks of several chats."""

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from reconcile.intake.contract import Reading
from tests.build.readings import read, read_text, spoken

CLOCKS = [f"{9 + i // 4:02}:{15 * (i % 4):02}" for i in range(16)]
NAMES = ["Anna", "Ben"] * 8
WORDS = [f"word {i} of many" for i in range(16)]
ROWS = list(zip(CLOCKS, NAMES, WORDS, strict=True))


def page(tmp_path: Path, body: str) -> Reading:
    (tmp_path / "a.html").write_text(f"<html><head><meta charset='utf-8'></head><body>{body}</body></html>", "utf-8")
    return read(tmp_path / "a.html")


def told(reading: Reading) -> list[tuple[str, str, str]]:
    local = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%d %H:%M")
    return list(zip(local, reading.messages["sender"], reading.messages["text"], strict=True))


def test_the_whole_class_parts_what_the_first_one_joins_and_a_day_inside_a_row_is_its_own(tmp_path: Path) -> None:
    def side(clock: str, name: str, words: str) -> str:
        if name == "Anna":
            return f'<div class="r"><div class="l blue">{clock}</div><div class="name end">Anna</div></div><div class="b end">{words}</div>'
        return f'<div class="r"><div class="l name">Ben</div><div class="end blue">{clock}</div></div><div class="b start">{words}</div>'

    days = {0: '<div class="day mid">2024-03-05</div>', 8: '<div class="day mid">2024-03-06</div>'}
    body = "".join(f'<div class="row">{days.get(i, "")}{side(*r)}</div>' for i, r in enumerate(ROWS))
    assert told(page(tmp_path, body)) == [(f"{'05' if i < 8 else '06'} {c}", n, w) for i, (c, n, w) in enumerate(ROWS)]


def test_a_time_with_the_name_of_its_zone_below_it_is_no_text(tmp_path: Path) -> None:
    body = "".join(
        f'<div class="m"><abbr title="2024-03-05T{c}:10+01:00">Mar 5, 2024, {c}:10\nCentral European Time</abbr>: <cite>{n}</cite>: <q>{w}</q></div>'
        for c, n, w in ROWS
    )
    reading = page(tmp_path, body)
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["zone_source"].unique().to_list() == ["explicit"]


def test_elements_outrank_lines_of_the_page_that_double_the_rows_with_rows_without_words(tmp_path: Path) -> None:
    body = "".join(
        f'<div class="m"><abbr class="dt" title="2024-05-06T{c}:09.211-04:00">May 6, 2024, {c}:09&#8239;AM\nEastern Time</abbr>:\n'
        f'<cite class="sender"><a class="tel"><abbr class="fn" title="">{n}</abbr></a></cite>:\n<q>{w}</q>\n</div> '
        for c, n, w in ROWS
    )
    reading = page(tmp_path, f'<div>{body}</div><div class="tags">Labels:\n<a>Inbox</a>, <a>Text</a></div>')
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["zone_source"].unique().to_list() == ["explicit"]


def test_a_rule_before_every_text_is_no_part_of_it(tmp_path: Path) -> None:
    body = "".join(f"<p><i>2024-03-05 {c}:00</i>-----<b>{n}</b><br>{w}<br></p>" for c, n, w in ROWS)
    assert page(tmp_path, body).messages["text"].to_list() == WORDS


def test_every_sheet_of_one_shape_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in (("Ben", ROWS), ("Office", ROWS[:6])):
        page = book.create_sheet(title)
        page.append(["shijian", "fasongren", "neirong"])
        for clock, name, words in rows:
            page.append([f"2024-03-05 {clock}:00", name, f"{words} {title}"])
    book.save(tmp_path / "a.xlsx")
    messages = read(tmp_path / "a.xlsx").messages
    assert dict(messages["conversation"].value_counts().iter_rows()) == {"Ben": 16, "Office": 6}


@pytest.mark.parametrize("name", ["a.html", "a.xls"])
def test_a_cell_that_spans_rows_counts_in_each_of_them(name: str, tmp_path: Path) -> None:
    rows = "".join(
        f"<tr>{f'<td rowspan=8>2024-03-0{5 + i // 8}</td>' if i % 8 == 0 else ''}<td>{c}</td><td>{n}</td><td>{w}</td></tr>"
        for i, (c, n, w) in enumerate(ROWS)
    )
    heading = "<tr><th>日期</th><th>时间</th><th>发言人</th><th>内容</th></tr>"
    (tmp_path / name).write_text(f"<html><meta charset='utf-8'><table>{heading}{rows}</table></html>", "utf-8")
    assert told(read(tmp_path / name)) == [(f"0{5 + i // 8} {c}", n, w) for i, (c, n, w) in enumerate(ROWS)]


def test_a_second_row_of_headings_is_no_message(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in (
        ["时间", "发送人", "内容"],
        ["yyyy-mm-dd hh:mm", "昵称", "文字"],
        *([f"2024-03-05 {c}", n, w] for c, n, w in ROWS),
    ):
        page.append(row)
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert reading.messages["text"].to_list() == WORDS
    assert any("昵称" in n.excerpt for n in reading.notes if n.code == "row_skipped")


def test_a_time_in_words_of_which_only_the_clock_changes_is_no_message(tmp_path: Path) -> None:
    row = """<div class="message"><abbr class="dt" title="2012-03-05T10:0{i}:00.000-05:00">Mar 5, 2012, 10:0{i}:00 AM Eastern Time</abbr>:
    <cite class="sender vcard"><a class="tel" href="tel:+1"><span class="fn">{n}</span></a></cite>:<q>word {i} of it</q></div>"""
    page = "".join(row.format(i=i, n=("Anna", "Ben")[i % 2]) for i in range(4))
    (tmp_path / "a.html").write_text(f"<html><body>{page}</body></html>")
    rows = read(tmp_path / "a.html").messages
    assert rows.select("sender", "text").rows() == [(("Anna", "Ben")[i % 2], f"word {i} of it") for i in range(4)]
    assert str(rows["sent_at"][0])[:19] == "2012-03-05 15:00:00"


def test_links_and_stressed_words_inside_a_message_are_part_of_it(tmp_path: Path) -> None:
    def words(i: int, w: str) -> str:
        return f'see <a href="https://a.example">https://a.example</a> or <b>{w}</b> now' if i in (3, 9) else w

    body = "".join(
        f'<div class="m"><span class="at">2024-03-05 {c}</span><span class="name">{n}</span><p class="text">{words(i, w)}</p></div>'
        for i, (c, n, w) in enumerate(ROWS)
    )
    said = [f"see https://a.example or {w} now" if i in (3, 9) else w for i, (_, _, w) in enumerate(ROWS)]
    assert [t for *_, t in told(page(tmp_path, body))] == said


def test_two_elements_whose_fields_are_named_are_two_messages(tmp_path: Path) -> None:
    body = "".join(
        f'<div class="message"><div class="time">2025-01-01 {c}:00</div><div class="sender">{n}</div><div class="content">{w}</div></div>'
        for c, n, w in ROWS[:2]
    )
    assert [r[1:] for r in told(page(tmp_path, body))] == [r[1:] for r in ROWS[:2]]


@pytest.mark.parametrize(
    ("spelling", "remark"),
    [("%b %d, %Y  %I:%M:%S %p", " (Read by you after 6 seconds)"), ("%d.%m.%Y %H:%M:%S Uhr", " (gelesen nach 6 Sekunden)"), ("%Y-%m-%d %H:%M:%S", "（6秒后已读）")],
)  # fmt: skip
def test_a_remark_behind_a_time_is_no_name_and_takes_no_half_of_the_day(
    tmp_path: Path, spelling: str, remark: str
) -> None:
    sent = [datetime(2024, 5, 2 + i, 7 + 2 * i, 15, 10 + i, tzinfo=UTC) for i in range(8)]
    body = "".join(
        f'<div class="message"><p><span class="timestamp">{at:{spelling}}{remark if i in (1, 3, 6) else ""}</span>'
        f' <span class="sender">{("Ann", "Ben")[i % 2]}</span></p><div class="part">word {i} of many</div></div>'
        for i, at in enumerate(sent)
    )
    found = page(tmp_path, body).messages
    local = found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone("UTC").to_list()
    assert (local, found["sender"].to_list()) == (sent, ["Ann", "Ben"] * 4)
    assert found["conversation"].n_unique() == 1


def test_clocks_that_begin_the_words_of_a_page_are_times_below_its_days(tmp_path: Path) -> None:
    said = [(f"10:0{i}", "甲乙"[i % 2], f"第{i}句话") for i in range(6)]
    lines = "".join(f"<div>{t}&nbsp;<b>{n}</b>:&nbsp;{w}</div>" for t, n, w in said)
    assert spoken(read_text(tmp_path, f"<div><div><b>2024-03-01</b></div>{lines}</div>", "a.html"), "%H:%M") == said


def test_notices_beside_the_messages_are_rows_where_a_class_of_both_says_so(tmp_path: Path) -> None:
    def item(clock: str, name: str, words: str) -> str:
        at = f'<time datetime="2024-03-05T{clock}:00+08:00">{clock}</time>'
        if words == WORDS[6]:
            return f'<div class="notice item" data-search="recalled 6"><span>Ben recalled a message · {at}</span></div>'
        head = f'<div class="head"><b class="sender">{name}</b>{at}</div>'
        return f'<article class="msg item" data-search="{name} {words} text">{head}<div class="bubble">{words}</div></article>'

    rows = told(page(tmp_path, "".join(item(*r) for r in ROWS)))
    assert [r[2] for r in rows] == [*WORDS[:6], "Ben recalled a message", *WORDS[7:]]
