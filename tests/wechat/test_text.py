"""Canonical text."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.wechat.text import PLAIN, canonical

CHARACTERS = st.one_of(st.characters(codec="ascii"), st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF))


@settings(deadline=None)
@given(st.lists(st.text(CHARACTERS, max_size=3), min_size=50, max_size=50))
def test_plain_words_are_canonical_as_they_stand(texts: list[str]) -> None:
    column = pl.Series(texts)
    plain = column.filter(column.str.contains(PLAIN)).to_list()
    assert [canonical(text) for text in plain] == plain


def test_an_emoji_behind_a_stroke_is_the_same_in_brackets() -> None:
    assert canonical("好的/微笑/捂脸") == canonical("好的[微笑][捂脸]")
    assert canonical("和/或微笑") == "和/或微笑"
