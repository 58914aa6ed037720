"""Formulas in the place of words, and what a spreadsheet program shows instead."""

import pytest

from reconcile.engine.content.formulas import is_value


@pytest.mark.parametrize(
    ("formula", "shown"),
    [("=5+3", "8"), ("=2*(3+4)", "14"), ("=10/4", "2.5"), ("=10/3", "3.33"), ("=-5+3", "-2"), ("=0.1+0.2", "0.3")],
)
def test_a_formula_has_its_value(formula: str, shown: str) -> None:
    assert is_value(formula, shown)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [("=5+3", "9"), ("5+3", "8"), ("=5/0", "0"), ("=9**9**9", "1"), ("=(", "1"), ("=5+3", "八"), ("=" + "(" * 60, "1"), ("=A1+3", "8"), ("=5+3", "NaN")],
)  # fmt: skip
def test_nothing_else_is_its_value(formula: str, shown: str) -> None:
    assert not is_value(formula, shown)
