"""Mentions: a client's own writing of a contact is a form, and a name put for another is not."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.engine.content.mentions import renamed_mentions, words_around
from reconcile.vocabulary import Cause, Form
from tests.build.chats import chat, held, said


def _shown(name: str) -> str:
    """A mention as a client writes it: a name between signs of direction."""
    return f"@\u2068{name}\u2069"


def _judged(texts: list[tuple[str, str]], people: dict[str, frozenset[str]] | None = None) -> list[Form | Cause | None]:
    """What is said of each pair of texts in one conversation."""
    rows = [{"at": n, "text": a, "text_right": b, "detail": "mention"} for n, (a, b) in enumerate(texts)]
    said = pl.DataFrame(texts, schema=["text", "text_right"], orient="row")
    told = dict(renamed_mentions(rows, lambda: said, lambda: people or {}))
    return [told.get(n) for n in range(len(texts))]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("@491701234567 wo bleibst du?", f"{_shown('Berta Maus')} wo bleibst du?", True),
        ("@491701234567, danke", f"{_shown('Berta Maus')}, danke", True),
        ("@491701234567 wo bleibst du?", f"{_shown('Berta Maus')} wo bist du?", False),
        (f"{_shown('Berta')} ja", "@Berta ja", False),
        ("ich schulde dir 500", "ich schulde dir 900", False),
    ],
)
def test_words_around_are_told_where_only_the_mention_differs(left: str, right: str, same: bool) -> None:
    assert (words_around(left, right) is not None) is same


def test_a_number_beside_the_name_that_a_client_shows_for_it_is_a_form() -> None:
    told = _judged([("@491701234567 hallo", f"{_shown('Berta Maus')} hallo"), ("@491709999999", _shown("~ Q. Z."))])
    assert told == [Form.EXPORTER_SPELLING] * 2


def test_a_number_that_stands_for_two_names_differs_where_it_is_not_the_usual_name() -> None:
    usual = [(f"@491701234567 {n}", f"{_shown('Berta Maus')} {n}") for n in "abc"]
    told = _judged([*usual, ("@491701234567 zahlt", f"{_shown('Carl Igel')} zahlt")])
    assert told == [*[Form.EXPORTER_SPELLING] * 3, Cause.TEXT_DIFFERS]


def test_one_name_typed_over_a_number_is_open() -> None:
    assert _judged([("@491701234567 zahlt", "@Berta zahlt")]) == [None]


def test_a_second_number_of_one_name_is_open_where_a_single_text_shows_it() -> None:
    usual = [(f"@491701234567 {n}", f"{_shown('Berta Maus')} {n}") for n in "abc"]
    assert _judged([*usual, ("@491702222222 zahlt", f"{_shown('Berta Maus')} zahlt")])[-1] is None


@pytest.mark.parametrize(("typed", "form"), [("Priya", Form.EXPORTER_SPELLING), ("Anna", None)])
def test_a_first_name_is_a_form_of_an_account_whose_owner_bears_it(typed: str, form: Form | None) -> None:
    people = {"U673263611": "a", "Priya Lopez": "a", "U690225339": "b", "Priya Tanaka": "b", "Anna Rossi": "c"}
    texts = [("<@U673263611> call me", f"@{typed} call me")]
    assert _judged(texts, {name: frozenset({party}) for name, party in people.items()}) == [form]


def test_a_name_that_both_sides_write_elsewhere_stands_for_no_other() -> None:
    changed = [(f"@Berta {n}", f"@Carl {n}") for n in "ab"]
    assert _judged(changed) == [Form.EXPORTER_SPELLING] * 2
    assert _judged([*changed, ("@Berta ja", "@Berta ja")])[:2] == [None, None]


def test_names_of_two_known_people_are_no_form() -> None:
    people = {"Berta": frozenset({"b"}), "Carl": frozenset({"c"})}
    assert _judged([(f"@Berta {n}", f"@Carl {n}") for n in "ab"], people) == [None, None]


def test_a_chat_whose_clients_write_mentions_in_two_ways_agrees() -> None:
    rows, places = chat(), {5: "@{} wo bleibst du?", 12: "@{}", 23: "frag mal @{}, bitte"}
    written = [
        said(rows, {n: t.format(who) for n, t in places.items()}) for who in ("491701234567", "\u2068Berta Maus\u2069")
    ]
    found = compare_readings(held(written[0], 0), held(written[1], 1)).alignment
    assert set(found["relation"].cast(pl.String)) == {"agreement"}
