"""Headings of a text that differ from the others are read or asked about, and never taken for words."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text, skipped, spoken
from tests.thorough import some

CLOCKS = [f"{9 + i // 4:02}:{15 * (i % 4):02}" for i in range(16)]
NAMES = ["Anna", "Ben Ode"] * 8
WORDS = [f"word {'abcdefghijklmnop'[i]} of many" for i in range(16)]
ROWS = list(zip(CLOCKS, NAMES, WORDS, strict=True))


def text_of(layout: str, **other: str) -> str:
    """One line for each row; `other`: row number -> layout of that row."""
    lines = [other.get(f"row_{i}", layout).format(c=c, n=n, w=w) for i, (c, n, w) in enumerate(ROWS)]
    return "\n".join(lines) + "\n"


def test_a_mark_behind_the_time_of_one_message_is_no_reason_to_swallow_it(tmp_path: Path) -> None:
    text = text_of("[2024-06-03 {c}:05] {n}: {w}", row_5="[2024-06-03 {c}:05 | Edited 11:00:00] {n}: {w}")
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_a_notice_between_the_signs_of_the_times_is_a_row_without_a_sender(tmp_path: Path) -> None:
    text = text_of("{n}（2024年6月3日 {c}）：{w}", row_0="—— Anna added Ben（2024年6月3日 {c}）——")
    found = read_text(tmp_path, text)
    assert found.messages.row(0, named=True)["text"] == "Anna added Ben"
    assert found.messages["sender"][0] is None
    assert found.messages["kind"][0] == "system"


def test_a_notice_beside_a_clock_like_those_of_names_is_a_row_without_a_sender(tmp_path: Path) -> None:
    text = text_of("**{n}** `{c}`  \n{w}\n", row_5="**{n}** `{c}`  \n{w}\n\n_Cleo joined_ `10:20`\n")
    found = read_text(tmp_path, f"## 2024-06-03\n\n{text}", "a.md")
    assert found.messages.row(6, named=True)["text"] == "Cleo joined"
    assert found.messages["sender"][6] is None
    assert [*spoken(found, "%H:%M")[:6], *spoken(found, "%H:%M")[7:]] == ROWS


def test_a_pasted_line_with_an_earlier_time_stays_words(tmp_path: Path) -> None:
    text = text_of(
        "[2024-06-03 {c}:05] {n}: {w}", row_5="[2024-06-03 {c}:05] {n}: {w}\n[2024-06-01 08:00:00 | old] Anna: x"
    )
    assert spoken(read_text(tmp_path, text), "%H:%M")[5][2].endswith("\n[2024-06-01 08:00:00 | old] Anna: x")


def test_an_action_of_a_log_is_sent_by_its_name_and_a_change_of_the_room_by_nobody(tmp_path: Path) -> None:
    text = text_of(
        "[2024-06-03 {c}:05] <{n}> {w}",
        row_2="[2024-06-03 {c}:05] * Anna {w}",
        row_3="[2024-06-03 {c}:05] * Anna has left",
    )
    rows = read_text(tmp_path, text).messages
    assert rows["sender"].to_list()[:4] == ["Anna", "Ben Ode", "Anna", None]
    assert rows["text"].to_list()[2:4] == [WORDS[2], "* Anna has left"]


@pytest.mark.parametrize(
    "layout",
    some(
        [
            "2024-06-03 {c}:00.001 [INFO ] [worker-3] {n}: {w}",
            "2024-06-03 {c}:00.001 | INFO | worker-3 | {n} | {w}",
            "[2024-06-03 {c}] ID=80{c} {n}: {w}",
            "2024-06-03 {c} [bridge] {n}: {w}",
            "2024-06-03 {c}:00,001 INFO chat.recv: <{n}> {w}",
        ],
        2,
    ),
)
def test_levels_threads_and_numbers_before_the_names_of_a_log_are_no_part_of_them(tmp_path: Path, layout: str) -> None:
    layout = layout.replace("80{c}", "8011")
    assert spoken(read_text(tmp_path, text_of(layout), "im.log"), "%H:%M") == ROWS


def test_lines_of_the_program_between_the_messages_of_a_log_are_noted(tmp_path: Path) -> None:
    odd = "2024-06-03 {c}:00.001 [WARN ] [beat] ping timeout"
    reading = read_text(tmp_path, text_of("2024-06-03 {c}:00.001 [INFO ] [worker-3] {n}: {w}", row_4=odd), "im.log")
    assert spoken(reading, "%H:%M") == [*ROWS[:4], *ROWS[5:]]
    assert any("ping timeout" in line for line in skipped(reading))


def test_the_number_behind_every_message_is_no_word(tmp_path: Path) -> None:
    text = "".join(f"[2024-06-03 {c}:05] {n}: {w} (-10158{i:02})\n" for i, (c, n, w) in enumerate(ROWS))
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_from_whom_to_whom_is_the_name_alone(tmp_path: Path) -> None:
    text = text_of("2024-06-03 {c}:05 From {n} to Everyone:\n\t{w}")
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_a_text_in_which_hardly_anybody_is_named_is_asked_about(tmp_path: Path) -> None:
    few = {f"row_{i}": "[2024-06-03 {c}:05] {w}" for i in range(16) if i not in (3, 6, 9, 12)}
    more = "".join(f"[2024-06-04 {c}:05] {w}\n" for c, _, w in ROWS)
    with pytest.raises(UsageError, match="unclear are sender"):
        read_text(tmp_path, text_of("[2024-06-03 {c}:05] {n}: {w}", **few) + more)


def test_many_messages_that_go_on_with_lines_of_times_are_asked_about(tmp_path: Path) -> None:
    odd = {f"row_{i}": "[2024-06-03 {c}:05] {n}: {w}\n09:05 more of it" for i in range(0, 16, 3)}
    with pytest.raises(UsageError, match="unclear are time"):
        read_text(tmp_path, text_of("[2024-06-03 {c}:05] {n}: {w}", **odd))


def test_a_kind_in_a_mark_behind_the_time_is_the_kind_of_the_message(tmp_path: Path) -> None:
    layout = "### {n}\n*2024-06-03 {c}:11*\n\n{w}\n\n---\n"
    text = text_of(layout, row_5="### {n}\n*2024-06-03 {c}:11* *(类型: 34)*\n\n[语音](http://127.0.0.1/1)\n\n---\n")
    rows = read_text(tmp_path, "# chat\n\n---\n\n" + text, "chat.md").messages
    assert rows["kind"].to_list() == ["text"] * 5 + ["voice"] + ["text"] * 10
    assert rows["sender"].to_list() == NAMES


def test_a_line_between_the_signs_of_one_above_the_messages_is_no_words(tmp_path: Path) -> None:
    text = "# chat\n--- via +1 ---\n" + text_of(
        "2024-06-03 {c} — {n}: {w}", row_5="2024-06-03 {c} — {n}: {w}\n--- via a@b.example ---"
    )
    reading = read_text(tmp_path, text, "chat.md")
    assert spoken(reading, "%H:%M") == ROWS
    assert "--- via a@b.example ---" in skipped(reading)


def test_the_closing_line_of_a_paper_is_said_by_nobody(tmp_path: Path) -> None:
    text = text_of("2024-06-03 {c} {n}：{w}") + "（以下无正文）\n"
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_the_mark_behind_the_owners_name_tells_the_sides(tmp_path: Path) -> None:
    text = text_of("[2024-06-03 {c}] {n}: {w}").replace("Anna:", "Anna [我]:")
    rows = read_text(tmp_path, text).messages
    assert rows["sender"].to_list() == NAMES
    assert rows["is_self"].to_list() == [True, False] * 8


def test_the_reactions_below_a_message_are_no_words(tmp_path: Path) -> None:
    text = text_of(
        "Jun 3, 2024 {c}:10 AM\n{n}\n{w}\n", row_5="Jun 3, 2024 {c}:10 AM\n{n}\n{w}\nTapbacks:\nLiked by Anna\n"
    )
    assert read_text(tmp_path, text).messages["text"].to_list() == WORDS


def test_names_above_the_times_may_stand_below_a_title_and_bear_the_sign_of_a_list(tmp_path: Path) -> None:
    blocks = [f"·{n}\n2024年6月3日 {c}\n{w}：https://a.example/{i}" for i, (c, n, w) in enumerate(ROWS)]
    found = read_text(tmp_path, "Team of ours\n" + "\n\n".join(blocks) + "\n")
    assert spoken(found, "%H:%M") == [(c, n, f"{w}：https://a.example/{i}") for i, (c, n, w) in enumerate(ROWS)]


def test_an_answer_below_its_message_is_a_message_of_its_own(tmp_path: Path) -> None:
    text = text_of("[2024-06-03 {c}] {n}: {w}", **dict.fromkeys(("row_3", "row_4"), "  ↳ [2024-06-03 {c}] {n}: {w}"))
    assert spoken(read_text(tmp_path, text), "%H:%M") == ROWS


def test_an_account_under_two_names_is_one_sender_though_others_have_no_account(tmp_path: Path) -> None:
    names = ["Anna(10001)", "10001(10001)", "Ben<ben@a.example>", "Carol"] * 4
    text = "\n".join(f"2024-06-03 {c}:05 {n}\n{w}" for n, (c, _, w) in zip(names, ROWS, strict=True))
    assert read_text(tmp_path, text).messages["sender"].to_list() == ["10001", "10001", "ben@a.example", "Carol"] * 4


def test_notices_of_a_server_that_all_begin_alike_leave_no_doubt_who_speaks(tmp_path: Path) -> None:
    rows = {f"row_{i}": "[2024-06-03 {c}:05] *** Joins: {n} (~a@host)" for i in range(2, 16)}
    found = read_text(tmp_path, text_of("[2024-06-03 {c}:05] <{n}> {w}", **rows))
    assert found.messages["sender"].to_list() == ["Anna", "Ben Ode", *[None] * 14]


@pytest.mark.parametrize(
    "text",
    [
        "Anna(z00123456)\t2026-03-31 09:15:32\nline one\nline two\nline three\nBen(l00123457)\t2026-03-31 09:16:45\none line\n",
        "# Thread of ours\n# Started 2026-07-11T07:56:45+00:00\n\n[2026-07-11T04:01:09+00:00] anna (id=1525351215150661742)\n    words\n    more\n",
    ],
    ids=["two messages", "one message in brackets"],
)
def test_a_text_of_one_or_two_messages_is_asked_about(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are sender: sender"):
        read_text(tmp_path, text)


def test_words_that_begin_like_a_heading_of_a_clock_stay_words(tmp_path: Path) -> None:
    lines = [f"{n} {c}\n{w}" for c, n, w in ROWS]
    lines[5] = f"{NAMES[5]} {CLOCKS[5]}\nTomorrow 17:00 at the yard"
    found = spoken(read_text(tmp_path, "2024年3月5日\n" + "\n".join(lines) + "\n"), "%H:%M")
    assert found == [*ROWS[:5], (CLOCKS[5], NAMES[5], "Tomorrow 17:00 at the yard"), *ROWS[6:]]


def copied(folder: Path, *clocks: str) -> list[tuple[str, str]]:
    said = [("Anna", f"Ben's word {i}") for i in range(3)] + [("Ben", f"word {i}") for i in range(3)]
    heads = [f"{n} — 03/2{1 + i // 3}/2024 {1 + i}:0{i} PM\n{w}" for i, (n, w) in enumerate(said)]
    heads[2] += "".join(f"\n[{c}]\nmore at {c}" for c in clocks)
    return read_text(folder, "\n\n".join(heads)).messages.select("sender", "text").rows()


def test_a_clock_alone_in_brackets_begins_another_message_of_the_person_above(tmp_path: Path) -> None:
    assert copied(tmp_path, "3:05 PM", "3:06 PM")[2:5] == [
        ("Anna", "Ben's word 2"),
        ("Anna", "more at 3:05 PM"),
        ("Anna", "more at 3:06 PM"),
    ]


@pytest.mark.parametrize("clock", ["2:05 PM", "15:05"])
def test_a_clock_that_lies_before_the_heading_or_is_spelled_otherwise_is_words(tmp_path: Path, clock: str) -> None:
    assert copied(tmp_path, clock)[2] == ("Anna", f"Ben's word 2\n[{clock}]\nmore at {clock}")
