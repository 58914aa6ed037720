"""Options for readers of several exports: one value for all of them, or one for each."""

from pathlib import Path

import click
import pytest

from reconcile.cli.main import program
from reconcile.cli.option_values import options_of_each, options_of_sides, submission_options
from reconcile.errors import UsageError
from reconcile.wording.errors import tell_error


def test_one_value_holds_for_every_export_and_several_for_one_each() -> None:
    chosen = {"timezones": ("UTC",), "owners": ("wxid_a", "")}

    found = options_of_each(chosen, 2)

    assert [(o.timezone, o.owner) for o in found] == [("UTC", "wxid_a"), ("UTC", None)]


def test_values_that_are_neither_one_nor_one_each_are_refused() -> None:
    with pytest.raises(UsageError, match="given 2 times for 3 exports"):
        options_of_each({"timezones": ("UTC", "UTC")}, 3)


def test_a_submission_has_the_zone_of_the_first_export_and_columns_of_its_own() -> None:
    (export,) = options_of_each({"timezones": ("Asia/Tokyo",), "columns_each": ("time=a,text=b",)}, 1)

    found = submission_options({"submission_columns": "time=c"}, export)

    assert (found.timezone, found.columns) == ("Asia/Tokyo", {"time": "c"})


def test_what_is_told_of_one_side_holds_for_its_exports_beside_a_statement_too() -> None:
    found = options_of_sides({"timezone": "UTC", "right_timezone": "Asia/Tokyo"}, [1, 2])

    assert [o.timezone for o in found] == ["UTC", "Asia/Tokyo", "Asia/Tokyo"]


def test_no_path_is_refused_in_the_words_of_a_library() -> None:
    # click says "is not readable" in English, whatever the language.
    asked = [p.type for c in program.commands.values() for p in c.params if isinstance(p.type, click.Path)]
    assert asked
    assert not any(t.readable or t.exists for t in asked)


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"\xff\x00", "bytes that are no UTF-8")]
)
def test_a_file_of_a_key_that_cannot_be_read_says_why_in_words(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError) as raised:
        options_of_each({"key_files": (tmp_path / "key",)}, 1)
    assert why in str(raised.value)
    assert why not in tell_error(raised.value, "zh")
