"""Columns of few values: what is looked up or counted at a lower cost is what the library itself would find."""

import polars as pl
import pytest

from reconcile.wechat.frequent_values import counts_of, looked_up

MANY = [f"v{i}" for i in range(20)]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="no row"),
        pytest.param(["文本"] * 9, id="one value alone"),
        pytest.param(["图片", *["文本"] * 9, "语音", "x"], id="one value in most rows"),
        pytest.param(MANY, id="no value in most rows"),
        pytest.param(["图片"] * 70 + ["文本"] * 200, id="another value in most rows than at the beginning"),
        pytest.param([None, "文本", "文本", None, "x"], id="null among them"),
        pytest.param([None, None], id="null alone"),
    ],
)
def test_a_value_in_most_rows_is_looked_up_and_counted_as_any_other(texts: list[str | None]) -> None:
    column, values = pl.Series("c", texts, dtype=pl.String), {"文本": 1, "图片": 3, "v7": 7}
    for default in (0, None):
        told = column.replace_strict(values, default=default, return_dtype=pl.Int64)
        assert looked_up(column, values, default, pl.Int64).equals(told)
    assert counts_of(column) == {t: texts.count(t) for t in texts if t is not None}
