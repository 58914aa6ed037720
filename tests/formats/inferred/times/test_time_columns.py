"""Which of several columns of times decides, and what a local time beside an instant tells."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.errors import ReconcileError, UsageError
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from tests.build.readings import read, read_text
from tests.thorough import meeting, some

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
    assert found["text"].to_list() == [str(r["text"]) or f"{r['actor']} joined" for r in told]
    assert "Meyer" not in "".join(found["sender"].drop_nulls())


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


@meeting(
    written=["%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p"],
    every=[1, 3],
    form=["epoch", "offset"],
)
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


@pytest.mark.parametrize(
    "spelling", some(["%Y.%m.%d-%H.%M.%S", "%Y-%m-%d-%H.%M.%S", "%d.%m.%Y-%H.%M", "%Y.%m.%d-%H:%M:%S"], 2)
)
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


def test_each_sign_of_dates_tells_its_own_order_and_spoiled_times_are_notes(tmp_path: Path) -> None:
    days = [datetime(2024, 3, 13, 9, tzinfo=UTC) + timedelta(days=i) for i in range(40)]
    whens = [f"{d:%d.%m.%y %H:%M:%S}" if i % 4 else f"{d:%m/%d/%y %H:%M:%S}" for i, d in enumerate(days)]
    whens[9], whens[23], whens[30] = "03/22/221 09:00:00", "05.04.:24:09", "Admin 09:00:00"
    told = [{"time": w, "from": ("Anna", "Ben")[i % 2], "text": f"word {i} of many"} for i, w in enumerate(whens)]
    reading = read_json(tmp_path, told)
    at = reading.messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.date().to_list()
    assert [i for i, d in enumerate(at) if d is None] == [9, 23, 30]
    assert {i: d for i, d in enumerate(at) if d} == {i: d.date() for i, d in enumerate(days) if at[i]}
    assert sum(n.count for n in reading.notes if n.code is NoteCode.BAD_TIME) == 3


def test_a_column_most_of_whose_times_do_not_read_is_asked_about(tmp_path: Path) -> None:
    told = [{"time": f"2024-03-{i:02} 09:00" if i % 3 else "later", "from": ("Anna", "Ben")[i % 2], "text": f"word {i}"}
            for i in range(1, 25)]  # fmt: skip
    for row in told[:14]:
        row["time"] = "at noon"
    with pytest.raises(ReconcileError):
        read_json(tmp_path, told)


def test_dots_may_part_the_clock_of_a_table(tmp_path: Path) -> None:
    lines = [f"2{i % 10}/03/24 {at:%H.%M.%S},{('Anna', 'Ben')[i % 2]},word {i} of many" for i, at in enumerate(SENT)]
    found = read_text(tmp_path, "Timestamp,Sender,Message\n" + "\n".join(lines), "a.csv")
    assert [f"{at:%M%S}" for at in found.messages["sent_at"]] == [f"{at:%M%S}" for at in SENT]


@pytest.mark.parametrize(
    ("days", "known"),
    [
        (["28/02", "01/03", "02/03"], "day_first=true"),
        (["02-28", "03-01", "03-02"], ""),
        (["Feb 28", "Mar 1", "Mar 2"], ""),
    ],
)
def test_the_year_is_asked_for_and_the_order_of_day_and_month_kept(days: list[str], known: str, tmp_path: Path) -> None:
    rows = [f"{day} 09:0{i},{'Anna' if i % 2 else 'Ben'},word {i} of {day}" for day in days for i in range(4)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["Date,Who,Text", *rows]), "utf-8")
    with pytest.raises(UsageError, match="year: none") as asked:
        read(path)
    assert known in str(asked.value)


@pytest.mark.parametrize("form", ["[民國113年3月5日 10:{i:02}:07] {n}: {w}", "113/03/05 10:{i:02}:07 {n}: {w}"])
def test_years_of_another_era_in_lines_are_read_and_said(tmp_path: Path, form: str) -> None:
    lines = (form.format(i=i, n="甲乙"[i % 2] * 2, w=f"word {i} of many") for i in range(12))
    reading = read_text(tmp_path, "\n".join(lines))
    assert reading.messages["sent_at"].dt.year().unique().to_list() == [2024]
    assert [n.count for n in reading.notes if n.excerpt == "years of another era read as common years"] == [12]


def test_a_date_that_begins_inside_a_number_is_none(tmp_path: Path) -> None:
    lines = (f"{'甲乙'[i % 2] * 2} 113/03/05 10:{i:02}:07 word {i} of many" for i in range(12))
    with pytest.raises(ReconcileError):
        read_text(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(("day", "clock"), [("%y.{m}.{d}", "{h}%M%S"), ("%Y%m%d", "%H%M%S"), ("%Y-%m-%d", "%H%M%S")])
def test_clocks_of_figures_stand_beside_days_of_any_spelling(tmp_path: Path, day: str, clock: str) -> None:
    told = [(d.strftime(day.format(m=d.month, d=d.day)), d.strftime(clock.format(h=d.hour))) for d in SENT]
    lines = [f"{d},{c},{('Anna', 'Ben')[i % 2]},word {i} of many" for i, (d, c) in enumerate(told)]
    found = read_text(tmp_path, "\n".join(["日期,时间,人员,内容", *lines]), "a.csv").messages
    assert found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone("UTC").to_list() == SENT


def parts_of_times(*, step: int = 4) -> list[dict[str, object]]:
    """Messages of several days, with the time still to be added as `at`."""
    times = [FIRST + timedelta(hours=step * i, seconds=37 * i) for i in range(16)]
    return [{"at": at, "who": ("Anna", "Ben")[i % 2], "body": f"word {i} of many"} for i, at in enumerate(times)]


def test_a_day_of_figures_and_a_clock_in_one_object_are_the_time_whatever_they_are_called(tmp_path: Path) -> None:
    told = [{**r, "at": {"d": f"{r['at']:%Y%m%d}", "c": f"{r['at']:%H:%M:%S}"}} for r in parts_of_times()]
    assert f"{read_json(tmp_path, told).messages['sent_at'][3]:%F %T}" == "2024-03-01 13:07:03"


def test_whole_numbers_that_a_day_brings_in_order_are_seconds_of_the_day(tmp_path: Path) -> None:
    def second(at: datetime) -> int:
        return at.hour * 3600 + at.minute * 60 + at.second

    held = parts_of_times()
    told = [
        {"day": int(f"{r['at']:%Y%m%d}"), "sec": second(r["at"]), "who": r["who"], "body": r["body"]}  # type: ignore[arg-type]
        for r in held
    ]
    assert f"{read_json(tmp_path, told).messages['sent_at'][3]:%F %T}" == "2024-03-01 13:07:03"
    # Sums of money are in no order within a day.
    with pytest.raises(ReconcileError):
        read_json(tmp_path, [{**r, "sec": (7919 * i) % 40_000} for i, r in enumerate(told)])


def test_days_of_astronomers_are_instants(tmp_path: Path) -> None:
    told = [
        {**r, "at": 2_440_587.5 + r["at"].timestamp() / 86_400}  # type: ignore[attr-defined]
        for r in parts_of_times()
    ]
    assert read_json(tmp_path, told).messages["sent_at"][3] == parts_of_times()[3]["at"]
