"""Headings of tables in two rows, names with dots, and words under a name that says nothing of them."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UnrecognisedSource, UsageError
from tests.build.readings import read_text

WORDS = ["hello", "are you there", "see: the list", "no", "what did you pay", "about 5,000", "the second\nline", "fine"]
ROWS = [(f"2024-03-05 09:{i:02}:07", ("Anna", "Ben")[i // 2 % 2], w) for i, w in enumerate(WORDS * 2)]
IDS = {"Anna": "wxid_anna01", "Ben": "wxid_ben002"}


@pytest.mark.parametrize(
    "heading",
    [
        "No,发送方,,接收方,,消息,\n,昵称,微信号,昵称,微信号,时间,内容\n",
        "Report\nNo,Sender,,Receiver,,Message,\n,Name,Account,Name,Account,Time,Text\n",
        "No,发送人,,接收人,,时间,内容\n,名称,账号,名称,账号,,\n",
    ],
)
def test_two_rows_of_headings_name_the_columns_together(heading: str, tmp_path: Path) -> None:
    other = {"Anna": "Ben", "Ben": "Anna"}
    rows = "".join(f'{i},{n},{IDS[n]},{other[n]},{IDS[other[n]]},{t},"{w}"\n' for i, (t, n, w) in enumerate(ROWS, 1))
    messages = read_text(tmp_path, heading + rows, "a.csv").messages
    assert messages["sender"].to_list() == [IDS[n] for _, n, _ in ROWS]
    assert messages["text"].to_list() == [w for *_, w in ROWS]
    assert messages["conversation"].n_unique() == 1


def test_a_table_whose_names_have_dots_may_lack_words(tmp_path: Path) -> None:
    rows = "".join(f'{t},{n},"{w if i != 5 else ""}",text\n' for i, (t, n, w) in enumerate(ROWS))
    messages = read_text(tmp_path, f"message.time,message.from,message.text,message.kind\n{rows}", "a.csv").messages
    assert messages["text"].to_list()[:5] == WORDS[:5]


@pytest.mark.parametrize("name", ["html", "raw", "rawXml"])
def test_a_name_of_how_words_are_written_does_not_speak_against_them(name: str, tmp_path: Path) -> None:
    rows = [{"when": t, "who": n, name: w.replace("\n", "<br>") if name == "html" else w} for t, n, w in ROWS]
    messages = read_text(tmp_path, json.dumps(rows), "a.json").messages
    assert messages["text"].to_list() == [w for *_, w in ROWS]


@pytest.mark.parametrize("name", ["title", "desc", "remark"])
def test_words_under_a_name_that_speaks_against_them_are_offered(name: str, tmp_path: Path) -> None:
    rows = [{"when": t, "who": n, name: w} for t, n, w in ROWS]
    with pytest.raises(UsageError, match=f"text={name}"):
        read_text(tmp_path, json.dumps(rows), "a.json")


def test_ids_are_never_offered_as_words(tmp_path: Path) -> None:
    rows = [{"when": t, "who": n, "@id": f"kb:{w} {i}"} for i, (t, n, w) in enumerate(ROWS)]
    with pytest.raises(UnrecognisedSource):
        read_text(tmp_path, json.dumps(rows), "a.json")
