"""Payment statements of every age are read alike, and every payment of a chat joins its line or is doubtful, never another's."""

import random
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from reconcile.custody.bill import read_bill
from reconcile.custody.bill_cells import read_password
from reconcile.custody.bill_frames import Fate
from reconcile.custody.bill_match import BillFindings, match_bill
from reconcile.custody.bill_text import describe_bill, describe_findings
from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.frames import Messages
from reconcile.wording import Lang
from tests.build.bills import START, Paid, chat, ids, many, words, write
from tests.thorough import meeting

AGES = ("csv", "xlsx", "xlsx2026")


def fates(found: BillFindings) -> list[str]:
    return found.payments["fate"].to_list()


def line_fates(found: BillFindings) -> list[str]:
    return found.fates["fate"].to_list()


def paid(at: float = 0, seed: int = 0, **more: object) -> Paid:
    number: dict[str, Any] = ids(random.Random(seed))
    return Paid(START + timedelta(seconds=at), **(number | more))


def around() -> list[dict[str, object]]:
    return [words(START - timedelta(days=1)), words(START + timedelta(days=9))]


@pytest.mark.parametrize("age", AGES)
def test_each_age_gives_the_same_rows(tmp_path: Path, age: str) -> None:
    payments = many(random.Random(1), 20)
    columns = ["at", "type", "counterparty", "direction", "amount", "transaction_id", "merchant_id", "state"]
    (tmp_path / "x").mkdir()
    expected = read_bill(write(payments, tmp_path)).rows.select(columns)
    assert read_bill(write(payments, tmp_path / "x", age)).rows.select(columns).equals(expected)


@pytest.mark.parametrize("age", AGES)
def test_range_filter_and_own_figures_are_read_and_agree(tmp_path: Path, age: str) -> None:
    bill = read_bill(write([paid(), paid(60, 1, own=False, amount="2.50")], tmp_path, age))
    assert (bill.nickname, bill.export_type, bill.stated["income"].total, bill.notes) == ("甲某", "全部", Decimal("2.50"), ())  # fmt: skip
    assert bill.from_at == datetime(2024, 2, 29, 1, 0, 1, tzinfo=UTC)


def test_a_line_taken_out_of_the_file_breaks_its_own_figures(tmp_path: Path) -> None:
    file = write([paid(), paid(60, 1)], tmp_path)
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    assert [n.code for n in read_bill(file).notes] == ["figures_differ_all", "figures_differ_expense"]


def test_a_heading_that_was_torn_yields_to_the_whole_one_behind_it(tmp_path: Path) -> None:
    file = write([paid(), paid(60, 1)], tmp_path)
    sound, text = read_bill(file).rows, file.read_text("utf-8")
    heading = next(line for line in text.splitlines(keepends=True) if line.startswith("交易时间"))
    file.write_text(text.replace(heading, heading.replace("交易单号", "交易单现", 1) + heading, 1), "utf-8")
    assert read_bill(file).rows["transaction_id"].equals(sound["transaction_id"])


def test_a_column_of_a_statement_under_another_name_is_noted(tmp_path: Path) -> None:
    file = write([paid(), paid(60, 1)], tmp_path)
    file.write_text(file.read_text("utf-8").replace("交易单号", "交易单现", 1), "utf-8")
    assert ("column_unknown", "交易单现") in [(n.code, n.excerpt) for n in read_bill(file).notes]


def test_a_zip_opens_with_its_password_from_a_file(tmp_path: Path) -> None:
    archive = write([paid()], tmp_path, "xlsx", password="418293")
    (tmp_path / "pw.txt").write_text("418293\n")
    assert read_bill(archive, read_password(tmp_path / "pw.txt")).rows.height == 1


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_zip_without_its_password_is_one_clear_line_without_the_password(
    tmp_path: Path, password: str | None
) -> None:
    archive = write([paid()], tmp_path, password="418293")
    with pytest.raises(UnreadableSource) as caught:
        read_bill(archive, password)
    assert "password" in str(caught.value) and "418293" not in str(caught.value) + repr(caught.value)  # noqa: PT018


@pytest.mark.parametrize("password", [None, "418293"])
def test_a_zip_whose_headers_deny_its_encryption_is_one_clear_line(tmp_path: Path, password: str | None) -> None:
    archive = write([paid()], tmp_path, "xlsx", password="418293")
    data = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] &= ~1
    archive.write_bytes(data)
    with pytest.raises(UnreadableSource, match="password does not open it, or it is broken"):
        read_bill(archive, password)


def test_ids_cut_to_fifteen_digits_are_said_to_be_damaged_and_still_join_by_what_is_left(tmp_path: Path) -> None:
    payments = [paid(), paid(20, 1)]
    file = write(payments, tmp_path, "xlsx")
    book = openpyxl.load_workbook(file)
    for row in book.active.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.isdigit() and len(cell.value) > 15:
                cell.value = float(cell.value)
    book.save(file)
    bill = read_bill(file)
    found = match_bill(bill, chat(payments))
    assert ([n.code for n in bill.notes], found.payments["method"].to_list()) == (["id_damaged"] * 2, ["id_prefix"] * 2)


def test_whole_ids_that_end_in_zeros_are_not_damaged(tmp_path: Path) -> None:
    payments = [paid(n * 7200, n) for n in range(8)]
    for n, p in enumerate(payments):
        p.merchant_id = f"10000500{n:07d}0"
    bill = read_bill(write(payments, tmp_path))
    assert ([n.code for n in bill.notes], bill.rows["merchant_id"].to_list()) == ([], [p.merchant_id for p in reversed(payments)])  # fmt: skip


def test_a_lone_short_id_that_ends_in_a_zero_is_not_damaged(tmp_path: Path) -> None:
    bill = read_bill(write([paid(transaction_id="", merchant_id="1000050000000010")], tmp_path))
    assert (bill.notes, bill.rows["merchant_id"].to_list()) == ((), ["1000050000000010"])


def test_a_number_in_a_cell_that_is_exact_is_a_whole_id(tmp_path: Path) -> None:
    file = write([paid(merchant_id="1000050000000017")], tmp_path, "xlsx")
    book = openpyxl.load_workbook(file)
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value == "1000050000000017":
                cell.value = int(cell.value)
    book.save(file)
    assert read_bill(file).rows["merchant_id"].to_list() == ["1000050000000017"]


@pytest.mark.parametrize("digits", [16, 28])
def test_a_statement_of_which_a_spreadsheet_cut_every_id_is_said_to_be_damaged(tmp_path: Path, digits: int) -> None:
    payments = [paid(n * 7200, n) for n in range(8)]
    for n, p in enumerate(payments):
        p.transaction_id = p.merchant_id = f"10000500{n:07d}".ljust(digits, "0")
    bill = read_bill(write(payments, tmp_path))
    assert ([n.code for n in bill.notes], bill.rows["merchant_id"].null_count()) == (["id_damaged"] * 8, 8)


@pytest.mark.parametrize(("lang", "told"), [("zh", "账单未自述，按各行计算为 2/102.50"), ("en", "not stated by the statement, 2/102.50 by its lines")])  # fmt: skip
def test_a_statement_without_figures_of_its_own_is_counted_and_summed(tmp_path: Path, lang: Lang, told: str) -> None:
    file = write([paid(), paid(60, 1, amount="2.50")], tmp_path)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(x for x in lines if not x.startswith(("共", "收入：", "支出：", "中性"))), "utf-8")
    shown = describe_bill(read_bill(file), lang)
    assert [x for x in shown if told in x] != []


def test_a_figure_that_the_statement_leaves_out_is_counted_beside_those_it_states(tmp_path: Path) -> None:
    file = write([paid(), paid(60, 1)], tmp_path)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(x for x in lines if not x.startswith("支出：")), "utf-8")
    shown = "\n".join(describe_bill(read_bill(file), "zh"))
    assert (
        "支出（笔数/元）：账单未自述，按各行计算为 2/200.00" in shown,
        "总笔数：账单自述 2，重新计算 2，相符" in shown,
    ) == (True, True)


def test_a_statement_saved_anew_in_gbk_is_read_and_noted(tmp_path: Path) -> None:
    file = write([paid()], tmp_path)
    file.write_bytes(file.read_bytes().decode("utf-8-sig").encode("gb18030"))
    bill = read_bill(file)
    assert (bill.rows.height, [n.code for n in bill.notes]) == (1, ["encoding_changed"])


def test_two_cells_at_far_corners_do_not_fill_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(LimitExceeded):
        read_bill(tmp_path / "far.xlsx")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"%PDF-1.7", b"PK\x03\x04broken", b"\xff\xfe\x00\x00"])
def test_what_is_no_statement_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(UnreadableSource):
        read_bill(tmp_path / "x.csv")


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize(("with_ids", "least"), [(True, 0.99), (False, 0.95)])
def test_payments_join_their_own_lines(tmp_path: Path, age: str, with_ids: bool, least: float) -> None:
    payments = many(random.Random(7), 200)
    bill = read_bill(write(payments, tmp_path, age))
    found = match_bill(bill, chat(payments, with_ids=with_ids))
    joined = found.payments.filter(pl.col("bill_row").is_not_null()).join(bill.rows, on="bill_row")
    by_time = {(p.at.astimezone(UTC), p.peer): p.merchant_id for p in payments}
    right = [by_time[r["sent_at"], r["conversation"]] == r["merchant_id"] for r in joined.iter_rows(named=True)]
    assert all(right)
    assert len(right) / sum(p.listed for p in payments) >= least


def test_two_cards_of_one_transfer_are_one_payment(tmp_path: Path) -> None:
    found = match_bill(read_bill(write([paid()], tmp_path)), chat([paid()], with_ids=False))
    assert (found.payments["rows"].to_list(), fates(found)) == ([[0, 1]], ["joined"])


def test_a_payment_that_the_statement_lacks_is_a_finding(tmp_path: Path) -> None:
    payments = [paid(), paid(7200, 1, in_bill=False), paid(90_000, 2)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments))
    assert fates(found) == ["joined", "not_in_statement", "joined"]


@pytest.mark.parametrize("gap", [40.0, 200_000.0])
def test_a_receipt_that_a_form_without_states_shows_like_a_payment_is_no_payment_that_the_statement_lacks(
    tmp_path: Path, gap: float
) -> None:
    payments = [paid(own=False, amount="310.00"), paid(gap + 5, 1, amount="310.00", in_bill=False), paid(260_000, 2)]
    cards = chat(payments, with_ids=False).filter(pl.col("payment_state") != "received")
    stateless = cards.with_columns(payment_state=pl.lit(None, pl.String), text=pl.format("转账[￥{}元]", "amount"))
    found = match_bill(read_bill(write(payments, tmp_path)), Messages.cast(stateless))
    told = "doubtful" if gap < 100 else "not_in_statement"
    assert fates(found)[1] == told
    assert found.payments["detail"][1] == ("may_be_receipt" if gap < 100 else None)


def test_a_line_that_the_chat_lacks_is_a_finding(tmp_path: Path) -> None:
    payments = [paid(), paid(7200, 1, in_chat=False)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, extra=around()))
    assert sorted(line_fates(found)) == ["joined", "not_in_chats"]


def packet(at: float, seed: int, **more: object) -> Paid:
    return paid(at, seed, kind="red_packet", nick="发给乙某", **more)


def test_a_red_packet_sent_joins_the_line_that_says_to_whom_it_was_sent(tmp_path: Path) -> None:
    payments = [packet(n * 1200, n) for n in range(15)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False))
    assert fates(found) == ["joined"] * 15


def test_a_red_packet_sent_that_the_chat_lacks_is_a_finding(tmp_path: Path) -> None:
    payments = [packet(n * 7200, n, in_chat=n != 2) for n in range(5)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False, extra=around()))
    assert sorted(line_fates(found)) == ["joined"] * 4 + ["not_in_chats"]


def test_a_red_packet_to_a_stranger_is_no_finding(tmp_path: Path) -> None:
    payments = [packet(0, 1), paid(7200, 2, kind="red_packet", nick="发给路人", in_chat=False)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False, extra=around()))
    assert sorted(line_fates(found)) == ["joined", "other_party"]


def test_a_person_whose_name_begins_like_the_mark_of_a_sent_packet_keeps_his_name(tmp_path: Path) -> None:
    payments = [
        paid(n * 7200, n, own=False, kind="red_packet", name="发给财", nick="发给财", accept=9.0) for n in range(3)
    ]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False))
    assert fates(found) == ["joined"] * 3


def steps(payments: list[Paid], folder: Path, **more: bool) -> int:
    """How many functions a match calls: a measure of work that no clock disturbs."""
    folder.mkdir()
    bill, messages, counted = read_bill(write(payments, folder)), chat(payments, **more), 0  # type: ignore[arg-type]

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        match_bill(bill, messages)
    finally:
        sys.setprofile(None)
    return counted


@meeting(
    of=[{}, {"own": False}, {"kind": "red_packet"}, {"state": "returned"}, {"nick": "路人"}],
    gap=[0, 1],
)
def test_twice_as_many_equal_payments_take_twice_the_work(tmp_path: Path, gap: int, of: dict[str, Any]) -> None:
    few, many_ = (
        steps([paid(n * gap, n, **of) for n in range(count)], tmp_path / str(count), with_ids=False)
        for count in (60, 240)
    )
    assert many_ < 6 * few


def test_a_doubtful_payment_names_few_of_the_lines_that_could_be_it(tmp_path: Path) -> None:
    payments = [paid(n, n) for n in range(60)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False))
    assert found.payments["candidates"].list.len().max() == 10


@pytest.mark.parametrize(("lost", "told"), [(None, "doubtful"), (2, "not_in_chats")])
def test_a_red_packet_that_a_form_writes_as_an_unknown_message_is_in_doubt(
    tmp_path: Path, lost: int | None, told: str
) -> None:
    payments = [paid(), *(packet(n * 7200, n, in_chat=n != lost) for n in range(1, 4))]
    is_packet = pl.col("kind").cast(pl.String) == "red_packet"
    cards = chat(payments, with_ids=False, extra=around()).with_columns(
        kind=pl.when(is_packet).then(pl.lit("other")).otherwise(pl.col("kind").cast(pl.String)),
        text=pl.when(is_packet).then(pl.lit("未知")).otherwise("text"),
    )
    found = match_bill(read_bill(write(payments, tmp_path)), Messages.cast(cards))
    assert line_fates(found) == ["doubtful", told, "doubtful", "joined"]


def test_payments_with_strangers_are_no_finding(tmp_path: Path) -> None:
    payments = [paid(), paid(7200, 1, nick="路人", in_chat=False)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, extra=around()))
    assert sorted(line_fates(found)) == ["joined", "other_party"]


def test_other_purchases_are_no_finding(tmp_path: Path) -> None:
    shop = ["2024-03-01 10:00:00", "商户消费", "便利店", "早餐", "支出", "¥8.00", "零钱", "支付成功", "1", "2", "/"]
    found = match_bill(read_bill(write([paid()], tmp_path, more=[shop])), chat([paid()]))
    assert sorted(line_fates(found)) == ["joined", "other_type"]


def test_equal_ids_and_another_amount_conflict(tmp_path: Path) -> None:
    bill = read_bill(write([paid(amount="1000.00")], tmp_path))
    found = match_bill(bill, chat([paid(amount="10000.00")]))
    assert (fates(found), found.payments["detail"].to_list()) == (["conflict"], ["amount_differs"])


@pytest.mark.parametrize(
    ("at", "more", "told"),
    [
        (0, {}, ["conflict"]),
        (60, {}, ["not_in_chats", "not_in_statement"]),
        (0, {"own": False}, ["not_in_chats", "not_in_statement"]),
    ],
)
def test_another_amount_at_the_same_second_is_one_conflict_and_not_two_payments(
    tmp_path: Path, at: float, more: dict[str, bool], told: list[str]
) -> None:
    known = [paid(-86_400, 1), paid(86_400, 2)]
    pair = [paid(0, 3, amount="500.00", in_bill=False), paid(at, 4, amount="600.00", in_chat=False, **more)]
    chats = chat([*known, *pair], with_ids=False)
    found = match_bill(read_bill(write([*known, *pair], tmp_path)), chats)
    assert sorted({*fates(found), *line_fates(found)} - {"joined"}) == told


def test_two_equal_payments_of_one_minute_without_ids_are_doubtful(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(4, 2)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False))
    assert set(fates(found)) == {"doubtful"}


def test_a_doubtful_payment_is_listed_with_the_lines_that_could_be_it(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(4, 2)]
    bill = read_bill(write(payments, tmp_path))
    listed = describe_findings(bill, match_bill(bill, chat(payments, with_ids=False)), "zh")
    assert [line.partition("（")[2].partition("；")[2] for line in listed if line.startswith("存疑：")] == [
        "可能是账单第 1、2 行）"
    ] * 2


def test_a_strangers_equal_payment_is_not_taken_for_the_lacking_one(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(7200, 2, in_bill=False), paid(90_000, 3)]
    stranger = paid(7230, 4, nick="路人", in_chat=False)
    found = match_bill(read_bill(write([*payments, stranger], tmp_path)), chat(payments, with_ids=False))
    assert fates(found) == ["joined", "doubtful", "joined"]


def test_a_returned_transfer_joins_with_its_refund(tmp_path: Path) -> None:
    found = match_bill(read_bill(write([paid(state="returned")], tmp_path)), chat([paid(state="returned")]))
    assert (fates(found), sorted(line_fates(found)), found.has_findings) == (["joined"], ["joined", "refund"], False)


def test_a_transfer_not_yet_received_is_not_expected_of_the_payee(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(3600, 2, own=False, state="sent")]
    assert fates(match_bill(read_bill(write(payments, tmp_path)), chat(payments))) == ["joined", "not_expected"]


def test_payments_before_the_statement_begins_are_outside(tmp_path: Path) -> None:
    early = paid(-9_000_000, 1)
    found = match_bill(read_bill(write([paid()], tmp_path)), chat([early, paid()]))
    assert fates(found) == ["outside_range", "joined"]


def test_a_type_that_the_statement_left_out_is_filtered(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(3600, 2, kind="red_packet", in_bill=False), paid(7200, 3)]
    found = match_bill(read_bill(write(payments, tmp_path, kind="转账")), chat(payments))
    assert fates(found) == ["joined", "filtered", "joined"]


def test_an_unmarked_zone_is_learnt_from_the_amounts(tmp_path: Path) -> None:
    payments = [paid(n * 9000, n, amount=f"{n + 1}.37") for n in range(6)]
    shifted = chat(payments, with_ids=False, zone="assumed").with_columns(pl.col("sent_at") + pl.duration(hours=8))
    found = match_bill(read_bill(write(payments, tmp_path)), shifted)  # type: ignore[arg-type]
    assert (set(fates(found)), round(found.offset_seconds / 3600)) == ({"joined"}, -8)


def test_the_other_partys_statement_has_the_opposite_sign(tmp_path: Path) -> None:
    # The statement is of the person with whom the exported account chats, and calls that account by its name.
    told = [paid(0, 1, own=True, nick="甲某"), paid(7200, 2, own=False, nick="甲某")]
    seen = chat(told).with_columns(~pl.col("is_self"))
    found = match_bill(read_bill(write(told, tmp_path)), seen, own_device=False)  # type: ignore[arg-type]
    assert (fates(found), found.payments["direction"].to_list()) == (["joined"] * 2, ["expense", "income"])


def test_every_payment_and_every_line_has_one_fate(tmp_path: Path) -> None:
    payments = many(random.Random(3), 60)
    bill = read_bill(write(payments, tmp_path))
    found = match_bill(bill, chat(payments, with_ids=False))
    cards = sorted(r for rows in found.payments["rows"].to_list() for r in rows)
    assert (cards, found.fates["bill_row"].to_list()) == (list(range(len(cards))), list(range(bill.rows.height)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fate_and_note_has_words(tmp_path: Path, lang: str) -> None:
    payments = [paid(0, 1), paid(7200, 2, in_bill=False), paid(9000, 3, in_chat=False), paid(90_000, 4)]
    bill = read_bill(write(payments, tmp_path))
    found = match_bill(bill, chat(payments, extra=around()))
    shown = "\n".join(describe_bill(bill, lang) + describe_findings(bill, found, lang))  # type: ignore[arg-type]
    assert ("不在其中" in shown or "not those that its user removed" in shown) and shown.count("100.00") >= 2  # noqa: PT018


def test_every_fate_is_in_the_catalogue() -> None:
    from reconcile.wording import has

    assert [f for f in Fate if not has(f"bill.{f}")] == []
