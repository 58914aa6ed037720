"""Which of several fields, lists and signs beside a message are its own time, sender and words."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reconcile.errors import UnrecognisedSource, UsageError
from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from tests.build.readings import read_text, skipped, spoken

WORDS = ["good morning", "100%", "see: the list", "no, not yet", "what did you pay", "about 5,000", "then\nlater", "fine"]  # fmt: skip
NAMES = ("Anna Berg", "Ben Ott")
DAYS = [f"2024-06-0{3 + i // 4}" for i in range(8)]
CLOCKS = [f"09:1{i}:02" for i in range(8)]
SAID = [(CLOCKS[i], NAMES[i % 2], w) for i, w in enumerate(WORDS)]


def written(folder: Path, value: Any, name: str = "chat.json") -> Reading:
    lines = isinstance(value, list) and name.endswith("l")
    return read_text(folder, "\n".join(map(json.dumps, value)) if lines else json.dumps(value), name)


def told(reading: Reading) -> list[tuple[str, str, str]]:
    return spoken(reading, "%H:%M:%S")


def test_a_message_was_sent_before_its_event_was_handed_on(tmp_path: Path) -> None:
    rows = [{"header": {"create_time": str(1717375632100 + 60000 * i)}, "event": {"sender": f"user_{i % 2}", "message": {"create_time": str(1717375632060 + 60000 * i), "content": w}}} for i, w in enumerate(WORDS)]  # fmt: skip
    sent = written(tmp_path, rows, "events.jsonl").messages["sent_at"].dt.epoch("ms")
    assert sent.to_list() == [1717375632060 + 60000 * i for i in range(8)]


def test_words_behind_a_name_in_another_field_are_the_words_without_it(tmp_path: Path) -> None:
    rows = [{"CreateTime": 1717375632 + i, "From": {"string": f"wxid_{i % 2}abcdef"}, "PushContent": f"{NAMES[i % 2]} : {w}", "Content": {"string": w}} for i, w in enumerate(WORDS)]  # fmt: skip
    assert written(tmp_path, rows, "push.jsonl").messages["text"].to_list() == WORDS


def test_pieces_of_a_message_are_no_messages_however_many_they_are(tmp_path: Path) -> None:
    rows = [{"ts": f"{1717375632 + 60 * i}.1", "user": f"U0{i % 2}AB", "text": " ".join(5 * [w]), "blocks": [{"elements": [{"elements": [{"type": "text", "text": w} for _ in range(5)]}]}]} for i, w in enumerate(WORDS)]  # fmt: skip
    assert written(tmp_path, rows, "2024-06-03.json").messages["text"].to_list() == [" ".join(5 * [w]) for w in WORDS]


def test_a_service_is_neither_sender_nor_chat_and_one_name_in_all_rows_is_asked_about(tmp_path: Path) -> None:
    rows = [f'{("Received", "Sent")[i % 2]},"Feb 25, 2024 9:1{i}:07 AM",Anna Berg,"{w}",{("SMS", "iMessage")[i % 3 > 0]}\n' for i, w in enumerate(WORDS)]  # fmt: skip
    with pytest.raises(UsageError, match="unclear are conversation: #3"):
        read_text(tmp_path, "".join(rows), "export.csv")
    told = {"time": "#2", "text": "#4", "direction": "#1", "conversation": "#3"}
    messages = InferredForm().read(Source(tmp_path / "export.csv"), ReadOptions(columns=told)).messages
    assert messages["sender"].to_list() == ["Anna Berg", None] * 4


def test_codes_of_sides_beside_one_number_are_asked_about(tmp_path: Path) -> None:
    rows = [f'+8613800001111,{1 + i % 2},2024-02-25 {t},"{w}"\n' for i, (t, _, w) in enumerate(SAID)]
    with pytest.raises(UsageError, match="direction"):
        read_text(tmp_path, "".join(rows), "sms.csv")


@pytest.mark.parametrize(("out", "back"), [("▶", "◀"), (">>", "<<")])
def test_signs_in_place_of_names_are_asked_about(tmp_path: Path, out: str, back: str) -> None:
    rows = [f"{(out, back)[i % 2]} 2024/02/25 {t} | word number {i}\n" for i, t in enumerate(CLOCKS)]
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, "".join(rows))


def test_one_name_before_signs_of_two_sides_is_asked_about(tmp_path: Path) -> None:
    rows = [f"25/Feb/2024 {t} jo@mail.example {('>>>', '<<<')[i % 2]} word number {i}\n" for i, t in enumerate(CLOCKS)]
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, "".join(rows), "chat.log")


def test_the_fullest_of_several_names_is_shown(tmp_path: Path) -> None:
    people = [{"id": f"${i:02}", "first_name": n.split()[0], "print_name": n} for i, n in enumerate(NAMES)]
    rows = [{"from": people[i % 2], "date": 1708947704 + i, "text": w} for i, w in enumerate(WORDS)]
    assert written(tmp_path, rows, "dump.jsonl").messages["sender_name"].to_list() == [*NAMES] * 4


def test_a_kind_behind_every_name_is_no_part_of_it(tmp_path: Path) -> None:
    rows = "".join(f'<article class="message"><div class="meta">2024-06-03 {t} · {n} · {("文本", "图片")[i == 5]}</div><div class="bubble">{w}</div></article>' for i, (t, n, w) in enumerate(SAID))  # fmt: skip
    messages = read_text(tmp_path, f"<html><body>{rows}</body></html>", "page.html").messages
    assert messages["sender"].to_list() == [*NAMES] * 4
    assert messages["kind"].to_list()[4:6] == ["text", "image"]


def test_a_line_above_a_page_of_messages_is_no_message(tmp_path: Path) -> None:
    rows = "".join(f'<div class="msg{(" self", "")[i % 2]}"><div class="meta"><span class="who">{n}</span><span class="time">2024-06-03 {t}</span></div><div class="body">{w}</div></div>' for i, (t, n, w) in enumerate(SAID))  # fmt: skip
    page = f'<html><body><h1>Ben</h1><div class="sub">ben_ott · 8 条 · 导出于 2024-07-02 10:11:12</div>{rows}</body></html>'
    assert read_text(tmp_path, page, "page.html").messages["text"].to_list() == WORDS


def test_bytes_that_an_address_would_write_are_read_as_words(tmp_path: Path) -> None:
    rows = "".join(f'<message time="{1708823107 + 60 * i}" medium="ICQ" to="19{i % 2}88" from="19{1 - i % 2}88" text="{quote(w)}"/>\n' for i, w in enumerate(WORDS))  # fmt: skip
    opened = '<session type="start" time="1708823103" medium="ICQ" to="19088" from="19188"/>\n'
    assert read_text(tmp_path, opened + rows, "chat.xml").messages["text"].to_list() == WORDS


def test_a_value_amid_pairs_may_go_on_in_the_lines_below(tmp_path: Path) -> None:
    rows = [f"Row: {i} _id={9 - i}, date=2024-06-03 {t}, body={w}, who={n}, read=1\n" for i, (t, n, w) in enumerate(SAID)]  # fmt: skip
    assert told(read_text(tmp_path, "".join(rows))) == SAID


def days_of_clocks() -> dict[str, dict[str, dict[str, str]]]:
    return {d: {t: {"发言人": n, "内容": w} for (t, n, w), at in zip(SAID, DAYS, strict=True) if at == d} for d in DAYS}


def days_of_lines() -> dict[str, list[str]]:
    return {d: [f"{t} {n}: {w}" for (t, n, w), at in zip(SAID, DAYS, strict=True) if at == d] for d in DAYS}


@pytest.mark.parametrize("value", [days_of_clocks(), days_of_lines()], ids=["clocks", "lines"])
def test_clocks_below_days_are_the_times_of_messages(tmp_path: Path, value: Any) -> None:
    assert told(written(tmp_path, value)) == SAID


def test_a_line_whose_one_key_is_a_time_is_a_message(tmp_path: Path) -> None:
    rows = [{f"{d}T{t}+08:00": [n, w]} for (t, n, w), d in zip(SAID, DAYS, strict=True)]
    assert told(written(tmp_path, rows, "chat.ndjsonl")) == SAID


def test_a_line_below_the_last_quotation_is_nobodys_words(tmp_path: Path) -> None:
    rows = [f"2024-06-03 {t} {n}: “word number {i}”\n" for i, (t, n, _) in enumerate(SAID)]
    found = read_text(tmp_path, "".join(rows) + "notary: Mr. Li, in July\n")
    assert found.messages["text"].to_list() == [f"word number {i}" for i in range(8)]
    assert "notary: Mr. Li, in July" in skipped(found)


def test_what_opens_above_the_messages_closes_below_them(tmp_path: Path) -> None:
    rows = [f"2024-06-03 {t} {n}: word number {i}\n" for i, (t, n, _) in enumerate(SAID)]
    found = read_text(tmp_path, "{% chat %}\n" + "".join(rows) + "{% endchat %}\n")
    assert found.messages["text"].to_list() == [f"word number {i}" for i in range(8)]


def test_names_in_emphasis_may_stand_behind_an_arrow(tmp_path: Path) -> None:
    rows = "".join(f'{("", "↳ ")[i % 5 == 4]}**{NAMES[i % 2]}** <span class="t">09:{i:02}:02 UTC</span>\n\nword number {i}\n\n' for i in range(30))  # fmt: skip
    messages = read_text(tmp_path, f"### Mon, Jul 1st, 2024\n\n{rows}", "chat.md").messages
    assert messages["sender"].to_list() == [*NAMES] * 15


def test_a_backslash_above_a_line_set_in_belongs_to_a_command(tmp_path: Path) -> None:
    words = [w if i != 2 else "run this:\ncurl \\\n  --url here \\\n  --fast" for i, w in enumerate(WORDS)]
    rows = "".join(f"### {n} 2024-06-03 {t}\n\n{w}\n\n" for (t, n, _), w in zip(SAID, words, strict=True))
    assert read_text(tmp_path, rows, "chat.md").messages["text"][2] == words[2]


def test_the_number_in_brackets_behind_a_name_is_the_messages_own(tmp_path: Path) -> None:
    rows = "".join(f"[2024-06-03T{t}+08:00] {n} (id={1343745458379423774 + 7000001 * i})\n    word number {i}\n\n" for i, (t, n, _) in enumerate(SAID))  # fmt: skip
    messages = read_text(tmp_path, rows).messages
    assert messages["message_id"].to_list() == [str(1343745458379423774 + 7000001 * i) for i in range(8)]
    assert messages["text"].to_list() == [f"word number {i}" for i in range(8)]


def test_words_all_set_in_below_their_heading_are_read_without_the_indent(tmp_path: Path) -> None:
    rows = "".join(f"2024-06-03 {t} {n}\n    word number {i}\n    and on\n\n" for i, (t, n, _) in enumerate(SAID))
    assert read_text(tmp_path, rows).messages["text"].to_list() == [f"word number {i}\nand on" for i in range(8)]


def test_brackets_around_every_name_and_text_belong_to_the_form(tmp_path: Path) -> None:
    rows = [f"【2024-06-03 {t}】#【{n}】#【word number {i}】\n" for i, (t, n, _) in enumerate(SAID)]
    messages = read_text(tmp_path, "".join(rows)).messages
    assert messages["sender"].to_list() == [*NAMES] * 4
    assert messages["text"].to_list() == [f"word number {i}" for i in range(8)]


def test_literals_whose_one_key_is_a_number_are_no_messages(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedSource):
        read_text(tmp_path, "".join(f"{{{i}: ['Anna', 'word {i}']}}\n" for i in range(8)))


def test_whoever_read_a_message_is_no_rival_of_its_sender(tmp_path: Path) -> None:
    rows = [{"ts": 1717375632100 + 60000 * i, "sender_id": NAMES[i % 2], "data": {"body": w}, "seen": [{"user_id": NAMES[1 - i % 2], "at": 1717375632190 + 60000 * i}]} for i, w in enumerate(WORDS)]  # fmt: skip
    assert written(tmp_path, rows, "seen.jsonl").messages["sender"].to_list() == [*NAMES] * 4


def test_a_day_whose_list_holds_one_row_keeps_it(tmp_path: Path) -> None:
    days = {
        f"2024-03-0{1 + i // 3}": [[f"09:1{j}", NAMES[j % 2], WORDS[j]] for j in range(i, min(i + 3, 7))]
        for i in (0, 3, 6)
    }
    (tmp_path / "a.json").write_text(json.dumps({"days": days}))
    assert InferredForm().read(Source(tmp_path / "a.json"), ReadOptions()).messages["text"].to_list() == WORDS[:7]
