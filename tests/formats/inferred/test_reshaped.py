"""Lists of messages in other shapes: speakers as columns, rows as columns, objects in cells, odd clocks."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import UnrecognisedSource, UsageError
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.reshaped import with_inner_objects
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from tests.build.readings import read as read_export
from tests.formats.inferred.layouts import CHINA

AT = [datetime(2024, 3, 5, 9, 12, 31, tzinfo=CHINA) + timedelta(minutes=37 * i) for i in range(16)]
WORDS = [
    "first of all",
    "a second one",
    "yes, at ten",
    "settled then",
    "[图片]",
    "see you there",
    'he said "no"',
    "last word",
]
WORDS += [f"{w} once more" if w != "[图片]" else w for w in WORDS]
NAMES = ["Anna", "Ben"] * 8
TRUE = list(zip((f"{t:%Y-%m-%d %H:%M:%S}" for t in AT), NAMES, WORDS, strict=True))


def read(path: Path, content: str, columns: dict[str, str] | None = None) -> Reading:
    path.write_text(content, "utf-8")
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions(columns=columns or {}))


def told(reading: Reading) -> list[tuple[str, str, str]]:
    local = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M:%S")
    return list(zip(local, reading.messages["sender"], reading.messages["text"], strict=True))


def test_a_column_for_each_speaker_is_read_with_its_heading_as_the_sender(tmp_path: Path) -> None:
    rows = [["time", "Anna", "Ben"], *([t, *([w, ""] if n == "Anna" else ["", w])] for t, n, w in TRUE)]
    text = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    assert told(read(tmp_path / "a.csv", text)) == TRUE


def test_names_as_keys_of_json_are_senders(tmp_path: Path) -> None:
    assert told(read(tmp_path / "a.json", json.dumps([{"time": t, n: w} for t, n, w in TRUE]))) == TRUE


def test_columns_of_which_a_row_fills_several_are_no_speakers(tmp_path: Path) -> None:
    rows = [{"time": t, "Anna": w, "Ben": w if i == 3 else None} for i, (t, _, w) in enumerate(TRUE)]
    with pytest.raises(UsageError, match="unclear"):
        read(tmp_path / "a.json", json.dumps(rows))


def test_json_by_columns_whose_rows_are_numbered_keys_is_read(tmp_path: Path) -> None:
    columns = {k: {str(i): r[j] for i, r in enumerate(TRUE)} for j, k in enumerate(("time", "sender", "text"))}
    assert told(read(tmp_path / "a.json", json.dumps(columns))) == TRUE


def test_the_words_of_an_object_in_a_cell_are_the_text(tmp_path: Path) -> None:
    rows = [
        "sent\tfrom_user\tcontent_json",
        *(f"{t}\t{n}\t{json.dumps({'type': 'text', 'text': w})}" for t, n, w in TRUE),
    ]
    (tmp_path / "a.tsv").write_text("")
    assert (
        told(
            read(
                tmp_path / "a.tsv",
                "\n".join(r.replace('"', '""').replace("\t{", '\t"{') + '"' if "{" in r else r for r in rows),
            )
        )
        == TRUE
    )


def test_a_picture_among_the_pieces_of_a_message_stands_for_its_kind(tmp_path: Path) -> None:
    rows = [
        {"time": t, "user": n, "message": [{"type": "image", "data": {"file": "a.jpg"}} if w == "[图片]" else {"type": "text", "data": {"text": w}}]}
        for t, n, w in TRUE
    ]  # fmt: skip
    reading = read(tmp_path / "a.json", json.dumps(rows))
    assert reading.messages["kind"].to_list() == ["image" if w == "[图片]" else "text" for w in WORDS]


@pytest.mark.parametrize("since", ["days", "s2001", "ns2001"])
def test_days_of_a_spreadsheet_and_clocks_since_2001_are_times(since: str, tmp_path: Path) -> None:
    def number(at: datetime) -> str:
        if since == "days":
            return repr((at.replace(tzinfo=UTC) - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() / 86_400)
        seconds = int(at.timestamp()) - 978_307_200
        return str(seconds) if since == "s2001" else str(seconds * 10**9)

    lines = [
        "date,sender,text",
        *(f'{number(t)},{n},"{w.replace(chr(34), "")}"' for t, n, w in zip(AT, NAMES, WORDS, strict=True)),
    ]
    assert [r[0] for r in told(read(tmp_path / "a.csv", "\n".join(lines)))] == [r[0] for r in TRUE]


def test_a_day_and_a_clock_of_figures_side_by_side_are_a_time(tmp_path: Path) -> None:
    lines = [
        "RQ,SJ,FSR,NR",
        *(f"{t:%Y%m%d},{t:%H%M%S},{n},word {i}" for i, (t, n) in enumerate(zip(AT, NAMES, strict=True))),
    ]
    assert [r[:2] for r in told(read(tmp_path / "a.csv", "\n".join(lines)))] == [r[:2] for r in TRUE]


def sms(numbers: list[str]) -> str:
    epoch = [int(t.timestamp()) * 1000 for t in AT]
    rows = [
        {"address": a, "date": e, "type": 1 + (i // 2) % 2, "body": w}
        for i, (a, e, w) in enumerate(zip(numbers, epoch, WORDS, strict=True))
    ]
    return json.dumps(rows)


def test_the_number_of_text_messages_is_the_chat_and_never_their_own_sender(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.json", sms(["+491", "+492"] * 8))
    assert reading.messages["conversation"].to_list() == ["+491", "+492"] * 8
    assert reading.messages["is_self"].to_list() == [False, False, True, True] * 4


def test_what_changes_with_the_direction_is_no_chat(tmp_path: Path) -> None:
    rows = [{"date": t, "out": n == "Anna", "peer_id": n, "text": w} for t, n, w in TRUE]
    assert read(tmp_path / "a.json", json.dumps(rows)).messages["conversation"].n_unique() == 1


def test_the_other_party_in_one_of_two_columns_is_the_chat(tmp_path: Path) -> None:
    lines = [
        f'sms;deliver;"+49{i % 2}";"";"";"{t:%Y.%m.%d %H:%M}";"";"{w}"' if n == "Ben" else f'sms;submit;"";"+49{i % 2}";"";"{t:%Y.%m.%d %H:%M}";"";"{w}"'
        for i, (t, n, w) in enumerate(zip(AT, ["Anna", "Anna", "Ben", "Ben"] * 4, [w.replace('"', "") for w in WORDS], strict=True))
    ]  # fmt: skip
    reading = read(tmp_path / "a.csv", "\n".join(lines))
    assert reading.messages["conversation"].to_list() == ["+490", "+491"] * 8
    assert reading.messages["is_self"].to_list() == [True, True, False, False] * 4


def test_a_class_that_adds_the_owners_word_tells_the_direction(tmp_path: Path) -> None:
    page = "".join(
        f'<div class="msg{" own" if n == "Anna" else ""}" data-time="{t}"><p>{w}</p></div>' for t, n, w in TRUE
    )
    assert read(tmp_path / "a.html", f"<html><body>{page}</body></html>").messages["is_self"].to_list() == [
        n == "Anna" for n in NAMES
    ]


def test_a_stated_direction_of_unknown_words_is_refused(tmp_path: Path) -> None:
    lines = ["time,side,text", *(f"{t},{'x' if n == 'Anna' else 'y'},word {i}" for i, (t, n, _) in enumerate(TRUE))]
    with pytest.raises(UsageError, match="x / y"):
        read(tmp_path / "a.csv", "\n".join(lines), {"time": "time", "direction": "side", "text": "text"})


def test_a_name_of_the_client_in_brackets_sends_nothing(tmp_path: Path) -> None:
    lines = ["time,sender,text", *(f"{t},{'[system]' if i == 4 else n},word {i}" for i, (t, n, _) in enumerate(TRUE))]
    assert (
        read(tmp_path / "a.csv", "\n".join(lines)).messages["kind"].to_list()
        == ["text"] * 4 + ["system"] + ["text"] * 11
    )


def test_an_offset_in_a_column_of_its_own_counts(tmp_path: Path) -> None:
    rows = [{"local": t, "tz": "+01:00", "user": n, "msg": w} for t, n, w in TRUE]
    reading = read(tmp_path / "a.json", json.dumps(rows))
    assert [t + timedelta(hours=-7) for t in reading.messages["sent_at"]] == [t.astimezone(UTC) for t in AT]
    assert reading.messages["zone_source"].unique().to_list() == ["explicit"]


def test_a_row_without_words_is_of_the_kind_that_its_filled_field_names(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"time": t, "user": n, "content": w} for t, n, w in TRUE]
    rows[2] = {**rows[2], "content": None, "photos": [{"uri": "1.jpg"}]}
    rows[5] = {**rows[5], "content": None, "audio_files": [{"uri": "2.aac"}]}
    kinds = read(tmp_path / "a.json", json.dumps(rows)).messages["kind"].to_list()
    assert (kinds[2], kinds[5]) == ("image", "voice")


@pytest.mark.parametrize("shape", ["keys", "names"])
def test_lists_of_one_export_are_chats_of_their_own(shape: str, tmp_path: Path) -> None:
    rows = [{"time": t, "sender": n, "text": w} for t, n, w in TRUE]
    held = {"Ben": rows[:9], "Office": rows[9:]}
    export = held if shape == "keys" else {"chats": [{"name": k, "messages": v} for k, v in held.items()]}
    reading = read(tmp_path / "a.json", json.dumps(export))
    assert dict(reading.messages["conversation"].value_counts().iter_rows()) == {"Ben": 9, "Office": 7}
    assert set(reading.messages["sender"]) == {"Anna", "Ben"}


def test_words_that_kinds_of_messages_keep_in_different_fields_are_all_read(tmp_path: Path) -> None:
    inner = [{"conversation": w} if i % 3 else {"extended": {"text": w}} for i, w in enumerate(WORDS)]
    rows = [{"at": t, "from": n, "message": m} for (t, n, _), m in zip(TRUE, inner, strict=True)]
    reading = read(tmp_path / "a.json", json.dumps(rows))
    assert told(reading) == TRUE


def test_a_receipt_between_the_messages_is_no_row_and_noted(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"e": {"at": t, "from": n, "data": {"message": w}}} for t, n, w in TRUE]
    rows.insert(5, {"e": {"at": TRUE[4][0], "from": "Ben", "receipt": {"when": TRUE[4][0]}}})
    reading = read(tmp_path / "a.jsonl", "\n".join(json.dumps(r) for r in rows))
    assert told(reading) == TRUE
    assert any(n.code == "row_skipped" and "events" in n.excerpt for n in reading.notes)


def test_a_time_above_each_bubble_of_a_page_is_its_time(tmp_path: Path) -> None:
    parts = [f"<div class=tm><i>{t}</i></div><div class='item {'r' if n == 'Anna' else 'l'}'><p>{w}</p></div>" for t, n, w in TRUE]  # fmt: skip
    reading = read(tmp_path / "a.html", f"<html><body><div>{''.join(parts)}</div></body></html>")
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["is_self"].to_list() == [n == "Anna" for n in NAMES]


def test_times_above_some_bubbles_are_never_filled_in(tmp_path: Path) -> None:
    parts = [f"{f'<div class=tm><i>{t}</i></div>' if i % 3 else ''}<div class='item r'><p>{w}</p></div>" for i, (t, _, w) in enumerate(TRUE)]  # fmt: skip
    with pytest.raises((UsageError, UnrecognisedSource)):
        read(tmp_path / "a.html", f"<html><body><div>{''.join(parts)}</div></body></html>")


def test_a_row_that_holds_a_day_alone_dates_the_rows_below_it(tmp_path: Path) -> None:
    rows = ["time,who,words"]
    for i, (t, n, w) in enumerate(TRUE):
        rows += [f"{t[:10]},,"] if not i or t[:10] != TRUE[i - 1][0][:10] else []
        rows.append(f"{t[11:]},{n},{json.dumps(w, ensure_ascii=False).replace(chr(92), chr(34))}")
    assert told(read(tmp_path / "a.csv", "\n".join(rows))) == TRUE


def test_lines_that_python_wrote_are_objects(tmp_path: Path) -> None:
    lines = [repr({"time": t, "sender": n, "content": w}) for t, n, w in TRUE]
    assert told(read(tmp_path / "a.txt", "\n".join(lines))) == TRUE


def test_pairs_between_commas_end_in_the_words(tmp_path: Path) -> None:
    lines = [f"Row: {i} _id={i}, date={t}, who={n}, body={w}, as said\nand on" for i, (t, n, w) in enumerate(TRUE)]
    assert told(read(tmp_path / "a.txt", "\n".join(lines))) == [(t, n, f"{w}, as said\nand on") for t, n, w in TRUE]


SAID = [("阿川", "这款茶台是整块的木头吗？"), ("小美", "亲，是的\n备注：尺寸可以改"), ("阿川", "1800的多少钱"), ("小美", "活动价4680元"), ("阿川", "能便宜点吗"), ("小美", "包邮给您")]  # fmt: skip
LABELS = [("发送人", "时间", "内容", "状态"), ("From", "Date", "Body", "Deleted")]


def details(labels: tuple[str, ...]) -> list[str]:
    """One text a message, with a label before each of its values."""
    values = [(who, f"2025-12-20 14:0{i}:00", text, "no") for i, (who, text) in enumerate(SAID)]
    return ["\n".join(f"{k}：{v}" for k, v in zip(labels, one, strict=True)) for one in values]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("form", ["html", "csv"])
def test_cells_of_labelled_lines_hold_a_field_of_a_message_in_each(
    labels: tuple[str, ...], form: str, tmp_path: Path
) -> None:
    cells = details(labels)
    file = tmp_path / f"a.{form}"
    if form == "csv":
        pl.DataFrame({"编号": [str(i) for i in range(len(cells))], "详情": cells}).write_csv(file)
    else:
        rows = "".join(f"<tr><td>{i}</td><td>{c.replace(chr(10), '<br>')}</td></tr>" for i, c in enumerate(cells))
        file.write_text(f"<html><body><table><tr><th>编号</th><th>详情</th></tr>{rows}</table></body></html>", "utf-8")
    assert read_export(file).messages.select("sender", "text").rows() == SAID


def test_words_that_begin_with_labels_are_no_fields_where_nothing_tells_who_and_when(tmp_path: Path) -> None:
    texts = [f"收件人：王五{i}\n电话：1380000000{i}\n地址：北京路{i}号" for i in range(6)]
    told = pl.DataFrame(
        {"时间": [f"2025-12-20 14:0{i}:00" for i in range(6)], "发送人": ["阿川", "小美"] * 3, "内容": texts}
    )
    told.write_csv(tmp_path / "a.csv")
    assert read_export(tmp_path / "a.csv").messages["text"].to_list() == texts


def test_a_field_of_an_object_that_repeats_the_column_of_its_name_is_no_field_of_its_own() -> None:
    objects = [json.dumps({"body": w, "side": n}) for w, n in zip(WORDS, NAMES, strict=True)]
    frame = pl.DataFrame({ROW: [f"row {i}" for i in range(len(WORDS))], "body": WORDS, "json": objects})
    assert with_inner_objects(Fields(frame, "a.db", "a.db#")).names == ["body", "json", "json.side"]


def test_a_table_with_a_column_for_each_speaker_and_times_in_rows_of_their_own_is_read(tmp_path: Path) -> None:
    rows, words = [["小红", "老周"]], [f"第{i}批货{7 * i}件已经送到了" for i in range(12)]
    for i, said in enumerate(words):
        rows += [[f"2024年3月{1 + i}日 10:0{i % 10}", ""]] if i % 3 == 0 else []
        rows.append([said, ""] if i % 2 else ["", said])
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    messages = read_export(tmp_path / "a.csv").messages
    assert messages["text"].to_list() == words
    assert messages["sender"].to_list() == [("老周", "小红")[i % 2] for i in range(12)]
    assert messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.day().to_list() == [
        1 + i // 3 * 3 for i in range(12)
    ]
