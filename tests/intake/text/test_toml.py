"""Small TOML files beside exports end in one line, whatever they hold."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.intake.text.toml import toml_of

HOSTILE = {
    "nested": b"[columns]\ntime = " + b"[" * 5_000 + b"]" * 5_000,
    "dotted": b"a" + b".a" * 50_000 + b" = 1",
    "figure": b"x = " + b"9" * 20_000,
    "binary": b"\xff\xfe\x00\x01",
    "long": b"# " + b"x" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_of_settings_is_refused_in_few_words(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(HOSTILE[name])
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        toml_of(tmp_path / "a.toml")


@pytest.mark.parametrize(
    "text", ["columns = 3\nkinds = [1]\n", '[columns]\ntime = [1]\ntext = "x"\n', HOSTILE["nested"].decode()]
)
def test_columns_of_another_type_are_a_usage_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        parse_columns(str(tmp_path / "a.toml"))
