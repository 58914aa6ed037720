"""A laboratory's table is read as its user explains it, or by a guess that leaves no doubt."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.formats.inferred.reader import InferredForm
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode


def read(path: Path, text: str, columns: str | None = None) -> Reading:
    path.write_text(text, "utf-8")
    options = ReadOptions(columns=parse_columns(columns) if columns else {})
    return InferredForm().read(Source(path), options)


PLAIN = "时间,发送人,内容\n2024-03-01 09:00:05,甲,王总好\n2024-03-01 09:00:12,乙,月底前付\n"


def test_clear_guess_is_read_and_noted(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", PLAIN)
    assert reading.messages["text"].to_list() == ["王总好", "月底前付"]
    assert [n.excerpt for n in reading.notes if n.code is NoteCode.COLUMN_GUESSED] == [
        "time=时间,text=内容,sender=发送人"
    ]


def test_beside_the_first_person_the_only_other_speaker_is_the_other_party(tmp_path: Path) -> None:
    lines = [f"2024-03-01 09:0{i}:05,{who},第{i}句" for i, who in enumerate(("我", "对方", "我", "系统", "对方"))]
    reading = read(tmp_path / "a.csv", "\n".join(["时间,发送人,内容", *lines]))
    assert reading.messages["is_self"].to_list() == [True, False, True, None, False]


def test_two_times_are_a_doubt_and_not_read(tmp_path: Path) -> None:
    text = "发送时间,消息时间,发送人,内容\n2024-03-01 09:00:05,2024-03-01 09:00:07,甲,好\n"
    with pytest.raises(UsageError, match="发送时间 / 消息时间"):
        read(tmp_path / "a.csv", text)


def test_unknown_headings_are_read_as_the_user_says(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", "壹,贰,叁\n2024-03-01 09:00:05,甲,好\n", "time=壹,sender=#2,text=叁")
    assert reading.messages.row(0, named=True)["sender"] == "甲"


def test_heading_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"时间 \| 发送人 \| 内容"):
        read(tmp_path / "a.csv", PLAIN, "time=时刻,text=内容,sender=发送人")


def test_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="no role 'when'"):
        parse_columns("when=时间")


def test_own_words_for_kinds_and_direction(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[columns]\ntime="时间"\ntext="内容"\ndirection="去来"\nkind="类"\n[kinds]\n"甲类"="image"\n[direction]\n"去"="self"\n"来"="peer"\n',
        "utf-8",
    )
    text = "时间,去来,类,内容\n2024-03-01 09:00,去,甲类,一\n2024-03-01 09:01,来,乙类,二\n"
    reading = read(tmp_path / "a.csv", text, str(tmp_path / "m.toml"))
    assert reading.messages["is_self"].to_list() == [True, False]
    assert reading.messages["kind"].to_list() == [Kind.IMAGE, Kind.OTHER]
    assert [n.excerpt for n in reading.notes if n.code is NoteCode.UNKNOWN_KIND] == ["乙类"]


def test_whole_numbers_without_unit_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="time_unit"):
        read(tmp_path / "a.csv", "a,b,c\n1709254805,甲,好\n", "time=a,sender=b,text=c")


def test_day_and_clock_columns_are_joined(tmp_path: Path) -> None:
    reading = read(
        tmp_path / "a.csv", "日期,时刻,发送人,内容\n2024-03-01,上午9:05:07,甲,好\n2024-03-02,下午1:05:07,乙,好\n"
    )
    assert [t.hour for t in reading.messages["sent_at"]] == [1, 5]


def test_ids_that_a_spreadsheet_damaged_are_not_offered(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-01 09:00:0{n},甲,好{n},6.1169E+18\n" for n in range(3))
    reading = read(tmp_path / "a.csv", "时间,发送人,内容,消息ID\n" + rows)
    assert reading.messages["message_id"].null_count() == 3
    assert NoteCode.ID_SPREADSHEET in {n.code for n in reading.notes}


def test_table_of_text_only_says_nothing_of_pictures(tmp_path: Path) -> None:
    assert Kind.IMAGE in read(tmp_path / "a.csv", PLAIN).facts.limits.kinds_unknown


def test_message_of_many_lines_in_a_cell_stays_one_row(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", '时间;发送人;内容\n2024-03-01 09:00:05;甲;"一\n\n二;三"\n')
    assert reading.messages["text"].to_list() == ["一\n\n二;三"]


def test_a_zone_of_several_meanings_behind_the_times_is_asked_for(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:{i:02}:05 CST,{'甲乙'[i % 2]},话{i}" for i in range(12)]
    (tmp_path / "a.csv").write_text("\n".join(["time,sender,text", *rows]))
    source = Source(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="timezone"):
        identify(all_readers(), source).read(source, ReadOptions())


def test_a_row_without_words_is_no_text(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:{i:02}:05,{'甲乙'[i % 2]},{'' if i == 3 else f'话{i}'}" for i in range(12)]
    (tmp_path / "a.csv").write_text("\n".join(["time,sender,text", *rows]))
    source = Source(tmp_path / "a.csv")
    assert identify(all_readers(), source).read(source, ReadOptions()).messages["kind"][3] == "other"


def test_a_second_row_of_headings_is_no_message(tmp_path: Path) -> None:
    rows = [f"2024-03-01 09:{i:02}:05,{'甲乙'[i % 2]},话{i}" for i in range(12)]
    (tmp_path / "a.csv").write_text("\n".join(["time,sender,text", ",nickname,", *rows]))
    source = Source(tmp_path / "a.csv")
    reading = identify(all_readers(), source).read(source, ReadOptions())
    assert reading.messages.height == len(rows)
    assert [n.count for n in reading.notes if n.code == NoteCode.ROW_SKIPPED] == [1]


@pytest.mark.parametrize("odd", ["4,x,y,z,u,v,w", ",,nickname,,"])
def test_the_raw_fields_of_a_row_depend_on_no_other_row(tmp_path: Path, odd: str) -> None:
    rows = [f"{i},2024-03-01 09:{i:02}:05,{'甲乙'[i % 2]},话{i},文本" for i in range(1, 13)]
    sound = read(tmp_path / "a.csv", "\n".join(["序号,时间,发送人,内容,类型", *rows])).messages
    reading = read(tmp_path / "b.csv", "\n".join(["序号,时间,发送人,内容,类型", *rows, odd]))
    assert json.loads(sound["raw"][0]) == {"序号": "1", "类型": "文本"}
    assert reading.messages["raw"].equals(sound["raw"])
    assert [n.count for n in reading.notes if n.code is NoteCode.ROW_SKIPPED] == [1]


STATES = "时间,发送人,内容,备注,状态\n2024-03-01 09:00:05,甲,王总好,,已发送\n2024-03-01 09:00:12,乙,月底前付,金额,已接收\n2024-03-01 09:01:00,甲,那笔钱其实,,草稿\n"


def test_what_a_table_says_of_sending_is_the_status_and_a_draft_was_never_sent(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", STATES).messages["status"].to_list() == ["sent", "received", "failed"]
    other = STATES.replace("已发送", "甲类").replace("已接收", "乙类")
    assert read(tmp_path / "b.csv", other).messages["status"].null_count() == 3


def test_remarks_on_a_few_messages_are_nobodys_name(tmp_path: Path) -> None:
    messages = read(tmp_path / "a.csv", STATES).messages
    assert messages["sender"].to_list() == ["甲", "乙", "甲"]
    assert messages["sender_name"].drop_nulls().to_list() == []


def test_tables_of_the_months_of_one_chat_are_one_and_those_of_two_chats_are_two(tmp_path: Path) -> None:
    for n, names in enumerate((("销售一部_2024-03", "销售一部_2024-04"), ("张总", "李总"))):
        folder = tmp_path / str(n)
        folder.mkdir()
        for month, name in enumerate(names, 3):
            (folder / f"{name}.csv").write_text(PLAIN.replace("2024-03", f"2024-0{month}"), "utf-8")
        assert InferredForm().read(Source(folder), ReadOptions()).messages["conversation"].n_unique() == n + 1
