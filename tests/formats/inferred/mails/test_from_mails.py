"""Mailboxes whose mails are messages of a chat."""

from pathlib import Path

import pytest

import reconcile
from reconcile.errors import UsageError
from reconcile.intake.contract import ReadOptions
from tests.build.readings import read

HEAD = "From a@x.org Tue Apr 09 06:0{i}:00 2024\nFrom: {name} <{name}@x.org>\nTo: <b@x.org>\nDate: Tue, 9 Apr 2024 08:0{i}:00 +0200\nSubject: SMS\n"
BODIES = ["Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nSMOkdHRlc3QgZHU=\n", "\n>From now on {i}\nfrom me\n"]  # fmt: skip


def test_each_mail_of_a_mailbox_is_a_message_with_its_words_decoded(tmp_path: Path) -> None:
    mails = [HEAD.format(i=i, name=("Anna", "Ben")[i % 2]) + BODIES[i % 2].replace("{i}", str(i)) for i in range(8)]
    (tmp_path / "sms.mbox").write_text("\n".join(mails), "utf-8")
    messages = read(tmp_path / "sms.mbox").messages
    assert messages["text"].head(2).to_list() == ["Hättest du", "From now on 1\nfrom me"]
    assert messages["sender"].head(2).to_list() == ["Anna@x.org", "Ben@x.org"]
    assert messages.height == 8


def test_a_folder_with_a_file_for_each_mail_is_one_list_of_mails(tmp_path: Path) -> None:
    for i, words in enumerate(("first", "second", "third", "fourth")):
        a, b = ("Anna <a@example.com>", "Ben <b@example.com>")[:: 1 if i % 2 else -1]
        head = f"From: {b}\nTo: {a}\nSubject: Re: pump\nDate: Tue, 5 Mar 2024 09:0{i}:00 +0100\nMIME-Version: 1.0\n"
        (tmp_path / f"{i}.eml").write_text(f"{head}Content-Type: text/plain; charset=utf-8\n\n{words} mail\n")
    told = {"time": "date", "sender": "from", "receiver": "to", "text": "body"}
    confirmed = reconcile.read(tmp_path, options=ReadOptions(columns=told))
    for messages in (read(tmp_path).messages, confirmed.messages):
        assert messages["text"].to_list() == ["first mail", "second mail", "third mail", "fourth mail"]
        assert messages["conversation"].n_unique() == 1


WORDS = ["Good morning", "are you there?", "yes, what is it", "the roof leaks", "I come today", "thanks"]
TALK = "From: Support <s@x.org>\nTo: {to}\nDate: {date}\nSubject: your chat\nMIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n{words}\n"
CLOCKS = ["08:14:09", "08:15:00", "08:16:30", "08:20:00", "08:31:00", "08:40:00"]


def talk(line: str, clocks: list[str] = CLOCKS, more: str = "") -> str:
    return "\n".join(line.format(c=c, s=("Ann", "Bob")[i % 2], t=WORDS[i] + more) for i, c in enumerate(clocks))


def mail(words: str, date: str = "Tue, 5 May 2026 09:00:00 +0200", kind: str = "plain", to: str = "<b@y.org>") -> str:
    return TALK.format(to=to, date=date, kind=kind, words=words)


def utc(file: Path) -> list[str]:
    return read(file).messages["sent_at"].dt.convert_time_zone("UTC").dt.strftime("%d %H:%M:%S").to_list()


def test_the_talk_in_a_mail_is_read_by_its_messages_with_the_day_and_zone_of_the_mail(tmp_path: Path) -> None:
    bodies = {
        "plain": f"Hello,\nhere is your chat.\n\n{talk('{s} ({c}): {t}')}\n\nKind regards\nSupport",
        "html": "<html><body>" + talk("<p><b>{s}</b> <i>{c}</i><br>{t}</p>") + "</body></html>",
    }
    for kind, words in bodies.items():
        (tmp_path / f"{kind}.eml").write_text(mail(words, kind=kind), "utf-8")
        messages = read(tmp_path / f"{kind}.eml").messages
        assert messages["text"].to_list() == WORDS
        assert messages["sender"].to_list() == ["Ann", "Bob"] * 3
        assert utc(tmp_path / f"{kind}.eml")[0] == "05 06:14:09"


def test_a_talk_past_midnight_ends_on_the_day_its_mail_was_sent(tmp_path: Path) -> None:
    clocks = ["23:40:00", "23:50:01", "23:59:00", "00:01:00", "00:02:10", "00:10:00"]
    (tmp_path / "a.eml").write_text(mail(talk("[{c}] {s}: {t}", clocks), "Wed, 6 May 2026 00:30:00 +0000"), "utf-8")
    assert utc(tmp_path / "a.eml")[2:4] == ["05 23:59:00", "06 00:01:00"]


def test_the_day_of_a_talk_that_ends_after_its_mail_was_sent_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(mail(talk("[{c}] {s}: {t}"), "Wed, 6 May 2026 07:30:00 +0200"), "utf-8")
    with pytest.raises(UsageError, match="date"):
        read(tmp_path / "a.eml")


def test_the_mails_of_a_mailbox_hold_parts_of_talks_by_their_people(tmp_path: Path) -> None:
    mails = [
        "From x Tue May 05 08:00:00 2026\n"
        + mail(f"Hello,\n\n{talk('({c}) {s}: {t}', more=f' {day}')}\n\nKind regards\nSupport", f"Tue, {day} May 2026 08:14:20 +0000", to=to)
        for day, to in ((5, "<b@y.org>"), (12, "<c@y.org>"), (19, "<b@y.org>"))
    ]  # fmt: skip
    (tmp_path / "a.mbox").write_text("\n".join(mails), "utf-8")
    reading = read(tmp_path / "a.mbox")
    assert reading.messages["text"].to_list()[5:7] == ["thanks 5", "Good morning 12"]
    assert reading.messages["conversation"].unique().sort().to_list() == ["b@y.org s@x.org", "c@y.org s@x.org"]
    assert utc(tmp_path / "a.mbox")[::6] == ["05 08:14:09", "12 08:14:09", "19 08:14:09"]


def test_mails_that_quote_each_other_stay_mails(tmp_path: Path) -> None:
    quoted = "On Tue, 9 Apr 2024 at 08:00, Ann <a@x.org> wrote:\n> at 10:30 tomorrow\n>> On Mon, 8 Apr 2024 at 07:00, Bob wrote:\n"
    mails = [
        "From x Tue May 05 08:00:00 2026\n" + mail(f"{day} I agree.\n\n{quoted}", f"Tue, {day} May 2026 08:00:00 +0000")
        for day in (5, 12, 19, 26)
    ]
    (tmp_path / "a.mbox").write_text("\n".join(mails), "utf-8")
    assert read(tmp_path / "a.mbox").messages.height == len(mails)


@pytest.mark.parametrize(
    "heading",
    [
        "序号\t时间\t发送者昵称\t消息类型\t内容",
        "No.\tDate/Time\tSender\tType\tContent",
        "序號\t時間\t發送人\t類型\t內容",
    ],
)
def test_a_table_pasted_into_a_mail_is_read_by_its_columns(tmp_path: Path, heading: str) -> None:
    said = ["在吗", "货到了\n明天送", "好的", "谢谢"]
    rows = [f"{i}\t2024-03-0{i} 09:00:0{i}\t{('周海', '李强')[i % 2]}\t文本\t{w}" for i, w in enumerate(said, 1)]
    body = "王律师您好：\n聊天记录如下。\n\n" + "\n".join([heading, *rows]) + "\n\n此致\n李强\n"
    head = "From: a@b.cn\nTo: c@d.cn\nSubject: x\nDate: Mon, 02 Nov 2026 10:11:12 +0800\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    (tmp_path / "m.eml").write_text(head + body, "utf-8")
    messages = read(tmp_path / "m.eml").messages
    assert messages["text"].to_list() == said
    assert messages["sender"].to_list() == ["李强", "周海", "李强", "周海"]
