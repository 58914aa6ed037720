"""The matching of one conversation once more, from the messages saved with the results."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from reconcile.evidence import mark_repeats, rows_of, same_id_repeats
from reconcile.match.align import Aligned, align
from reconcile.match.heads import without_heads
from reconcile.match.merged import merged_repeats
from reconcile.settings import Settings
from reconcile.vocabulary import Side
from reconcile.wechat.classes import SECONDS

_OWNERS = {"left owner": "\x01L", "right owner": "\x01R"}
_INTEGERS = {"row": pl.UInt32, "local_id": pl.Int64}


@dataclass(frozen=True, slots=True)
class Rerun:
    """One conversation aligned again.

    rows: per side, the aligned rows (`row` counts within the conversation), `run_row` being the row of the run. aligned: pairs and what was learnt. clock:
    what is known of the two clocks and the server ids.
    """

    rows: dict[Side, pl.DataFrame]
    aligned: Aligned
    clock: dict[str, Any]

    def place_of(self, side: Side, row: int) -> int:
        """The position within the conversation of a row of the run."""
        return int(self.rows[side]["run_row"].index_of(row) or 0)

    def partner_of(self, side: Side, row: int) -> tuple[int, float, str] | None:
        """The run's row that the rerun pairs with it, the matching's own confidence and its step; None = none."""
        here = self.place_of(side, row)
        found = self.aligned.pairs.filter(pl.col(f"{side}_row") == here)
        if found.is_empty():
            return None
        pair = found.row(0, named=True)
        return int(self.rows[side.other]["run_row"][pair[f"{side.other}_row"]]), pair["confidence"], pair["method"]


def match_again(messages: pl.DataFrame, verdicts: pl.DataFrame, settings: Settings) -> Rerun | None:
    """The rerun; None where the conversation has no counterpart, so that nothing was matched."""
    if verdicts.is_empty() or messages["side"].n_unique() < 2 or verdicts["pairing"][0] in ("none", "unclear"):
        return None
    kind = verdicts["conversation_kind"][0]
    frames, numbers = [], []
    for side in Side:
        table = messages.filter(pl.col("side") == str(side)).sort("row")
        numbers.append(table["row"].alias("run_row"))
        counted = table.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
        key = pl.DataFrame(
            {"pair": [0], f"{side}_conversation": [table["conversation"][0]], "kind": [kind]},
            schema={"pair": pl.UInt32, f"{side}_conversation": pl.String, "kind": pl.String},
        )
        rows = without_heads(merged_repeats(same_id_repeats(mark_repeats(rows_of(counted, key, side)))))
        party = counted["party"].replace(_OWNERS).alias("party")
        frames.append(rows.with_columns(party, pl.col("t").alias("raw_t")))
    aligned = align(frames[0], frames[1], settings)
    kept = {side: f.with_columns(n) for side, f, n in zip(Side, (aligned.left, aligned.right), numbers, strict=True)}
    return Rerun(kept, aligned, _clock(aligned, verdicts))


def _clock(aligned: Aligned, verdicts: pl.DataFrame) -> dict[str, Any]:
    ids = aligned.ids.row(0, named=True) if aligned.ids.height else None
    spread = aligned.right["spread"].max()
    return {
        "skew_seconds": verdicts["skew_seconds"][0],
        "spread_seconds": round(spread / SECONDS, 3) if isinstance(spread, int | float) else None,
        "by_order_alone": bool(aligned.untimed),
        "common_ids": ids["common"] if ids else 0,
        "ids_trusted": bool(ids["is_trusted"]) if ids else False,
    }
