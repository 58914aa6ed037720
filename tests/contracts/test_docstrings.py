"""A docstring begins with one line that can be read at a glance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "reconcile"
LONGEST = 100


def long_lines(file: Path) -> Iterator[str]:
    """Place and first line of every docstring of a file that begins with too long a line."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if len(first) > LONGEST:
                yield f"{file.relative_to(PACKAGE)}:{node.body[0].lineno}: {first}"


@pytest.mark.parametrize("part", sorted({f.relative_to(PACKAGE).parts[0] for f in PACKAGE.rglob("*.py")}))
def test_first_lines_of_docstrings_are_short(part: str) -> None:
    files = [PACKAGE / part] if part.endswith(".py") else sorted((PACKAGE / part).rglob("*.py"))
    assert [line for file in files for line in long_lines(file)] == []
