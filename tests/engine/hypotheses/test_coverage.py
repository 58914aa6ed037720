"""What the other export could not show of a time accuses nobody."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from reconcile.engine.compare import compare_readings
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode
from tests.build.chats import START, chat, held, relations_in

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize(("seconds", "relation"), [(0, "doubtful"), (3600, "one_sided")])
def test_a_record_of_the_time_of_a_row_that_could_not_be_read_is_in_doubt(seconds: int, relation: str) -> None:
    rows = chat()
    at = (START + timedelta(seconds=rows[20]["at"] + seconds)).astimezone(CHINA)
    damaged = Note(NoteCode.ROW_SKIPPED, "b.json#line 61", f'{{"ts": "{at:%Y-%m-%dT%H:%M:%S}", "body": "')
    other = replace(held([*rows[:20], *rows[21:]], 1), notes=(damaged,))
    assert relations_in(compare_readings(held(rows, 0), other)) == {"agreement", relation}
