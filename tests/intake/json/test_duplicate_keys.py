"""Names in a JSON text: counted by the bytes before each colon as a search for the words themselves counts them."""

import random

import pytest

from reconcile.intake.json import duplicate_keys as doubled

_APART = (b'" :', b'"\t:', b'"\n:', b'"\r:')


@pytest.mark.parametrize("near", [1, 2, 5, 2**16])
def test_names_are_counted_as_a_search_for_their_words_counts_them(near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubled, "PIECE_BYTES", near)
    drawn = random.Random(near)
    for _ in range(300):
        text = bytes(drawn.choices(b'":\\ \t\n\x0ba', k=drawn.randrange(14)))
        searched = text.count(b'":') - text.count(b'\\":'), any(apart in text for apart in _APART)
        assert doubled.count_names(text) == searched
