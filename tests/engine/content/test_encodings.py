"""Characters that one file could not hold are a form, or no statement; everything else differs."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.engine.content.encodings import are_characters_lost, lost_to_encoding
from reconcile.vocabulary import Cause, Form
from tests.build.chats import chat, held, said

GERMAN = ("Grüße aus Köln", "das wäre schön", "für dich natürlich", "ich hätte gern")


def _judged(texts: list[tuple[str, str]], equal: tuple[str, ...] = ()) -> list[Form | Cause | str | None]:
    """What is said of each pair of unlike texts; 'differs' where nothing is."""
    rows = [{"at": n, "text": a, "text_right": b} for n, (a, b) in enumerate(texts)]
    held_texts = pl.DataFrame([*texts, *((t, t) for t in equal)], schema=["text", "text_right"], orient="row")
    told = dict(lost_to_encoding(rows, lambda: held_texts))
    return [told.get(n, "differs") for n in range(len(texts))]


@pytest.mark.parametrize(
    ("ways"),
    [
        ("Gr??e aus K?ln", "das w?re sch?n", "f?r dich nat?rlich", "ich h?tte gern"),
        ("Gr\ufffd\ufffde aus K\ufffdln", "das w\ufffdre sch\ufffdn", "f\ufffdr dich nat\ufffdrlich", "ich h\ufffdtte gern"),
        ("Gre aus Kln", "das wre schn", "fr dich natrlich", "ich htte gern"),
        ("Gruesse aus Koeln", "das waere schoen", "fuer dich natuerlich", "ich haette gern"),
    ],
)  # fmt: skip
def test_letters_that_a_file_never_holds_are_a_form(ways: tuple[str, ...]) -> None:
    assert _judged(list(zip(GERMAN, ways, strict=True))) == [Form.EXPORTER_SPELLING] * 4


def test_letters_left_out_differ_where_the_file_holds_others() -> None:
    texts = [("das wäre gut", "das ware gut"), ("hätte ich nicht", "hatte ich nicht"), ("er käme", "er kame")]
    assert _judged(texts, ("schön",)) == ["differs"] * 3


def test_characters_that_gbk_lacks_are_not_stated_in_a_file_without_any_of_them() -> None:
    texts = [("我认识王䶮", "我认识王"), ("㛃姐说好", "姐说好"), ("找𠮷田", "找田")]
    assert _judged(texts, ("知道了",)) == [Cause.NOT_STATED] * 3
    assert _judged(texts, ("知道了㕵",)) == ["differs"] * 3


def test_marks_stand_for_the_letters_that_a_file_lacks_though_it_holds_others() -> None:
    texts = [("Jiří Novák", "Ji?í Novák"), ("dobře", "dob?e"), ("tři dny", "t?i dny")]
    assert _judged(texts) == [Form.EXPORTER_SPELLING] * 3


def test_other_changes_beside_lost_letters_differ() -> None:
    texts = [*zip(GERMAN, ("Gr??e aus K?ln", "das w?re sch?n", "f?r dich nat?rlich", "ich h?tte nie"), strict=True)]
    assert _judged(texts)[-1] == "differs"


def test_few_texts_with_lost_letters_and_lost_signs_of_money_are_open() -> None:
    assert _judged([("für dich", "f?r dich")]) == [None]
    many = list(zip(GERMAN[:3], ("Gr??e aus K?ln", "das w?re sch?n", "f?r dich nat?rlich"), strict=True))
    assert _judged([*many, ("das kostet 5€ für dich", "das kostet 5? f?r dich")])[-1] is None


def test_text_of_another_script_that_was_lost_states_nothing() -> None:
    texts = [("我同意", "???"), ("明天还钱", "????"), ("不行", "??")]
    assert _judged(texts) == [Cause.NOT_STATED] * 3


def test_texts_with_marks_of_lost_characters_are_found_to_be_one() -> None:
    assert are_characters_lost("f?r dich", "für dich")
    assert not are_characters_lost("f?r mich", "für dich")
    assert not are_characters_lost("ok?", "okä!")


def test_a_chat_saved_in_ascii_accuses_nobody() -> None:
    rows = said(chat(), dict(zip((3, 9, 17, 25), GERMAN, strict=True)))
    bare = [r | {"text": r["text"].encode("ascii", "replace").decode()} for r in rows]
    found = compare_readings(held(rows, 0), held(bare, 1)).alignment
    assert not set(found["relation"].cast(pl.String)) & {"conflict", "one_sided"}
