"""Bodies of WeFlow's text that are no words."""

from pathlib import Path

import pytest

from tests.build.readings import read_text


@pytest.mark.parametrize(("body", "kind"), [("[视频]12s", "video"), ("[视频]", "video"), ("[视频]里没有声音", "text")])
def test_the_length_of_a_clip_is_no_word(tmp_path: Path, body: str, kind: str) -> None:
    blocks = [f"2024-03-01 09:00:0{n} '{who}'\n{said}\n\n" for n, (who, said) in enumerate([("我", "在吗"), ("乙", body)])]  # fmt: skip
    reading = read_text(tmp_path, "".join(blocks))
    assert (reading.facts.reader, reading.messages["kind"][1]) == ("weflow_txt", kind)
