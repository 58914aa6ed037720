"""Times of rows that count in the units of Windows, browsers and .NET."""

from pathlib import Path

import pytest

from tests.build.readings import read

BEGIN = 1_712_640_000


@pytest.mark.parametrize(
    ("since", "steps"), [(11_644_473_600, 10**7), (11_644_473_600, 10**6), (62_135_596_800, 10**7)]
)
def test_counts_since_an_earlier_year_are_times(tmp_path: Path, since: int, steps: int) -> None:
    rows = [f"{(BEGIN + 61 * i + since) * steps},{('Anna', 'Ben')[i % 2]},word {i}" for i in range(20)]
    (tmp_path / "a.csv").write_text("stamp,who,words\n" + "\n".join(rows))
    messages = read(tmp_path / "a.csv").messages
    assert messages["sent_at"].dt.epoch("s").to_list() == [BEGIN + 61 * i for i in range(20)]
