"""Hide and recover: removes rows that the run had paired, to see which the rerun reports missing."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.engine.rates.material import Part
from reconcile.engine.rates.trial import Trial
from reconcile.settings import RateLimits
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.text import canonical


@dataclass(frozen=True, slots=True)
class Told:
    """One hidden row: its group (`rates.GROUPS`) and what the rerun said about the row left behind.

    outcome: reported, doubtful, indistinct (doubtful among equal rows of one moment), explained, set_aside or paired.
    """

    group: str
    outcome: str


def choose_hidden(part: Part, rng: np.random.Generator, limits: RateLimits) -> pl.DataFrame:
    """left_row, right_row, side (0 or 1: the side that loses its row) of rows drawn by lot.

    Only agreements inside the part and no client notices: a row lost at an end of the material is an edge, not a gap.
    """
    notices = part.rows[0].filter(pl.col("cls") == SYSTEM)["row"]
    repeats = [_repeated_rows(f) for f in part.rows]
    could = part.lines.filter(
        pl.col("is_inner")
        & (pl.col("relation") == str(Relation.AGREEMENT))
        & ~pl.col("left_row").is_in(notices.implode())
        & ~pl.col("left_row").is_in(repeats[0].implode())
        & ~pl.col("right_row").is_in(repeats[1].implode())
    )
    count = limits.drawn_of(could.height)
    drawn = np.sort(rng.choice(could.height, count, replace=False)) if count else np.array([], np.int64)
    return could[drawn].select("left_row", "right_row", (1 - pl.col("surplus")).cast(pl.UInt8).alias("side"))


def _repeated_rows(rows: pl.DataFrame) -> pl.Series:
    """Rows that their own export holds twice, by id or by text and time; the other copy would still match."""
    look = pl.struct("pair", "party", "cls", "text", "t").is_duplicated() & pl.col("t").is_not_null()
    by_id = pl.struct("pair", "message_id").is_duplicated() & pl.col("message_id").is_not_null()
    return rows.filter(look | by_id)["row"]


# Reasons in the material itself for a row's absence: a notice next to it, a statement of a party or of a group.
_EXPLAINED = (Cause.NOT_DELIVERED, Cause.RECALLED, Cause.MEMBERSHIP, Cause.DECLARED)
_OUTCOME = {
    **{f"{Relation.SET_ASIDE}:{cause}": "explained" for cause in _EXPLAINED},
    str(Relation.ONE_SIDED): "reported",
    str(Relation.DOUBTFUL): "doubtful",
    str(Relation.AGREEMENT): "paired",
    str(Relation.CONFLICT): "paired",
}


def outcomes(part: Part, trial: Trial) -> list[Told]:
    """What the rerun made of every hidden row's partner.

    Among similar rows of one moment it counts how many are reported, not which.
    """
    spare = _newly_open(part, trial)
    told = []
    for left, right, side in trial.hidden.iter_rows():
        kept, row = (1, right) if side == 0 else (0, left)
        outcome = _OUTCOME.get(trial.relation[kept][row], "set_aside")
        look = _similarity_key(trial.facts[kept][row])
        if outcome in ("doubtful", "paired"):
            near = [s for s in spare[kept, look[:-1]] if abs(s.time - look[-1]) <= part.near_us]
            near.sort(key=lambda s: (s.is_doubtful, s.row))
            if near:
                spare[kept, look[:-1]].remove(near[0])
                outcome = "indistinct" if near[0].is_doubtful else "reported"
        told.append(Told(str(trial.facts[kept][row]["group"]), outcome))
    return told


@dataclass(frozen=True, slots=True)
class _Spare:
    row: int
    time: int
    is_doubtful: bool


Spare = dict[tuple[int, tuple[object, ...]], list[_Spare]]


def _newly_open(part: Part, trial: Trial) -> Spare:
    """Rows paired in the run, without a hidden partner, that the rerun reports missing or doubtful.

    They may stand for a hidden row.
    """
    partners = [set(trial.hidden[c]) for c in ("left_row", "right_row")]
    spare: Spare = defaultdict(list)
    paired = part.lines.filter(pl.col("relation") == str(Relation.AGREEMENT)).select("left_row", "right_row")
    for row_pair in paired.iter_rows():
        for side, row in enumerate(row_pair):
            relation = trial.relation[side].get(row)
            if relation in (str(Relation.ONE_SIDED), str(Relation.DOUBTFUL)) and row not in partners[side]:
                look = _similarity_key(trial.facts[side][row])
                spare[side, look[:-1]].append(_Spare(row, look[-1], relation == str(Relation.DOUBTFUL)))
    return spare


def _similarity_key(row: dict[str, object]) -> tuple[object, object, object, str, int]:
    time = row["t"]
    return (
        row["pair"],
        row["party"],
        row["cls"],
        canonical(str(row["text"] or "")),
        time if isinstance(time, int) else 0,
    )
