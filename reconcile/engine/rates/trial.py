"""Hide and recover: matches a part again without some paired rows, to see which absences it reports."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.rates.material import Part, Run, group_of
from reconcile.settings import RateLimits
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.text import canonical

DECOY = "decoy"


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of the rerun.

    Attributes:
        hidden: left_row, right_row, side (rows of the run).
        decoys: of both sides, one line each, with `side`, `group` and `by_lot`.
        relation: per side, row of the run -> relation in the rerun (`set_aside:CAUSE` where set aside).
        decoy_relation: relation of each decoy, in their order.
        facts: per side, row of the run -> its row of the part.
    """

    hidden: pl.DataFrame
    decoys: pl.DataFrame
    relation: tuple[dict[int, str], dict[int, str]]
    decoy_relation: list[str]
    facts: tuple[dict[int, dict[str, object]], dict[int, dict[str, object]]]


def run_trial(run: Run, part: Part, hidden: pl.DataFrame, decoys: pl.DataFrame) -> Trial:
    """Matches the part again with rows hidden and added.

    Args:
        run: the finished run.
        part: the drawn part.
        hidden: the rows to remove.
        decoys: the rows to add, with `side`, `place` (the row before it), `group`, `by_lot`.
    """
    frames, keys = [], []
    for side, rows in enumerate(part.rows):
        lost = hidden.filter(pl.col("side") == side)[("left_row", "right_row")[side]]
        mine = decoys.with_row_index(DECOY).filter(pl.col("side") == side)
        kept = rows.filter(~pl.col("row").is_in(listed(lost)))
        both = pl.concat(
            [
                kept.with_columns(
                    pl.lit(None, dtype=pl.UInt32).alias(DECOY), pl.col("row").cast(pl.Float64).alias("place")
                ),
                mine.with_columns(pl.col("place") + 0.5).select(*rows.columns, DECOY, "place"),
            ]
        ).sort("place", DECOY, maintain_order=True)
        keys.append(both.select(pl.col("row").alias("old"), DECOY))
        frames.append(both.drop(DECOY, "place"))
    lines = run.rematch((frames[0], frames[1]))
    said: tuple[dict[int, str], dict[int, str]] = ({}, {})
    of_decoys: dict[int, str] = {}
    for side, name in enumerate(("left_row", "right_row")):
        # Set-aside rows keep their cause, since rows explained by the material are not missed ones.
        why = pl.when(pl.col("relation") == str(Relation.SET_ASIDE)).then(pl.col("relation") + ":" + pl.col("cause"))
        rows = lines.select(name, why.otherwise("relation").alias("relation")).drop_nulls(name)
        named = keys[side][rows[name]].with_columns(rows["relation"])
        for old, decoy, relation in named.iter_rows():
            if decoy is None:
                said[side][old] = relation
            else:
                of_decoys[decoy] = relation
    return Trial(hidden, decoys, said, [of_decoys[i] for i in range(decoys.height)], _rows_by_number(part))


def _rows_by_number(part: Part) -> tuple[dict[int, dict[str, object]], dict[int, dict[str, object]]]:
    """The rows of both sides by their number."""
    left, right = (
        {
            r["row"]: r
            for r in f.select("row", "pair", "party", "cls", "text", "t", group_of().alias("group")).iter_rows(
                named=True
            )
        }
        for f in part.rows
    )
    return left, right


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
        & ~pl.col("left_row").is_in(listed(notices))
        & ~pl.col("left_row").is_in(listed(repeats[0]))
        & ~pl.col("right_row").is_in(listed(repeats[1]))
    )
    count = limits.drawn_of(could.height)
    drawn = np.sort(rng.choice(could.height, count, replace=False)) if count else np.array([], np.int64)
    return could[drawn].select("left_row", "right_row", (1 - pl.col("surplus")).cast(pl.UInt8).alias("side"))


def _repeated_rows(rows: pl.DataFrame) -> pl.Series:
    """Rows of which the export holds a second copy, by id or by text and time; it would still match."""
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
    """The outcome of every hidden row's partner in the rerun.

    Among similar rows of one moment, the number reported counts, not which ones.
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
    paired = part.lines.filter(pl.col("relation") == str(Relation.AGREEMENT))[["left_row", "right_row"]]
    for row_pair in paired.iter_rows():
        for side, row in enumerate(row_pair):
            relation = trial.relation[side].get(row)
            if relation in (str(Relation.ONE_SIDED), str(Relation.DOUBTFUL)) and row not in partners[side]:
                look = _similarity_key(trial.facts[side][row])
                spare[side, look[:-1]].append(_Spare(row, look[-1], relation == str(Relation.DOUBTFUL)))
    return spare


def _similarity_key(row: dict[str, object]) -> tuple[object, object, object, str, int]:
    """Conversation, party, class, words and time, by which rows count as alike."""
    time = row["t"]
    return (
        row["pair"],
        row["party"],
        row["cls"],
        canonical(str(row["text"] or "")),
        time if isinstance(time, int) else 0,
    )
