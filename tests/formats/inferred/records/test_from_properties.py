"""Text messages of telephones as objects between BEGIN and END lines."""

from pathlib import Path

from tests.build.readings import read_text

WORDS = ["good morning", "the list", "not yet", "what did you pay", "about five", "come later", "fine", "see you"]


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


def test_lines_that_are_all_set_in_are_lines_of_their_own(tmp_path: Path) -> None:
    rows = [message(("INBOX", "SENDBOX")[i % 2], "+614002", i + 1, f"Subject:word {i}") for i in range(4)]
    found = read_text(tmp_path, "".join(rows).replace("\n", "\r "), "sms.vmsg").messages
    assert found["text"].to_list() == [f"word {i}" for i in range(4)]


def test_a_calendar_names_who_wrote_beside_the_address_and_escapes_commas(tmp_path: Path) -> None:
    events = [
        f"BEGIN:VEVENT\nDTSTART:20240225T01{i:02}07Z\nORGANIZER;CN={('Anna', 'Ben')[i % 2]}:tel:+1202555010{i % 2}\n"
        f"DESCRIPTION:deal\\, {WORDS[i]}\\nand more\nEND:VEVENT\n"
        for i in range(8)
    ]
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n"
    found = read_text(tmp_path, text, "sms.ics").messages
    assert found["text"].to_list() == [f"deal, {WORDS[i]}\nand more" for i in range(8)]
    assert found["sender"].to_list() == ["Anna", "Ben"] * 4


def test_a_calendar_states_the_zone_of_each_time_and_may_list_several_people(tmp_path: Path) -> None:
    people = "".join(f"ATTENDEE;CN={n}:mailto:{n}@example.org\n" for n in ("Anna", "Ben", "Cleo"))
    events = [
        f"BEGIN:VEVENT\nUID:msg-{i}@example.org\nDTSTART;TZID=America/New_York:20240225T01{i:02}07\n{people}"
        f"ORGANIZER;CN={('Anna', 'Ben')[i % 2]}:tel:+1202555010{i % 2}\nDESCRIPTION:{WORDS[i]}\nEND:VEVENT\n"
        for i in range(8)
    ]
    found = read_text(tmp_path, f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n", "sms.ics").messages
    assert found["text"].to_list() == WORDS
    assert found["sent_at"][0].hour == 6
