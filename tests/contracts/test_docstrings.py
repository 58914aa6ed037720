"""A docstring begins with one line that can be read at a glance."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "reconcile"
# The beginning of a file, or a line that ends in a colon, and a first line of more than 100 characters below it.
LONG_LINE = re.compile(r'(?:\A|:(?:  #[^\n]*)?\n) *r?"""([^"\n]{101,})')


def test_first_lines_of_docstrings_are_short() -> None:
    texts = {f.relative_to(PACKAGE).as_posix(): f.read_text("utf-8") for f in sorted(PACKAGE.rglob("*.py"))}
    assert [f"{name}: {line}" for name, text in texts.items() for line in LONG_LINE.findall(text)] == []
