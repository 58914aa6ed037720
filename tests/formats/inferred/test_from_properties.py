"""Text messages of telephones as objects between BEGIN and END lines."""

from pathlib import Path

from tests.build.readings import read_text


def message(box: str, number: str, day: int, words: str) -> str:
    return (
        f"BEGIN:VMSG\nVERSION:1.1\nBEGIN:VCARD\nTEL:{number}\nEND:VCARD\nBEGIN:VBODY\nX-BOX:{box}\nX-READ:READ\n"
        f"Date:2018/01/{day:02d} 13:14:17\n{words}\nEND:VBODY\nEND:VMSG\n"
    )


def test_a_message_of_a_telephone_is_decoded_and_its_number_is_the_chat(tmp_path: Path) -> None:
    encoded = "Subject;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E4=BD=A0 =\n=E5=A5=BD"
    rows = [message("INBOX", "+614002", 1, encoded), message("SENDBOX", "+614001", 2, "Subject:plain text")]
    found = read_text(tmp_path, "".join(rows), "sms.vmsg").messages
    assert found.select("text", "conversation", "is_self", "sender").rows() == [
        ("你 好", "+614002", False, "+614002"), ("plain text", "+614001", True, None),
    ]  # fmt: skip


def test_lines_without_a_name_are_the_words(tmp_path: Path) -> None:
    rows = [message(("INBOX", "SENDBOX")[i % 2], "+614002", i + 1, f"word {i}\nand more") for i in range(4)]
    found = read_text(tmp_path, "".join(rows), "sms.vmg").messages
    assert found["text"].to_list() == [f"word {i}\nand more" for i in range(4)]
