"""Times of rows that count in the units of Windows, browsers and .NET."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.build.readings import read

BEGIN = 1_712_640_000


@pytest.mark.parametrize(("since", "steps"), [(11_644_473_600, 10**7), (11_644_473_600, 10**6)])
def test_counts_since_an_earlier_year_are_times(tmp_path: Path, since: int, steps: int) -> None:
    rows = [f"{(BEGIN + 61 * i + since) * steps},{('Anna', 'Ben')[i % 2]},word {i}" for i in range(20)]
    (tmp_path / "a.csv").write_text("stamp,who,words\n" + "\n".join(rows))
    messages = read(tmp_path / "a.csv").messages
    assert messages["sent_at"].dt.epoch("s").to_list() == [BEGIN + 61 * i for i in range(20)]


def test_a_local_time_that_passes_into_summer_time_states_the_instants_beside_it(tmp_path: Path) -> None:
    zone = ZoneInfo("Australia/Sydney")
    sent = [datetime(2023, 3, 27, 9, 0, 7, tzinfo=UTC) + timedelta(hours=13, minutes=7) * i for i in range(30)]
    rows = [
        f"{int(t.timestamp())},{t.astimezone(zone):%Y-%m-%d %H:%M:%S},{('Anna', 'Ben')[i % 2]},word {i}"
        for i, t in enumerate(sent)
    ]
    (tmp_path / "a.csv").write_text("timestamp,time,who,words\n" + "\n".join(rows))
    assert read(tmp_path / "a.csv").messages["sent_at"].to_list() == sent
