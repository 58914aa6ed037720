"""Tables of a page are read by their headings, and their cells are never running text."""

from pathlib import Path

import polars as pl

from reconcile.formats.inferred.pages.page_tables import with_parts_of_words
from tests.build.readings import read

HEADS = ("Timestamp", "Direction", "Sender", "Channel ID", "Content", "Attachment Filename")
WORDS = ["Good morning all", "Got it, thanks", "", "as in the picture", "", "please answer", "", "", "See you"]
FILES = ["", "", "IMG-1.jpg", "", "VID-22.mp4", "", "report.pdf", "x.ogg", ""]
ROWS: list[tuple[str, ...]] = [
    (f"2026-06-29 01:0{i}:04", ("Sent", "Received")[i % 2], ("Alex Kim", "Maya Ortiz")[i % 2], "99", words, file)
    for i, (words, file) in enumerate(zip(WORDS, FILES, strict=True))
]
SENDERS = [r[2] for r in ROWS]


def row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{c}</{tag}>" for c in cells) + "</tr>"


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]], tag: str = "th") -> str:
    body = "".join(row(r, "td") for r in rows)
    return f"<table><thead>{row(heads, tag)}</thead><tbody>{body}</tbody><tfoot>{row(heads, tag)}</tfoot></table>"


def told(tmp_path: Path, body: str) -> list[tuple[str, str]]:
    (tmp_path / "a.html").write_text(f"<html><body><h2>Chats</h2>{body}</body></html>", "utf-8")
    return list(read(tmp_path / "a.html").messages.select("sender", "text").iter_rows())


def test_a_heading_kept_apart_from_the_rows_names_their_cells(tmp_path: Path) -> None:
    assert told(tmp_path, table(HEADS, ROWS)) == list(zip(SENDERS, WORDS, strict=True))
    assert told(tmp_path, table(HEADS, ROWS, "td")) == list(zip(SENDERS, WORDS, strict=True))


def test_a_table_of_other_things_above_the_messages_does_not_hide_their_heading(tmp_path: Path) -> None:
    device = table(("Device", "Serial", "Date"), [("iPhone", "F2L", "2026-06-01 10:00")])
    assert told(tmp_path, device + table(HEADS, ROWS)) == list(zip(SENDERS, WORDS, strict=True))


def test_a_heading_that_each_page_repeats_is_no_message(tmp_path: Path) -> None:
    head = "<tr><th>编号</th><th>发送人</th><th>时间</th><th>内容</th></tr>"
    said = [
        f"<tr><td>{i}</td><td>{'甲乙'[i % 2]}</td><td>2024-03-05 09:{i:02}:07</td><td>第{i}句话</td></tr>"
        for i in range(24)
    ]
    page = f"<table>{head}{''.join(said[:12])}{head}{''.join(said[12:])}</table>"
    (tmp_path / "a.html").write_text(f"<html><body>{page}</body></html>", "utf-8")
    assert read(tmp_path / "a.html").messages["text"].to_list() == [f"第{i}句话" for i in range(24)]


def test_words_beside_a_quotation_with_its_author_are_those_of_the_element() -> None:
    parts = pl.DataFrame({
        "b": ["yes", "no", None, None], "b.own": [None, None, "well", None], "b.sum": [None, None, None, "5.00"],
        "b.quote": [None, None, "yes", None], "b.quote.of": [None, None, "Ben:", None],
    })  # fmt: skip
    assert with_parts_of_words(parts)["b"].to_list() == ["yes", "no", "well", None]
    # Of two such elements, none is known to hold the words.
    two = parts.with_columns(pl.Series("b.sum", [None, None, "5.00", "5.00"]))
    assert with_parts_of_words(two)["b"].to_list() == ["yes", "no", None, None]


def test_a_card_says_what_its_elements_say_where_others_have_words_of_their_own() -> None:
    parts = pl.DataFrame({
        "b": ["yes", "no", None, None], "b.sum": [None, None, "5.00", None], "b.state": [None, None, "paid", None],
        "b.length": [None, None, None, "3 s"],
    })  # fmt: skip
    assert with_parts_of_words(parts)["b"].to_list() == ["yes", "no", "5.00 paid", None]
    # What stands beside words as well is no part of a card.
    assert with_parts_of_words(parts.with_columns(pl.Series("b.sum", ["1", None, "5.00", None])))["b"][2] is None
