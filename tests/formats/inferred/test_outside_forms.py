"""What outside files of many tools showed: late rows, notices, parts of one chat, and what has to be asked."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconcile import compare
from reconcile.errors import UnreadableSource, UnrecognisedSource, UsageError
from reconcile.formats.inferred.containers import fields_of
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.formats.inferred.layouts import CHINA, S, document

MARK = "\u200e"


def read(path: Path, columns: dict[str, str] | None = None) -> Reading:
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions(columns=columns or {}))


def text_file(tmp_path: Path, text: str) -> Path:
    (tmp_path / "chat.txt").write_text(text, "utf-8")
    return tmp_path / "chat.txt"


def test_a_message_that_came_late_is_a_row_of_its_own_and_noted(tmp_path: Path) -> None:
    lines = [f"[2024/3/{d} 10:0{i}:00] {'Anna' if i % 2 else 'Ben'}: word {d} {i}" for d in (5, 6, 7) for i in range(9)]
    late = [*lines[:14], "[2024/3/2 08:00:00] Ben: late", *lines[14:]]
    reading = read(text_file(tmp_path, "\n".join(late)))
    assert reading.messages.height == len(late)
    assert [n.excerpt for n in reading.notes if n.code == "ambiguous_header"] == ["[2024/3/2 08:00:00] Ben: late"]
    assert reading.facts.limits.ambiguous_headers


def test_a_line_pasted_below_pasted_words_belongs_to_the_message(tmp_path: Path) -> None:
    lines = [f"[2024/3/{d} 10:0{i}:00] {'Anna' if i % 2 else 'Ben'}: word {d} {i}" for d in (5, 6, 7) for i in range(9)]
    lines[20:20] = ["[2024/3/7 10:01:30] Ben: [2024/1/2 09:00:00] Carl: yes", "[2024/1/2 09:01:00] Dora: no"]
    reading = read(text_file(tmp_path, "\n".join(lines)))
    assert reading.messages.height == len(lines) - 1
    assert "[2024/1/2 09:00:00] Carl: yes\n[2024/1/2 09:01:00] Dora: no" in reading.messages["text"].to_list()


def test_a_date_that_somebody_wrote_alone_in_a_line_is_kept(tmp_path: Path) -> None:
    rows = [f"2024-03-0{d} 10:0{i} Anna: word {d} {i}" for d in (1, 2) for i in range(5)]
    rows.insert(3, "2024-03-09")
    reading = read(text_file(tmp_path, "\n".join(rows)))
    assert reading.messages["text"][2] == "word 1 2\n2024-03-09"


def test_a_clock_under_a_day_is_never_taken_from_lines_that_hold_their_date(tmp_path: Path) -> None:
    lines = [
        f"5/{d}/20, {h}:0{i} AM - +91 98 joined using this group's invite link"
        for d in (20, 31)
        for h in (9, 8)
        for i in range(9)
    ]
    with pytest.raises(Exception, match=r"reads as|recognises"):
        read(text_file(tmp_path, "5/19/2020\n" + "\n".join(lines)))


def test_client_words_of_an_unknown_language_are_no_words_of_a_person(tmp_path: Path) -> None:
    rows = [
        f"Anna: {MARK}Xyzzy plugh abcde fghij klmno pqrst uvwxy zabcd efghi jklmn opqrs tuvwx.",
        "Ben: hej", f"Anna: {MARK}bild utelämnad", f"Anna: plan.pdf • {MARK}2 sidor {MARK}dokument utelämnat",
        f"Ben: {MARK}<bifogad: 00000042-PHOTO-2024-03-01-10-05-00.jpg>", f"Ben: {MARK}Plats: https://maps.google.com/?q=51.5,-0.1", "Anna: då",
    ]  # fmt: skip
    reading = read(text_file(tmp_path, "".join(f"[2024-03-01, 10:0{i}:00] {row}\n" for i, row in enumerate(rows))))
    assert reading.facts.tool == "WhatsApp"
    assert reading.messages["kind"].to_list() == ["system", "text", "other", "file", "image", "location", "text"]


OMITTED_AND_DELETED = [
    ("immagine omessa", "Questo messaggio è stato eliminato."), ("изображение отсутствует", "Данное сообщение удалено."), ("画像は含まれていません", "このメッセージは削除されました。"),
    ("gambar tidak disertakan", "Pesan ini dihapus."), ("đã bỏ qua hình ảnh", "Tin nhắn này đã bị xóa."), ("obrázek vynechán", "Tato zpráva byla smazána."),
    ("imagem não revelada", "Esta mensagem foi apagada."), ("Bild weggelassen", "Diese Nachricht wurde gelöscht."),
]  # fmt: skip


def test_placeholders_of_the_iphone_are_known_in_many_languages(tmp_path: Path) -> None:
    shown = [f"Ben: {MARK}{words}" for both in OMITTED_AND_DELETED for words in both]
    rows = ["Anna: hi", *shown, "Anna: ok"]
    reading = read(text_file(tmp_path, "".join(f"[2024-03-01, 10:{i:02}:00] {row}\n" for i, row in enumerate(rows))))
    assert reading.messages["kind"].to_list() == ["text", *["image", "recall"] * len(OMITTED_AND_DELETED), "text"]


def test_a_group_of_many_notices_still_names_its_few_speakers(tmp_path: Path) -> None:
    lines = [f"2024/03/01, 10:{i:02} - +90 531 411 {i} joined" for i in range(20)]
    lines += [f"2024/03/01, 11:{i:02} - {'Anna' if i % 2 else 'Ben'}: word {i}" for i in range(5)]
    reading = read(text_file(tmp_path, "\n".join(lines)))
    assert reading.messages["sender"].drop_nulls().unique().sort().to_list() == ["Anna", "Ben"]
    assert reading.messages.height == 25


def test_files_of_days_are_one_chat_and_a_list_of_users_names_them(tmp_path: Path) -> None:
    folder = tmp_path / "export" / "general"
    folder.mkdir(parents=True)
    (tmp_path / "export" / "users.json").write_text(
        json.dumps([{"id": "U1", "name": "anna"}, {"id": "U2", "name": "ben"}])
    )
    days: dict[str, list[dict[str, str]]] = {}
    for i, r in enumerate(S):
        row = {
            "type": "message",
            "user": f"U{1 + i % 2}",
            "text": r["text"],
            "ts": f"{int(r['at'].timestamp())}.000200",
        }
        days.setdefault(r["at"].strftime("%Y-%m-%d"), []).append(row | ({"thread_ts": "1"} if i % 5 else {}))
    for day, rows in days.items():
        (folder / f"{day}.json").write_text(json.dumps(rows))
    reading = read(tmp_path / "export")
    assert (reading.messages.height, reading.conversations.height) == (len(S), 1)
    assert set(reading.contacts["nickname"].drop_nulls()) == {"anna", "ben"}


def test_days_and_months_of_a_date_beside_a_clock_are_asked_about(tmp_path: Path) -> None:
    start = datetime(2024, 3, 1, 9, 5, 7)  # noqa: DTZ001 - written without a zone
    rows = [(start + timedelta(minutes=7 * i), "甲乙"[i % 2], f"话{i},好的") for i in range(12)]
    file = tmp_path / "a.csv"
    file.write_text("".join(f'{t:%d/%m/%Y},{t:%H:%M:%S},{n},"{x}"\n' for t, n, x in rows), "utf-8")
    with pytest.raises(UsageError, match="day_first"):
        read(file)
    told = read(file, {"date": "#1", "time": "#2", "sender": "#3", "text": "#4", "day_first": "true"})
    assert str(told.messages["sent_at"][0]) == "2024-03-01 01:05:07+00:00"


def test_a_line_pasted_into_words_accuses_nobody_whose_form_keeps_words_whole(tmp_path: Path) -> None:
    start = datetime(2024, 3, 5, 10, 0, tzinfo=CHINA)
    rows = [
        (start + timedelta(minutes=9 * i), ("Anna", "Ben")[i % 2], f"word number {i} of this chat") for i in range(30)
    ]
    rows[12] = (rows[12][0], rows[12][1], "look what he wrote:\n[2024/1/2 09:00:00] Carl: yes, agreed")
    lines = [f"[{t:%Y/%m/%d %H:%M:%S}] {n}: {x}\n" for t, n, x in rows]
    told = [{"time": t.isoformat(), "sender": n, "text": x} for t, n, x in rows]
    (tmp_path / "a.json").write_text(json.dumps(told), "utf-8")
    left, right = read(text_file(tmp_path, "".join(lines))), read(tmp_path / "a.json")
    assert left.messages.height == right.messages.height + 1
    assert set(compare(left, right).alignment["relation"].cast(str)) <= {"agreement", "set_aside"}


def test_a_message_that_the_next_one_begins_with_is_a_row(tmp_path: Path) -> None:
    words = ["no", "no", "not now", "ok", "ok then", "why?", "why?", "yes", "yes"]
    lines = [f'2024/03/01, 10:0{i // 3} - Motheo "Matt" S: {w}' for i, w in enumerate(words)]
    reading = read(text_file(tmp_path, "\n".join(lines)))
    assert reading.messages["text"].to_list() == words
    assert reading.messages["sender"].unique().to_list() == ['Motheo "Matt" S']


def test_a_name_of_marks_alone_is_a_name(tmp_path: Path) -> None:
    lines = [f"2024/03/01, 10:0{i} - {'Anna' if i % 2 else '~'}: word {i}" for i in range(6)]
    reading = read(text_file(tmp_path, "\n".join(lines)))
    assert reading.messages["sender"].to_list() == ["~", "Anna"] * 3


def test_ever_new_senders_are_asked_about(tmp_path: Path) -> None:
    names = ["Anna"] * 6 + [f"Guest {i}" for i in range(10)]
    lines = [f"{name} (2024-03-01 10:{i:02}): word {i}" for i, name in enumerate(names)]
    with pytest.raises(UsageError, match="unclear are sender"):
        read(text_file(tmp_path, "\n".join(lines)))


def test_lines_whose_senders_never_recur_are_no_chat(tmp_path: Path) -> None:
    lines = [f"INSERT INTO m VALUES ({i}, '2024-03-01 10:{i:02}:00', 'Anna', 'word');" for i in range(20)]
    with pytest.raises(UnrecognisedSource):
        read(text_file(tmp_path, "\n".join(lines)))


def test_one_name_in_every_row_is_asked_about(tmp_path: Path) -> None:
    rows = [{"date": 1709254807000 + i * 60_000, "contact_name": "Ben", "body": f"word {i}"} for i in range(9)]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    with pytest.raises(UsageError, match=r"sender: contact_name \(such as 'Ben'\)"):
        read(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
        "a: &a [*a]\n",
        "[" * 5_000,
        "- " * 5_000,
    ],
    ids=["alias", "itself", "flow", "block"],
)
def test_yaml_that_grows_without_end_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    source = Source(tmp_path / "a.yaml")
    with pytest.raises(UnreadableSource):
        fields_of(source, source.path)


def test_a_document_that_leaves_something_open_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(document())
    assert read(tmp_path / "a.docx").messages.height == len(S)
    (tmp_path / "b.docx").write_bytes(document("%m/07/%Y %H:%M:%S"))
    with pytest.raises(UnrecognisedSource, match="not an export"):
        read(tmp_path / "b.docx")


def test_the_path_of_a_picture_is_no_words(tmp_path: Path) -> None:
    texts = ["hi", "Media/IMG_1.jpg", "see https://x.com/a.jpg", "ok", "voice/2.opus", "and/or", "/Users/a/9F/offer v3.pdf", "attachments/14/7.caf", "/Users/a/9F/offer_v3.xlsx"]  # fmt: skip
    rows = [{"time": 1709254807 + i * 60, "sender": "ab"[i % 2], "text": t} for i, t in enumerate(texts)]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    found = read(tmp_path / "a.json").messages
    assert found["kind"].to_list() == ["text", "image", "text", "text", "voice", "text", "text", "voice", "file"]
    assert found["file_name"].drop_nulls().to_list() == ["offer_v3.xlsx"]
    assert "/Users/a/9F/offer_v3.xlsx" in found["raw"][8]


def test_a_long_page_reads_like_a_short_one(tmp_path: Path) -> None:
    cells = [
        f"<tr><td>2024-03-{1 + i // 60:02} 09:{i % 60:02}</td><td>{'AB'[i % 2]}</td><td>word<br>{i}</td></tr>"
        for i in range(1300)
    ]
    page = "<html><body><table><tr><th>when</th><th>who</th><th>what</th></tr>{}</table></body></html>"
    (tmp_path / "a.html").write_text(page.format("".join(cells)))
    messages = read(tmp_path / "a.html").messages
    assert messages["text"].to_list() == [f"word\n{i}" for i in range(1300)]


@pytest.mark.parametrize(
    "names", [("2024-02", "2024-03"), ("计划-202402", "计划-202403"), ("计划_2024-02-29", "计划_2024-03-01")]
)
def test_files_of_months_and_days_are_one_chat(tmp_path: Path, names: tuple[str, str]) -> None:
    for month, name in enumerate(names, 2):
        rows = [
            {"time": f"2024-0{month}-0{i + 1} 09:05:00", "sender": "ab"[i % 2], "text": f"word {i}"} for i in range(8)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    reading = read(tmp_path)
    assert (reading.messages.height, reading.conversations.height) == (16, 1)


def test_a_time_that_ends_the_message_is_not_taken_for_its_beginning(tmp_path: Path) -> None:
    lines = [f"{'Anna' if i % 2 else 'Ben'}：word {i // 2 % 9}（2024-03-01 10:{i:02}）" for i in range(24)]
    lines.insert(3, "Anna：a first line")
    lines[4] = "and a second one（2024-03-01 10:03）"
    reading = read(text_file(tmp_path, "\n".join(lines)))
    assert reading.messages["sent_at"].dt.minute().to_list() == list(range(24))
    assert reading.messages["sender"].to_list() == ["Ben", "Anna"] * 12
    assert reading.messages["text"].to_list()[:5] == [
        "word 0",
        "word 0",
        "word 1",
        "a first line\nand a second one",
        "word 2",
    ]


def csv_file(tmp_path: Path, heading: str, rows: list[str]) -> Path:
    (tmp_path / "chat.csv").write_text("\n".join([heading, *rows]), "utf-8")
    return tmp_path / "chat.csv"


def test_two_times_whose_names_say_half_are_asked(tmp_path: Path) -> None:
    stored = datetime(2024, 5, 1, tzinfo=CHINA)
    times = [(stored + timedelta(seconds=i), stored - timedelta(hours=90 - i * 3)) for i in range(20)]
    rows = [f"{kept:%F %T},{'甲乙'[i % 2]},{said:%F %T},第{i}句" for i, (kept, said) in enumerate(times)]
    with pytest.raises(UsageError, match="time: 几点说的 / 入库时间"):
        read(csv_file(tmp_path, "入库时间,谁,几点说的,说啥", rows))


def test_values_that_never_recur_are_asked_about_as_senders(tmp_path: Path) -> None:
    rows = [f"u-{i},2024-03-01 10:{i:02}:00,第{i}句话" for i in range(20)]
    with pytest.raises(UsageError, match="sender: uid"):
        read(csv_file(tmp_path, "uid,created_at,body", rows))


def test_one_direction_for_every_row_is_none(tmp_path: Path) -> None:
    rows = [f"2024-03-01 10:{i:02}:00,0,乙某,第{i}句" for i in range(20)]
    with pytest.raises(UsageError, match="sender"):
        read(csv_file(tmp_path, "time,date_sent,contact_name,body", rows))


@pytest.mark.parametrize(("day", "month_first"), [("{d}.3.2024", False), ("3/{d}/2024", True)])
def test_dots_and_a_month_that_stays_tell_the_day(day: str, month_first: bool, tmp_path: Path) -> None:
    rows = [f"{day.format(d=4 + i // 3)} 10:{i:02}:00,{'甲乙'[i % 2]},第{i}句" for i in range(12)]
    days = read(csv_file(tmp_path, "time,sender,body", rows)).messages["sent_at"].dt.date().unique().sort().to_list()
    assert [d.isoformat() for d in days] == [f"2024-03-0{d}" for d in (4, 5, 6, 7)]


def test_two_days_between_slashes_are_asked(tmp_path: Path) -> None:
    rows = [f"3/{4 + i // 6}/2024 10:{i:02}:00,{'甲乙'[i % 2]},第{i}句" for i in range(12)]
    with pytest.raises(UsageError, match="day_first"):
        read(csv_file(tmp_path, "time,sender,body", rows))


def test_clocks_below_no_day_are_of_the_day_that_names_the_file(tmp_path: Path) -> None:
    text = "".join(f"[1{i}:05:00] <{'甲乙'[i % 2]}> 第{i}句\n" for i in range(8))
    (tmp_path / "2024-03-04.log").write_text(text, "utf-8")
    assert read(tmp_path / "2024-03-04.log").messages["sent_at"][0].isoformat() == "2024-03-04T02:05:00+00:00"
    (tmp_path / "chat_2024-03-04.txt").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="date"):
        read(tmp_path / "chat_2024-03-04.txt")


def test_texts_of_slack_lose_their_entities(tmp_path: Path) -> None:
    words = ["a &lt;b&gt; &amp; c", "<https://x.org/?a=1&amp;b=2|x.org>"]
    rows = [
        {
            "type": "message",
            "user": f"U{i % 2}",
            "ts": f"{1709500000 + i}.0001",
            "client_msg_id": f"c{i}",
            "text": words[i % 2],
        }
        for i in range(6)
    ]
    (tmp_path / "2024-03-04.json").write_text(json.dumps(rows), "utf-8")
    reading = read(tmp_path / "2024-03-04.json")
    assert reading.facts.tool == "Slack"
    assert reading.messages["text"].head(2).to_list() == ["a <b> & c", "https://x.org/?a=1&b=2"]


def test_two_blocks_of_one_table_in_a_dump_are_both_read(tmp_path: Path) -> None:
    head = "COPY public.messages (id, sender, body, sent_at) FROM stdin;\n"
    rows = [f"{i}\t{('Anna', 'Ben')[i % 2]}\tword {i}\t2024-03-0{1 + i // 10} 10:0{i % 10}:00\n" for i in range(30)]
    (tmp_path / "a.sql").write_text(head + "".join(rows[:20]) + "\\.\n" + head + "".join(rows[20:]) + "\\.\n")
    assert read(tmp_path / "a.sql").messages["text"].to_list() == [f"word {i}" for i in range(30)]


def test_a_separator_inside_the_words_of_a_dumped_row_ends_no_row(tmp_path: Path) -> None:
    rows = [f"{('Anna', 'Ben')[i % 2]}\tword {i}\u2028on\t2024-03-0{1 + i // 10} 10:0{i % 10}:00\n" for i in range(30)]
    (tmp_path / "a.sql").write_text("COPY m (sender, body, sent_at) FROM stdin;\n" + "".join(rows) + "\\.\n", "utf-8")
    assert read(tmp_path / "a.sql").messages.height == 30


def test_employees_of_one_account_are_one_sender_with_several_names(tmp_path: Path) -> None:
    staff = ("Shop Ann", "Shop Bob", "Shop Cleo", "Manager")
    ids = [f"wxid_shop000{i % 2}" for i in range(40)]
    names = [staff[i // 2 % 4] if i % 2 else "Customer" for i in range(40)]
    rows = [
        {"at": f"2024-03-01T09:{i:02}:05+08:00", "author": {"id": ids[i], "name": names[i]}, "body": f"word {i} of it"}
        for i in range(40)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"records": rows}), "utf-8")
    messages = read(tmp_path / "a.json").messages
    assert messages["sender"].to_list() == ids
    assert messages["sender_name"].to_list() == names


def test_values_that_functions_make_are_read(tmp_path: Path) -> None:
    rows = [
        f"INSERT INTO chat VALUES ({n}, {71 + n % 2}, FROM_UNIXTIME({1709255410 + 600 * n}), CONCAT('word {n}', CHAR(10), 'of many'));"
        for n in range(12)
    ]
    head = "CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(40));\nINSERT INTO users VALUES (71,'李先生'),(72,'掌柜');\n"
    head += "CREATE TABLE chat (id INT PRIMARY KEY, uid INT, sent DATETIME, words TEXT);\n"
    (tmp_path / "a.sql").write_text(head + "\n".join(rows), "utf-8")
    messages = read(tmp_path / "a.sql").messages
    assert messages["text"].to_list() == [f"word {n}\nof many" for n in range(12)]
    assert messages["sender"].to_list() == ["李先生", "掌柜"] * 6


def test_line_ends_that_sqlite_dumps_as_a_replacement_are_read(tmp_path: Path) -> None:
    words = [f"word {n}\\nof many" for n in range(12)]
    rows = [
        f"INSERT INTO m VALUES({n},'2024-03-0{1 + n // 6} 09:{n:02}:05','{'ab'[n % 2]}',replace('{w}','\\n',char(10)));"
        for n, w in enumerate(words)
    ]
    head = "CREATE TABLE m (id INTEGER, sent_at TEXT, sender TEXT, body TEXT);\n"
    (tmp_path / "a.sql").write_text(head + "\n".join(rows), "utf-8")
    assert read(tmp_path / "a.sql").messages["text"].to_list() == [w.replace("\\n", "\n") for w in words]
