"""Queries of one step that are run with flags made once.

For each step polars makes new flags, copies them and asks the environment whether queries are monitored: a twentieth of the
time of a small comparison. Here none is monitored and all have the same flags. What is found is the same.
"""

import polars as pl
from polars._utils.wrap import wrap_df
from polars.lazyframe.opt_flags import DEFAULT_QUERY_OPT_FLAGS


def run_plainly() -> None:
    """From now on, steps of data frames are run with one set of flags."""
    flags = pl.QueryOptFlags._eager()
    flags._pyoptflags.query_monitoring = False

    def collected(plan: pl.LazyFrame, *, optimizations: pl.QueryOptFlags = DEFAULT_QUERY_OPT_FLAGS) -> pl.DataFrame:
        return wrap_df(plan._ldf.with_optimizations(optimizations._pyoptflags).collect("in-memory", None))

    pl.QueryOptFlags._eager = staticmethod(lambda: flags)  # type: ignore[method-assign]
    pl.LazyFrame._collect_eager = collected  # type: ignore[method-assign, assignment]
