"""Months named by files and folders: what lies between them is in doubt, what lies in them is missing."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.messages.file_names import chat_of, chats_of, stated_days
from tests.thorough import some

CHINA = ZoneInfo("Asia/Shanghai")
PEOPLE = ("张三", "李四")
Layout = Callable[[int, int], str]
LAYOUTS: dict[str, Layout] = {
    "a folder of a month, in words": lambda y, m: f"{y}年{m}月/聊天记录",
    "a folder of a month": lambda y, m: f"{y}-{m:02}/李四",
    "a folder of a month, without a sign": lambda y, m: f"{y}{m:02}/messages",
    "a folder of a year, and one of a month": lambda y, m: f"{y}年/{m}月/李四",
    "a folder with a name before its month": lambda y, m: f"李四_{y}-{m:02}/messages",
    "a file of a month": lambda y, m: f"李四_{y}-{m:02}",
    "a file of a month, in words": lambda y, m: f"{y}年{m}月",
    "a file of a month in a folder of a year": lambda y, m: f"李四/{y}年/{m}月",
    "a file of a month, with a name behind it": lambda y, m: f"{y}年{m}月 李四",
}
# Five messages a month, from November to May.
MONTHS = [(2021, 11), (2021, 12), *((2022, m) for m in range(1, 6))]
LEFT_OUT = 3


def line(month: int, at: int) -> tuple[datetime, str, str]:
    year, number = MONTHS[month]
    sent = datetime(year, number, 3 + 5 * at, 9, month, at) + timedelta(minutes=at)  # noqa: DTZ001 - as a table states it
    return sent, PEOPLE[at % 2], f"第{month}批第{at}车水泥{7 * month + at}袋已经卸在东门"


def write(file: Path, rows: list[tuple[datetime, str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "\n".join(["时间,发送人,内容", *(f"{t:%Y-%m-%d %H:%M:%S},{who},{text}" for t, who, text in rows)]), "utf-8"
    )


def write_months(folder: Path, layout: Layout, gone: set[tuple[int, int]]) -> Path:
    """A chat in files by month, without these messages."""
    for month, (year, number) in enumerate(MONTHS):
        rows = [line(month, at) for at in range(5) if (month, at) not in gone]
        if rows:
            write(folder / f"{layout(year, number)}.csv", rows)
    return folder


def compared(tmp_path: Path, gone: set[tuple[int, int]]) -> Findings:
    """A chat in folders by month, without these messages, against the whole chat in one file."""
    months = write_months(tmp_path / "a", LAYOUTS["a folder of a month"], gone)
    write(tmp_path / "b.csv", [line(month, at) for month in range(len(MONTHS)) for at in range(5)])
    return compare_readings(read(months), read(tmp_path / "b.csv"))


@pytest.mark.parametrize("name", some(LAYOUTS))
def test_names_of_months_in_any_layout_state_which_months_were_handed_in(tmp_path: Path, name: str) -> None:
    reading = read(write_months(tmp_path, LAYOUTS[name], {(LEFT_OUT, at) for at in range(5)}))
    begins = [datetime(year, month, 1, tzinfo=CHINA) for year, month in [*MONTHS, (2022, 6)]]
    last = len(MONTHS) - 1
    assert [(f.from_at, f.to_at) for f in reading.facts.filters] == [
        (begins[n] if n else None, begins[n + 1] - timedelta(seconds=1) if n < last else None)
        for n in range(len(MONTHS))
        if n != LEFT_OUT
    ]
    assert {f.conversation for f in reading.facts.filters} == {*reading.messages["conversation"]}
    assert reading.messages["text"].to_list() == [line(m, at)[2] for m in range(7) for at in range(5) if m != LEFT_OUT]


def test_a_month_that_was_not_handed_in_is_in_doubt(tmp_path: Path) -> None:
    found = compared(tmp_path, {(LEFT_OUT, at) for at in range(5)})
    assert found.verdicts["grade"].cast(str).to_list() == ["cannot_determine"]
    assert found.verdicts["doubtful"].to_list() == [5]


def test_a_message_deleted_from_a_month_that_was_handed_in_is_missing(tmp_path: Path) -> None:
    found = compared(tmp_path, {(LEFT_OUT, 2)})
    assert found.verdicts["grade"].cast(str).to_list() == ["one_sided"]
    assert found.verdicts["left_missing"].to_list() == [1]


def test_a_month_left_out_at_the_end_stays_an_unverified_edge(tmp_path: Path) -> None:
    found = compared(tmp_path, {(len(MONTHS) - 1, at) for at in range(5)})
    assert "edge_unverified" in found.verdicts["reasons"].to_list()[0]


def test_one_file_covers_the_days_from_and_to_that_its_name_states(tmp_path: Path) -> None:
    whole = [line(month, at) for month in range(len(MONTHS)) for at in range(5)]
    file = tmp_path / "a" / "李四_20211101-20220331.csv"
    write(tmp_path / "b.csv", whole)
    missing = []
    for rows in (whole[:25], [*whole[:12], *whole[13:25]]):
        write(file, rows)
        found = compare_readings(read(file.parent), read(tmp_path / "b.csv"))
        missing.append(found.verdicts["left_missing"].item())
        beyond = found.alignment.filter(found.alignment["detail"] == "beyond_export")
        assert beyond["right_row"].to_list() == [*range(25, 35)]
    assert missing == [0, 1]


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("2021年6月/聊天记录.txt", date(2021, 6, 1), date(2021, 7, 1)),
        ("2021/12/messages.txt", date(2021, 12, 1), date(2022, 1, 1)),
        ("2021年/6月.txt", date(2021, 6, 1), date(2021, 7, 1)),
        ("2021/messages.txt", date(2021, 1, 1), date(2022, 1, 1)),
        ("2021-06/乙_20210615.txt", date(2021, 6, 15), date(2021, 6, 16)),
        ("乙_2021-04-01_2021-06-30.txt", date(2021, 4, 1), date(2021, 7, 1)),
    ],
)
def test_the_innermost_name_that_states_a_period_counts(name: str, first: date, end: date) -> None:
    assert stated_days(Path(name)) == (first, end)


@pytest.mark.parametrize("name", ["第1部分/聊天记录.txt", "13820210612.txt", "乙_2021-02-30.txt", "消息.txt"])
def test_other_names_state_no_period(name: str) -> None:
    assert stated_days(Path(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        "乙某_2021-06",
        "乙某 2021年6月",
        "乙某2021年6月",
        "2021年6月 乙某",
        "202106_乙某",
        "202106乙某",
        "2021年6月份乙某",
        "乙某/6月份",
        "乙某_20210601-20210630",
        "2021-06-01至2021-06-30 乙某",
        "乙某（2021年6月1日至6月30日）",
        "乙某_第3部分",
        "乙某（第十二卷）",
        "乙某_part2",
        "乙某/2021-06",
        "乙某/2021年/6月",
        "乙某/2021/12/messages 3",
        "乙某/第2册",
        "乙某_转账红包",
        "乙某（文字）",
        "乙某-聊天记录",
    ],
)
def test_the_chat_is_what_a_name_states_beside_its_period_or_part(name: str) -> None:
    assert chat_of(Path(name)) == "乙某"


@pytest.mark.parametrize(
    "name",
    [
        "乙某",
        "张三2",
        "13820210612",
        "一段时间",
        "part",
        "合同第3版讨论",
        "2021届同学群",
        "项目2024",
        "转账红包",
        "项目_转账群",
    ],
)
def test_a_name_without_a_period_or_part_is_the_chat(name: str) -> None:
    assert chat_of(Path("甲") / name) == name


def test_files_named_by_months_alone_are_one_chat_of_their_folder(tmp_path: Path) -> None:
    for month, text in ((6, "货到了"), (7, "款付了")):
        file = tmp_path / "乙某" / f"2021年{month}月.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"2021-0{month}-05 09:10:11 乙某\n{text}\n\n2021-0{month}-05 09:12:13 我\n好\n\n", "utf-8")
    reading = read(tmp_path / "乙某")
    assert reading.messages["conversation"].unique().to_list() == ["乙某"]


@pytest.mark.parametrize(
    ("people", "chats"),
    [
        (({"张三", "李四"}, {"张三", "王五"}), ["与李四的聊天", "与王五的聊天"]),
        (({"张三", "李四"}, {"张三", "李四"}), ["_chat", "_chat"]),
    ],
)
def test_a_file_name_that_all_files_have_names_no_chat_where_different_people_write_in_them(
    people: tuple[set[str], set[str]], chats: list[str]
) -> None:
    assert chats_of([Path("与李四的聊天/_chat"), Path("与王五的聊天/_chat")], people) == chats


def whatsapp_text(peer: str) -> str:
    lines = [
        f"[2024/5/{day}, 10:0{day}:12] {who}: 第{day}天的货到了{peer}" for day in range(1, 8) for who in (peer, "张三")
    ]
    return "\n".join(lines) + "\n"


def telegram_json(peer: str) -> str:
    rows = [
        {"id": day, "type": "message", "date": f"2024-05-0{day}T10:00:12", "date_unixtime": str(1714530012 + 86400 * day),
         "from": who, "from_id": f"user{ord(who[0])}", "text": f"第{day}天的货到了{peer}", "text_entities": []}
        for day in range(1, 8) for who in (peer, "张三")
    ]  # fmt: skip
    return json.dumps({"name": peer, "type": "personal_chat", "id": ord(peer[0]), "messages": rows}, ensure_ascii=False)


def copied_text(peer: str) -> str:
    return "\n".join(
        f"{who} 2024年5月{day}日 10:0{day}\n第{day}天的货到了{peer}\n" for day in range(1, 8) for who in (peer, "张三")
    )


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("WhatsApp Chat - {}/_chat.txt", whatsapp_text),
        ("ChatExport_{}/result.json", telegram_json),
        ("{}.txt", copied_text),
    ],
)
def test_chats_of_different_people_in_one_folder_stay_apart(
    tmp_path: Path, place: str, written: Callable[[str], str]
) -> None:
    for peer in ("李四", "王五"):
        file = tmp_path / "a" / place.format(peer)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(peer), "utf-8")
    held = read(tmp_path / "a").messages
    assert held.height == 28
    assert held["conversation"].n_unique() == 2
