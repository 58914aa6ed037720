"""Logs of a server: who speaks stands between angles, all other lines are what the server says."""

from pathlib import Path

import pytest

from reconcile.errors import ReconcileError
from tests.build.readings import read, read_text
from tests.thorough import some

SAID = [("Nyctef", "any objections"), ("anna", "none: from me"), ("ben", "ok > fine")]
# How a program writes a line of speech, its notices and actions, what opens the log, and its name.
LOGS = {
    "a.txt": ("[2021-04-22T10:0{i}:04+0200] <{n}> {w}", "[2021-04-22T10:00:04+0200] ben (~b@x) joined the channel", "[2021-04-22T10:08:04+0200] • anna: waves"),
    "b.log": ("2013-12-24T10:0{i}:25  <{n}> {w}", "2013-12-24T10:00:25  *** ben <ben!~b@x> has joined #chan", "2013-12-24T10:08:25  * anna waves"),
    "c.log": ("[2013-12-24 10:0{i}:25] <{n}> {w}", "[2013-12-24 10:00:25] → ben joined (~b@x)", "[2013-12-24 10:08:25] — anna waves"),
    "d.log": ("[Tuesday 24 December 2013] [10:0{i}:25] <{n}>\t{w}", "[Tuesday 24 December 2013] [10:00:25] Join\tben (~b@x) has joined", "[Tuesday 24 December 2013] [10:08:25] *\tanna waves"),
    "e.log": ("[10:0{i}] <{n}> {w}", "Session Start: Tue Dec 24 09:26:23 2013\nSession Ident: #chan\n[10:00] * Now talking in #chan", "[10:08] * anna waves\nSession Close: Tue Dec 24 11:00:00 2013"),
    "f.log": ("10:0{i} <@{n}> {w}", "--- Log opened Tue Dec 24 09:26:23 2013\n10:00 -!- ben [~b@x] has joined #chan", "10:08  * anna waves"),
    "g.log": ("Dec 24 10:0{i}:25 <{n}>\t{w}", "**** BEGIN LOGGING AT Tue Dec 24 09:26:23 2013\n\nDec 24 10:00:25 *\tNow talking on #chan", "Dec 24 10:08:25 *\tanna waves\n**** ENDING LOGGING AT Tue Dec 24 11:00:00 2013"),
    "h.log": ("[10:0{i}] <{n}> {w}", "[00:00] --- Tue Dec 24 2013\n[10:00] ben (~b@x) joined #chan.", "[10:08] Action: anna waves"),
    "2013-12-24.log": ("[10:0{i}:01] <{n}> {w}", "[10:00:01] *** Joins: ben (~b@x)", "[10:08:01] * anna waves"),
}  # fmt: skip


@pytest.mark.parametrize("name", some(LOGS))
def test_a_short_log_of_any_make_is_read(tmp_path: Path, name: str) -> None:
    line, first, last = LOGS[name]
    spoken = [line.format(i=i, n=n, w=w) for i, (n, w) in enumerate(SAID, 1)]
    (tmp_path / name).write_text("\n".join([first, *spoken, last]) + "\n")
    rows = read(tmp_path / name).messages
    said = rows.filter(rows["sender"].is_not_null() & (rows["kind"] == "text")).select("sender", "text").rows()
    assert said[:3] == SAID
    assert rows["sent_at"].null_count() == 0
    assert rows["kind"][0] == "system"
    assert rows.height == 5


def test_a_conversation_is_dated_by_the_line_that_opens_it(tmp_path: Path) -> None:
    text = "Conversation with anna@x.org at Tue 24 Dec 2013 12:26:23 AM CET on me@x.org/ (jabber)\n"
    text += "(12:26:25 AM) Nyctef: hey\n(12:27:25 AM) anna: what's up\nreally\n(12:28:25 AM) Nyctef: nothing\n"
    (tmp_path / "a.txt").write_text(text)
    rows = read(tmp_path / "a.txt").messages
    assert rows["text"].to_list() == ["hey", "what's up\nreally", "nothing"]
    days = rows["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d").unique().to_list()
    assert days == ["2013-12-24"]


def test_a_page_of_fonts_and_breaks_is_read_by_its_lines(tmp_path: Path) -> None:
    line = (
        '<font color="#A8{i}"><font size="2">(2014-03-16 23:55:4{i})</font> <b>{n}:</b></font> <span>{w}</span><br/>\n'
    )
    page = "<head><title>Conversation with them</title></head><h3>Conversation with them</h3>\n"
    page += "".join(line.format(i=i, n=n, w=w) for i, (n, w) in enumerate([("Some Rando", "Hi"), ("Gabe", "Hi back")]))
    (tmp_path / "a.html").write_text(page)
    rows = read(tmp_path / "a.html").messages
    assert rows.select("sender", "text").rows() == [("Some Rando", "Hi"), ("Gabe", "Hi back")]


def test_a_log_of_two_days_that_states_one_is_not_read(tmp_path: Path) -> None:
    text = "Session Start: Tue Dec 24 23:50:23 2013\n[23:55] <anna> late\n[23:59] <ben> yes\n[00:05] <anna> morning\n"
    (tmp_path / "a.log").write_text(text)
    with pytest.raises(ReconcileError):
        read(tmp_path / "a.log")


def test_arrows_in_the_column_of_names_are_notices(tmp_path: Path) -> None:
    rows = [
        "-->\tanna (~anna@host) has joined",
        "anna\thi all",
        "@ben\thello",
        "anna\thow is it",
        "<--\tben (~b@host) has quit",
    ]
    text = "\n".join(f"2024-03-05 08:0{i}:15\t{r}" for i, r in enumerate(rows))
    found = read_text(tmp_path, text, "chan.log").messages
    assert found["sender"].to_list() == [None, "anna", "ben", "anna", None]
    assert found["kind"].to_list() == ["system", "text", "text", "text", "system"]
