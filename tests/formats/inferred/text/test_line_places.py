"""Lines of logs: the places of their one layout are told apart, and which of them is the sender."""

import json
from pathlib import Path

import docx
import pytest

from reconcile.errors import UsageError
from tests.build.readings import read, read_text, skipped, spoken
from tests.thorough import some

NAMES = ("Anna", "Ben", "王五")
WORDS = (
    "good morning",
    "早",
    "ten: fine?",
    "yes",
    "the price - 12,800",
    "ok",
    "https://a.example/b?c=1",
    "收到",
    "see you",
    "10086",
    "fine",
    "bye",
)
ROWS = [(f"2024-03-0{1 + i // 6} 10:{i:02}:07", NAMES[(i * i) % 3], w) for i, w in enumerate(WORDS * 2)]
ACCOUNTS = {"Anna": "wxid_a1", "Ben": "wxid_b2", "王五": "wxid_w3"}

LAYOUTS = {
    "chat and sender": "{t} [群聊]项目群 | {n}: {w}",
    "pairs": "{t},123 [INFO] wechat.msg - from={n} to=项目群 msg={w}",
    "brackets": "{t} INFO itchat: [Group:项目群] [{n}] {w}",
    "level that changes": "[{t}][{level}][main.py:2{i}] 【项目群】{n}：{w}",
    "time behind a level": "INFO {t} onMessage room=项目群 talker={n} text={w}",
    "angles": "{t} <项目群> ({n}) {w}",
    "named by colons": "{t} chat:项目群 sender:{n} content:{w}",
    "a sentence": "{t}.456 I/WeChat(1234): msg from {n} in 项目群: {w}",
    "quotes": "{t} [INFO] Received message; chat='项目群'; sender='{n}'; body='{w}'",
    "names of several words": "{t} [手机] {n} Lee: {w}",
    "a call": "{t} INFO  GroupMessage(group=项目群, sender={n}, content={w})",
    "kinds": "{i}. [{t}] [{n}] [文本] {w}",
    "numbered": "#{i} {t} [项目群] {n} >> {w}",
    "check boxes": "- [{box}] {t} **{n}**：{w}",
    "wide blanks": "{t}   {n}   文本   {w}",
    "a class that goes with the name": "> [!{cls}] {n} · {t}\n> {w}",
    "headings of two depths": "{depth} {n} — {t}\n\n{w}\n",
    "marks of the way": "{t} {way} {n}: {w}",
}


def log(layout: str, rows: list[tuple[str, str, str]] = ROWS) -> str:
    return "".join(
        layout.format(
            t=t,
            n=n,
            w=w,
            i=i,
            id=ACCOUNTS[n],
            level=("INFO", "DEBUG")[i % 5 == 3],
            box=" x"[i % 3 > 0],
            cls=("tip", "quote", "note")[NAMES.index(n)],
            depth="##" * (1 + (i % 3 == 1)),
            way="<>"[n == "Anna"],
        )
        + "\n"
        for i, (t, n, w) in enumerate(rows)
    )


@pytest.mark.parametrize("layout", some(LAYOUTS))
def test_the_places_of_a_layout_are_told_from_the_words(tmp_path: Path, layout: str) -> None:
    told = spoken(read_text(tmp_path, log(LAYOUTS[layout]), "a.log"), "%F %T")
    assert [(t, n.removesuffix(" Lee"), w) for t, n, w in told] == ROWS
    assert all(n.endswith(" Lee") for _, n, _ in told) == ("several words" in layout)


def test_the_account_beside_a_name_is_the_sender(tmp_path: Path) -> None:
    messages = read_text(tmp_path, log("[{t}] [INFO] [recv] 项目群(1@chatroom) {n}({id}) -> {w}"), "a.log").messages
    assert messages["sender"].to_list() == [ACCOUNTS[n] for _, n, _ in ROWS]
    assert messages["sender_name"].to_list() == [n for _, n, _ in ROWS]


def test_an_arrow_before_the_name_tells_who_sent(tmp_path: Path) -> None:
    rows = "".join(f"{t} {'->' if n == 'Anna' else '<-'} [{n}] {w}\n" for t, n, w in ROWS)
    messages = read_text(tmp_path, rows, "a.log").messages
    assert messages["is_self"].to_list() == [n == "Anna" for _, n, _ in ROWS]
    assert messages["sender"].to_list() == [n for _, n, _ in ROWS]


def test_words_for_sent_and_received_are_the_direction(tmp_path: Path) -> None:
    rows = "".join(f"{t} {('RECV', 'SEND')[n == 'Anna']} chat=Ben text={w}\n" for t, n, w in ROWS)
    messages = read_text(tmp_path, rows, "a.log").messages
    assert messages["is_self"].to_list() == [n == "Anna" for _, n, _ in ROWS]
    assert messages["text"].to_list() == [w for *_, w in ROWS]


@pytest.mark.parametrize(
    ("sent", "received"),
    some(
        [
            (
                "[{t}] [INFO]: 发送群 甲群(6182) 的消息: {w} ({i})",
                "[{t}] [INFO]: 收到群 甲群(6182) 内 王五(10) 的消息: {w} ({i})",
            ),
            ("{t} [info] 助手(998) | 发送 -> 私聊 (2334) {w}", "{t} [info] 助手(998) | 接收 <- 私聊 (2334) {w}"),
            ("To 王五 ({t})\n{w}\n", "From 王五 ({t})\n{w}\n"),
            ("{t} V/Bot.1: Friend(2) <- {w}", "{t} V/Bot.1: 王五(2) -> {w}"),
        ],
        2,
    ),
)
def test_verbs_and_arrows_that_begin_a_place_say_who_sent(tmp_path: Path, sent: str, received: str) -> None:
    rows = [(sent, received)[n == "Ben"].format(t=t, w=w, i=1000 + i) for i, (t, n, w) in enumerate(ROWS)]
    messages = read_text(tmp_path, "\n".join(rows), "a.log").messages
    assert messages["is_self"].to_list() == [n != "Ben" for _, n, _ in ROWS]
    assert messages["text"].to_list() == [w for *_, w in ROWS]


def test_words_may_stand_below_the_places(tmp_path: Path) -> None:
    rows = [f"{t}   {n}   {ACCOUNTS[n]}   文本\n{w}" for t, n, w in ROWS]
    messages = read_text(tmp_path, "\n".join(rows)).messages
    assert messages["sender"].to_list() == [ACCOUNTS[n] for _, n, _ in ROWS]
    assert messages["text"].to_list() == [w for *_, w in ROWS]


def test_times_as_c_writes_them_stand_behind_the_names(tmp_path: Path) -> None:
    rows = [f'[项目群] [{n}] [Fri Mar  1 10:{i:02}:07 2024] [Text] "{w}" [@@b2f5]' for i, (_, n, w) in enumerate(ROWS)]
    rows[3] = rows[3].replace('"yes"', '"yes\nor no"')
    told = spoken(read_text(tmp_path, "\n".join(rows) + "\n"), "%M")
    assert told == [(f"{i:02}", n, "yes\nor no" if i == 3 else w) for i, (_, n, w) in enumerate(ROWS)]


def test_two_places_that_may_name_the_sender_are_asked_about(tmp_path: Path) -> None:
    rows = "".join(f"{t} - {('群聊', '私聊')[i % 4 == 0]} - {n} - {w}\n" for i, (t, n, w) in enumerate(ROWS))
    with pytest.raises(UsageError, match="unclear are sender: >2 / >1"):
        read_text(tmp_path, rows, "a.log")


def test_lines_of_the_program_are_noted(tmp_path: Path) -> None:
    started = "2024-03-01 09:59:59,001 [INFO] bot - started\n"
    reading = read_text(tmp_path, started + log(LAYOUTS["pairs"]), "a.log")
    assert spoken(reading, "%F %T") == ROWS
    assert started.strip() in skipped(reading)


def test_words_with_which_all_messages_begin_are_theirs(tmp_path: Path) -> None:
    rows = [(t, n, f"order {w}") for t, n, w in ROWS]
    assert spoken(read_text(tmp_path, log(LAYOUTS["angles"], rows), "a.log"), "%F %T") == rows


def test_a_time_within_the_words_is_theirs_and_a_line_without_a_name_is_a_notice(tmp_path: Path) -> None:
    rows = [(t, n, f"{w}\nthen 2024-03-09 10:00 it is" if i == 4 else w) for i, (t, n, w) in enumerate(ROWS)]
    text = log("{t} [微信] [{n}] {w}", rows).split("\n")
    text.insert(9, "2024-03-01 10:05:30 [微信] 王五 joined")
    reading = read_text(tmp_path, "\n".join(text))
    told = spoken(reading, "%F %T")
    assert [r for r in told if r[1] is not None] == rows
    assert [words for _, name, words in told if name is None] == ["王五 joined"]


def test_a_name_with_a_colon_is_one_name(tmp_path: Path) -> None:
    names = {"Anna": "销售:小李", "Ben": "客户:老周", "王五": "客户二:小王"}
    text = "".join(f"[{t}] {names[n]}: {w}\n" for t, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%Y-%m-%d %H:%M:%S") == [(t, names[n], w) for t, n, w in ROWS]


def test_a_name_that_all_people_have_in_common_is_part_of_each(tmp_path: Path) -> None:
    names = {"Anna": "Lena Rossi", "Ben": "Lena Tanaka", "王五": "Lena Rossi"}
    text = "".join(f"[{t[:10].replace('-', '.')}, {t[11:]}] {names[n]}: {w}\n" for t, n, w in ROWS)
    reading = read_text(tmp_path, text, "_chat.txt")
    assert reading.messages["sender"].to_list() == [names[n] for _, n, _ in ROWS]


def test_the_words_before_brackets_say_who_sent_and_who_received(tmp_path: Path) -> None:
    names = ("李秀英", "王建国")
    lines = (
        f"{t},430 INFO  [http-exec-{i % 7}] c.im.ChatService - 用户[{names[i % 2]}] 发送给 [{names[1 - i % 2]}]: {w}"
        for i, (t, _, w) in enumerate(ROWS)
    )
    messages = read_text(tmp_path, "\n".join(lines), "im.log").messages
    assert messages["sender"].to_list() == [*names] * 12
    assert messages["text"].to_list() == [w for _, _, w in ROWS]


@pytest.mark.parametrize("behind", ["", " id={i}", ' id={i} via="a b"'])
def test_words_in_quotes_lose_their_escapes_and_what_stands_behind_them(behind: str, tmp_path: Path) -> None:
    rows = [(t, n, f'{w} "so" it\'s\nsaid') for t, n, w in ROWS]
    text = "".join(
        f'{t} INFO muc from="{n}" body={json.dumps(w, ensure_ascii=False)}{behind.format(i=i)}\n'
        for i, (t, n, w) in enumerate(rows)
    )
    assert spoken(read_text(tmp_path, text, "a.log"), "%F %T") == rows


def _minutes() -> list[str]:
    """Minutes of a hearing in which a party reads messages, and the other one comments on two of them."""
    lines = ["庭审笔录", "时间：2024年9月13日14时30分", "审判员：请宣读聊天记录。"]
    for i, (time, _, words) in enumerate(ROWS):
        who = ("被告（王五）", "原告（周明）")[i * i % 3 % 2]
        lines.append(f"原告：2024年3月{1 + i // 6}日10时{int(time[14:16]):02}分，{who}：“{words}”")
        lines += ["被告：真实性无异议。", "审判员：继续。"] if i in (7, 15) else []
    return [*lines, "审判员：休庭。"]


@pytest.mark.parametrize("suffix", [".txt", ".docx"])
def test_messages_read_out_in_a_hearing_end_at_their_quotation_mark(tmp_path: Path, suffix: str) -> None:
    lines = _minutes()
    if suffix == ".docx":
        document = docx.Document()
        for line in lines:
            document.add_paragraph(line)
        document.save(str(tmp_path / "a.docx"))
        reading = read(tmp_path / "a.docx")
    else:
        reading = read_text(tmp_path, "\n".join(lines))
    assert reading.messages["text"].to_list() == [w for *_, w in ROWS]
    assert any("真实性无异议" in n.excerpt for n in reading.notes)


def test_names_and_accounts_on_both_sides_of_an_arrow_say_who_sent(tmp_path: Path) -> None:
    people = ["林姐(linjie01)", "阿凯(akai77)"]
    lines = [
        f"[{'发送' if i % 2 else '接收'}] 2024-03-01 09:{i:02}:05 {people[i % 2]} -> {people[1 - i % 2]}: 第{i}条{w}"
        for i, w in enumerate(["材料到了", "好的", "几点送", "下午三点"] * 4)
    ]
    messages = read_text(tmp_path, "\n".join(lines)).messages
    assert messages.select("sender", "is_self").rows() == [("linjie01", False), ("akai77", True)] * 8
