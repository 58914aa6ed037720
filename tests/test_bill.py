"""Payment statements of every age are read alike, and every payment of a chat joins its line or is doubtful, never another's."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.custody.bill import read_bill
from reconcile.custody.bill_cells import read_password
from reconcile.custody.bill_frames import Fate
from reconcile.custody.bill_match import BillFindings, match_bill
from reconcile.custody.bill_words import describe_bill, describe_findings
from reconcile.errors import LimitExceeded, UnreadableSource
from tests.bill_build import START, Paid, chat, ids, many, words, write

AGES = ("csv", "xlsx", "xlsx2026")


def fates(found: BillFindings) -> list[str]:
    return found.payments["fate"].to_list()


def line_fates(found: BillFindings) -> list[str]:
    return found.fates["fate"].to_list()


def paid(at: float = 0, seed: int = 0, **more: object) -> Paid:
    number = ids(random.Random(seed))
    return Paid(START + timedelta(seconds=at), **number, **more)  # type: ignore[arg-type]


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


def test_a_line_that_the_chat_lacks_is_a_finding(tmp_path: Path) -> None:
    payments = [paid(), paid(7200, 1, in_chat=False)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, extra=around()))
    assert sorted(line_fates(found)) == ["joined", "not_in_chats"]


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


def test_two_equal_payments_of_one_minute_without_ids_are_doubtful(tmp_path: Path) -> None:
    payments = [paid(0, 1), paid(4, 2)]
    found = match_bill(read_bill(write(payments, tmp_path)), chat(payments, with_ids=False))
    assert set(fates(found)) == {"doubtful"}


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
