"""A submission that states to hold all messages of a period leaves out what is missing at its ends."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from reconcile.intake.contract import Note
from reconcile.submission.check import check_submission
from reconcile.vocabulary import NoteCode
from tests.build.submissions import Told, reading, talk
from tests.thorough import meeting

ROWS = talk().rows
WHOLE = reading(ROWS)
BEIJING = ZoneInfo("Asia/Shanghai")
DAY = ROWS[200].at.astimezone(BEIJING)
SECOND = DAY + timedelta(days=1)
HELD = [r for r in ROWS if r.at.astimezone(BEIJING).date() in (DAY.date(), SECOND.date())]
FIRST, LAST = HELD[0].at.astimezone(BEIJING), HELD[-1].at.astimezone(BEIJING)


def missed(rows: list[Told], *heads: str, precision: str = "minute") -> set[int]:
    found = reading(rows, ids=False, names=True, precision=precision)
    noted = replace(found, notes=(*found.notes, *(Note(NoteCode.ROW_SKIPPED, "s", h) for h in heads)))
    return set(check_submission(noted, [WHOLE]).counted()["export_row"].to_list())


@meeting(
    head=[
        f"微信聊天记录 {FIRST:%Y年%m月%d日}至{LAST:%d}日全部聊天记录", f"{FIRST:%Y年%m月%d日}至{LAST:%Y年%m月%d日}期间的全部聊天记录",
        f"完整聊天记录（{FIRST:%Y-%m-%d}~{LAST:%Y-%m-%d}）", f"All messages from {FIRST:%Y-%m-%d} to {LAST:%Y-%m-%d}",
    ],
    precision=["second", "minute"],
)  # fmt: skip
def test_what_is_missing_at_the_ends_of_a_period_stated_to_be_whole_is_left_out(head: str, precision: str) -> None:
    assert missed(HELD, head, precision=precision) == set()
    assert missed(HELD[3:], head, precision=precision) == {r.number for r in HELD[:3]}
    assert missed(HELD[:-2], head, precision=precision) == {r.number for r in HELD[-2:]}


@pytest.mark.parametrize(
    "head",
    [
        f"{FIRST:%Y年%m月%d日}至{LAST:%Y年%m月%d日}聊天记录", f"{FIRST:%Y年%m月%d日}至{LAST:%Y年%m月%d日}部分聊天记录", "全部聊天记录",
        f"{FIRST:%Y年%m月%d日}至{LAST:%Y年%m月%d日}全部转账记录", f"{FIRST:%Y年}13月40日至{LAST:%Y年%m月%d日}全部聊天记录",
    ],
)  # fmt: skip
def test_without_a_claim_to_the_whole_period_an_excerpt_may_end_anywhere(head: str) -> None:
    assert missed(HELD[3:-2], head) == set()


def test_a_clock_that_is_an_hour_off_moves_the_period() -> None:
    late = [replace(r, at=r.at + timedelta(hours=1)) for r in ROWS]
    shown = [r for r in late if r.at.astimezone(BEIJING).date() in (DAY.date(), SECOND.date())]
    head = f"{DAY:%Y年%m月%d日}至{SECOND:%Y年%m月%d日}全部聊天记录"
    assert missed(shown, head) == set()
    assert missed(shown[1:], head) == {shown[0].number}
