"""Checks that windows give the result of the whole: no row may be judged by another window's rows.

Each check raises CannotSplit if it fails; the case is then reported as too large.
"""

import numpy as np
import polars as pl

from reconcile.batch.window_cuts import CannotSplit, Hashes, Scan, Window
from reconcile.engine.content.forms import cut_at
from reconcile.engine.params import PARAMS
from reconcile.engine.references.payments import PACKET_NOTICE
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, Kind, NoteCode, Relation
from reconcile.wechat.kind_classes import SECONDS
from reconcile.wechat.member_notices import COMES_OR_GOES

MET = (str(Relation.AGREEMENT), str(Relation.CONFLICT))
# Causes that the whole conversation decides, not the surroundings of a row.
_OF_THE_WHOLE = (str(Cause.IRREGULAR), str(Cause.MEMBERSHIP), str(Cause.REFERENCED))
# Probabilities may differ among more records. Only a wide margin decides as the whole does.
_SURE_NATS = PARAMS.absent_nats
# Rows of these causes never wait for a partner that merely resembles them.
_NO_LEFTOVER = (str(Cause.PER_SIDE_ROW), str(Cause.REPEAT), str(Cause.NOT_DELIVERED))
# Aligned times of a pair never differ by more: below every limit that a conversation can teach.
MOST_APART_SECONDS = 12.0


def check_ids(left: Scan, right: Scan, cut: list[Window]) -> None:
    """Raises CannotSplit where ids repeat, name rows of two windows, or are missing in part of the rows."""
    sides = [(s.ids[s.ids > 0], np.flatnonzero(s.ids > 0)) for s in (left, right)]
    if any(len(np.unique(ids)) < len(ids) for ids, _ in sides):
        raise CannotSplit("an id stands twice")
    _, a, b = np.intersect1d(sides[0][0], sides[1][0], assume_unique=True, return_indices=True)
    starts = [np.array([k.kept.left[0] for k in cut]), np.array([k.kept.right[0] for k in cut])]
    owner = [np.searchsorted(s, at[i], side="right") for s, (_, at), i in zip(starts, sides, (a, b), strict=True)]
    if bool((owner[0] != owner[1]).any()):
        raise CannotSplit("an id stands in two windows")
    if not all(len(ids) for ids, _ in sides):
        return
    for window in cut:
        counts = [int(((at >= span[0]) & (at < span[1])).sum()) for (_, at), span in zip(sides, (window.rows.left, window.rows.right), strict=True)]  # fmt: skip
        common = int(((sides[0][1][a] >= window.rows.left[0]) & (sides[0][1][a] < window.rows.left[1])).sum())
        if common < (PARAMS.id_trusted_share + 0.1) * max(1, min(counts)):
            raise CannotSplit("ids are not in use everywhere")


def check_reading(reading: Reading) -> None:
    """Raises CannotSplit where rows of another window may judge a row of this one."""
    kinds = reading.messages["kind"].cast(pl.String)
    if any(n.code is not NoteCode.ZONE_ASSUMED for n in reading.notes) or reading.witnesses.height:
        raise CannotSplit("the reading has notes")
    notices = reading.messages.filter(kinds != str(Kind.TEXT))["text"]
    if bool(notices.str.contains(f"{COMES_OR_GOES}|{PACKET_NOTICE}").any()):
        raise CannotSplit("notices speak of other rows")


def check_transfers(transfers: pl.DataFrame, lines: pl.DataFrame) -> None:
    """Raises CannotSplit where nearly all transfers have receipts, since the whole would list the rest."""
    met = lines.filter(pl.col("relation").cast(pl.String).is_in(MET))["right_row"]
    once = transfers.filter((pl.col("side") == "left") | ~pl.col("row").is_in(met.implode()))
    answered, sent = int(once["answers"].sum()), int((~once["answers"]).sum())
    if answered >= PARAMS.answered_payments and PARAMS.answered_share * sent <= answered < sent:
        raise CannotSplit("transfers lack receipts")


def check_agreement(before: pl.DataFrame | None, after: pl.DataFrame) -> None:
    """Raises CannotSplit where two windows judge the rows around a cut differently."""
    order = ("left_row", "right_row")
    if before is None or not before.sort(order, nulls_last=True).equals(after.sort(order, nulls_last=True)):
        raise CannotSplit("two windows differ about one row")


def check_leftovers(lines: pl.DataFrame, sides: list[Scan]) -> None:
    """Raises CannotSplit where the whole decides a row, or an unpaired row might still find a partner."""
    cause = pl.col("cause").cast(pl.String)
    if bool(
        lines.select((cause.is_in(_OF_THE_WHOLE) | (pl.col("margin") < _SURE_NATS).fill_null(value=False)).any()).item()
    ):
        raise CannotSplit("a row is judged by the whole")
    skew, apart = skew_of(lines), pl.col("offset_seconds")
    if bool(lines.select((apart - skew).abs().max() > MOST_APART_SECONDS).item()):
        raise CannotSplit("times lie apart")
    waiting = ~cause.is_in(_NO_LEFTOVER).fill_null(value=False)
    alone = [
        lines.filter(pl.col(f"{other}_row").is_null() & waiting)[f"{own}_row"].to_numpy()
        for own, other in (("left", "right"), ("right", "left"))
    ]
    words: list[Hashes] = [side.words[rows] for side, rows in zip(sides, alone, strict=True)]
    if np.intersect1d(words[0], words[1]).any():
        raise CannotSplit("rows alone have the same words")
    left, right = sides[0].t[alone[0]] - int(skew * SECONDS), np.sort(sides[1].t[alone[1]])
    reach = int((PARAMS.window_seconds + MOST_APART_SECONDS) * SECONDS)
    if bool((np.searchsorted(right, left - reach) < np.searchsorted(right, left + reach, side="right")).any()):
        raise CannotSplit("rows alone stand near each other")


def skew_of(lines: pl.DataFrame) -> float:
    """The median offset of what was paired, as the verdict states it."""
    apart = (pl.col("offset_seconds") * SECONDS).round(0)
    met = lines.filter(pl.col("relation").cast(pl.String).is_in(MET))
    return float(met.select((apart.median() / SECONDS + 0.0).round(6)).item() or 0.0)


def check_cut(longest: list[tuple[tuple[int, int], ...]], told: list[tuple[int | None, ...]]) -> None:
    """Raises CannotSplit where a window and the whole disagree on the length at which texts are cut.

    `longest`: by window and side, the length of the longest text and how many have it. `told`: by window and side, the
    length at which texts are cut; None = they are not.
    """
    for side in (0, 1):
        most = max(window[side][0] for window in longest)
        lengths = pl.Series([most] * sum(window[side][1] for window in longest if window[side][0] == most))
        if any(window[side] != cut_at(lengths) for window in told):
            raise CannotSplit("the longest words tell of a cut")


__all__ = [
    "MET",
    "check_agreement",
    "check_cut",
    "check_ids",
    "check_leftovers",
    "check_reading",
    "check_transfers",
    "skew_of",
]
