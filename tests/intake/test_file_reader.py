"""A known CSV whose columns somebody moved, or to which he added some, is still of its form."""

from pathlib import Path

import pytest

from reconcile.intake.tables.csv import known_columns
from tests.build.readings import read

PYWXDUMP = ("id", "MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")
ROW = {
    "MsgSvrID": "6226637241939647046", "type_name": "文本", "is_sender": "1", "talker": "wxid_aaaaaaaaaaaaa1",
    "room_name": "wxid_bbbbbbbbbbbbb2", "src": "",
}  # fmt: skip


def table(file: Path, columns: tuple[str, ...]) -> Path:
    rows = [ROW | {"id": str(i), "msg": f"第{i}句", "CreateTime": f"2024-03-0{i} 09:00:00", "证明目的": "见证据"} for i in range(1, 6)]  # fmt: skip
    lines = [",".join(columns), *(",".join(r[c] for c in columns) for r in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "columns", [PYWXDUMP[::-1], ("证明目的", *PYWXDUMP), (*PYWXDUMP[4:], "证明目的", *PYWXDUMP[:4])]
)
def test_moved_and_added_columns_leave_a_table_of_its_form(tmp_path: Path, columns: tuple[str, ...]) -> None:
    reading = read(table(tmp_path / "a.csv", columns))
    assert reading.facts.reader == "pywxdump_csv"
    assert reading.messages["text"].to_list() == [f"第{i}句" for i in range(1, 6)]
    added = [n.excerpt for n in reading.notes if str(n.code) == "column_unknown"]
    assert added == [c for c in columns if c not in PYWXDUMP]


def test_the_heading_with_the_most_columns_is_meant() -> None:
    assert known_columns(("b", "a", "c"), (("a",), ("a", "b"), ("a", "d"))) == ("a", "b")
    assert known_columns(("a", "b", "a"), (("a", "b"),)) == ()
    assert known_columns(("a",), (("a", "b"),)) == ()
