"""The rerun: matches the drawn part again without its hidden rows and with its decoys."""

from dataclasses import dataclass

import polars as pl

from reconcile.engine.rates.groups import group_of
from reconcile.engine.rates.material import Part, Run
from reconcile.vocabulary import Relation

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
        kept = rows.filter(~pl.col("row").is_in(lost.implode()))
        both = pl.concat(
            [
                kept.with_columns(
                    pl.lit(None, dtype=pl.UInt32).alias(DECOY), pl.col("row").cast(pl.Float64).alias("place")
                ),
                mine.with_columns(pl.col("place") + 0.5).select(*rows.columns, DECOY, "place"),
            ]
        ).sort("place", DECOY, maintain_order=True)
        keys.append(both.select(pl.col("row").alias("old"), DECOY))
        frames.append(both.drop(DECOY, "place").with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")))
    lines = run.rematch(frames[0], frames[1])
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
