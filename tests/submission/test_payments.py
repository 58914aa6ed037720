"""A statement finds its owner among the parties of an export, and its results lie in files."""

import json
import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from lxml import html

from reconcile.custody.bill import read_bill
from reconcile.errors import UsageError
from reconcile.intake.contract import ExportFacts
from reconcile.intake.frames import reading_of
from reconcile.submission.payments import check_bill, run_bill, write_bill
from reconcile.wording import LANGS, Lang
from tests.build.bills import chat, export, many, write


def test_the_nickname_at_the_top_tells_whose_statement_it_is(tmp_path: Path) -> None:
    payments = many(random.Random(2), 40, peers=1)
    report = check_bill(read_bill(write(payments, tmp_path)), export(payments), "a")
    assert (report.own_device, report.has_findings) == (True, False)


def test_the_other_partys_statement_is_recognised(tmp_path: Path) -> None:
    # Seen from the other device, the statement's account is the peer: its own rows are the peer's.
    payments = many(random.Random(2), 40, peers=1)
    for p in payments:
        p.nick = "乙老板"
    report = check_bill(read_bill(write(payments, tmp_path)), export(payments, own=False, name="乙老板"), "b")
    joined = report.findings.payments["bill_row"].is_not_null().sum() if report.findings else 0
    assert (report.own_device, joined) == (False, sum(p.listed for p in payments))


def test_nobodys_statement_is_not_forced_on_anybody(tmp_path: Path) -> None:
    ours, theirs = many(random.Random(2), 12, peers=1), many(random.Random(3), 12, peers=1)
    for p in ours:
        p.name = p.nick = "丁某"
    seen = chat(ours).with_columns(pl.lit(None, dtype=pl.String).alias("sender_name"))
    report = check_bill(read_bill(write(theirs, tmp_path)), reading_of(ExportFacts("t"), seen), "c")  # type: ignore[arg-type]
    assert (report.own_device, report.findings) == (None, None)


OWNERS: dict[str, tuple[dict[str, str], str, str]] = {
    "account": ({"id": "wxid_jia0001"}, "wxid_jia0001", "wxid_yi0002"),
    "alias": ({"id": "wxid_jia0001", "alias": "jia_88"}, "jia_88", "乙某"),
    "name": ({"id": "wxid_jia0001", "name": "甲某"}, "甲某", "乙某"),
    "me": ({"id": "wxid_jia0001"}, "我", "乙某"),
    "nobody_stated": ({}, "甲某", "乙某"),
}


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("case", OWNERS)
def test_a_table_that_names_senders_and_no_marks_is_held_against_the_statement(tmp_path: Path, case: str, missing: bool) -> None:  # fmt: skip
    owner, own, peer = OWNERS[case]
    payments = [replace(p, nick=f"发给{p.nick}") if p.own and p.kind == "red_packet" else p for p in many(random.Random(2), 60, peers=1)]  # fmt: skip
    for p in payments:
        p.nick = p.nick.replace("昵称0", "乙某")
    payments[30].in_chat = not missing
    table = chat(payments, with_ids=False).with_columns(pl.col("kind").cast(pl.String), pl.when("is_self").then(pl.lit(own)).otherwise(pl.lit(peer)).alias("sender"))  # fmt: skip
    table = table.select(pl.col("sent_at").dt.to_string("%Y-%m-%dT%H:%M:%S+00:00"), "text", "sender", "kind", "amount")
    table.write_csv(tmp_path / "a.csv")
    contacts = [{"id": "wxid_yi0002", "nickname": "乙某"}]
    (tmp_path / "a.json").write_text(json.dumps({"owner": owner, "contacts": contacts}))
    (report,) = run_bill(write(payments, tmp_path), [tmp_path / "a.csv"])
    counts = report.findings.counts()["lines"] if report.findings else {}
    assert (report.own_device, counts.get("not_in_chats", 0), counts.get("other_party", 0)) == (True, int(missing), 0)


@pytest.mark.parametrize("lang", LANGS)
def test_results_are_written_beside_each_other(tmp_path: Path, lang: Lang) -> None:
    payments = many(random.Random(2), 10, peers=1)
    table = chat(payments).with_columns(pl.col("kind", "payment_state").cast(pl.String)).select(
        "sent_at", "text", "sender", "is_self", "sender_name", "conversation", "kind", "amount", "native_id", "payment_state"
    )  # fmt: skip
    table.with_columns(pl.col("sent_at").dt.to_string("%Y-%m-%dT%H:%M:%S+00:00")).write_csv(tmp_path / "a.csv")
    statement = write(payments, tmp_path, "xlsx", password="1234")
    (report,) = run_bill(statement, [tmp_path / "a.csv"], out=tmp_path / "out", password="1234", lang=lang)
    names = sorted(f.name for f in (tmp_path / "out").iterdir())
    assert (report.has_findings, names) == (False, ["bill.html", "bill_lines_1.parquet", "bill_payments_1.parquet"])


def test_the_page_says_first_what_was_found_and_lists_it(tmp_path: Path) -> None:
    payments = many(random.Random(2), 12, peers=1)
    payments[5].in_bill = False
    report = check_bill(read_bill(write(payments, tmp_path)), export(payments), "a.csv")
    write_bill([report], tmp_path, "zh")
    tree = html.fromstring((tmp_path / "bill.html").read_text("utf-8"))
    assert tree.xpath("//p[contains(@class,'verdict')]")[0].text_content() == "聊天中的 1 笔付款，所交账单中没有。"
    assert [h.text_content() for h in tree.xpath("//h2")] == ["不符之处", "数目", "账单"]


def test_results_among_the_evidence_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    statement = write(many(random.Random(1), 3), folder)
    with pytest.raises(UsageError):
        run_bill(statement, [], out=statement)
