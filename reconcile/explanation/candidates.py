"""Rows of the other side that came into question as a row's partner, best first, and what spoke for and against each."""

from typing import Any

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.explanation.rerun import Rerun
from reconcile.settings import Settings
from reconcile.vocabulary import Side
from reconcile.wechat.classes import SECONDS, SYSTEM, WORDLESS
from reconcile.wechat.text import canonical

MOST = 8
_EXCERPT = 60
Row = dict[str, Any]


def candidates_of(rerun: Rerun, side: Side, row: int, lines: pl.DataFrame, settings: Settings) -> list[Row]:
    """The best candidates: with its server id, its words, or near it in time and alike; `against` lists what speaks against one, empty for nothing.

    Codes of `against`: other_id (both state a server id, ids are trusted, they differ), far (beyond the window), other_sender, other_kind,
    unlike (similarity below the threshold), taken (paired with another row, named by `taken_by`).
    """
    mine = rerun.rows[side].row(rerun.place_of(side, row), named=True)
    partners = dict(lines.select(f"{side.other}_row", f"{side}_row").drop_nulls().iter_rows())
    found = []
    for theirs in _near(rerun.rows[side.other], mine, settings).iter_rows(named=True):
        found.append(_held_against(mine, theirs, partners.get(theirs["run_row"]), row, rerun, settings))
    found.sort(key=lambda c: (not c["chosen"], not c["same_id"], len(c["against"]), -c["score"], c["row"]))
    kept = [c for c in found if c["chosen"] or c["same_id"] or c["similarity"] > 0 or "far" not in c["against"]]
    return kept[:MOST]


def _near(rows: pl.DataFrame, mine: Row, settings: Settings) -> pl.DataFrame:
    """Rows within the window, and those anywhere with the same id or the same words."""
    window = int(settings.window_seconds * SECONDS)
    far = (pl.col("t") - pl.lit(mine["t"], dtype=pl.Int64)).abs()
    same_id = pl.col("message_id") == pl.lit(mine["message_id"], dtype=pl.String)
    same_words = (pl.col("text") == pl.lit(mine["text"])) & (pl.col("text") != "")
    marked = rows.with_columns(far.alias("far"), same_id.fill_null(value=False).alias("same_id"))
    found = marked.filter(pl.col("same_id") | same_words | (pl.col("far") <= window).fill_null(value=False))
    return found.sort("same_id", "far", "run_row", descending=[True, False, False], nulls_last=True).head(200)


def _held_against(mine: Row, theirs: Row, taken_by: int | None, row: int, rerun: Rerun, settings: Settings) -> Row:
    one, two = canonical(mine["text"] or ""), canonical(theirs["text"] or "")
    similarity = 1.0 if one == two else Indel.normalized_similarity(one, two)
    apart = None if mine["t"] is None or theirs["t"] is None else abs(mine["t"] - theirs["t"]) / SECONDS
    ids = mine["message_id"], theirs["message_id"]
    same_id = ids[0] is not None and ids[0] == ids[1]
    wordless = mine["cls"] in WORDLESS and theirs["cls"] == mine["cls"]
    known = mine["party"] is not None and theirs["party"] is not None
    checks = {
        "other_id": rerun.clock["ids_trusted"] and None not in ids and not same_id,
        "far": apart is not None and apart > settings.window_seconds and not rerun.clock["by_order_alone"],
        "other_sender": known and mine["party"] != theirs["party"] and SYSTEM not in (mine["cls"], theirs["cls"]),
        "other_kind": mine["cls"] != theirs["cls"],
        "unlike": similarity < settings.similar_from and not wordless and not same_id,
        "taken": taken_by is not None and taken_by != row,
    }
    against = [name for name, holds in checks.items() if holds]
    spread = max(mine["spread"] or 0, 1) / SECONDS
    score = (
        similarity
        - (0.0 if apart is None else 0.3 * min(apart / (4 * spread + 1), 2.0))
        - 0.5 * ("other_sender" in against)
    )
    return {
        "row": theirs["run_row"] + 1, "chosen": taken_by == row, "text": (theirs["text"] or "")[:_EXCERPT], "kind": str(theirs["kind"]), "same_id": same_id,
        "similarity": round(similarity, 4), "seconds_apart": None if apart is None else round(apart, 3), "score": round(score, 4), "against": against,
        "taken_by": taken_by + 1 if taken_by is not None and taken_by != row else None,
    }  # fmt: skip
