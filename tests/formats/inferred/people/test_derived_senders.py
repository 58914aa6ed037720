"""Who speaks where no column names him: ticks in the column of a party, or a code beside both parties."""

from pathlib import Path

import orjson
import pytest

from reconcile.case import read
from reconcile.errors import UsageError
from reconcile.intake.contract import ReadOptions

TURNS = [0, 1, 1, 0, 1, 0, 0, 1] * 3
WORDS = [f"第{i}批材料{i * 3 + 1}箱今天送到" for i in range(len(TURNS))]


def ticked(tmp_path: Path, heads: tuple[str, str], marks: list[tuple[str, str]]) -> Path:
    """A table with a column of ticks for each party."""
    rows = [f"2024-03-05 09:{i:02}:07,{','.join(m)},{w}" for i, (m, w) in enumerate(zip(marks, WORDS, strict=True))]
    (tmp_path / "a.csv").write_text("\n".join([f"时间,{','.join(heads)},内容", *rows]), "utf-8")
    return tmp_path / "a.csv"


def test_the_party_whose_column_is_ticked_speaks(tmp_path: Path) -> None:
    heads = ("原告（林小鱼）", "被告（布偶小院）")
    marks = [("√", "") if who == 0 else ("", "√") for who in TURNS]
    assert read(ticked(tmp_path, heads, marks)).messages["sender"].to_list() == [heads[who] for who in TURNS]


@pytest.mark.parametrize("heads", [("已读", "未读"), ("发送", "接收")])
def test_ticks_of_states_and_rows_with_two_ticks_name_nobody(heads: tuple[str, str], tmp_path: Path) -> None:
    marks = [("√", "") if who == 0 else ("", "√") for who in TURNS]
    twice = [("√", "√"), *marks[1:]]
    for told, shown in ((heads, marks), (("甲", "乙"), twice)):
        try:
            senders = set(read(ticked(tmp_path, told, shown)).messages["sender"].drop_nulls())
        except UsageError:
            continue
        assert senders.isdisjoint(told)


def test_a_code_beside_both_parties_is_asked_about_and_read_as_confirmed(tmp_path: Path) -> None:
    workers = ["kf2003@shop", "kf2017@shop"]
    rows = [
        {
            "openid": "oAbC_visitor01",
            "worker": workers[i > 15],
            "opercode": 2003 - w,
            "time": 1687092871 + 60 * i,
            "text": t,
        }
        for i, (w, t) in enumerate(zip(TURNS, WORDS, strict=True))
    ]
    file = tmp_path / "a.json"
    file.write_bytes(orjson.dumps({"recordlist": rows}))
    with pytest.raises(UsageError, match="opercode=2003") as error:
        read(file)
    answer = "openid(opercode=2003)|worker"
    assert answer in str(error.value)
    told = {"time": "time", "text": "text", "time_unit": "s", "sender": answer}
    senders = read(file, options=ReadOptions(columns=told)).messages["sender"].to_list()
    assert senders == [("oAbC_visitor01", workers[i > 15])[w] for i, w in enumerate(TURNS)]
