"""Keeps the time of sending that rows state beside their own, as received text messages do."""

import polars as pl

from reconcile.intake.messages.twice_stated import AGAIN

SENT = "time of sending"
"""Raw field of a row that also states when its sender's network took it: seconds since 1970."""

# Most values of such a column lie before the device's time, by no more than networks keep messages, and few are equal to it.
_MOST, _EQUAL = 0.9, 0.5
_KEPT_SECONDS, _CLOCK_SECONDS = 4 * 86_400, 120
_LEAST = 3


def with_times_of_sending(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the raw field SENT, where a column `again_time*` of seconds or milliseconds states it."""
    again = [c for c in rows.columns if c.startswith(f"{AGAIN}time")]
    if not again or "sent_at" not in rows.columns:
        return rows
    here = rows["sent_at"].dt.epoch("ms") / 1000
    for column in again:
        number = rows[column].cast(pl.Int64, strict=False)
        # Zero stands for no time.
        number = number.set(number.fill_null(0) <= 0, None)
        for scale in (1, 1000):
            sent = number / scale
            wait = (here - sent).drop_nulls()
            likely = wait.is_between(-_CLOCK_SECONDS, _KEPT_SECONDS).sum()
            equal = (wait.abs() < 1 / scale).sum()
            if wait.len() >= _LEAST and likely >= _MOST * wait.len() and equal < _EQUAL * wait.len():
                return rows.with_columns(sent.cast(pl.String).alias(f"raw_{SENT}"))
    return rows


__all__ = ["SENT", "with_times_of_sending"]
