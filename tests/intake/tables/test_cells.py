"""Cells of tables: what separates them, and the names of their columns."""

from pathlib import Path

import pytest

from reconcile.intake.source import Source
from reconcile.intake.tables.cells import headings_of, table_heads


def test_signs_in_the_words_of_many_rows_are_no_separator(tmp_path: Path) -> None:
    rows = [["时间", "发送人", "内容"], *([f"2024-03-04 09:{n:02}", "甲", "a|" * (50 + n)] for n in range(30))]
    (tmp_path / "a.csv").write_text("\n".join(map(",".join, rows)), "utf-8")
    (head,) = table_heads(Source(tmp_path / "a.csv"), tmp_path / "a.csv")
    assert (head.separator, head.rows[0]) == (",", ("时间", "发送人", "内容"))


@pytest.mark.parametrize(
    ("cells", "names"),
    [(("a", "a", "a"), ["a", "a (2)", "a (3)"]), (("a", "a", "a (2)"), ["a", "a (2)", "a (2) (2)"]), (("", ""), ["column 1", "column 2"])],
)  # fmt: skip
def test_equal_headings_get_distinct_names(cells: tuple[str, ...], names: list[str]) -> None:
    assert headings_of(cells, "a.csv")[0] == names
