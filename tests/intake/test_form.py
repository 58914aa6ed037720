"""The facts of a form stand in the table `[form]` of its page."""

from pathlib import Path

import pytest

from reconcile.intake.contract import FormLimits
from reconcile.intake.form import JsonMark, form_facts
from reconcile.intake.json.shape import json_shape
from reconcile.vocabulary import Kind


def page(folder: Path, text: str) -> Path:
    """The path of a reader's module below a folder whose page says this."""
    (folder / "pages").mkdir()
    (folder / "pages" / "tool_csv.toml").write_text(text, "utf-8")
    return folder / "android" / "messages.py"


def test_a_form_has_the_facts_of_the_nearest_page_above_its_module(tmp_path: Path) -> None:
    module = page(
        tmp_path, '[form]\nsuffixes = [".csv"]\nheadings = [["a", "b"]]\nlimits.kinds_merged = { card = "other" }\n'
    )
    assert form_facts(module, "tool_csv") == {
        "suffixes": (".csv",),
        "headings": (("a", "b"),),
        "limits": FormLimits(kinds_merged={Kind.CARD: Kind.OTHER}, is_of_known_make=True),
    }


def test_a_page_without_facts_tells_only_that_the_form_is_known(tmp_path: Path) -> None:
    told = form_facts(page(tmp_path, 'producer = "A"\n'), "tool_csv")
    assert told == {"limits": FormLimits(is_of_known_make=True)}


@pytest.mark.parametrize(
    ("text", "odd"),
    [('[form]\ntols = "A"\n', "tols"), ("[form.limits]\ncut = 1\n", "cut"), ("[form.json]\nroots = 1\n", "roots")],
)
def test_a_fact_that_there_is_not_is_refused(tmp_path: Path, text: str, odd: str) -> None:
    with pytest.raises(TypeError, match=odd):
        form_facts(page(tmp_path, text), "tool_csv")


def test_a_kind_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pictures"):
        form_facts(page(tmp_path, '[form.limits]\nkinds_absent = ["pictures"]\n'), "tool_csv")


@pytest.mark.parametrize(
    ("mark", "fits"),
    [
        (JsonMark(root="object", keys=frozenset({"a"}), first=frozenset({"id"})), True),
        (JsonMark(root="array"), False),
        (JsonMark(keys=frozenset({"b"})), False),
        (JsonMark(any_key=frozenset({"b", "a"})), True),
        (JsonMark(any_key=frozenset({"b"})), False),
        (JsonMark(no_key=frozenset({"a"})), False),
        (JsonMark(no_first=frozenset({"id"})), False),
        (JsonMark(stated={"a.by": "X"}), True),
        (JsonMark(stated={"a.by.c": "X"}), False),
    ],
)
def test_a_mark_fits_a_file_that_shows_all_it_asks_for(mark: JsonMark, fits: bool) -> None:
    assert mark.fits(json_shape(b'{"a": {"by": "X"}, "messages": [{"id": 1}]}')) is fits
