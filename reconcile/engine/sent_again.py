"""Words that their author sent once more."""

from collections.abc import Sequence

import polars as pl


def sent_again(
    first: pl.DataFrame, later: pl.DataFrame, look: Sequence[str], within: float, *, also_before: bool = False
) -> pl.Series:
    """The values `row` of those rows of `first` that `later` repeats in all `look` columns within a time.

    Null equals null in `look`. A row without a time is met by none. Only the nearest row in time is looked up, so that
    words said thousands of times cost no more than rare ones.

    Args:
        first: `row`, `t` and the columns of `look`.
        later: `t` and the columns of `look`.
        look: what both say alike.
        within: the longest time after the first row, in the unit of `t`.
        also_before: whether a row that is as much earlier counts too.
    """
    said = first.select(look).unique().with_row_index("said")
    asked, held = (
        f.drop_nulls("t").join(said, on=look, nulls_equal=True).select(*more, "said", "t").sort("t")
        for f, more in ((first, ["row"]), (later, []))
    )
    held = held.with_columns(again="t")
    met = [
        asked.join_asof(held, on="t", by="said", strategy=way, tolerance=within, check_sortedness=False)
        for way in (("forward", "backward") if also_before else ("forward",))
    ]
    return pl.concat(met).drop_nulls("again")["row"].unique().sort()


__all__ = ["sent_again"]
