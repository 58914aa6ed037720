"""A list of payments is checked for the payments alone, each counted once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from reconcile import read
from reconcile.submission.check import check_submission
from reconcile.submission.check_frames import SubmissionFindings
from tests.build.submissions import Told, reading, talk
from tests.thorough import some

ROWS = talk().rows
PAID = [r for r in ROWS if r.kind == "transfer"]


def payments(folder: Path, rows: list[Told]) -> Path:
    names = ("甲某", "乙某")
    frame = pl.DataFrame(
        {
            "序号": range(1, len(rows) + 1),
            "时间": [r.at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S") for r in rows],
            "付款人": [names[not r.own] for r in rows],
            "收款人": [names[r.own] for r in rows],
            "金额（元）": [r.amount for r in rows],
            "转账说明": [f"{i % 7 + 1}月货款" if i % 3 else None for i in range(len(rows))],
        }
    )
    frame.write_csv(folder / "付款.csv")
    return folder / "付款.csv"


def with_receipts(*, told: bool) -> list[Told]:
    """The conversation with the receipt of each transfer behind it; `told`: its words say so."""
    rows = []
    for r in ROWS:
        rows.append(r)
        if r.kind == "transfer":
            words = f"[已收款] ￥{r.amount}" if told else r.text
            rows.append(
                Told(0, r.at + timedelta(seconds=2), not r.own, words, "transfer", r.amount, f"7{r.message_id}")
            )
    return [Told(n, r.at, r.own, r.text, r.kind, r.amount, r.message_id) for n, r in enumerate(rows)]


def check(folder: Path, rows: list[Told], whole: list[Told]) -> SubmissionFindings:
    return check_submission(read(payments(folder, rows)), [reading(whole, ids=False)])


def test_a_list_of_payments_is_read_as_transfers_with_their_sums(tmp_path: Path) -> None:
    messages = read(payments(tmp_path, PAID)).messages
    assert set(messages["kind"]) == {"transfer"}
    assert messages["amount"].to_list() == [r.amount for r in PAID]
    assert set(messages["sender"]) == {"甲某", "乙某"}


@pytest.mark.parametrize("told", some([True, False], 2, 1))
def test_neither_words_nor_receipts_are_left_out_of_a_list_of_payments(tmp_path: Path, *, told: bool) -> None:
    found = check(tmp_path, PAID, with_receipts(told=told))
    assert found.counted().height == 0
    assert found.grade == "explained_differences"


@pytest.mark.parametrize("told", some([True, False], 2))
def test_a_payment_that_such_a_list_lacks_is_left_out(tmp_path: Path, *, told: bool) -> None:
    whole = with_receipts(told=told)
    paid = [r for r in whole if r.kind == "transfer"][::2]
    gone = paid[len(paid) // 2]
    found = check(tmp_path, [r for r in paid if r is not gone], whole)
    assert found.counted()["export_row"].to_list() == [gone.number]


def test_a_payment_of_the_same_sum_two_days_later_is_no_receipt(tmp_path: Path) -> None:
    first = replace(PAID[0], amount="4321.00", text="[转账] ￥4321.00")
    later = replace(first, at=first.at + timedelta(days=2), own=not first.own, message_id="81")
    whole = sorted([*(r for r in ROWS if r is not PAID[0]), first, later], key=lambda r: r.at)
    whole = [replace(r, number=n) for n, r in enumerate(whole)]
    shown = [r for r in whole if r.kind == "transfer" and r.message_id != "81"]
    assert check(tmp_path, shown, whole).counted()["text"].to_list() == ["[转账] ￥4321.00"]
