"""Titles between the messages of a text name chats, part one chat into chapters, or are words."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read, read_text, skipped
from tests.thorough import some

PEERS = ("visitor 3301", "Anna", "Mr Li")


def section(peer: str, day: int, own: str = "desk") -> str:
    return "".join(f"[2024-03-0{day} 09:{i:02}:07] {(peer, own)[i % 2]}: word {i} to {peer}\n" for i in range(8))


@pytest.mark.parametrize(
    "title",
    some(
        [
            "==== session: {} ====",
            "【{}】",
            "## {}",
            "会话对象：{}",
            "---- 与 {} 的聊天 ----",
            "{}\n======",
            "====\nWith: {}\n====",
            "\n=== {} (8 messages) ===\n",
            "\n与{}的聊天记录\n",
            "\n{}\n",
        ]
    ),
)
def test_a_title_of_any_shape_names_the_chat_below_it(title: str, tmp_path: Path) -> None:
    text = "All chats\n" + "".join(f"{title.format(p)}\n{section(p, 5)}" for p in PEERS)
    messages = read_text(tmp_path, text).messages
    assert messages["conversation"].to_list() == [p for p in PEERS for _ in range(8)]
    assert messages["text"].to_list() == [f"word {i} to {p}" for p in PEERS for i in range(8)]


@pytest.mark.parametrize(
    "titles", [("The loan", "The delay", "The end"), ("2024年3月", "2024年4月", "2024年5月"), ("April", "May", "June")]
)
def test_titles_between_which_the_same_people_go_on_are_chapters(titles: tuple[str, ...], tmp_path: Path) -> None:
    text = "".join(f"## {t}\n\n{section('Anna', i)}\n" for i, t in enumerate(titles, 1))
    text += "[2024-03-07 09:00:07] Carl: I came later\n" * (titles[0] != "The loan")
    reading = read_text(tmp_path, text, "notes.md")
    assert reading.messages["conversation"].n_unique() == 1
    assert reading.messages["text"][7] == "word 7 to Anna"
    assert f"## {titles[1]}" in skipped(reading)


def test_titles_above_words_of_me_and_the_other_are_asked_about(tmp_path: Path) -> None:
    text = "".join(f"## {t}\n\n{section('对方', i, '我')}\n" for i, t in enumerate(PEERS, 1))
    with pytest.raises(UsageError, match="conversation=conversation"):
        read_text(tmp_path, text, "notes.md")


def test_it_is_asked_whether_titles_name_chats_where_the_same_people_begin_again(tmp_path: Path) -> None:
    text = "".join(f"## {t}\n\n{section('Anna', i)}\n" for i, t in ((4, "The loan"), (2, "The delay")))
    with pytest.raises(UsageError, match="conversation"):
        read_text(tmp_path, text, "notes.md")


def test_a_line_of_a_message_that_looks_like_a_title_stays_words(tmp_path: Path) -> None:
    text = "【Record】\n" + section("Anna", 5).replace("word 3 to Anna", "see\n【Notice】").replace("word 5", "【5】")
    messages = read_text(tmp_path, text).messages
    assert messages["text"][3] == "see\n【Notice】"
    assert messages["conversation"].n_unique() == 1


def test_a_paragraph_that_is_the_name_of_somebody_stays_words(tmp_path: Path) -> None:
    text = "Anna\n\n" + section("Anna", 5).replace("word 4 to Anna", "first\n\ndesk")
    messages = read_text(tmp_path, text).messages
    assert messages["text"][4].split() == ["first", "desk"]
    assert messages["conversation"].n_unique() == 1


def test_titles_that_list_who_writes_below_name_chats_without_empty_lines(tmp_path: Path) -> None:
    said = [(("Anna", "Ben"), "Anna"), (("Anna", "Carl"), "Carl"), (("Anna", "Ben", "Carl"), "Ben")]
    page = "".join(
        f"<div>{', '.join(people)}"
        + "".join(f"<div>{writer} 2024-03-0{d} 09:0{i}</div><p>word {d} {i}</p>" for i in range(4))
        + "</div>"
        for d, (people, writer) in enumerate(said, 4)
    )
    messages = read_text(tmp_path, f"<html><body>{page}</body></html>", "a.html").messages
    assert messages["conversation"].n_unique() == 3
    assert messages["text"].to_list() == [f"word {d} {i}" for d in (4, 5, 6) for i in range(4)]


def test_a_list_of_people_among_words_is_no_title(tmp_path: Path) -> None:
    lines = [f"[2024-03-05 09:0{i}:07] {('Anna', 'Ben')[i % 2]}: word {i}\n" for i in range(8)]
    messages = read_text(tmp_path, "".join([*lines[:4], "Anna, Ben\n", *lines[4:]])).messages
    assert messages["conversation"].n_unique() == 1
    assert messages["text"][3] == "word 3\nAnna, Ben"


HEAD = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n消息分组:我的群聊\n\n消息对象:{}\n"
# Words some of which look like labels with their values.
LABELLED = ["m: dd 1", "好的", "m: dd 2", "m: say 3", "好的", "行", "甲甲: 一", "甲甲: 二", "m: sub 4", "https://a.cn/x", "https://b.cn/y", "https://c.cn/z"]  # fmt: skip


def test_every_file_of_a_folder_is_read_though_words_of_one_look_like_another_form(tmp_path: Path) -> None:
    for name, said in (("chat1", ["好的"] * 30), ("chat2", LABELLED)):
        rows = (f"\n2024-09-24 14:{i:02}:45 {('nine', 'anna')[i % 2]}(34096468{i % 2})\n{s}\n" for i, s in enumerate(said))  # fmt: skip
        (tmp_path / f"{name}.txt").write_text(HEAD.format(name) + "".join(rows))
    assert dict(read(tmp_path).messages.group_by("conversation").len().rows()) == {"chat1": 30, "chat2": 12}
