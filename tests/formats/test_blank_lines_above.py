"""A text whose first heading stands below blank lines is read by the reader of its form."""

from pathlib import Path

import pytest

from reconcile.case import read
from tests.contracts.golden import EXPORTS


@pytest.mark.parametrize("reader", ["wechatmsg_txt", "memotrace_txt", "weflow_txt", "wechatdump_txt"])
def test_blank_lines_above_the_first_heading_change_no_message(reader: str, tmp_path: Path) -> None:
    (file,) = sorted((EXPORTS / reader / "rent_side_a" / "input").rglob("*.txt"))
    (tmp_path / file.name).write_bytes(b"\n\n" + file.read_bytes())
    whole, moved = read(file), read(tmp_path / file.name)
    assert (moved.facts.reader, moved.messages["text"].to_list()) == (reader, whole.messages["text"].to_list())
