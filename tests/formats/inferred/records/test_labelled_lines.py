"""Records whose lines begin with a picture or a word, without a colon, in place of a name."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.formats.inferred.records.labelled_lines import with_colons_behind_labels
from tests.build.readings import read_text, skipped, spoken
from tests.conftest import Within

ROWS = [(f"2024-03-0{1 + i // 3} 10:0{i}", ("Anna", "Ben")[i % 2], f"word {i}") for i in range(8)]


@pytest.mark.parametrize(
    "record", ["👤 {n}\n🕒 {t}\n💬 {w}", "[Who] {n}\n[When] {t}\n[What] {w}", "发言人 {n}\n时间 {t}\n内容 {w}"]
)
def test_labels_without_a_colon_begin_the_fields_of_a_message(tmp_path: Path, record: str) -> None:
    text = "\n\n---\n\n".join(record.format(t=t, n=n, w=w) for t, n, w in ROWS)
    assert spoken(read_text(tmp_path, text), "%F %H:%M") == ROWS


def test_a_record_without_words_and_another_field_of_messages_is_noted(tmp_path: Path) -> None:
    text = "\n\n".join(f"From: {n}\nSeen: 1\nTime: {t}\nBody: {w}" for t, n, w in ROWS)
    reading = read_text(tmp_path, f"{text}\n\nFrom: Ben\nTime: 2024-03-04 10:00\n")
    assert spoken(reading, "%F %H:%M") == ROWS
    assert "Ben" in skipped(reading)


@pytest.mark.parametrize("sign", ["👤", "[", "a ", "[a"])
def test_lines_of_one_sign_take_linear_time(sign: str, within: Within, timed: bool) -> None:
    with within(5):
        with_colons_behind_labels(pl.Series([sign * (40_000 if timed else 500)] * 8))
