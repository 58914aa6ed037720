"""A file holds one concept and can be read in one sitting."""

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "reconcile"
MOST_LINES = 400


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {f.relative_to(PACKAGE).as_posix(): len(f.read_text("utf-8").splitlines()) for f in PACKAGE.rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}
