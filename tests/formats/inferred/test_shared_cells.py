"""A half of the day beside its clock, and a sender and a receiver in one cell, are read as what they say."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from tests.build.readings import read_text
from tests.thorough import meeting, some

HOURS = [9, 10, 11, 12, 13, 14, 21, 23, 8, 12, 15, 20]
ROWS = [(4 + (i > 7), h, ("李广", "王欣")[i % 2], f"这是第{i}句说的话") for i, h in enumerate(HOURS)]


def read(path: Path, heading: str, rows: list[str]) -> Reading:
    path.write_text("\n".join([heading, *rows]), "utf-8")
    return InferredForm().read(Source(path), ReadOptions(timezone="UTC"))


@meeting(
    heading=["日期,星期,时段,时刻,说话人,内容", "日期,星期,AM/PM,时刻,说话人,内容", "日期,星期,,时刻,说话人,内容"],
    halves=[("上午", "下午"), ("AM", "PM")],
)
def test_the_half_of_the_day_in_a_column_belongs_to_the_clock(
    tmp_path: Path, heading: str, halves: tuple[str, str]
) -> None:
    rows = [
        f"2024-03-{d:02},周一,{halves[h > 11]},{(h - 1) % 12 + 1:02}:05:10,{who},{text}" for d, h, who, text in ROWS
    ]
    reading = read(tmp_path / "a.csv", heading, rows)
    assert [t.hour for t in reading.messages["sent_at"]] == HOURS
    assert reading.messages["sender"].to_list() == [r[2] for r in ROWS]


def test_a_half_beside_clocks_of_24_hours_changes_nothing(tmp_path: Path) -> None:
    rows = [f"2024-03-{d:02},{('上午', '下午')[h > 11]},{h:02}:05:10,{who},{text}" for d, h, who, text in ROWS]
    reading = read(tmp_path / "a.csv", "日期,时段,时刻,说话人,内容", rows)
    assert [t.hour for t in reading.messages["sent_at"]] == HOURS


def test_clocks_of_12_hours_without_their_half_are_asked_about(tmp_path: Path) -> None:
    rows = [f"2024-03-{d:02},{(h - 1) % 12 + 1:02}:05:10,{who},{text}" for d, h, who, text in ROWS]
    with pytest.raises(UsageError, match="12:59"):
        read(tmp_path / "a.csv", "日期,时刻,说话人,内容", rows)


@pytest.mark.parametrize("sign", some(["→", " > ", "->", "至", "发给"], 2))
def test_two_people_in_one_cell_are_sender_and_receiver(tmp_path: Path, sign: str) -> None:
    people = {"李广": "王欣", "王欣": "李广"}
    rows = [f"2024-03-{d:02} {h:02}:05:10,{who}{sign}{people[who]},{text}" for d, h, who, text in ROWS]
    reading = read(tmp_path / "a.csv", "时间,收发方向,内容", rows)
    assert reading.messages["sender"].to_list() == [r[2] for r in ROWS]
    assert reading.messages["conversation"].n_unique() == 1


def test_a_dash_for_an_empty_cell_is_no_word(tmp_path: Path) -> None:
    rows = [(f"2024-03-01 10:{i:02}:00", *((f"word {i}", "-") if i % 3 else ("-", f"word {i}"))) for i in range(12)]
    lines = "".join(f"{t},{one},{other}\n" for t, one, other in rows)
    messages = read_text(tmp_path, f"时间,用户,客服\n{lines}", "a.csv").messages
    assert messages["text"].to_list() == [f"word {i}" for i in range(12)]
    assert messages["sender"].to_list() == ["用户" if i % 3 else "客服" for i in range(12)]


@pytest.mark.parametrize(("one", "other"), [("internal", "for the customer"), ("备注", "评论")])
def test_a_remark_behind_the_names_of_a_table_is_no_part_of_them(tmp_path: Path, one: str, other: str) -> None:
    rows = "".join(
        f"2024-06-03 09:1{i},{('Anna', 'Ben')[i % 2]} ({(one, other)[i // 2 % 2]}),word number {i}\n" for i in range(8)
    )
    assert (
        read_text(tmp_path, f"Time,Author,Message\n{rows}", "a.csv").messages["sender"].to_list() == ["Anna", "Ben"] * 4
    )


def test_a_place_behind_each_name_stays(tmp_path: Path) -> None:
    rows = "".join(f"2024-06-03 09:1{i},{('Anna (Kiel)', 'Ben (Ulm)')[i % 2]},word number {i}\n" for i in range(8))
    names = read_text(tmp_path, f"Time,Author,Message\n{rows}", "a.csv").messages["sender"].unique().sort().to_list()
    assert names == ["Anna (Kiel)", "Ben (Ulm)"]


def test_ends_that_are_headings_of_columns_are_the_people_in_these_columns(tmp_path: Path) -> None:
    ways = ("访客→客服", "客服→访客")
    rows = [
        f"1007-小周,访客_8821,{ways[i % 2]},2024-03-04 {h:02}:05:10,{text}"
        for i, (_, h, _, text) in enumerate(ROWS[:8])
    ]
    messages = read(tmp_path / "a.csv", "客服,访客,方向,时间,内容", rows).messages
    assert messages["sender"].to_list() == ["访客_8821", "1007-小周"] * 4


def test_a_time_among_the_values_that_an_attribute_packs_is_the_time(tmp_path: Path) -> None:
    rows = "".join(
        f'<d p="{3 * i}.000,1,25,16777215,{1709255125516 + 9000 * i},0,{1000 + i % 2},0" user="{"甲乙"[i % 2]}">第{i}句话</d>'
        for i in range(20)
    )
    messages = read_text(tmp_path, f'<?xml version="1.0"?><i><chatid>0</chatid>{rows}</i>', "a.xml").messages
    assert [int(t.timestamp()) for t in messages["sent_at"]] == [1709255125 + 9 * i for i in range(20)]
    assert messages["sender"].to_list() == ["甲", "乙"] * 10


def stanza(i: int) -> str:
    ends = [f"lao@im.example/{'r1' if i > 6 else 'r0'}", "fang@im.example"][:: 1 if i % 2 else -1]
    words = f"message {i} of many"
    return f"""('lao',{1709256076 + 61 * i},'fang@im.example','<message to="{ends[1]}" from="{ends[0]}" type="chat"><body>{words}</body></message>','{words}')"""


def test_the_sender_that_an_element_in_a_cell_states_is_read_and_not_the_owner_in_all_rows(tmp_path: Path) -> None:
    rows = ",\n".join(map(stanza, range(12)))
    dump = f"INSERT INTO `archive` (`username`,`created_at`,`peer`,`xml`,`txt`) VALUES\n{rows};\n"
    messages = read_text(tmp_path, dump, "a.sql").messages
    assert messages["sender"].to_list() == ["fang@im.example", "lao@im.example"] * 6


@pytest.mark.parametrize("domain", ["im.example", "conference.im.example"])
def test_the_device_behind_an_address_is_no_part_of_it_and_a_member_of_a_room_is(tmp_path: Path, domain: str) -> None:
    rows = "".join(f"2024-03-01 10:{i:02}:07,{'ab'[i % 2]}@{domain}/x{i % 2},word {i}\n" for i in range(12))
    messages = read_text(tmp_path, f"time,sender,text\n{rows}", "a.csv").messages
    behind = ["", ""] if domain == "im.example" else ["/x0", "/x1"]
    assert messages["sender"].to_list() == [f"{'ab'[i % 2]}@{domain}{behind[i % 2]}" for i in range(12)]


def test_of_values_packed_in_a_cell_none_is_a_sender(tmp_path: Path) -> None:
    rows = [f'2024-03-01 10:{i:02}:07,"{i},{"xy"[i % 2]},7,9",word {i} of many' for i in range(12)]
    with pytest.raises(UsageError, match="sender"):
        read(tmp_path / "a.csv", "time,meta,text", rows)
