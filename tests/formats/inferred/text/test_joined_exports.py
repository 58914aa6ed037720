"""Lines of several exports in one text are messages where their times follow each other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text, spoken
from tests.thorough import meeting

NAMES = ["Anna", "Ben Ode", "Cleo"]
AT = [datetime(2024, 3, 14, 9, 5, tzinfo=UTC) + timedelta(hours=3 * i) for i in range(12)]
ROWS = [(f"{t:%d %H:%M}", NAMES[i % 3], f"word {i}\nand more" if i % 4 == 0 else f"word {i}") for i, t in enumerate(AT)]
ANDROID, IPHONE = "{t:%m/%d/%y}, {t:%I:%M %p} - {n}: {w}", "[{t:%d/%m/%Y}, {t:%I:%M:%S %p}] {n}: {w}"
BARE, CHINESE = "{t:%Y-%m-%d %H:%M:%S} {n}: {w}", "[{t:%Y/%m/%d} {t:%H:%M}] {n}：{w}"


def lines(*layouts: str, block: int = 1) -> list[str]:
    """The messages, so many in each layout by turns."""
    told = zip(AT, ROWS, strict=True)
    return [layouts[i // block % len(layouts)].format(t=t, n=n, w=w) for i, (t, (_, n, w)) in enumerate(told)]


@meeting(layouts=[(ANDROID, IPHONE), (IPHONE, BARE), (BARE, CHINESE), (ANDROID, IPHONE, BARE)], block=[1, 4, 6])
def test_messages_of_several_spellings_are_read_each_by_its_own(
    tmp_path: Path, layouts: tuple[str, ...], block: int
) -> None:
    reading = read_text(tmp_path, "\n".join(lines(*layouts, block=block)) + "\n")
    assert spoken(reading, "%d %H:%M") == ROWS


def test_a_pasted_line_of_another_spelling_and_another_time_stays_in_its_message(tmp_path: Path) -> None:
    said = lines(IPHONE)
    said.insert(6, "02/01/24, 10:30 AM - Dora: pasted")
    reading = read_text(tmp_path, "\n".join(said) + "\n")
    assert reading.messages["text"][5] == "word 5\n02/01/24, 10:30 AM - Dora: pasted"


def test_spellings_whose_times_do_not_follow_each_other_are_not_read_without_a_question(tmp_path: Path) -> None:
    said = [*lines(ANDROID), *lines(IPHONE)]
    with pytest.raises(UsageError, match=r"time: time / \[14/03/2024, 09:05:00 AM\] Anna"):
        read_text(tmp_path, "\n".join(said) + "\n")
