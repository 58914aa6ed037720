"""What the report says of a message that neither side holds: amount, number, and when it was spoken of."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import polars as pl
import pytest
from lxml import html
from openpyxl import load_workbook

from reconcile.frames import Absent
from reconcile.report.absent_messages import number_named, with_speakers
from reconcile.report.build import build_report
from reconcile.report.html import render_html
from reconcile.report.words import text_of
from reconcile.report.xlsx import render_xlsx
from tests.build.findings import build_findings, build_run, build_summaries

AT = datetime(2024, 3, 2, 6, 22, 47, tzinfo=UTC)


def messages(locator: str = "b.csv#19") -> pl.DataFrame:
    return pl.DataFrame(
        {"side": ["right"], "locator": [locator], "amount": ["30000.00"], "sent_at": [AT]},
        schema_overrides={"sent_at": pl.Datetime("us", "UTC")},
    )


def test_a_receipt_states_its_amount_and_when_it_was_written() -> None:
    absent = pl.DataFrame({"side": ["right", "left"], "locator": ["b.csv#19", "b.csv#19"]})
    found = with_speakers(absent, messages())
    assert found["amount"].to_list() == ["30000.00", None]
    assert found["said_at"].to_list() == [AT, None]


@pytest.mark.parametrize(
    ("native_id", "said"),
    [
        ("transfer:1000050001", "转账单号 1000050001"),
        ("album:7f3a", "相册编号 7f3a"),
        ("file:ab", None),
        ("transfer:", None),
        (None, None),
    ],
)
def test_the_number_of_the_payment_or_album_is_named(native_id: str | None, said: str | None) -> None:
    found = number_named(native_id)
    assert (text_of(found, "zh") if found else None) == said


def test_the_report_prints_amount_number_and_count_of_what_is_spoken_of() -> None:
    found = build_findings()
    row = found.messages.filter(pl.col("amount").is_not_null()).row(0, named=True)
    conversation = found.verdicts["conversation"][0]
    absent = pl.DataFrame(
        [
            {
                "case": "c", "conversation": conversation, "side": str(row["side"]), "witness": "transfer_receipt",
                "locator": row["locator"], "native_id": "transfer:10000500", "kind": "transfer", "is_placed": True,
            },
            {
                "case": "c", "conversation": conversation, "side": str(row["side"]), "witness": "album_count",
                "locator": "x", "native_id": "album:9", "count": 2, "is_placed": True,
            },
        ],
        schema=found.absent.schema,
    )  # fmt: skip
    data = build_report(replace(found, absent=Absent.cast(absent)), *build_summaries(), build_run())
    told = (
        html.fromstring(render_html(data, "zh"))
        .xpath("//table[caption='材料提及而双方均未提交的消息']")[0]
        .text_content()
    )
    assert f"¥{row['amount']}" in told
    assert "转账单号 10000500" in told
    assert "相册编号 9" in told
    assert "缺 2 条" in told


def test_the_report_prints_what_is_spoken_of_outside_every_known_conversation() -> None:
    found = build_findings()
    row = {
        "case": "c", "conversation": None, "side": "left", "witness": "full_text_index",
        "locator": "a.db#77", "message_id": "4821", "is_placed": True,
    }  # fmt: skip
    absent = Absent.cast(pl.DataFrame([row], schema=found.absent.schema))
    data = build_report(replace(found, absent=absent), *build_summaries(), build_run())
    page = html.fromstring(render_html(data, "zh"))
    told = page.xpath(f"//table[caption='{text_of('report.absent_outside_title', 'zh')}']")[0].text_content()
    assert "4821" in told
    sheets = load_workbook(BytesIO(render_xlsx(data, "zh")))
    assert any("4821" in [str(c) for c in line] for line in sheets["双方均未提交"].values)
