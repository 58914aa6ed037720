"""Rows that state one thing twice and differently, and exporters that write it in two ways throughout."""

import json
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.intake.messages.twice_stated import with_contradictions
from reconcile.vocabulary import NoteCode

NAMES = {"wxid_jia0001": ("甲", "小甲"), "wxid_yi00002": ("乙", "小乙")}
SUMMER = 1_720_000_000


def times(zone: str = "Asia/Shanghai", *, step: int = 86_400, count: int = 40) -> pl.DataFrame:
    """One row each `step` seconds: unix seconds and the local time of the exporting computer."""
    unix = pl.Series("unix", [SUMMER + i * step for i in range(count)])
    sent_at = pl.from_epoch(unix).dt.cast_time_unit("us").dt.replace_time_zone("UTC").alias("sent_at")
    local = sent_at.dt.convert_time_zone(zone).dt.strftime("%Y-%m-%d %H:%M:%S").alias("sent_raw")
    locator = pl.Series("locator", [f"#{i}" for i in range(count)])
    return pl.DataFrame([unix, sent_at, local, locator])


def odd_rows(rows: pl.DataFrame) -> list[int]:
    told, notes = with_contradictions(rows)
    odd = told["raw_contradicts"].is_not_null().arg_true().to_list() if "raw_contradicts" in told.columns else []
    assert [n.locator for n in notes] == [f"#{i}" for i in odd]
    return odd


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/London", "America/Los_Angeles", "Asia/Kathmandu", "UTC"])
def test_a_local_time_in_any_zone_contradicts_nothing(zone: str) -> None:
    assert odd_rows(times(zone, step=8 * 86_400)) == []


@pytest.mark.parametrize("shown", ["2024-08-02 17:46:40", "2024-07-13 18:46:40", "2024-07-13 17:46:10", "-"])
def test_one_local_time_off_the_zone_of_the_others_contradicts(shown: str) -> None:
    rows = times()
    assert odd_rows(rows.with_columns(rows["sent_raw"].scatter(10, shown))) == [10]


def test_times_of_something_else_are_no_second_statement() -> None:
    rows = times().with_columns(pl.Series("again_time", [str(SUMMER + i * 90_007) for i in range(40)]))
    assert odd_rows(rows) == []


def test_a_number_made_from_the_time_is_one_in_any_unit() -> None:
    number = pl.Series("again_time", [(SUMMER + i * 86_400) * 1000 + i % 7 for i in range(40)])
    rows = times().with_columns(number)
    assert odd_rows(rows) == []
    assert odd_rows(rows.with_columns(number.scatter(5, number[5] + 3_600_000))) == [5]


def people(remarks: list[str] | list[str | None]) -> pl.DataFrame:
    sender = pl.Series("sender", [f"wxid_{i % 3}" for i in range(len(remarks))])
    locator = pl.Series("locator", [f"#{i}" for i in range(len(remarks))])
    kind = pl.Series("kind", ["text"] * len(remarks))
    return pl.DataFrame([sender, pl.Series("again_person", remarks), kind, locator])


def test_the_name_of_another_sender_contradicts_and_a_new_or_shared_name_does_not() -> None:
    names = [f"名{i % 3}" for i in range(30)]
    assert odd_rows(people(names)) == []
    assert odd_rows(people([*names[:20], *("新名" if i % 3 == 2 else n for i, n in enumerate(names[20:], 20))])) == []
    assert odd_rows(people(["同名" if n != "名2" else n for n in names])) == []
    assert odd_rows(people([*names[:-1], "名0"])) == [29]


def test_remarks_beside_a_few_rows_name_no_sender() -> None:
    remarks: list[str | None] = [None] * 60
    for at in (0, 3, 6, 9, 13):
        remarks[at] = "见判决书第3页"
    for at in (1, 4, 7, 10, 16, 19):
        remarks[at] = "待核实"
    assert odd_rows(people(remarks)) == []


def at_row(change: dict[str, object]) -> int:
    return 4 if "content" in change else 6 if "linkUrl" in change else 8


def weflow(path: Path, change: dict[str, object]) -> Path:
    rows: list[dict[str, object]] = [
        {
            "localId": i + 1, "createTime": SUMMER + i * 600, "formattedTime": pl.select(pl.from_epoch(pl.lit(SUMMER + i * 600 + 28_800)).dt.strftime("%Y-%m-%d %H:%M:%S")).item(),
            "type": "文本消息", "localType": 1, "content": f"第{i}条消息，内容各不相同", "isSend": i % 2, "senderUsername": list(NAMES)[i % 2],
            "senderDisplayName": f"名{i % 2}", "source": "", "platformMessageId": str(7_000_000_000_000_000_001 + i),
        }
        for i in range(12)
    ]  # fmt: skip
    rows[4] |= {
        "type": "引用消息",
        "localType": 244813135921,
        "content": "同意[引用 名1：押金退两千]",
        "quotedContent": "押金退两千",
        "quotedSender": "名1",
    }
    rows[6] |= {
        "type": "链接消息",
        "localType": 21474836529,
        "content": "[链接] 合同\nhttps://example.com/1",
        "linkUrl": "https://example.com/1",
    }
    rows[at_row(change)] |= change
    whole = {
        "weflow": {"version": "5.0.0"},
        "session": {"wxid": "wxid_jia0001", "displayName": "名0", "type": "私聊"},
        "messages": rows,
    }
    path.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    return path


@pytest.mark.parametrize(
    "change",
    [
        {"formattedTime": "2024-07-30 09:00:00"},
        {"content": "同意[引用 名1：押金不退]"},
        {"linkUrl": "https://example.com/2"},
    ],
    ids=["a local time", "quoted words", "an address"],
)
def test_a_row_that_contradicts_itself_is_doubtful_and_noted(tmp_path: Path, change: dict[str, object]) -> None:
    honest, changed = (read(weflow(tmp_path / f"{n}.json", c)) for n, c in (("a", {}), ("b", change)))
    assert NoteCode.ROW_CONTRADICTS not in {n.code for n in honest.notes}
    noted = [n for n in changed.notes if n.code is NoteCode.ROW_CONTRADICTS]
    assert [n.locator for n in noted] == [f"b.json#{1 + at_row(change)}"]
    for found in (compare_readings(honest, changed), compare_readings(changed, honest)):
        doubtful = found.alignment.filter(pl.col("relation").cast(pl.String) == "doubtful")
        assert doubtful["cause"].cast(pl.String).to_list() == ["row_contradicts"]
        assert found.irregularities["reason"].to_list() == ["row_contradicts"]


def test_a_sum_in_numbers_and_another_in_words_contradict(tmp_path: Path) -> None:
    heading = "sent_at,text,sender,kind,amount\n"
    lines = [f"2024-03-01 09:0{i}:00,[转账] ￥{i + 1}00.00,甲,transfer,{i + 1}00\n" for i in range(5)]
    table = tmp_path / "a.csv"
    table.write_text(heading + "".join(lines), "utf-8")
    assert [n for n in read(table).notes if n.code is NoteCode.ROW_CONTRADICTS] == []
    table.write_text(heading + "".join(lines).replace(",300\n", ",30\n"), "utf-8")
    assert [n.locator for n in read(table).notes if n.code is NoteCode.ROW_CONTRADICTS] == ["a.csv#3"]


@pytest.mark.parametrize(
    "hiding", ['style="display:none"', "hidden", 'class="gone"', 'style="position:absolute; left:-9999px"']
)
def test_a_row_that_the_page_hides_is_noted(tmp_path: Path, hiding: str) -> None:
    rows = [
        f"<tr{' ' + hiding if i == 5 else ''}><td>2024-03-01 09:{i:02d}:00</td><td>{'甲乙'[i % 2]}</td><td>第{i}条消息</td></tr>"
        for i in range(20)
    ]
    page = tmp_path / "a.html"
    head = "<tr><th>时间</th><th>发送人</th><th>内容</th></tr>"
    page.write_text(
        f"<html><style>.gone {{ display: none }}</style><body><table>{head}{''.join(rows)}</table></body></html>",
        "utf-8",
    )
    noted = [n.excerpt for n in read(page).notes if n.code is NoteCode.ROW_CONTRADICTS]
    assert [n.removeprefix("shown: ").startswith("第5条消息") for n in noted] == [True]
