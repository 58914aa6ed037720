"""What files of tools that nobody had listed showed a third time: encodings, wrapped words, types, names with times."""

import json
import sqlite3
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read
from tests.thorough import some

NAMES = ("Anna", "Ben")
TIMES = [f"2024-06-0{1 + i // 8} 09:{10 + i}:05" for i in range(16)]


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


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ([{"path": "2024/06/01/a.png"}], "image"),
        ([{"name": "memo.m4a", "url": "https://x.org/9"}], "voice"),
        ([{"id": 7, "type": "video/mp4"}], "video"),
        ([{"path": "a.png"}, {"path": "b.pdf"}], "file"),
        ("2024/offer.pdf", "file"),
    ],
)
@pytest.mark.parametrize("key", ["files", "attachments", "media", "x"])
def test_what_is_attached_is_of_the_kind_of_its_ending_or_media_type_whatever_its_field_is_called(
    tmp_path: Path, key: str, held: object, kind: str
) -> None:
    rows = [
        {"by": NAMES[i % 2], "at": t, "text": "" if i == 3 else f"word {i}", key: held if i == 3 else None}
        for i, t in enumerate(TIMES)
    ]
    assert read(written(tmp_path, "a.json", json.dumps(rows))).messages["kind"][3] == kind


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


def test_a_clock_below_each_session_of_a_log_is_of_its_day(tmp_path: Path) -> None:
    text = "".join(
        f"Session Start: {day} 09:10:00 2024\nSession Ident: ben\n"
        + "".join(f"[09:1{i}:05] <{NAMES[i % 2]}> word {n}{i}\n" for i in range(6))
        + f"Session Close: {day} 10:00:00 2024\n\n"
        for n, day in enumerate(("Mon Jun 03", "Tue Jun 04"))
    )
    messages = read(written(tmp_path, "a.log", text)).messages
    assert messages["text"].to_list() == [f"word {n}{i}" for n in range(2) for i in range(6)]
    assert messages["sent_at"][6].isoformat() == "2024-06-04T01:10:05+00:00"


def test_a_month_and_a_day_get_the_year_of_their_session(tmp_path: Path) -> None:
    lines = "".join(f"Jun 03 09:1{i}:05 <{NAMES[i % 2]}>\tword {i}\n" for i in range(6))
    more = lines.replace("Jun 03", "Jun 04").replace("word", "next")
    text = (
        f"**** BEGIN LOGGING AT Mon Jun 03 09:00:00 2024\n\n{lines}**** ENDING LOGGING AT Mon Jun 03 10:00:00 2024\n\n"
    )
    text += f"**** BEGIN LOGGING AT Tue Jun 04 09:00:00 2024\n\n{more}"
    messages = read(written(tmp_path, "a.log", text)).messages
    assert messages["text"].to_list() == [f"{w} {i}" for w in ("word", "next") for i in range(6)]
    assert messages["sent_at"][6].isoformat() == "2024-06-04T01:10:05+00:00"


LINES = {
    "trailing time": "{who}: word {i}|{t}",
    "mail": "On {t}, {who} wrote:\n> word {i}\n",
    "labels": "Author\n{who}\nSent\n{t} UTC\nBody\nword {i}\n",
    "object": '{t},120 INFO [worker] message {{"from": "{who}", "text": "word {i}"}}',
    "padded": "{t} | {who:>6} | {other:>6} | word {i}",
    "wiki": "|-\n| {t} || {who} || word {i}",
}


@pytest.mark.parametrize("form", some(LINES, 2))
def test_lines_of_other_makes_give_names_and_words(form: str, tmp_path: Path) -> None:
    rows = [LINES[form].format(who=NAMES[i % 2], other=NAMES[1 - i % 2], t=t, i=i) for i, t in enumerate(TIMES)]
    head = "               Date |   From |     To | Text\n" if form == "padded" else ""
    messages = read(written(tmp_path, "a.txt", head + "\n".join(rows) + "\n")).messages
    assert messages["text"].to_list() == [f"word {i}" for i in range(16)]
    assert messages["sender"].to_list() == [NAMES[i % 2] for i in range(16)]


def test_short_and_long_messages_of_a_phone_are_one_chat(tmp_path: Path) -> None:
    sms = '<sms address="+4917" date="{at}" type="{box}" body="word {i}" read="1"/>'
    smil = '<part ct="application/smil" text="&lt;smil/&gt;"/>'
    mms = f'<mms address="+4917" date="{{at}}" msg_box="{{box}}" m_type="128"><parts>{smil}<part ct="text/plain" text="word {{i}}"/></parts></mms>'
    rows = [(mms if i % 4 == 3 else sms).format(at=1717395064000 + 60000 * i, box=1 + i % 2, i=i) for i in range(24)]
    messages = read(written(tmp_path, "a.xml", f"<?xml version='1.0'?><smses>{''.join(rows)}</smses>")).messages
    told = messages.sort("sent_at").select("text", "is_self", "kind").rows()
    assert told == [(f"word {i}", bool(i % 2), "text") for i in range(24)]


def test_escapes_of_a_database_are_no_words(tmp_path: Path) -> None:
    rows = "".join(f"{i}\t{t}\t{NAMES[i % 2]}\tword {i}\\nand \\\\n\t\\N\n" for i, t in enumerate(TIMES))
    messages = read(written(tmp_path, "a.tsv", "id\tsent\tfrom_name\tbody\tdeleted\n" + rows)).messages
    assert messages["text"][3] == "word 3\nand \\n"


def test_sentences_around_an_account_are_asked_about(tmp_path: Path) -> None:
    lines = [
        f"[{t}] [INFO]: group 12(5556667) of {NAMES[i % 2]}({10010 + i % 2}) now: word {i}" for i, t in enumerate(TIMES)
    ]
    with pytest.raises(UsageError, match="sender"):
        read(written(tmp_path, "a.log", "\n".join(lines)))


def test_events_that_a_kind_names_are_no_messages(tmp_path: Path) -> None:
    rows = [
        {"evt": "message.new", "at": t, "data": {"from": NAMES[i % 2], "content": f"word {i}"}}
        for i, t in enumerate(TIMES)
    ]
    rows.insert(5, {"evt": "typing", "at": TIMES[4], "data": {"from": "Ben"}})
    assert read(written(tmp_path, "a.ndjson", "\n".join(map(json.dumps, rows)))).messages.height == 16


def test_elements_around_the_words_of_a_named_table_are_no_words(tmp_path: Path) -> None:
    rows = "".join(f"{t},{NAMES[i % 2]},<p>word {i}<br>more</p>\n" for i, t in enumerate(TIMES))
    assert read(written(tmp_path, "a.csv", "Date,From,Content\n" + rows)).messages["text"][3] == "word 3\nmore"


def test_a_sign_that_opens_a_name_is_closed_behind_it(tmp_path: Path) -> None:
    lines = [f"[{t}] <@U1|{NAMES[i % 2]}> word {i}" for i, t in enumerate(TIMES)]
    assert read(written(tmp_path, "a.log", "\n".join(lines))).messages["text"][3] == "word 3"


@pytest.mark.parametrize(("codes", "kind"), [((3, 501), "text"), ((3, 47), "image")])
def test_numbers_of_kinds_are_those_of_the_chat_client_unless_another_number_contradicts(
    tmp_path: Path, codes: tuple[int, int], kind: str
) -> None:
    types = {3: codes[0], 7: codes[1]}
    rows = [
        {"from": NAMES[i % 2], "at": t, "msg_type": types.get(i, 1), "content": f"word {i}"}
        for i, t in enumerate(TIMES)
    ]
    messages = read(written(tmp_path, "a.json", json.dumps(rows))).messages
    assert (messages["kind"][2], messages["kind"][3]) == ("text", kind)


def test_a_name_of_the_whole_job_in_every_row_tells_no_kind(tmp_path: Path) -> None:
    rows = [
        {"from": NAMES[i % 2], "at": t, "TaskId": "20250121-7723", "Words": f"word {i}"} for i, t in enumerate(TIMES)
    ]
    assert set(read(written(tmp_path, "a.json", json.dumps(rows))).messages["kind"]) == {"text"}


def test_texts_that_an_sql_dump_joins_are_one_text(tmp_path: Path) -> None:
    rows = "".join(
        f"Insert into IM.MSG (ID,SENDER,TXT,SENT) values ({i},'{NAMES[i % 2]}','it''s {i}'||CHR(10)||'and''||CHR(10)||''more',"
        f"to_date('{t}','YYYY-MM-DD HH24:MI:SS'));\n"
        for i, t in enumerate(TIMES)
    )
    messages = read(written(tmp_path, "a.sql", rows)).messages
    assert messages["text"].to_list() == [f"it's {i}\nand'||CHR(10)||'more" for i in range(16)]
