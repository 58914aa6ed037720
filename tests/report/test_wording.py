"""Nothing that a user reads accuses anyone: the whole catalogue, in every language."""

import re
from enum import StrEnum

import pytest

from reconcile import vocabulary, wording
from reconcile.wording import LANGS, has
from tests.forbidden_words import FORBIDDEN

GROUPS: dict[str, type[StrEnum]] = {
    "relation": vocabulary.Relation,
    "cause": vocabulary.Cause,
    "form": vocabulary.Form,
    "note": vocabulary.NoteCode,
    "kind": vocabulary.Kind,
    "witness": vocabulary.WitnessKind,
    "status": vocabulary.Status,
    "conversation_kind": vocabulary.ConversationKind,
    "zone": vocabulary.ZoneSource,
    "precision": vocabulary.TimePrecision,
    "clock_reading": vocabulary.ClockReading,
}


@pytest.mark.parametrize("name", wording.sections())
def test_no_section_of_the_catalogue_has_a_forbidden_word(name: str) -> None:
    found = [(k, t) for k, texts in wording.section(name).items() for t in texts.values() if FORBIDDEN.search(t)]
    assert found == []


@pytest.mark.parametrize("name", wording.sections())
def test_every_entry_speaks_both_languages(name: str) -> None:
    assert [k for k, texts in wording.section(name).items() if not all(texts.get(lang) for lang in LANGS)] == []


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_every_code_of_the_vocabulary_has_words(group: str) -> None:
    assert [c for c in GROUPS[group] if not has(f"verdict.{group}.{c}")] == []


def test_every_grade_has_words_a_level_and_a_sentence() -> None:
    keys = [f"verdict.{form}{g}" for g in vocabulary.Grade for form in ("", "level.", "meaning.")]
    assert [k for k in keys if not has(k)] == []


def test_an_unknown_code_prints_as_itself() -> None:
    assert wording.name_of("verdict.cause.some_new_code", "zh") == "some_new_code"


def test_blanks_of_an_entry_are_the_same_in_both_languages() -> None:
    odd = []
    for name in wording.sections():
        for key, texts in wording.section(name).items():
            blanks = {lang: sorted(re.findall(r"\{(\w*)", texts[lang])) for lang in LANGS}
            if blanks["zh"] != blanks["en"]:
                odd.append(f"{name}.{key}")
    assert odd == []
