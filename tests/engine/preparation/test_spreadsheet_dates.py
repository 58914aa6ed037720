"""Dates that a spreadsheet program changed throughout a file accuse nobody, and hide no deletion."""

from datetime import timedelta

import pytest

from reconcile.vocabulary import Form
from tests.build.chats import START, Row, chat, counts, grade_of, relations_in
from tests.build.together import Comparing

DAY = 86_400


def over_weeks(many: int = 60) -> list[Row]:
    """A chat with a message every 20 hours: days before and after the 12th of several months."""
    return [r | {"at": 20 * 3600 * i} for i, r in enumerate(chat(many))]


def exchanged(rows: list[Row]) -> list[Row]:
    """The rows with day and month of China's clock exchanged where that is a date."""
    told = []
    for row in rows:
        wall = START + timedelta(seconds=row["at"], hours=8)
        other = wall.replace(day=wall.month, month=wall.day) if wall.day <= 12 else wall
        told.append(row | {"at": row["at"] + (other - wall).total_seconds()})
    return told


@pytest.mark.parametrize("file", ["left", "right"])
def test_days_and_months_that_a_spreadsheet_program_exchanged_are_a_form(file: str) -> Comparing:
    rows = over_weeks()
    found = yield (exchanged(rows), rows) if file == "left" else (rows, exchanged(rows))
    assert relations_in(found) == {"agreement"}
    assert str(Form.CHANGED_DATE) in found.alignment["detail"].drop_nulls().to_list()
    assert grade_of(found) == "explained_differences"


@pytest.mark.parametrize("days", [1462, -1462])
def test_dates_counted_from_another_first_day_are_a_form(days: int) -> Comparing:
    rows = over_weeks()
    found = yield rows, [r | {"at": r["at"] + days * DAY} for r in rows]
    assert relations_in(found) == {"agreement"}
    assert set(found.alignment["detail"]) == {str(Form.CHANGED_DATE)}


def test_a_message_that_such_a_file_lacks_is_found() -> Comparing:
    rows = over_weeks()
    found = yield exchanged(rows[:7] + rows[8:]), rows
    assert counts(found) == {"agreement": 59, "one_sided": 1}


def test_days_and_months_exchanged_in_some_rows_are_no_form() -> Comparing:
    rows = over_weeks()
    some = [b if i % 3 else a for i, (a, b) in enumerate(zip(rows, exchanged(rows), strict=True))]
    found = yield rows, sorted(some, key=lambda r: r["at"])
    assert not relations_in(found) <= {"agreement"}
    assert str(Form.CHANGED_DATE) not in found.alignment["detail"].drop_nulls().to_list()
