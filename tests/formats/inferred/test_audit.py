"""Readings of unknown forms whose own rows contradict them."""

import json
from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UsageError
from reconcile.formats.inferred.audit import notes_on
from reconcile.intake.contract import ReadOptions
from reconcile.wording.errors import tell, tell_note

_WORDS = ["morning", "is the van back", "not yet", "call them please", "they say four", "fine", "who pays", "we do"]


def _lines(tmp_path: Path, behind: dict[int, str]) -> Path:
    file = tmp_path / "chat.txt"
    lines = [
        f"2024-03-05 10:{i:02}:07 {('Ann', 'Ben')[i % 2]}: {_WORDS[i % 8]} {i}{behind.get(i, '')}" for i in range(24)
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_lines_that_number_the_pages_are_asked_about_and_noted_where_columns_are_given(tmp_path: Path) -> None:
    file = _lines(tmp_path, {i: f"\n\n\nMessages - Ben {i // 6 + 1}" for i in (5, 11, 17)})
    with pytest.raises(UsageError, match="3 messages end in the same line, such as 'Messages - Ben 1'") as raised:
        read(file)
    assert "有 3 条消息以同一行结尾" in tell(str(raised.value), "zh", str(file))
    reading = read(file, options=ReadOptions(columns={"time": "time", "sender": "sender", "text": "text"}))
    assert reading.messages.height == 24
    (note,) = notes_on(reading, file="chat.txt", is_text=True)
    assert note in reading.notes
    assert "有 3 条消息以同一行结尾" in tell_note(note.code, note.excerpt, "zh")


def test_messages_within_a_sentence_of_another_are_asked_about(tmp_path: Path) -> None:
    file = _lines(tmp_path, dict.fromkeys(range(0, 24, 3), "；10时32分，Ann：on my way；10时33分，Ben：good"))
    with pytest.raises(UsageError, match="8 messages hold further times"):
        read(file)


def test_signatures_and_times_in_a_few_words_are_no_contradiction(tmp_path: Path) -> None:
    file = _lines(tmp_path, {3: "\n\nSent from a phone", 7: "\n\nSent from a phone", 9: "\n10:30 van\n11:00 lunch"})
    assert read(file).messages.height == 24


def test_a_line_that_also_stands_above_the_messages_is_noted_and_no_words(tmp_path: Path) -> None:
    file = _lines(tmp_path, {9: "\nStatus: closed"})
    file.write_text("Status: closed\nSubject: the van\n\n" + file.read_text("utf-8"), "utf-8")
    found = read(file)
    assert not found.messages["text"].str.contains("Status").any()
    assert any("Status: closed" in n.excerpt for n in found.notes)


def test_days_in_the_titles_of_several_tables_date_their_clocks_and_one_is_asked_about(tmp_path: Path) -> None:
    for day in (8, 10):
        rows = [f"{9 + i}:05:00,{('Ann', 'Ben')[i % 2]},{word}" for i, word in enumerate(_WORDS)]
        written = f"2024年4月{day}日 聊天记录,,\n时间,发言人,内容\n" + "\n".join(rows) + "\n"
        (tmp_path / f"{('first', 'second')[day > 8]}.csv").write_text(written, "utf-8")
    days = read(tmp_path).messages["sent_at"].dt.strftime("%F %T")
    assert days.to_list() == [f"2024-04-{day} {1 + i:02}:05:00" for day in ("08", "10") for i in range(8)]
    with pytest.raises(UsageError, match="date=date"):
        read(tmp_path / "first.csv")


def test_marks_before_all_line_ends_are_no_words(tmp_path: Path) -> None:
    file = _lines(tmp_path, {2: r" \\" + "\n  account: 12 " + r"\\" + "\n  branch: river", 5: r" C:\\new"})
    said = read(file).messages["text"]
    assert [line.strip() for line in said[2].split("\n")] == ["not yet 2", "account: 12", "branch: river"]
    assert said[5] == r"fine 5 C:\\new"


def test_a_field_that_names_one_side_alone_is_asked_about(tmp_path: Path) -> None:
    rows = [
        {"time": 1731546164 + 60 * i, "origin": 3 + 2 * (i % 2), "text": f"{_WORDS[i % 8]} {i}", **({"agent": "lin"} if i % 2 else {})}
        for i in range(24)
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps({"list": rows}), "utf-8")
    with pytest.raises(UsageError):
        read(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("block", "finding"),
    [
        ("{n}: {w}\n  -- {t}\n", "one message has no words"),
        ("{n}\n来自iPhone · {t}\n{w}\n\n", "end in the same few lines, such as '(?:Ann|Ben)'"),
        ("{{time: {t}, user: {n}, msg: {w}}}\n", "end in a bracket that none opens"),
        ("{t} {n} {did}：{w}\n", "senders hold more than a name, such as 'Ann 发送了文字'"),
        ("{t} {n}{to}: {w}\n", "sender names contain another sender's name, such as 'Ann re Ben'"),
    ],
)
def test_names_and_words_in_other_places_than_most_are_asked_about(tmp_path: Path, block: str, finding: str) -> None:
    lines = [
        block.format(
            t=f"2024-03-05 10:{i:02}:07",
            n=("Ann", "Ben")[i % 2],
            w=_WORDS[i % 8],
            to=" re Ben" * (i % 6 == 0),
            did=("发送了文字", "发来信息")[i // 2 % 2],
        )
        for i in range(24)
    ]
    (tmp_path / "chat.txt").write_text("".join(lines), "utf-8")
    with pytest.raises(UsageError, match=finding):
        read(tmp_path / "chat.txt")


def test_senders_of_one_side_who_never_come_again_are_odd(tmp_path: Path) -> None:
    rows = [
        f"2024-03-05 10:{i:02}:07,{('in', 'out')[i % 2]},{(f'c{i}', 'me')[i % 2]},{_WORDS[i % 8]}\n" for i in range(24)
    ]
    (tmp_path / "a.csv").write_text("at,box,case,words\n" + "".join(rows), encoding="utf-8")
    columns = {"time": "at", "direction": "box", "sender": "case", "text": "words"}
    reading = read(tmp_path / "a.csv", options=ReadOptions(columns=columns))
    assert any("12 messages have 12 different senders" in n.excerpt for n in reading.notes)
