"""A pattern of dates in words states the order of day and month."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.wechat.stated_order import stated_order
from tests.build.readings import read_text


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("Created Date/Time - UTC+00:00 (dd/MM/yyyy)", True),
        ("Date - M/d/yyyy h:mm tt", False),
        ("Datum (TT.MM.JJJJ)", True),
        ("Date (jj/mm/aaaa)", True),
        ("дата (дд.мм.гггг)", True),
        ("时间 (月/日/年)", False),
        ("day/month/year", True),
        ("Timestamp", None),
        ("dd/mm/yyyy or mm/dd/yyyy", None),
        ("committed/merged/yearly", None),
    ],
)
def test_a_pattern_states_the_order(words: str, order: bool | None) -> None:
    assert stated_order(words) is order


def days(heading: str, tmp_path: Path, more: str = "") -> list[str]:
    rows = "".join(f"07/08/2026 1:0{i} PM,{'AB'[i % 2]},words number {i} here{more}\n" for i in range(6))
    said = read_text(tmp_path, f"{heading},sender,message{',form' if more else ''}\n{rows}", "a.csv").messages[
        "sent_at"
    ]
    return said.dt.strftime("%m-%d").unique().to_list()


def test_the_heading_or_a_column_that_states_the_order_spares_the_question(tmp_path: Path) -> None:
    assert days("Date (M/d/yyyy)", tmp_path) == ["07-08"]
    assert days("Date (d/M/yyyy)", tmp_path) == ["08-07"]
    assert days("Date", tmp_path, ",DD/MM/YYYY") == ["08-07"]
    with pytest.raises(UsageError, match="day_first"):
        days("Date", tmp_path)


def test_a_table_of_axiom_is_read_in_the_order_of_its_heading(tmp_path: Path) -> None:
    table = "Sender Name,Direction,Message,Message Sent Date/Time - UTC+00:00 ({})\n" + "".join(
        f"{'AB'[i % 2]},Incoming,words number {i},07/08/2026 01:00:0{i}.000\n" for i in range(6)
    )
    for pattern, day in (("dd/MM/yyyy", "08-07"), ("MM/dd/yyyy", "07-08")):
        reading = read_text(tmp_path, table.format(pattern), "a.csv")
        assert reading.messages["sent_at"].dt.strftime("%m-%d").unique().to_list() == [day]
        assert reading.facts.reader == "axiom_csv"
