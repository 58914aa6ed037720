"""An SQLite store of any make is read, with the people and chats that its tables name by number."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile.errors import ReconcileError, UsageError
from tests.build.readings import read

START = 1_709_600_000
ROWS = [(i + 1, START + 61 * i, 1 + i % 2, f"word {i} of many") for i in range(12)]


def store(tmp_path: Path, *statements: str, rows: Sequence[tuple[object, ...]] = ROWS, table: str = "msgs") -> Path:
    connection = sqlite3.connect(tmp_path / "app.db")
    for statement in statements:
        connection.execute(statement)
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.commit()
    connection.close()
    return tmp_path / "app.db"


USERS = (
    "CREATE TABLE users(id INTEGER PRIMARY KEY, nick TEXT)", "INSERT INTO users VALUES (1, 'Anna'), (2, 'Ben')",
    "CREATE TABLE msgs(id INTEGER PRIMARY KEY, created_at INT, user_id INT, body TEXT)",
)  # fmt: skip


def test_rows_of_a_store_bear_the_names_that_another_table_holds(tmp_path: Path) -> None:
    reading = read(store(tmp_path, *USERS))
    assert reading.messages["sender"].to_list() == ["Anna", "Ben"] * 6
    assert [int(t.timestamp()) for t in reading.messages["sent_at"]] == [r[1] for r in ROWS]
    assert reading.messages["locator"][2] == "app.db#msgs/3"


def test_a_table_of_pairs_tells_the_chat_of_each_row(tmp_path: Path) -> None:
    pairs = "CREATE TABLE chat_msgs_join(chat_id INT, msgs_id INT)"
    filled = "INSERT INTO chat_msgs_join VALUES " + ", ".join(f"({1 + i // 6}, {i + 1})" for i in range(12))
    reading = read(store(tmp_path, *USERS, pairs, filled))
    assert reading.messages["conversation"].to_list() == ["1"] * 6 + ["2"] * 6


def test_tables_of_one_shape_are_read_together_and_others_noted(tmp_path: Path) -> None:
    more = "CREATE TABLE group_log(at INT, who TEXT, said TEXT, note TEXT)"
    filled = "INSERT INTO group_log VALUES " + ", ".join(
        f"({START + 60 * i}, '{'xyz'[i % 3]}', 'said {i} there', NULL)" for i in range(9)
    )
    twin = "CREATE TABLE msgs_2(id INTEGER PRIMARY KEY, created_at INT, user_id INT, body TEXT)"
    twins = f"INSERT INTO msgs_2 VALUES (1, {START - 60}, 2, 'earlier words'), (2, {START - 30}, 1, 'and an answer')"
    reading = read(store(tmp_path, *USERS, more, filled, twin, twins))
    assert reading.messages.height == 14
    assert [(n.locator, n.count) for n in reading.notes if n.code == "part_unsupported"] == [("app.db#group_log", 9)]


def test_states_as_small_numbers_are_no_senders_beside_a_direction(tmp_path: Path) -> None:
    rows = [(i, START + 61 * i, i % 2, 13 * (i % 2), f"word {i} of many") for i in range(12)]
    reading = read(
        store(
            tmp_path,
            "CREATE TABLE message(_id INTEGER PRIMARY KEY, timestamp INT, from_me INT, status INT, text_data TEXT)",
            rows=rows,
            table="message",
        )
    )
    assert reading.messages["is_self"].to_list() == [False, True] * 6
    assert "sender" not in reading.messages.columns or not reading.messages["sender"].count()


def test_a_clients_own_store_is_left_to_its_reader(tmp_path: Path) -> None:
    rows = [(i, 6_117_000_000_000_000_000 + i, "wxid_a", f"word {i}", START + i, i % 2) for i in range(9)]
    path = store(
        tmp_path,
        "CREATE TABLE was(localId INT, MsgSvrID INT, StrTalker TEXT, StrContent TEXT, CreateTime INT, IsSender INT)",
        rows=rows,
        table="was",
    )
    with pytest.raises(ReconcileError, match="recognises"):
        read(path)


def test_a_list_of_chats_with_their_last_words_is_no_export(tmp_path: Path) -> None:
    rows = [(f"wxid_{i}", f"last word {i}", START + i, f"person {i}") for i in range(9)]
    path = store(
        tmp_path,
        "CREATE TABLE SessionTable(username TEXT, summary TEXT, last_timestamp INT, last_sender TEXT)",
        rows=rows,
        table="SessionTable",
    )
    with pytest.raises(ReconcileError, match="recognises"):
        read(path)


def test_two_tables_that_number_the_same_messages_are_read_as_one(tmp_path: Path) -> None:
    events = "CREATE TABLE Events(EventID INTEGER PRIMARY KEY, TimeStamp INT, Direction INT, ChatID INT)"
    filled = "INSERT INTO Events VALUES " + ", ".join(
        f"({i}, {1000 * (START + 61 * i)}, {i % 2}, 1)" for i in range(12)
    )
    words = [(i, 1, f"word {i} of many", "") for i in range(12)]
    table = "CREATE TABLE Messages(EventID INTEGER PRIMARY KEY, Type INT, Body TEXT, PayloadPath TEXT)"
    reading = read(store(tmp_path, events, filled, table, rows=words, table="Messages"))
    assert reading.messages["text"].to_list() == [r[2] for r in words]
    assert reading.messages["is_self"].to_list() == [False, True] * 6


def test_a_declared_reference_names_the_people_whatever_the_columns_are_called(tmp_path: Path) -> None:
    path = store(
        tmp_path,
        "CREATE TABLE person(pid INTEGER PRIMARY KEY, display TEXT)",
        "INSERT INTO person VALUES (1, 'Anna'), (2, 'Ben')",
        "CREATE TABLE msgs(mid INTEGER PRIMARY KEY, stamp INT, author INT REFERENCES person(pid), content TEXT)",
    )
    assert read(path).messages["sender_name"].to_list() == ["Anna", "Ben"] * 6


def test_a_table_with_the_same_columns_for_messages_is_read_beside_the_larger_one(tmp_path: Path) -> None:
    group = [(i, f"2024-03-01 10:{i:02}:00", ("Anna", "Ben", "Cleo")[i % 3], "team", f"word {i}") for i in range(16)]
    friend = [(i, f"2024-03-02 10:{i:02}:00", ("Anna", "Ben")[i % 2], f"more words {i}") for i in range(8)]
    store(
        tmp_path, "CREATE TABLE GroupMessage(id INTEGER PRIMARY KEY, time TEXT, senderName TEXT, groupName TEXT, content TEXT)",
        rows=group, table="GroupMessage",
    )  # fmt: skip
    path = store(
        tmp_path, "CREATE TABLE FriendMessage(id INTEGER PRIMARY KEY, time TEXT, senderName TEXT, content TEXT)",
        rows=friend, table="FriendMessage",
    )  # fmt: skip
    assert read(path).messages.group_by("conversation").len().sort("len")["len"].to_list() == [8, 16]


@pytest.mark.parametrize("chats", [1, 3])
def test_the_time_of_a_chat_is_not_that_of_its_messages(tmp_path: Path, chats: int) -> None:
    threads = "CREATE TABLE threads(_id INTEGER PRIMARY KEY, date INT, snippet TEXT)"
    filled = "INSERT INTO threads VALUES " + ", ".join(f"({i}, {START + 9000 + i}, '')" for i in range(1, chats + 1))
    messages = "CREATE TABLE msgs(id INTEGER PRIMARY KEY, date INT, who TEXT, body TEXT, thread_id INT)"
    rows = [(n, at, ("Anna", "Ben")[n % 2], words, 1 + n % chats) for n, at, _, words in ROWS]
    reading = read(store(tmp_path, threads, filled, messages, rows=rows))
    assert [int(t.timestamp()) for t in reading.messages.sort("sent_at")["sent_at"]] == [r[1] for r in ROWS]


def test_a_column_of_core_data_names_the_rows_of_the_table_whose_name_ends_like_it(tmp_path: Path) -> None:
    users = (
        "CREATE TABLE ZAPPUSER(Z_PK INTEGER PRIMARY KEY, ZDISPLAYNAME TEXT)",
        "INSERT INTO ZAPPUSER VALUES (1, 'Anna'), (2, 'Ben')",
        "CREATE TABLE ZAPPMESSAGE(Z_PK INTEGER PRIMARY KEY, ZTIMESTAMP INT, ZUSER INT, ZBODY TEXT)",
    )
    reading = read(store(tmp_path, *users, table="ZAPPMESSAGE"))
    assert reading.messages["sender_name"].to_list() == ["Anna", "Ben"] * 6


def test_two_codes_of_words_under_which_the_same_people_write_are_asked_about_as_sides(tmp_path: Path) -> None:
    table = "CREATE TABLE talk(id INTEGER PRIMARY KEY, created_at INT, user_id INT, body TEXT, type INT)"
    rows = [(*row[:2], 1 + i // 3 % 2, row[3], 1 + i % 2) for i, row in enumerate(ROWS)]
    with pytest.raises(UsageError, match="direction:1: peer / self"):
        read(store(tmp_path, *USERS[:2], table, rows=rows, table="talk"))


def test_people_whom_messages_name_by_number_are_no_messages_and_their_times_no_rivals(tmp_path: Path) -> None:
    people = "CREATE TABLE t_user(user_id INTEGER PRIMARY KEY, login TEXT, real_name TEXT, created_at TEXT)"
    filled = (
        "INSERT INTO t_user VALUES (1, 'u1', '周经理', '2023-01-05 10:00:00'), (2, 'u2', '小何', '2023-01-06 10:00:00')"
    )
    log = "CREATE TABLE t_log(log_id INTEGER PRIMARY KEY, sender_id INT REFERENCES t_user(user_id), msg TEXT, gmt_send TEXT)"
    rows = [(n, who, said, f"2024-03-02 11:{n:02}:30") for n, _, who, said in ROWS]
    messages = read(store(tmp_path, people, filled, log, rows=rows, table="t_log")).messages
    assert messages["text"].to_list() == [r[2] for r in rows]
    assert messages["sender_name"].to_list() == ["周经理", "小何"] * 6


def test_two_codes_of_words_that_take_turns_are_asked_about_where_nobody_is_named(tmp_path: Path) -> None:
    peers = ("CREATE TABLE jids(jid_id INTEGER PRIMARY KEY, jid TEXT)", "INSERT INTO jids VALUES (2, 'zhou@x.example')")
    log = "CREATE TABLE logs(log_id INTEGER PRIMARY KEY, jid_id INT, time REAL, kind INT, message TEXT)"
    rows = [(n, 2, at + 0.25, 4 + 2 * (who == 1), said) for n, at, who, said in ROWS]
    with pytest.raises(UsageError, match="direction:4: peer / self; direction:6: self / peer"):
        read(store(tmp_path, *peers, log, rows=rows, table="logs"))


def test_a_time_with_its_zone_comes_before_the_local_time_at_which_it_was_stored(tmp_path: Path) -> None:
    log = "CREATE TABLE log(id INTEGER PRIMARY KEY, message_time INT, who TEXT, body TEXT, create_time TEXT)"
    rows = [(n, 1000 * at + 559, "AB"[who - 1], said, datetime.fromtimestamp(at + 2, UTC).strftime("%F %T")) for n, at, who, said in ROWS]  # fmt: skip
    messages = read(store(tmp_path, log, rows=rows, table="log")).messages
    assert [int(t.timestamp()) for t in messages["sent_at"]] == [r[1] for r in ROWS]


def test_tables_of_days_are_one_chat_whose_clocks_are_of_the_days_in_their_names(tmp_path: Path) -> None:
    for day in (1, 2):
        rows = [(i, f"09:{i:02}:07", "AB"[i % 2], f"word {i} of many") for i in range(12)]
        path = store(
            tmp_path, f"CREATE TABLE msg_2024030{day}(id INTEGER PRIMARY KEY, t TEXT, who TEXT, say TEXT)",
            rows=rows, table=f"msg_2024030{day}",
        )  # fmt: skip
    messages = read(path).messages
    assert [f"{t:%d %M}" for t in messages["sent_at"]] == [f"{d:02} {i:02}" for d in (1, 2) for i in range(12)]
    assert messages["conversation"].n_unique() == 1


def test_objects_under_keys_of_a_store_are_read_as_one_document(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with sqlite3.connect(file) as store_:
        store_.execute("create table kv(k text primary key, v blob)")
        held: dict[str, dict[str, object]] = {f"user:{i}": {"name": n} for i, n in ((1, "Anna"), (2, "Ben"))}
        for i in range(12):
            held[f"msg:{i:06}"] = {"t": 1722470710.5 + 97 * i, "u": 1 + (i % 3 == 0), "b": f"word {i} of many"}
        rows = [(k, json.dumps(v).encode()) for k, v in held.items()]
        store_.executemany("insert into kv values (?, ?)", [*rows, ("meta:schema", b"4")])
    messages = read(file).messages
    assert messages["text"].to_list() == [f"word {i} of many" for i in range(12)]
    assert {*messages.select("sender", "sender_name").row(0)} >= {"Ben"}
