"""Texts typed from screens: a bar of time above each group of messages."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import ReconcileError
from reconcile.formats.inferred.text.time_bars import note_on_bars
from reconcile.intake.contract import ReadOptions

_BARS = ("2022年7月22日 17:46", "—— 2022年7月22日 18:01 ——", "2022年7月25日 下午5:02")
_GROUPS = (
    ["何洁：保质期到2024年9月", "杨帆：好", "（“杨帆” 撤回了一条消息）", "何洁：钱还没给"],
    ["何洁：嗯嗯"],
    ["杨帆：有空吗", "在不在", "何洁：在"],
)


def _text(folder: Path, bars: tuple[str, ...], groups: tuple[list[str], ...] = _GROUPS) -> Path:
    file = folder / "整理.txt"
    told = ["\n".join([bar, *lines]) for bar, lines in zip(bars, groups, strict=True)]
    file.write_text("\n\n".join(["附件：何洁与杨帆微信聊天记录", *told]) + "\n", "utf-8")
    return file


def test_each_line_with_a_name_below_a_bar_is_a_message_with_the_time_of_the_bar(tmp_path: Path) -> None:
    reading = read(_text(tmp_path, _BARS))
    rows = reading.messages
    assert note_on_bars("整理.txt") in reading.notes
    assert rows["sender"].to_list() == ["何洁", "杨帆", None, "何洁", "何洁", "杨帆", "何洁"]
    assert rows["text"].to_list()[4:] == ["嗯嗯", "有空吗\n在不在", "在"]
    assert rows["kind"].to_list()[2] == "recall"
    assert [t.strftime("%d %H:%M") for t in rows["sent_at"]] == ["22 09:46"] * 4 + ["22 10:01"] + ["25 09:02"] * 2
    assert set(rows["time_precision"]) == {"minute"}


def test_a_person_who_begins_no_group_speaks_too(tmp_path: Path) -> None:
    groups = (
        ["何洁：保质期到", "杨帆：好", "何洁：钱还没给"],
        ["何洁：嗯嗯", "https://a.cn/1"],
        ["何洁：有空吗", "杨帆：在", "https://a.cn/2"],
    )
    rows = read(_text(tmp_path, _BARS, groups)).messages
    assert rows["sender"].to_list() == ["何洁", "杨帆", "何洁", "何洁", "何洁", "杨帆"]
    assert rows["text"].to_list()[3] == "嗯嗯\nhttps://a.cn/1"


def test_a_single_line_of_another_name_is_asked_about(tmp_path: Path) -> None:
    groups = (
        ["何洁：保质期到", "何洁：好", "何洁：钱还没给"],
        ["何洁：嗯嗯", "何洁：在"],
        ["何洁：有空吗", "杨帆：在"],
    )
    with pytest.raises(ReconcileError, match="sender"):
        read(_text(tmp_path, _BARS, groups))


def test_names_may_stand_in_lines_of_their_own(tmp_path: Path) -> None:
    groups = (["何洁", "保质期到", "杨帆", "好"], ["何洁", "嗯嗯"], ["杨帆", "有空吗", "何洁", "在"])
    rows = read(_text(tmp_path, _BARS, groups)).messages
    assert list(zip(rows["sender"], rows["text"], strict=True)) == [
        ("何洁", "保质期到"), ("杨帆", "好"), ("何洁", "嗯嗯"), ("杨帆", "有空吗"), ("何洁", "在"),
    ]  # fmt: skip


def test_a_time_of_seconds_is_of_one_message_whose_words_may_hold_names(tmp_path: Path) -> None:
    bars = tuple(f"2022-07-22 17:4{n}:05" for n in range(9))
    groups = (*([f"{'何洁杨帆'[n % 2 * 2 :][:2]}：第{n}句"] for n in range(8)), ["何洁：[聊天记录]", "杨帆：好"])
    rows = read(_text(tmp_path, bars, groups)).messages
    assert rows.height == 9
    assert rows["text"][8] == "[聊天记录]\n杨帆：好"


@pytest.mark.parametrize(
    "bars",
    [
        ("2022-07-22 17:46:05", "2022-07-22 17:46:09", "2022-07-22 17:48:00"),
        ("2022年7月22日 17:46", "2022年7月22日 17:46", "2022年7月22日 17:49"),
    ],
)
def test_times_that_are_no_bars_above_several_names_are_asked_about(tmp_path: Path, bars: tuple[str, ...]) -> None:
    with pytest.raises(ReconcileError, match="sender"):
        read(_text(tmp_path, bars))


def test_a_bar_without_a_date_is_asked_about(tmp_path: Path) -> None:
    groups = (_GROUPS[0], ["何洁：嗯嗯", "", "昨天 18:30", "杨帆：好"], _GROUPS[2])
    with pytest.raises(ReconcileError, match="time"):
        read(_text(tmp_path, _BARS, groups))


def test_a_time_before_the_first_message_of_each_group_is_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "整理.txt"
    told = [
        "\n".join([f"{bar} {first}", *rest])
        for bar, (first, *rest) in zip(_BARS[:1] + _BARS[2:], _GROUPS[::2], strict=True)
    ]
    file.write_text("\n".join([*told, "2022年7月26日 10:00 何洁：行", "2022年7月26日 10:05 杨帆：嗯"]), "utf-8")
    with pytest.raises(ReconcileError, match="sender"):
        read(file)


@pytest.mark.parametrize("form", ["**{}**：{}\n\n", "**{}:** {}\n\n", "- **{}**：{}\n"])
def test_names_in_signs_of_emphasis_are_senders_though_few_times_have_several(tmp_path: Path, form: str) -> None:
    said = [
        (f"2022-07-22 17:{10 + i}", [("何洁杨帆"[i % 2 * 2 :][:2], f"第{i}句"), ("杨帆", "好")][: 1 + (i == 4)])
        for i in range(12)
    ]
    told = "".join(f"### {time}\n\n{''.join(form.format(*one) for one in group)}" for time, group in said)
    (tmp_path / "a.md").write_text(f"# 聊天记录\n\n{told}", "utf-8")
    rows = read(tmp_path / "a.md").messages
    assert list(zip(rows["sender"], rows["text"], strict=True)) == [one for _, group in said for one in group]
    assert [t.minute for t in rows["sent_at"]] == [10, 11, 12, 13, 14, 14, *range(15, 22)]


def test_a_bar_may_say_in_brackets_what_it_is(tmp_path: Path) -> None:
    bars = tuple(f"──── 2025-06-0{d} 21:03（页面时间分隔）────" for d in (1, 2, 3))
    rows = read(_text(tmp_path, bars)).messages
    assert rows["sender"].to_list() == ["何洁", "杨帆", None, "何洁", "何洁", "杨帆", "何洁"]
    assert [t.strftime("%d %H:%M") for t in rows["sent_at"]] == ["01 13:03"] * 4 + ["02 13:03"] + ["03 13:03"] * 2


def test_a_picture_below_a_name_alone_is_what_that_person_sent(tmp_path: Path) -> None:
    sent = ["何洁：", "[图片 URL] https://a.example/1.jpg"]
    groups = ([*sent, "", "杨帆：", "好", "", *sent], ["何洁：", "嗯嗯"], ["杨帆：", "（笑）", "", "何洁：", "在"])
    bars = tuple(f"──── 2025-06-0{d} 21:03（页面时间分隔）────" for d in (1, 2, 3))
    rows = read(_text(tmp_path, bars, groups)).messages
    assert rows["sender"].to_list() == ["何洁", "杨帆", "何洁", "何洁", "杨帆", "何洁"]
    assert rows["text"].to_list()[1:2] + rows["text"].to_list()[3:] == ["好", "嗯嗯", "（笑）", "在"]


def test_bars_without_a_year_are_asked_for_it_and_take_it(tmp_path: Path) -> None:
    file = _text(tmp_path, ("7月22日 17:46", "7月22日 下午6:01", "7月25日 下午5:02"))
    with pytest.raises(ReconcileError, match="year"):
        read(file)
    told = {"time": "time", "sender": "sender", "text": "text", "year": "2022"}
    rows = read(file, options=ReadOptions(columns=told)).messages
    assert [t.strftime("%d %H:%M") for t in rows["sent_at"].unique().sort()] == ["22 09:46", "22 10:01", "25 09:02"]


def test_lines_that_each_state_their_time_are_below_no_bars(tmp_path: Path) -> None:
    lines = [
        f"2024/3/{1 + n // 20} {9 + n // 4 % 5}:{10 + 7 * (n % 4)} - {'何洁' if n % 3 else '杨帆'}: 第{n}批货到了"
        for n in range(40)
    ]
    (tmp_path / "chat.txt").write_text("\n".join(lines), "utf-8")
    assert not read(tmp_path / "chat.txt").facts.limits.times_above_groups


@pytest.mark.parametrize("beside", [" 列表项目", ", list item 7 of 40", " 文本"])
def test_what_a_screen_reader_says_with_each_line_is_no_part_of_it(tmp_path: Path, beside: str) -> None:
    own = " 列表项目" if beside == " 文本" else beside
    groups = tuple([line + own for line in g if "（" not in line] for g in _GROUPS)
    file = _text(tmp_path, tuple(b + beside for b in (*_BARS[::2], "2022年7月26日 9:01")), groups)
    with file.open("a", encoding="utf-8") as more:
        more.write("发送(S) 按钮\n")
    rows = read(file).messages
    assert rows["sender"].to_list() == ["何洁", "杨帆", "何洁", "何洁", "杨帆", "何洁"]
    assert rows["text"].to_list()[-2:] == ["有空吗\n在不在", "在"]


def test_headings_with_a_remark_in_brackets_state_the_time_of_their_own_message(tmp_path: Path) -> None:
    remarks = (
        "",
        " (Read by you after 5 hours, 25 minutes, 2 seconds)",
        "",
        "",
        " (Read by them after 1 hour, 3 seconds)",
        "",
    )
    names = ("Samir Haas", "Me")
    told = [f"Aug 27, 2021  6:{33 + n}:08 PM{r}\n{names[n % 2]}\nparcel {n} is here\n" for n, r in enumerate(remarks)]
    file = tmp_path / "Samir Haas.txt"
    file.write_text("\n".join(told), "utf-8")
    rows = read(file).messages
    assert rows["sender"].to_list() == [*names] * 3
    assert rows["text"].to_list() == [f"parcel {n} is here" for n in range(6)]


def test_two_who_speak_below_nearly_every_time_are_both_senders(tmp_path: Path) -> None:
    answers = (
        "收到\n留好单据",
        "可以",
        "不行：过期了",
        "请催告\n给出期限\n再起诉",
        "好的",
        "是",
        "按市价",
        "再见\n辛苦",
    )
    blocks = [
        f"2023-04-11 19:{i:02}:29【私聊】\n<Friend:小周>：第{i}问：怎么办\nBot：{a}\n{'-' * 30}\n"
        for i, a in enumerate(answers)
    ]
    (tmp_path / "a.log").write_text("\n".join(blocks), "utf-8")
    rows = read(tmp_path / "a.log").messages
    assert rows["text"].to_list() == [t for i, a in enumerate(answers) for t in (f"第{i}问：怎么办", a)]
    assert rows["sender"].n_unique() == 2
