"""Patterns that are compiled when they are first used."""

import re
import sys

import pytest

from reconcile.patterns import lazy_pattern


def test_a_late_pattern_finds_what_the_compiled_one_finds() -> None:
    late, made = lazy_pattern(r"(?P<n>\d+)\s*元", re.IGNORECASE), re.compile(r"(?P<n>\d+)\s*元", re.IGNORECASE)
    text = "还欠 300 元，已付20元"
    assert late.findall(text) == made.findall(text)
    assert late.sub("", text) == made.sub("", text)
    assert [m["n"] for m in late.finditer(text)] == ["300", "20"]
    assert (late.pattern, late.flags, late.groups) == (made.pattern, made.flags, made.groups)


def test_a_wrong_pattern_is_said_when_it_is_used() -> None:
    wrong = lazy_pattern("(")
    with pytest.raises(re.error):
        wrong.search("x")


def test_every_late_pattern_of_the_program_can_be_compiled() -> None:
    modules = [m for name, m in sys.modules.items() if name.startswith("reconcile.")]
    late = [v for m in modules for v in vars(m).values() if type(v) is type(lazy_pattern("x"))]
    assert all(isinstance(p.pattern, str | bytes) for p in late)
