"""Which of several columns of times decides, and what a local time beside an instant tells."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.intake.contract import Reading
from tests.build.readings import read_text

FIRST = datetime(2024, 3, 1, 9, 5, 12, tzinfo=UTC)
SENT = [FIRST + timedelta(minutes=7 * i, seconds=i) for i in range(12)]


def read_json(tmp_path: Path, told: object) -> Reading:
    """What a list of objects is read as."""
    return read_text(tmp_path, json.dumps(told), "a.json")


def rows(*, hours: int = 2, instant: str = "date_unixtime", every: int = 1) -> list[dict[str, object]]:
    """Messages with a local time of a zone, and with an instant in every so many of them."""
    return [
        {
            "date": f"{at + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}",
            **({instant: str(int(at.timestamp()))} if i % every == 0 else {}),
            "from": ("Anna", "Ben")[i % 2],
            "text": f"word {i} of many",
        }
        for i, at in enumerate(SENT)
    ]


@pytest.mark.parametrize("instant", ["date_unixtime", "ms", "serverClock", "stamp"])
def test_an_instant_decides_over_a_local_time_of_the_same_rows_whatever_its_name(tmp_path: Path, instant: str) -> None:
    found = read_json(tmp_path, rows(instant=instant)).messages
    assert found["sent_at"].to_list() == SENT


def test_an_instant_decides_where_some_local_times_called_like_it_are_wrong(tmp_path: Path) -> None:
    told = rows()
    for row in told[-4:]:
        row["date"] = str(row["date"]).replace("T", "T0")[:11] + "07:00:00"
    assert read_json(tmp_path, told).messages["sent_at"].to_list() == SENT


def test_instants_in_some_rows_tell_the_zone_of_all(tmp_path: Path) -> None:
    found = read_json(tmp_path, rows(every=3)).messages
    assert found["sent_at"].to_list() == SENT


def test_instants_that_are_no_one_zone_from_the_local_times_leave_the_zone_open(tmp_path: Path) -> None:
    told = rows(every=2)
    for row, moved in zip(told[6:], rows(hours=1, every=2)[6:], strict=True):
        row["date"] = moved["date"]
    with pytest.raises(UsageError, match="timezone"):
        read_json(tmp_path, told)


def test_a_column_of_whoever_acts_is_no_text(tmp_path: Path) -> None:
    told = rows()
    for i in (2, 5, 9):
        named = told[i].pop("from")
        told[i] |= {"actor": f"{named} Meyer", "type": "service", "text": "", "action": "join"}
    told.append({**told[-1], "actor": "Carla Lange"})
    found = read_json(tmp_path, told).messages
    assert found["text"].to_list() == [str(r["text"]) for r in told]


EQUAL = "".join(f"[04/04/2026, 10:3{n}:00] {who}: line {n}\n" for n, who in enumerate(["Alice", "Bob"] * 3))


def test_dates_whose_day_and_month_are_equal_are_read_without_a_question(tmp_path: Path) -> None:
    reading = read_text(tmp_path, EQUAL, "a.txt")
    assert reading.messages["sent_at"].dt.strftime("%d.%m.").to_list() == ["04.04."] * 6


def test_one_date_more_that_reads_two_ways_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="day_first"):
        read_text(tmp_path, EQUAL + "[05/04/2026, 10:30:00] Alice: later\n", "a.txt")


def test_one_date_that_reads_two_ways_behind_a_thousand_that_do_not_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="day_first"):
        read_text(tmp_path, EQUAL * 300 + "[05/04/2026, 10:30:00] Alice: later\n", "a.txt")


AMBIGUOUS = [datetime(2024, 3, 4 + n // 5, 9, 5 + n, 12, tzinfo=UTC) for n in range(9)]


@pytest.mark.parametrize("written", ["%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p"])
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("form", ["epoch", "offset"])
def test_an_instant_beside_a_local_time_settles_the_order_of_day_and_month(
    tmp_path: Path, written: str, every: int, form: str
) -> None:
    told = [
        {
            "DateTime": (at + timedelta(hours=1)).strftime(written),
            **({"stamp": str(int(at.timestamp())) if form == "epoch" else at.isoformat()} if i % every == 0 else {}),
            "from": ("Anna", "Ben")[i % 2],
            "text": f"word {i} of many",
        }
        for i, at in enumerate(AMBIGUOUS)
    ]
    found = read_json(tmp_path, told).messages["sent_at"].dt.truncate("1m")
    assert found.to_list() == [at.replace(second=0) for at in AMBIGUOUS]


def test_an_instant_of_something_else_settles_no_order(tmp_path: Path) -> None:
    told = [
        {
            "DateTime": f"{at:%m/%d/%Y %H:%M:%S}",
            "exported": "1735689600",
            "from": "AB"[i % 2],
            "text": f"word {i} of many",
        }
        for i, at in enumerate(AMBIGUOUS)
    ]
    with pytest.raises(UsageError, match="day_first"):
        read_json(tmp_path, told)


@pytest.mark.parametrize("spelling", ["%Y.%m.%d-%H.%M.%S", "%Y-%m-%d-%H.%M.%S", "%d.%m.%Y-%H.%M", "%Y.%m.%d-%H:%M:%S"])
def test_a_hyphen_may_join_a_date_and_a_clock_whose_parts_dots_divide(tmp_path: Path, spelling: str) -> None:
    lines = [f"[{at:{spelling}}][{('阿川', '夜雨')[i % 2]}] 第{i}句话说完了" for i, at in enumerate(SENT)]
    found = read_text(tmp_path, "\n".join(lines)).messages
    assert [f"{at:{spelling}}" for at in found["sent_at"].dt.convert_time_zone("Asia/Shanghai")] == [
        f"{at:{spelling}}" for at in SENT
    ]


@pytest.mark.parametrize("name", ["capturedAt", "createdAt", "ts"])
def test_a_time_that_nearly_all_rows_share_is_that_of_the_export(tmp_path: Path, name: str) -> None:
    told = [{**row, name: f"2024-04-01T08:00:{i:02d}Z"} for i, row in enumerate(rows(hours=0, every=99))]
    for row in told:
        row["when"] = row.pop("date")
    found = read_json(tmp_path, [{k: v for k, v in row.items() if k != "date_unixtime"} for row in told])
    assert [t.minute for t in found.messages["sent_at"]] == [t.minute for t in SENT]
