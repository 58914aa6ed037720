"""A text whose lines are not all accounted for is asked about; what a form writes around messages is no words."""

from pathlib import Path

import pytest

import reconcile
from reconcile.errors import UnreadableSource, UsageError
from reconcile.intake.contract import Reading
from tests.build.readings import read_text, skipped, spoken
from tests.thorough import some

CLOCKS = [f"{9 + i // 4:02}:{15 * (i % 4):02}" for i in range(16)]
NAMES = ["Anna", "Ben Ode"] * 8
WORDS = [f"word {i} of many" for i in range(16)]
ROWS = list(zip(CLOCKS, NAMES, WORDS, strict=True))


def told(reading: Reading) -> list[tuple[str, str, str]]:
    return spoken(reading, "%H:%M")


@pytest.mark.parametrize(
    ("layout", "unclear"),
    [
        # One name holds the sign that parts names from words, or all write alike behind it.
        ("[2024-06-03 {c}] {n}: flat 2: {w}\n", "possible readings are 1: 16 messages"),
        # Marks before one name may state a kind or who sent.
        ("[2024-06-03 {c}][text {n}]Cleo - {w}\n", "unclear are sender"),
        # What stands below a heading may be one message or several.
        ("{n}, 2024-06-03 {c}:\n  - {w}\n  - and more\n", "unclear are text"),
    ],
)
def test_texts_that_begin_with_names_leave_the_sender_to_the_user(tmp_path: Path, layout: str, unclear: str) -> None:
    with pytest.raises(UsageError, match=unclear):
        read_text(tmp_path, "".join(layout.format(c=c, n=n, w=w) for c, n, w in ROWS))


def test_clocks_below_headings_with_whole_times_leave_the_time_to_the_user(tmp_path: Path) -> None:
    lines = [f"({c}) {n}: {w}" if i < 5 else f"(2024-06-03 {c}) {n}: {w}" for i, (c, n, w) in enumerate(ROWS)]
    with pytest.raises(UsageError, match=r"unclear are time: time / \(09:00\) Anna: word 0 of many"):
        read_text(tmp_path, "\n".join(lines) + "\n")


def test_clocks_alone_inside_messages_leave_the_time_to_the_user(tmp_path: Path) -> None:
    lines = [f"{c}\n{w}" if i % 4 == 3 else f"{n}  2024-06-03 {c}\n{w}" for i, (c, n, w) in enumerate(ROWS)]
    with pytest.raises(UsageError, match="unclear are time"):
        read_text(tmp_path, "\n".join(lines) + "\n")


def test_quoted_headings_of_replies_begin_messages_unless_they_repeat_one(tmp_path: Path) -> None:
    lines = [f"> **{c} @{n}**\n> {w}\n" if i % 3 else f"### {c} @{n}\n{w}\n" for i, (c, n, w) in enumerate(ROWS)]
    reading = read_text(tmp_path, "## 2024-06-03\n\n" + "\n".join(lines), "a.md")
    assert [(c, n.removeprefix("@"), w) for c, n, w in told(reading)] == ROWS
    heads = [f"### {c} @{n}\n{w}\n" for c, n, w in ROWS]
    cited = [f"> **{c} @{n}**\n> {w}\n" for c, n, w in ROWS[:2]]
    again = read_text(tmp_path, "## 2024-06-03\n\n" + "\n".join([*heads[:6], *cited, *heads[6:]]), "b.md")
    assert again.messages.height == len(ROWS)


def test_a_clock_beside_the_name_of_a_speaker_alone_is_a_heading_that_was_not_read(tmp_path: Path) -> None:
    lines = [f"~ {n} at {c} ~\n{w}\n" if i % 3 == 2 else f"[{c}] {n}: {w}\n" for i, (c, n, w) in enumerate(ROWS)]
    with pytest.raises((UsageError, UnreadableSource)):
        read_text(tmp_path, "2024-06-03\n\n" + "\n".join(lines).replace(" at ", " "))


def _record(at: int, clock: str, name: str, words: str) -> str:
    sent = f"Sent: Mon, 3 Jun 2024 {clock}:00 +0800\n"
    below = "Attachment: a.jpg (image/jpeg)\n\n" if at % 5 == 2 else f"\n{words}\n\n"
    return f"From: {name}\nType: note\n{sent}{sent.replace('Sent', 'Received') if at % 2 else ''}{below}"


def test_labels_of_times_are_no_senders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are sender: none"):
        read_text(tmp_path, "Conversation: Anna\n\n" + "".join(_record(i, *row) for i, row in enumerate(ROWS)))


def test_heads_and_feet_of_printed_pages_are_no_words(tmp_path: Path) -> None:
    lines = [f"2024-06-03 {c} {n}: {w}" for c, n, w in ROWS]
    for page in (3, 2, 1):
        lines.insert(4 * page, f"\n\fLi & Co.\nPage {page + 1} of 4\n")
    reading = read_text(tmp_path, "\n".join(lines) + "\n")
    assert told(reading) == ROWS
    assert "Li & Co. Page 3 of 4" in skipped(reading)


def test_a_message_that_names_pages_keeps_its_words(tmp_path: Path) -> None:
    words = [f"Page {i} of the scan" for i in range(16)]
    text = "".join(f"{n} 2024-06-03 {c}\n{w}\n\n" for c, n, w in zip(CLOCKS, NAMES, words, strict=True))
    assert read_text(tmp_path, text).messages["text"].to_list() == words


def test_a_line_between_two_rules_is_no_words(tmp_path: Path) -> None:
    blocks = [f"{n}\n2024-06-03 {c}\n{w}\n" for c, n, w in ROWS]
    blocks.insert(5, "———— new messages ————\n")
    reading = read_text(tmp_path, "\n".join(blocks))
    assert told(reading) == ROWS
    assert skipped(reading) == ["———— new messages ————"]


@pytest.mark.parametrize(
    "layout",
    some(
        [
            "{n}: {w}\n            2024-06-03 {c}\n",
            "2024/06/03-{c} [{n}] {w}\n",
            "2024-06-03 {c} h - {n}: {w}\n",
            "2024-06-03 {c}:00,137 INFO chat.recv: <{n}> {w}\n",
            "2024-06-03 {c} from {n} - Read\n\n{w}\n\n",
            "（2024年6月3日 {c}）{n}说：{w}\n",
            "2024-06-03 {c} | INFO | worker-1 | {n} | {w}\n",
            "{n}@2024-06-03 {c}# {w}\n",
            "2024-06-03 {c} {n}: {w} [seen]\n",
            "## {n}\n*2024-06-03 {c}*\n\n{w}\n\n",
            "3 giugno 2024, ore {c} - {n}: {w}\n",
        ]
    ),
)
def test_what_a_form_writes_around_messages_is_told_from_them(tmp_path: Path, layout: str) -> None:
    assert told(read_text(tmp_path, "".join(layout.format(c=c, n=n, w=w) for c, n, w in ROWS))) == ROWS


def test_times_behind_messages_of_several_lines_belong_to_the_words_before_them(tmp_path: Path) -> None:
    rows = [(c, n, w + "\na second line" * (i % 3 == 0)) for i, (c, n, w) in enumerate(ROWS)]
    text = "".join(f"{n}:  {w}\t@2024/06/03, {c}:00\n\n" for c, n, w in rows)
    assert told(read_text(tmp_path, text)) == rows


def test_breaks_of_markup_are_line_ends_in_a_form_without_others(tmp_path: Path) -> None:
    rows = [(c, n, w + "<br />more" * (i == 3)) for i, (c, n, w) in enumerate(ROWS)]
    reading = read_text(tmp_path, "".join(f"2024-06-03 {c} | {n} | {w}\n" for c, n, w in rows))
    assert reading.messages["text"][3] == f"{WORDS[3]}\nmore"


@pytest.mark.parametrize(
    ("rule", "bar"), [("+------+------+------+", "|"), ("┏━━━━┳━━━━┳━━━━┓", "┃"), ("├────┼────┼────┤", "│")]
)
def test_tables_drawn_in_signs_are_read(tmp_path: Path, rule: str, bar: str) -> None:
    rows = [("Time", "Sender", "Text"), *((f"2024-06-03 {c}", n, w) for c, n, w in ROWS)]
    lines = [f"{bar} " + f" {bar} ".join(r) + f" {bar}" for r in rows]
    assert told(read_text(tmp_path, "\n".join([rule, lines[0], rule, *lines[1:], rule]) + "\n")) == ROWS


def test_days_above_tables_of_markdown_date_their_clocks(tmp_path: Path) -> None:
    head = "| Time | Sender | Text |\n| --- | --- | --- |\n"
    rows = [f"| {c} | {n} | {w} |\n" for c, n, w in ROWS]
    text = f"## 2024-06-03\n\n{head}{''.join(rows[:8])}\n## 2024-06-04\n\n{head}{''.join(rows[8:])}"
    reading = read_text(tmp_path, text, "chat.md")
    assert told(reading) == ROWS
    assert reading.messages["sent_at"].dt.day().to_list() == [3] * 8 + [4] * 8


def test_running_numbers_before_names_are_no_part_of_them(tmp_path: Path) -> None:
    lines = [f"{i}、{n}（2024年6月3日{c}）：{w}" for i, (c, n, w) in enumerate(ROWS, 1)]
    assert told(read_text(tmp_path, "\n".join(lines) + "\n")) == ROWS


def test_a_foot_of_pages_without_a_number_is_told_by_its_distance(tmp_path: Path) -> None:
    lines = [f"2024-06-03 {c} {n}: {w}" + "\n\nConfidential\n" * (i % 5 == 4) for i, (c, n, w) in enumerate(ROWS)]
    assert told(read_text(tmp_path, "\n".join(lines) + "\n")) == ROWS


def test_a_signature_below_several_messages_stays_words(tmp_path: Path) -> None:
    words = [w + "\n\nSent from a phone" * (i in (2, 4, 9)) for i, w in enumerate(WORDS)]
    lines = [f"2024-06-03 {c} {n}: {w}" for c, n, w in zip(CLOCKS, NAMES, words, strict=True)]
    assert read_text(tmp_path, "\n".join(lines) + "\n").messages["text"][4].endswith("Sent from a phone")


def test_a_bar_before_further_lines_is_of_the_form(tmp_path: Path) -> None:
    rows = [f"2024-06-03 {c} {n} > {w}" + "\n    | more\n    | words" * (i == 3) for i, (c, n, w) in enumerate(ROWS)]
    assert read_text(tmp_path, "\n".join(rows) + "\n").messages["text"][3] == f"{WORDS[3]}\nmore\nwords"


def test_one_list_in_a_message_keeps_its_marks(tmp_path: Path) -> None:
    rows = [f"2024-06-03 {c} {n}: {w}" + "\n- a\n- b\n- c" * (i == 3) for i, (c, n, w) in enumerate(ROWS)]
    assert read_text(tmp_path, "\n".join(rows) + "\n").messages["text"][3] == f"{WORDS[3]}\n- a\n- b\n- c"


def test_a_log_of_one_session_takes_its_year_from_the_line_that_opens_it(tmp_path: Path) -> None:
    text = "**** BEGIN LOGGING AT Mon Jun  3 08:00:00 2024\n\nJun 03 08:00:00 *\tNow talking on #boiler\n"
    text += "".join(f"Jun 03 {c}:00 <{n}>\t{w}\n" for c, n, w in ROWS)
    reading = read_text(tmp_path, text + "**** ENDING LOGGING AT Mon Jun  3 22:00:00 2024\n")
    assert told(reading)[1:] == ROWS
    assert reading.messages["kind"][0] == "system"


def test_a_sign_before_the_words_of_a_page_is_no_word(tmp_path: Path) -> None:
    rows = "".join(f"<p><i>{c}</i> <b>{n}</b>: {w}</p>\n" for c, n, w in ROWS)
    page = f"<html><body><h1>Log</h1><h2>Monday 3 June 2024</h2>\n{rows}</body></html>"
    assert told(read_text(tmp_path, page, "chat.html")) == ROWS


def test_a_colon_of_the_other_script_parts_a_known_name_from_its_words(tmp_path: Path) -> None:
    names = ["Anna", "Anna", "Ben", "Ben"] * 4
    text = "".join(
        f"2024-06-03 {c} {n}{':：'[i % 2]}{w}\n" for i, (c, n, w) in enumerate(zip(CLOCKS, names, WORDS, strict=True))
    )
    assert told(read_text(tmp_path, text)) == list(zip(CLOCKS, names, WORDS, strict=True))


def test_heads_of_pages_directly_between_messages_are_no_words(tmp_path: Path) -> None:
    lines = [
        f"2024-06-03 {c} {n}: {w}" + f"\nMessages   Page {i // 5 + 2}" * (i % 5 == 4)
        for i, (c, n, w) in enumerate(ROWS)
    ]
    assert told(read_text(tmp_path, "Messages   Page 1\n" + "\n".join(lines) + "\n")) == ROWS


def test_a_name_in_quotes_before_an_address_in_brackets_is_the_shown_name(tmp_path: Path) -> None:
    rows = [f'"{n}" <{n[0]}@example.org> (2024-06-03 {c}): {w}' for c, n, w in ROWS]
    shown = read_text(tmp_path, "\n".join(rows) + "\n").messages.select("sender", "sender_name").row(1)
    assert shown == ("B@example.org", "Ben Ode")


def test_times_that_a_known_form_takes_for_words_lead_to_another_reading(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text("".join(f"> {n}:\n[03.06.2024 {c}]\n{w}\n\n" for c, n, w in ROWS), "utf-8")
    assert told(reconcile.read(tmp_path / "chat.txt")) == ROWS


def test_a_number_that_grows_beside_a_name_that_recurs_is_the_messages_own(tmp_path: Path) -> None:
    rows = "".join(
        f"[2026-05-16T23:2{i}:47.823000+00:00] {('anna', 'ben')[i % 2]} (id=15053503345902224{i}7)\n    word {i}\n\n"
        for i in range(6)
    )
    messages = read_text(tmp_path, rows).messages
    assert messages["sender"].to_list() == ["anna", "ben"] * 3
    assert messages["message_id"][0] == "1505350334590222407"


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("[2024-06-03 {c}] {n}:\n原文: {w}\n译文: T {w}\n\n", "原文: {w}\n译文: T {w}"),
        ("{n} 2024-06-03 {c}\nJapanese: {w}\nEnglish: T {w}\n------\n", "Japanese: {w}\nEnglish: T {w}"),
        # A word for a text alone says nothing.
        ("[2024-06-03 {c}] {n}\n原文：{w}\n\n", "{w}"),
    ],
)
def test_labels_in_all_bodies_below_dated_headings_are_no_senders_and_no_records(
    tmp_path: Path, layout: str, text: str
) -> None:
    reading = read_text(tmp_path, "=== A talk ===\n" + "".join(layout.format(c=c, n=n, w=w) for c, n, w in ROWS))
    assert told(reading) == [(c, n, text.format(w=w)) for c, n, w in ROWS]


def test_fields_in_the_lines_below_a_time_belong_to_its_heading(tmp_path: Path) -> None:
    said = "".join(f"[2024-06-03 {c}] Entry:\nFrom: {n}\nTo: Cleo\nText: {w}\n\n" for c, n, w in ROWS)
    assert told(read_text(tmp_path, said)) == ROWS


def test_a_word_beside_every_time_is_no_sender_where_the_texts_name_those_who_speak(tmp_path: Path) -> None:
    groups = [f"2024-06-03 {c} record\nAnna: {w}\nBen: {w}\nAnna: yes" for c, _, w in ROWS[:6]]
    with pytest.raises(UsageError, match="unclear are sender: none"):
        read_text(tmp_path, "\n".join(groups) + "\n")


def test_addresses_below_each_heading_are_no_talk(tmp_path: Path) -> None:
    text = "".join(
        f"{n} 2024-06-03 {c}\nhttps://a.cn/{i}\nhttps://b.cn/{i}\n{w}\n\n" for i, (c, n, w) in enumerate(ROWS)
    )
    assert read_text(tmp_path, text).messages["sender"].to_list() == NAMES
