"""Witnesses that every store with one table a conversation gives: tables once there."""

import polars as pl

from reconcile.intake.hashed_tables import Hashed

_TYPES = {"witness": pl.String, "locator": pl.String, "conversation": pl.String, "count": pl.Int64}


def dropped_tables(found: Hashed) -> pl.DataFrame:
    """One witness a table that the numbering still knows and the file no longer holds; `count` is how many numbers it had given."""
    return pl.DataFrame(found.witnesses, schema=_TYPES, orient="row")
