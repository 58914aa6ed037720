"""Blocks of lines in which every line has its place."""

import polars as pl

from reconcile.formats.inferred.text.blocks import block_fields


def test_numbers_names_and_rules_around_times_are_columns_and_the_rest_is_the_words() -> None:
    blocks = [
        f"{i + 1}\nRole: {('Ann', 'Ben')[i % 2]}\n2024-03-05 10:{10 + i}\nword {i}\n\nof two\n---" for i in range(8)
    ]
    found = block_fields(pl.Series("\n".join(["Van", *blocks]).split("\n")), "a.txt", [])
    assert found is not None
    assert found.frame.rows() == [
        (f"line {4 + 7 * i}", f"2024-03-05 10:{10 + i}", ("Ann", "Ben")[i % 2], str(i + 1), f"word {i}\n\nof two")
        for i in range(8)
    ]
    assert block_fields(pl.Series([f"2024-03-05 10:{10 + i} Ann: word" for i in range(8)]), "a.txt", []) is None
