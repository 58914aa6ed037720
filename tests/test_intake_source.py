"""A source is opened read-only, within limits, and hashed."""

from pathlib import Path

import pytest

from reconcile.digests import digest_bytes
from reconcile.errors import SourceChanged, UnreadableSource
from reconcile.intake.source import Source


def test_missing_path_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no such file"):
        Source(tmp_path / "nowhere.csv")


def test_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(UnreadableSource, match="empty"):
        Source(tmp_path / "a.csv")


def test_a_change_between_two_readings_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x")
    source = Source(file)
    before = source.digest()
    file.write_text("y")
    with pytest.raises(SourceChanged, match="changed while it was read"):
        source.verify_unchanged(before)


def test_sm3_agrees_with_the_published_vector() -> None:
    assert digest_bytes(b"abc", "sm3") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
