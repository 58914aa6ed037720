"""Compares late messages with the time of sending that the export which received them states."""

import numpy as np
import polars as pl

from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.records import Flags, Floats, Records, own_of_pairs
from reconcile.intake.contract import Reading
from reconcile.intake.messages.sending_times import SENT
from reconcile.wechat.kind_classes import SECONDS

_FIELD = rf'"{SENT}":"([0-9.]+)"'


def stated_sendings(
    a: Alignment, readings: tuple[Reading, Reading], apart: Flags, residual: Floats, tolerance: Floats
) -> tuple[Flags, Flags]:
    """Which pairs apart in time the receiver's file says were sent when the author says, and which not.

    The first were late, if no order speaks against it: both times of the receiver stand in one file. Of the others the receiver's file states that they were handed over at another time than the
    author's file does: they waited on the author's device, or one of the times is another.

    Args:
        a: the alignment.
        readings: the exports.
        apart: the pairs with times that differ.
        residual: left time minus right time of every pair after clock correction (seconds).
        tolerance: seconds by which two times may differ.
    """
    told, denied = np.zeros(len(apart), bool), np.zeros(len(apart), bool)
    at = np.flatnonzero(apart)
    if not len(at):
        return told, denied
    by_left, by_right = own_of_pairs(a.left, a.right, a.pairs.left[at], a.pairs.right[at])
    sides = (
        (a.left, a.pairs.left, readings[0], by_right & ~by_left, 1.0),
        (a.right, a.pairs.right, readings[1], by_left & ~by_right, -1.0),
    )
    for records, rows, reading, received, sign in sides:
        few = at[received]
        wait = _waits(records, rows[few], reading)
        # The network's clock stamps the sending, whatever the receiver's device is off by.
        stated = a.left.stamped[a.pairs.left[few]] - a.right.stamped[a.pairs.right[few]]
        rest = np.fmin(np.abs(residual[few] - sign * wait), np.abs(stated - sign * wait))
        told[few] |= rest <= tolerance[few]
        denied[few] |= rest > tolerance[few]
    return told, denied


def _waits(records: Records, rows: np.ndarray, reading: Reading) -> Floats:
    """Seconds from the stated time of sending to the device's time; nan = none is stated."""
    raw = reading.messages["raw"][records.frame["row"][rows]]
    sent = raw.str.extract(_FIELD).cast(pl.Float64, strict=False)
    here = records.frame["raw_t"][rows] / SECONDS
    waits: Floats = (here - sent).fill_null(float("nan")).to_numpy()
    return waits


__all__ = ["stated_sendings"]
