"""A name hints at a role by its words, also where it writes them as one; a name of any length costs little."""

import pytest

from reconcile.formats.inferred.hints import hint, parts_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("msgtime", ("msg", "time")),
        ("fromuid", ("from", "uid")),
        ("tolist", ("to", "list")),
        ("nickname", ("nickname",)),
        ("payload", ("payload",)),
    ],
)
def test_words_written_as_one_are_parted_where_all_are_known(name: str, words: tuple[str, ...]) -> None:
    assert parts_of(name) == (words,)


def test_a_time_of_a_message_hints_at_a_time() -> None:
    assert hint("msgtime", "time") > 0 > hint("updatetime", "time")


def test_a_name_of_a_million_letters_is_one_word() -> None:
    assert parts_of("to" * 500_000) == (("to" * 500_000,),)
