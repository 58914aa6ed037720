"""The tables of a TOML file are the same whether they were parsed or kept by an earlier process."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile.wording import kept_tables
from reconcile.wording.kept_tables import tables_of

TEXT = '[verdict.no_gap]\nzh = "没有空缺"\nen = "no gap"\nparts = [1, 2.5, true]\n'


def kept() -> set[Path]:
    return {f for f in (Path(kept_tables.__file__).parent / "__pycache__").glob("*.tables") if f.is_file()}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A TOML file of content that no earlier test read; what is kept of it goes with the test."""
    made, before = tmp_path / "a.toml", kept()
    made.write_text(f'{TEXT}folder = "{tmp_path}"\n', "utf-8")
    yield made
    for tables in kept() - before:
        tables.unlink(missing_ok=True)


def test_a_file_read_again_has_the_tables_that_it_had_when_it_was_parsed(file: Path) -> None:
    assert tables_of(file) == tables_of(file) == tomllib.loads(file.read_text("utf-8"))


def test_a_changed_file_has_its_new_tables(file: Path) -> None:
    tables_of(file)
    file.write_text(file.read_text("utf-8").replace("no gap", "none"), "utf-8")
    assert tables_of(file)["verdict"]["no_gap"]["en"] == "none"


@pytest.mark.parametrize("damage", [b"", b"\xff\xff", b"{"])
def test_what_was_kept_and_is_damaged_is_parsed_again(file: Path, damage: bytes) -> None:
    before = kept()
    told = tables_of(file)
    for made in kept() - before:
        made.write_bytes(damage)
    assert tables_of(file) == told


def test_a_file_that_is_no_toml_is_refused_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[a\n", "utf-8")
    for _ in range(2):
        with pytest.raises(tomllib.TOMLDecodeError):
            tables_of(tmp_path / "a.toml")
