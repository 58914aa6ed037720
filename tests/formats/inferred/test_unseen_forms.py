"""What files of tools that nobody had listed showed a third time: encodings, wrapped words, types, names with times."""

import json
import sqlite3
from pathlib import Path

import pytest

from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source

NAMES = ("Anna", "Ben")
TIMES = [f"2024-06-0{1 + i // 8} 09:{10 + i}:05" for i in range(16)]


def read(path: Path) -> Reading:
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions())


def written(tmp_path: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    (tmp_path / name).write_bytes(text.encode(encoding))
    return tmp_path / name


def test_words_that_a_form_escapes_are_read_plain(tmp_path: Path) -> None:
    rows = [{"from": NAMES[i % 2], "at": t, "content": f"Say &quot;{i}&quot; &amp; go"} for i, t in enumerate(TIMES)]
    assert read(written(tmp_path, "a.json", json.dumps(rows))).messages["text"][3] == 'Say "3" & go'
    rows[5]["content"] = "R&D"
    assert read(written(tmp_path, "a.json", json.dumps(rows))).messages["text"][3] == "Say &quot;3&quot; &amp; go"


def test_a_list_of_one_body_is_the_body(tmp_path: Path) -> None:
    body = [{"type": "img", "file": "1.png"} if i == 4 else {"type": "txt", "msg": f"word {i}"} for i in range(16)]
    rows = [{"from": NAMES[i % 2], "at": t, "payload": {"bodies": [body[i]]}} for i, t in enumerate(TIMES)]
    messages = read(written(tmp_path, "a.json", json.dumps(rows))).messages
    assert (messages["text"][3], messages["kind"][3], messages["kind"][4]) == ("word 3", "text", "image")


def test_a_row_without_words_is_of_the_kind_of_its_attachment(tmp_path: Path) -> None:
    kinds = {3: {"mime": "audio/ogg", "duration": 8}, 5: {"mime": "image/jpeg", "duration": None}}
    rows = [
        {"by": NAMES[i % 2], "at": t, "text": None if i in kinds else f"word {i}", "attachment": kinds.get(i)}
        for i, t in enumerate(TIMES)
    ]
    messages = read(written(tmp_path, "a.json", json.dumps(rows))).messages
    assert (messages["kind"][3], messages["kind"][5], messages["kind"][6]) == ("voice", "image", "text")


def test_a_page_is_read_in_the_encoding_that_it_declares_and_a_name_before_a_time_is_the_sender(tmp_path: Path) -> None:
    head = '<html><head><meta charset="windows-1251"></head><body>'
    who = ("Вы", "<a>Анна</a>")
    rows = [
        f'<div class="m" data-id="{i}"><div class="h">{who[i % 2]}, {1 + i // 8} июн 2024 в 9:{10 + i}:05</div><div>слово {i}</div></div>'
        for i in range(16)
    ]
    messages = read(written(tmp_path, "a.html", head + "\n".join(rows), "cp1251")).messages
    assert messages["sender"].head(2).to_list() == ["Вы", "Анна"]
    assert (messages["text"][15], messages["sent_at"][15].isoformat()) == ("слово 15", "2024-06-02T01:25:05+00:00")


def test_accents_that_stand_alone_are_of_western_windows(tmp_path: Path) -> None:
    rows = "".join(f"{t};{('Jürgen', 'Zoë')[i % 2]};Größe {i} für Köln\r\n" for i, t in enumerate(TIMES))
    messages = read(written(tmp_path, "a.csv", "Zeit;Absender;Nachricht\r\n" + rows, "cp1252")).messages
    assert (messages["sender"][0], messages["text"][1]) == ("Jürgen", "Größe 1 für Köln")


def test_documents_of_one_stream_are_rows(tmp_path: Path) -> None:
    text = "".join(f'---\nwhen: "{t}"\nwho: {NAMES[i % 2]}\nwhat: word {i}\n' for i, t in enumerate(TIMES))
    assert read(written(tmp_path, "a.yaml", text)).messages.height == 16


@pytest.mark.parametrize(("names", "chats"), [(("msg_20240601", "msg_20240602"), 1), (("chat_a", "chat_b"), 2)])
def test_tables_that_differ_in_their_day_alone_are_one_chat(names: tuple[str, str], chats: int, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as db:
        for k, name in enumerate(names):
            db.execute(f"CREATE TABLE {name}(seq INTEGER, sender TEXT, send_time TEXT, content TEXT)")
            rows = [(i, NAMES[i % 2], t, f"word {i} here") for i, t in enumerate(TIMES) if i // 8 == k]
            db.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows)
    messages = read(tmp_path / "a.db").messages
    assert (messages.height, messages["conversation"].n_unique()) == (16, chats)


def test_ids_of_an_end_name_who_sent_and_times_of_a_server_do_not(tmp_path: Path) -> None:
    rows = "".join(
        f"{i},{1717395064000 + 60000 * i},{1717395064500 + 60000 * i if i % 2 else -1},2,{1 + i % 2},{2 - i % 2},word {i}\n"
        for i in range(16)
    )
    head = "_id,date_sent,date_server,thread_id,from_recipient_id,to_recipient_id,body\n"
    assert read(written(tmp_path, "a.csv", head + rows)).messages["sender"].head(2).to_list() == ["1", "2"]
