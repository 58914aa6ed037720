"""A clock that is wrong, set or coarse, together with a difference of what the two exports cover, accuses nobody."""

from pathlib import Path

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from tests.test_comparison_hard import PEOPLE, START, chat

Rows = list[dict[str, object]]
HOUR = 3600.0


def timed(rows: Rows, set_from: int | None = None, by: float = 0.0) -> Rows:
    """The rows with the clock set by so many seconds from a row on."""
    moved = set_from if set_from is not None else len(rows)
    return [r | {"at": float(str(r["at"])) + (by if i >= moved else 0.0)} for i, r in enumerate(rows)]


def compared(left: Rows, right: Rows, folder: Path) -> Findings:
    """Both sides compared, each in the order of its file."""
    sides = []
    for owner, rows in enumerate((left, right)):
        table = pl.DataFrame({
            "sent_at": [(START + pl.select(pl.duration(seconds=float(str(r["at"])))).item()).isoformat() for r in rows],
            "text": [str(r["text"]) for r in rows],
            "sender": [PEOPLE[int(str(r["who"]))] for r in rows],
            "is_self": [str(r["who"] == owner).lower() for r in rows],
        })  # fmt: skip
        file = folder / f"{'ab'[owner]}.csv"
        table.write_csv(file)
        sides.append(read(file))
    return compare_readings(sides[0], sides[1])


def grades(found: Findings) -> list[str]:
    return found.verdicts["grade"].cast(pl.String).to_list()


@pytest.mark.parametrize(("step", "by"), [(20, -HOUR), (26, -8 * HOUR), (26, 8 * HOUR)])
def test_rows_before_a_late_beginning_accuse_nobody_where_a_clock_was_set(tmp_path: Path, step: int, by: float) -> None:
    rows = chat(60)
    found = compared(timed(rows, step, by), timed(rows)[24:], tmp_path)
    assert grades(found) == ["explained_differences"]


def test_rows_that_a_set_back_clock_puts_among_earlier_ones_are_still_missed(tmp_path: Path) -> None:
    rows = chat(60)
    held = timed(rows, 30, -HOUR)
    found = compared(held, timed(rows[:40] + rows[43:]), tmp_path)
    assert found.verdicts["right_missing"].to_list() == [3]


def test_pages_of_a_file_in_another_order_are_no_clock_that_was_set(tmp_path: Path) -> None:
    rows = timed(chat(60))
    found = compared(rows[30:] + rows[:30], rows[:40] + rows[43:], tmp_path)
    assert found.verdicts["right_missing"].to_list() == [3]


def test_short_replies_behind_the_last_long_words_tell_a_clock_that_was_set_there(tmp_path: Path) -> None:
    rows = chat(40)
    last = float(str(rows[-1]["at"]))
    tail: Rows = [
        {"at": last + 30 * i + i * i, "who": i % 2, "text": t} for i, t in enumerate(("好", "行", "嗯", "在的"), 1)
    ]
    found = compared(timed(rows + tail, 40, HOUR), timed(rows + tail), tmp_path)
    assert grades(found) == ["no_gap_found"]


def test_one_last_common_row_off_the_clock_is_in_doubt_and_the_verdict_says_what_was_not_tested(tmp_path: Path) -> None:
    rows = chat(40)
    found = compared(timed(rows, 39, 8 * HOUR), timed(rows), tmp_path)
    assert found.alignment["relation"].cast(pl.String).value_counts(sort=True).rows() == [
        ("agreement", 39),
        ("doubtful", 1),
    ]
    assert "clock_at_ends" in found.verdicts["tests_not_possible"].to_list()[0]


@pytest.mark.parametrize(("left_by", "right_by"), [(-600.0, 0.0), (61.0, 0.0), (95.0, -40.0)])
def test_a_wrong_clock_that_stamps_only_what_its_owner_sends_alters_no_times(
    tmp_path: Path, left_by: float, right_by: float
) -> None:
    rows = [r | {"text": "好的"} if i % 5 == 4 else r for i, r in enumerate(chat(60))]
    left, right = (
        [r | {"at": float(str(r["at"])) + (by if r["who"] == owner else 0.0)} for r in rows]
        for owner, by in enumerate((left_by, right_by))
    )
    right[30] = right[30] | {"at": float(str(right[30]["at"])) + 1200}
    states = compared(left, right, tmp_path).alignment["relation"].cast(pl.String).value_counts(sort=True)
    assert states.rows() == [("agreement", 59), ("conflict", 1)]


def own_clock(rows: Rows, by: float, since: int = 0) -> Rows:
    """The rows in the order of the times that the first party's device shows, whose own messages bear a clock that is off from a row on."""
    moved = [
        r | {"at": float(str(r["at"])) + (by if r["who"] == 0 and i >= since else 0.0)} for i, r in enumerate(rows)
    ]
    return sorted(moved, key=lambda r: float(str(r["at"])))


@pytest.mark.parametrize("cut", [slice(7, None), slice(None, -7)])
@pytest.mark.parametrize("by", [-600.0, 1800.0])
def test_an_export_cut_at_a_time_begins_and_ends_by_two_clocks(tmp_path: Path, by: float, cut: slice) -> None:
    rows = chat(60)
    found = compared(own_clock(rows, by)[cut], timed(rows), tmp_path)
    assert grades(found) == ["explained_differences"]


@pytest.mark.parametrize("by", [-200.0, 130.0, 200.0])
def test_an_own_clock_that_was_set_within_the_chat_alters_no_times_and_lacks_nothing(tmp_path: Path, by: float) -> None:
    rows = [r | {"text": "好的"} if i % 2 else r for i, r in enumerate(chat(60))]
    states = compared(own_clock(rows, by, 30), timed(rows), tmp_path).alignment["relation"].cast(pl.String)
    assert set(states.unique()) <= {"agreement", "doubtful"}


@pytest.mark.parametrize(
    ("faults", "seed"),
    [
        ("step in mid-chat + left early, notice", 20015),
        ("step in mid-chat + no common range", 20029),
        ("minute precision, both + tail cut, nothing known", 21000),
        ("jitter 20 s + head cut, nothing known", 21005),
        ("step in mid-chat + begins late", 156),
        ("step in mid-chat + ends early, said so", 23024),
        ("step in mid-chat + late join, notice", 23021),
        ("offset + windows apart", 24003),
        ("drift + declared", 21002),
        ("step in mid-chat + windows apart", 24019),
        ("step in mid-chat + declared", 24004),
        ("unmarked zone + left early, sidecar", 21003),
    ],
)
def test_an_innocent_dispute_with_a_clock_fault_and_less_coverage_is_not_accused(faults: str, seed: int) -> None:
    assert run_trial(faults, seed).score.innocent_accused == 0


def test_a_zone_that_nobody_names_hides_no_head_cut_off_where_the_device_was_never_silent_for_so_long() -> None:
    score = run_trial("unmarked zone + head cut, other chats older", 22007).score
    assert (score.missing_found, score.missing_claimed) == (score.missing, score.missing)


def test_two_altered_times_among_three_long_texts_are_no_wide_clocks_where_all_short_replies_keep_one_time(
    tmp_path: Path,
) -> None:
    short = ["好的", "行", "对", "好吧", "嗯", "随便", "收到", "辛苦了", "可以"]
    rows: Rows = [{"at": 30 * i, "text": text, "who": i % 2} for i, text in enumerate(short)]
    long = ["尾款两万五什么时候能到账啊", "我上周转了你四万五你查一下", "当时讲好是八千五不是八百三"]
    rows += [{"at": 15 + 60 * i, "text": text, "who": i % 2} for i, text in enumerate(long)]
    rows.sort(key=lambda r: float(str(r["at"])))
    by = {long[0]: 1336.0, long[1]: -1391.0}
    altered = [r | {"at": float(str(r["at"])) + by.get(str(r["text"]), 0.0)} for r in rows]
    found = compared(sorted(altered, key=lambda r: float(str(r["at"]))), rows, tmp_path)
    assert found.alignment["cause"].cast(pl.String).drop_nulls().to_list() == ["time_differs"] * 2


def test_an_own_clock_is_recognised_where_the_two_tools_spell_that_senders_texts_otherwise(tmp_path: Path) -> None:
    rows = chat(60)
    other = [r | {"text": f"{r['text']}[微笑]"} if r["who"] == 0 else r for r in rows]
    spelled = [r | {"text": f"{r['text']}😊"} if r["who"] == 0 else r for r in rows]
    found = compared(own_clock(other, 9000.0), timed(spelled), tmp_path)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


@pytest.mark.parametrize("swapped", [False, True])
def test_an_own_clock_that_was_set_within_the_chat_is_reported_and_the_verdict_is_not_clean(
    tmp_path: Path, swapped: bool
) -> None:
    rows = chat(60)
    sides = own_clock(rows, 9000.0, 30), timed(rows)
    if swapped:
        people = [r | {"who": 1 - int(str(r["who"]))} for side in sides for r in side]
        sides = people[60:], people[:60]
    found = compared(*sides, tmp_path)
    assert grades(found) == ["cannot_determine"]
    assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == ["clock_set"]


def test_own_times_that_leave_the_clock_and_return_to_it_are_no_clock(tmp_path: Path) -> None:
    rows = chat(60)
    moved = [
        r | {"at": float(str(r["at"])) + 5400.0} if r["who"] == 0 and 20 <= i < 30 else r for i, r in enumerate(rows)
    ]
    found = compared(sorted(moved, key=lambda r: float(str(r["at"]))), timed(rows), tmp_path)
    assert grades(found) == ["conflicting"]


def test_a_late_burst_that_ends_the_chat_with_equal_texts_alters_no_times(tmp_path: Path) -> None:
    rows = chat(40)
    last = float(str(rows[-1]["at"]))
    words = ["在吗", "明天把货款付了吧", "在吗", "对账单我发你邮箱", "好的收到"]
    sent: Rows = [{"at": last + 60 + 50 * i, "who": 0, "text": t} for i, t in enumerate(words)]
    arrived: Rows = [r | {"at": last + 80_000 + i} for i, r in enumerate(sent)]
    found = compared(timed(rows + sent), timed(rows + arrived), tmp_path)
    assert "conflict" not in set(found.alignment["relation"].cast(pl.String))
