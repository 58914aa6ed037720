"""Every file of the tests, parsed once for all that look at them."""

import ast
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]


@cache
def trees() -> dict[str, ast.Module]:
    """The tree of each file, by its path in the folder of the tests."""
    return {f.relative_to(TESTS).as_posix(): ast.parse(f.read_text("utf-8")) for f in sorted(TESTS.rglob("*.py"))}
