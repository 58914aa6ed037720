"""Mails of phones in either language: who wrote to whom, and which lines are days."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.vocabulary import ConversationKind
from tests.thorough import some

LEADS = {
    "小明 和 小红 在微信上的聊天记录如下，请查收。": ("小明和小红", "direct"),
    '"小明"和"小红"的聊天记录如下:': ("小明和小红", "direct"),
    "家人群 微信群上的聊天记录如下，请查收。": ("家人群", "group"),
    '微信群"家人群"的聊天记录如下:': ("家人群", "group"),
    "小红在微信上的聊天记录如下，请查收。": ("小红", None),
    "小明 和 小紅 在微信上的聊天記錄如下，請查收。": ("小明和小紅", "direct"),
    '微信群"家人羣"的聊天記錄如下:': ("家人羣", "group"),
    'The chat history between "Ming" and "Hong" is as follows:': ("Ming和Hong", "direct"),
    "Chat history between Ming and Hong on WeChat are as follows.": ("Ming和Hong", "direct"),
    'Here is the chat history of the WeChat group "Family":': ("Family", "group"),
    'Chat history with "Hong":': ("Hong", None),
}
DAYS = {
    "2024-03-05": "2024-3-6", "2024/03/05": "2024/03/06", "2024年3月5日": "2024年3月6日", "Mar 5, 2024": "Mar 6, 2024", "March 5, 2024": "March 6, 2024",
    "5 March 2024": "6 March 2024", "Tuesday, March 5, 2024": "Wednesday, March 6, 2024", "2024-03-05 星期二": "2024-03-06 星期三", "15/03/2024": "16/03/2024",
}  # fmt: skip


def mail(folder: Path, lead: str, days: tuple[str, str]) -> Path:
    blocks = [
        f"—————  {d}  —————\n\n\n小明  09:0{n}\n\n第{n}批到了\n\n小红  9:1{n} PM\n\n好\n" for n, d in enumerate(days)
    ]
    (folder / "a.txt").write_text("\n".join([lead, "", *blocks]) + "\n", "utf-8")
    return folder / "a.txt"


@pytest.mark.parametrize("lead", some(LEADS, 2))
def test_lead_names_the_chat_and_nothing_else(tmp_path: Path, lead: str) -> None:
    reading = read(mail(tmp_path, lead, ("2024-3-5", "2024-3-6")))
    title, kind = LEADS[lead]
    told = reading.conversations.row(0, named=True)
    assert (reading.facts.reader, told["title"], told["conversation_kind"]) == (
        "wechat_email",
        title,
        kind and ConversationKind(kind),
    )


@pytest.mark.parametrize("day", some(DAYS))
def test_day_of_any_spelling_is_no_message(tmp_path: Path, day: str) -> None:
    messages = read(mail(tmp_path, next(iter(LEADS)), (day, DAYS[day]))).messages
    assert messages["text"].to_list() == ["第0批到了", "好", "第1批到了", "好"]
    days = [t.day for t in messages["sent_at"].dt.convert_time_zone("Asia/Shanghai")]
    assert days[::2] == ([15, 16] if day[0:2] == "15" else [5, 6])


def test_months_by_name_are_read_in_tables_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        'time,sender,text\n"Mar 5, 2024 9:05 PM",甲,好\n"Mar 6, 2024 9:05 PM",乙,走\n', "utf-8"
    )
    assert [t.day for t in read(tmp_path / "a.csv").messages["sent_at"]] == [5, 6]


def test_words_about_a_chat_history_in_a_text_are_no_lead(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "2024-03-05 09:00:05 甲\nchat history of that group, please\n\n2024-03-05 09:00:09 乙\n—————  2024-3-5  —————\n\n",
        "utf-8",
    )
    assert read(tmp_path / "a.txt").facts.reader != "wechat_email"


def test_a_phone_writes_a_links_title_and_address_in_brackets(tmp_path: Path) -> None:
    file = mail(tmp_path, next(iter(LEADS)), ("2024-3-5", "2024-3-6"))
    words = (
        file.read_text("utf-8")
        .replace("第0批到了", "[钢管 : 行情 : https://a.cn/s/1]")
        .replace("第1批到了", "[视频: 9f.mp4(请在附件中查看)]")
    )
    file.write_text(words, "utf-8")
    messages = read(file).messages
    assert messages["kind"].to_list() == ["link", "text", "video", "text"]
    assert messages["url"].to_list()[0] == "https://a.cn/s/1"


def block(name: str, clock: str, words: str) -> str:
    return f"{name}  {clock}\n\n{words}\n"


def test_two_mails_that_overlap_in_one_file_keep_every_message(tmp_path: Path) -> None:
    days = {
        "2024-9-15": [("小明", "09:01", "借条收好"), ("小红", "09:05", "好")],
        "2024-9-26": [("小明", "08:19", "钱呢"), ("小红", "08:22", "再宽限几天"), ("小明", "08:38", "这笔算本金")],
        "2024-11-6": [("小红", "12:22", "先还一半"), ("小明", "12:24", "收到了"), ("小红", "12:28", "剩下的月底给")],
    }
    again = {"2024-9-26": days["2024-9-26"][1:], "2024-11-6": [*days["2024-11-6"], ("小明", "12:40", "行")]}
    parts = [
        f"—————  {d}  —————\n\n\n" + "\n".join(block(*b) for b in told)
        for mails in (days, again)
        for d, told in mails.items()
    ]
    (tmp_path / "a.txt").write_text("\n".join([next(iter(LEADS)), "", *parts]) + "\n", "utf-8")
    messages = read(tmp_path / "a.txt").messages
    said = [(d, *b) for mails in (days, again) for d, told in mails.items() for b in told]
    assert messages["text"].to_list() == [words for *_, words in said]
    local = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%-m-%-d %H:%M").to_list()
    assert local == [f"{d} {clock}" for d, _, clock, _ in said]


def test_days_that_somebody_pastes_into_a_message_are_words(tmp_path: Path) -> None:
    pasted = "你看：\n—————  2024-9-15  —————\n\n小明  09:01\n\n借条收好"
    days = {
        "2024-9-15": [("小明", "09:01", "借条收好"), ("小红", "09:05", "好")],
        "2024-11-5": [("小明", "09:01", "还没睡"), ("小红", "09:05", "嗯")],
        "2024-11-6": [("小红", "12:22", pasted), ("小明", "12:24", "收到了"), ("小红", "12:28", "剩下的月底给")],
        "2024-11-8": [("小红", "12:22", "先还一半"), ("小明", "12:24", "行")],
    }
    parts = [f"—————  {d}  —————\n\n\n" + "\n".join(block(*b) for b in told) for d, told in days.items()]
    (tmp_path / "a.txt").write_text("\n".join([next(iter(LEADS)), "", *parts]) + "\n", "utf-8")
    messages = read(tmp_path / "a.txt").messages
    assert messages["text"].to_list()[-4:] == ["收到了", "剩下的月底给", "先还一半", "行"]
    assert messages["sent_at"].is_sorted()


@pytest.mark.parametrize("shown", ["设计图 v9.dwg（可在附件中查看）", "文件：设计图 v9.dwg（可在附件中查看）", "文件1（可在附件中查看）"])  # fmt: skip
def test_a_file_that_lies_beside_the_mail_is_a_file(tmp_path: Path, shown: str) -> None:
    file = mail(tmp_path, next(iter(LEADS)), ("2024-3-5", "2024-3-6"))
    file.write_text(file.read_text("utf-8").replace("第1批到了", shown), "utf-8")
    assert read(file).messages["kind"].to_list() == ["text", "text", "file", "text"]
