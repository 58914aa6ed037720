"""Tables whose cells a control character parts are read by their first line."""

from pathlib import Path

import pytest

from tests.build.readings import read_bytes

ROWS = [
    (f"K-{i:05}", "2024-06-03", f"09:{10 + i}:00", ("Anna", "Ben")[i % 2], f"word number {i}, and") for i in range(6)
]
HEADS = ("DOCID", "SENTDATE", "SENTTIME", "AUTHOR", "TEXT")


def written(separator: str, around: str, encoding: str) -> bytes:
    lines = [separator.join(f"{around}{c}{around}" for c in row) for row in (HEADS, *ROWS)]
    lines[2] = lines[2].replace(", and", "®more" if around == "þ" else ", and")
    return "\r\n".join(lines).encode(encoding)


@pytest.mark.parametrize(
    ("separator", "around", "encoding"),
    [("\x14", "þ", "utf-8-sig"), ("\x14", "þ", "cp1252"), ("\x01", "", "utf-8"), ("\x1f", '"', "utf-8")],
)
def test_a_table_between_control_characters_is_read(tmp_path: Path, separator: str, around: str, encoding: str) -> None:
    messages = read_bytes(tmp_path, written(separator, around, encoding), "VOL001.dat").messages
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 3
    assert messages["text"][1] == ("word number 1\nmore" if around == "þ" else "word number 1, and")
    assert str(messages["sent_at"][1]) == "2024-06-03 01:11:00+00:00"


def test_rows_without_a_heading_keep_the_first_and_are_read_as_databases_escape_cells(tmp_path: Path) -> None:
    rows = [
        ["7" + str(i), f"201911{4 + i:02}", f"18{i:02}10", ("Anna", "Ben")[i % 2], "img" if i == 5 else "text", f"word number {i} of many"]
        for i in range(12)
    ]  # fmt: skip
    rows[3][5], rows[5][5] = r"first line\nsecond line", r"\N"
    messages = read_bytes(tmp_path, "\n".join("\x01".join(r) for r in rows).encode(), "a.csv").messages
    assert (messages.height, messages["text"][0], messages["text"][5]) == (12, "word number 0 of many", "")
    assert messages["text"][3] == "first line\nsecond line"
