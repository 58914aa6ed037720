"""Readings of unknown forms that are ranked and offered where the clearest one does not do."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UsageError
from reconcile.inspection import question
from reconcile.intake.contract import ReadOptions
from reconcile.wording.errors import tell

_WORDS = ["morning", "is the van back", "not yet", "call them please", "they say four", "fine", "who pays", "we do"]


def _chosen(file: Path, **told: str) -> list[tuple[str, str]]:
    messages = read(file, options=ReadOptions(columns={"reading": "1", **told})).messages
    return [*zip(messages["sender"], messages["text"], strict=True)]


def test_sides_of_lines_set_to_the_right_are_offered_as_a_reading_that_one_option_confirms(tmp_path: Path) -> None:
    file = tmp_path / "typed.txt"
    file.write_text(
        "\n".join(f"2024-03-05 10:{10 + i}\n{' ' * 30 * (i % 2)}{_WORDS[i % 8]} {i}\n" for i in range(24)), "utf-8"
    )
    with pytest.raises(UsageError, match=r"possible readings are 1: 24 messages .* --columns reading=1") as raised:
        read(file)
    assert "可能的读法有 1: " in tell(str(raised.value), "zh", str(file))
    read_as = _chosen(file)
    assert [w for _, w in read_as] == [f"{_WORDS[i % 8]} {i}" for i in range(24)]
    sides = read(file, options=ReadOptions(columns={"reading": "1"})).messages["is_self"]
    assert sides.to_list() == [bool(i % 2) for i in range(24)]
    with pytest.raises(UsageError, match="there is no reading '7'; there are 1"):
        read(file, options=ReadOptions(columns={"reading": "7"}))


def test_what_is_unclear_is_told_in_chinese_with_its_first_values() -> None:
    line = "a.csv: no reader knows this form; it reads as time=b, but unclear are text: d / e; sender: c (such as '2', '1'); give --columns time=b,text=d,sender=c as fits"
    assert "text: d / e；sender: c（例如 '2', '1'）" in tell(line, "zh", "a.csv")


def test_what_is_asked_of_the_user_is_told_as_values_too(tmp_path: Path) -> None:
    file = tmp_path / "typed.txt"
    file.write_text(
        "\n".join(f"2024-03-05 10:{10 + i}\n{' ' * 30 * (i % 2)}{_WORDS[i % 8]} {i}\n" for i in range(24)), "utf-8"
    )
    asked = question(file, ReadOptions())
    assert asked is not None
    assert [(r["reading"], r["messages"]) for r in asked["readings"]] == [("1", 24)]
    empty = tmp_path / "empty.txt"
    empty.write_text("nothing here\n", "utf-8")
    assert question(empty, ReadOptions()) is None


def test_blocks_in_which_every_line_has_its_place_are_read_without_a_question(tmp_path: Path) -> None:
    said = [(f"2024-03-05 10:{10 + i}", ("Ann Lee", "Ben")[i % 3 % 2], f"{_WORDS[i % 8]} {i}") for i in range(24)]
    numbered = "".join(f"{n}\n{t}\n{who}\n{words}\n" for n, (t, who, words) in enumerate(said, 1))
    ruled = "\n---\n".join(f"Role: {who}\nTime: {t}\nWords:\n{words}" for t, who, words in said)
    for name, text in (("a.txt", f"Van\n{numbered}"), ("b.txt", ruled)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        messages = read(tmp_path / name).messages
        assert [*zip(messages["sender"], messages["text"], strict=True)] == [(who, words) for _, who, words in said]
    # What all lines write behind the name may be words of somebody.
    told = "".join(f"{t}:07 {who} 发送了文字：{words}\n" for t, who, words in said)
    (tmp_path / "c.txt").write_text(told, encoding="utf-8")
    with pytest.raises(UsageError, match="--columns reading=1"):
        read(tmp_path / "c.txt")
    assert _chosen(tmp_path / "c.txt") == [(who, words) for _, who, words in said]
