"""Tables and objects of unknown make whose columns, chats and times only the rows themselves explain."""

import json
import sqlite3
from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UsageError
from reconcile.intake.contract import ReadOptions

_WORDS = ["morning", "is the van back", "not yet", "call them please", "they say four", "fine", "who pays", "we do"]
_TWO_CHATS = [("yard", "Ann", "Ben"), ("office", "Cid", "Dee")]


def _said() -> list[tuple[str, str, str, str]]:
    """Chat, time, sender and words of two chats of the same days."""
    return [
        (chat, f"2024-03-0{1 + i // 8} 10:{10 + i}:07", (one, other)[i % 3 % 2], f"{_WORDS[i % 8]} {i} {chat}")
        for chat, one, other in _TWO_CHATS
        for i in range(16)
    ]


def test_chats_are_told_apart_by_who_writes_in_them(tmp_path: Path) -> None:
    rows = [f"{at};{who};{chat};<p>{words}</p>" if n % 2 else f"{at};{who};{chat};{words}" for n, (chat, at, who, words) in enumerate(_said())]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(["stamp;who;topic;value", *rows]), "utf-8")
    titled = ["yard;;"] + ["stamp;who;words"] + [f"{at};{who};{words}" for _, at, who, words in _said()]
    titled.insert(18, "office;;")
    (tmp_path / "b.csv").write_text("\n".join(titled), "utf-8")
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row.split(';'))}</tr>" for row in titled)
    (tmp_path / "c.html").write_text(f"<html><body><table>{cells}</table></body></html>", "utf-8")
    lists = {c: [{"t": at, "from": who, "body": w} for chat, at, who, w in _said() if chat == c] for c in ("yard", "office")}  # fmt: skip
    (tmp_path / "d.json").write_text(json.dumps({"yard": {"all": lists["yard"]}, "office": {"every": lists["office"]}}))
    for name in ("a.csv", "b.csv", "c.html", "d.json"):
        messages = read(tmp_path / name).messages
        assert sorted(messages["text"]) == sorted(w for *_, w in _said()), name
        assert messages["conversation"].n_unique() == 2, name
        assert messages.group_by("conversation").agg(messages["sender"].n_unique()).height == 2, name


def test_a_day_and_clock_that_come_before_a_whole_time_are_the_time_of_sending(tmp_path: Path) -> None:
    said = [(at[:10], at[11:], f"{at[:10]}T23:{10 + 7 * i % 40}:00", who, words) for i, (_, at, who, words) in enumerate(_said()[:16])]  # fmt: skip
    whole = ["day,hour,updated,author,line", *(",".join(row) for row in said)]
    below: list[str] = ["hour,updated,author,line"]
    for n, (day, *rest) in enumerate(said):
        below += [f"{day},,,"] * (not n or day != said[n - 1][0]) + [",".join(rest)]
    for name, rows in (("a.csv", whole), ("b.csv", below)):
        (tmp_path / name).write_text("\n".join(rows), "utf-8")
        assert read(tmp_path / name).messages["sent_raw"].to_list() == [f"{d} {t}" for d, t, *_ in said], name


def test_words_in_another_table_are_joined_by_whatever_column_numbers_them(tmp_path: Path) -> None:
    said = _said()[:16]
    with sqlite3.connect(tmp_path / "a.db") as store:
        store.execute("create table log(pk, stamp, peer_ref)")
        store.execute("create table bodies(of_row, line)")
        store.executemany("insert into log values(?, ?, ?)", [(900 + i, at, who) for i, (_, at, who, _w) in enumerate(said)])  # fmt: skip
        store.executemany("insert into bodies values(?, ?)", [(900 + i, w) for i, (*_, w) in enumerate(said)])
    told = {"time": "stamp", "text": "line", "sender": "peer_ref"}
    messages = read(tmp_path / "a.db", options=ReadOptions(columns=told)).messages
    assert messages["text"].to_list() == [w for *_, w in said]


def test_the_column_that_tells_speakers_is_offered_where_one_called_after_users_does_not(tmp_path: Path) -> None:
    said = _said()[:16]
    rows = [{"created_time": at, "user_id": "c1f0a2d4", "actor_id": who, "body": w} for _, at, who, w in said]
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"messages": rows}), "utf-8")
    with pytest.raises(UsageError, match=r"possible readings are 1: 16 messages .* --columns reading=1"):
        read(file)
    messages = read(file, options=ReadOptions(columns={"reading": "1"})).messages
    assert messages["sender"].to_list() == [who for _, _, who, _ in said]
