"""The case file as a form: what is filled in stands in the file, and the file stays one that the command reads."""

from pathlib import Path

import pytest

from reconcile.app.case_form import FILE, Filled, fill, form_of
from reconcile.app.errors import Refused
from reconcile.submission.case_file import init_case, load_case
from tests.review.attacks import ATTACKS


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A case with a case file."""
    init_case(tmp_path / "checklist", "zh")
    return tmp_path


def test_each_value_of_the_file_is_a_field_with_its_comment_as_label(place: Path) -> None:
    fields = {(f["section"], f["key"]): f for f in form_of(place)}
    assert fields["case", "court"]["label"] == "法院"
    assert fields["counterpart", "contested"]["value"] is False
    assert fields["record", "timezone"]["value"] == "Asia/Shanghai"


def test_what_is_filled_in_is_read_by_the_command_whatever_it_says(place: Path) -> None:
    court = next(f for f in form_of(place) if f["key"] == "court")
    before = len((place / FILE).read_text("utf-8").splitlines())
    for attack in ATTACKS:
        fill(place, [Filled(line=court["line"], key="court", value=attack)])
        load_case(place / "checklist")
        assert len((place / FILE).read_text("utf-8").splitlines()) == before
    fill(place, [Filled(line=court["line"], key="court", value='朝阳区"法院\\')])
    assert load_case(place / "checklist").case.court == '朝阳区"法院\\'


def test_a_file_that_changed_meanwhile_is_not_written(place: Path) -> None:
    with pytest.raises(Refused, match="form_changed"):
        fill(place, [Filled(line=0, key="court", value="x")])


def test_without_a_file_there_is_no_form(tmp_path: Path) -> None:
    assert form_of(tmp_path) == []
    with pytest.raises(Refused, match="form_changed"):
        fill(tmp_path, [])
