"""Mailboxes whose mails are messages of a chat."""

from pathlib import Path

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
    messages = read(tmp_path).messages
    assert messages["text"].to_list() == ["first mail", "second mail", "third mail", "fourth mail"]
    assert messages["conversation"].n_unique() == 1
