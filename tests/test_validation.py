"""The validation report states requirement, test, result and limit of each, and traces every trial to a row."""

import csv
import io
from pathlib import Path

import pytest
from lxml import html

from reconcile.self_test import KNOWN
from reconcile.validation import PAGE, Validation, run_validation, summary, write_validation
from reconcile.wording import LANGS, Lang


@pytest.fixture(scope="module")
def found() -> Validation:
    """A validation of a few trials on one dispute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reconcile.validation.KNOWN", KNOWN[:1])
        return run_validation(most=1)


def test_a_removed_and_an_altered_message_are_tried_on_both_sides(found: Validation) -> None:
    sides = {t.change.lstrip("-")[0] for t in found.trials if t.requirement == "missing"}
    assert sides == {"a", "b"}


def test_no_unchanged_message_is_claimed(found: Validation) -> None:
    assert found.passed
    assert [t for t in found.trials if t.wrong_claims] == []


def test_every_trial_is_a_row_and_the_page_names_its_digest(found: Validation, tmp_path: Path) -> None:
    write_validation(found, tmp_path / "v", "zh", overwrite=False)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "v" / "validation.csv").read_text("utf-8-sig"))))
    assert len(rows) == len(found.trials)
    text = html.fromstring((tmp_path / "v" / PAGE).read_text("utf-8")).text_content()
    assert all(d in text for d in found.digests.values())
    assert summary(found, "zh") in text


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_speaks_one_language(found: Validation, lang: Lang, tmp_path: Path) -> None:
    write_validation(found, tmp_path / "v", lang, overwrite=False)
    text = html.fromstring((tmp_path / "v" / PAGE).read_text("utf-8")).text_content()
    assert ("要求" in text) == (lang == "zh")
