"""Which rules were tried on a row, in the order of the comparison: steps of pairing, reasons to set aside, causes of one-sided rows."""

from typing import Any

import polars as pl

from reconcile.explanation.rerun import Rerun
from reconcile.graph.causes import RULES
from reconcile.settings import Settings
from reconcile.vocabulary import Cause, Relation, Side
from reconcile.wechat.classes import OTHER, SECONDS, WORDS

Tried = dict[str, Any]
# The steps of pairing in their order, and the methods that name each.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("id", ("server_id", "rounded_id", "alias_id", "body_id")),
    ("order", ("order",)),
    ("equal", ("equal",)),
    ("canonical", ("canonical", "canonical_any_sender")),
    ("kind", ("kind",)),
    ("place", ("place",)),
    ("resemblance", ("similar", "same_moment", "other_sender")),
    ("moved", ("moved",)),
)
_CAUSES = (Cause.REFERENCED, Cause.ID_GAP, Cause.SYNC_GAP, Cause.IRREGULAR)
_TEST_OF = {Cause.ID_GAP: "numbering", Cause.SYNC_GAP: "other_conversations"}


def steps_tried(rerun: Rerun, side: Side, row: int, line: Tried, settings: Settings) -> list[Tried]:
    """Each step of pairing: `state` paired, none (tried, nothing found), not_applicable or not_reached; `rows` = rows of the other side it could look at."""
    mine = rerun.rows[side].row(rerun.place_of(side, row), named=True)
    other = rerun.rows[side.other]
    reached, out = True, []
    for step, methods in STEPS:
        rows = _looked_at(step, mine, other, rerun, settings)
        if not reached:
            state = "not_reached"
        elif line["method"] in methods:
            state, reached = "paired", False
        else:
            state = "not_applicable" if rows is None else "none"
        out.append({"step": step, "state": state, "rows": rows})
    return out


def _looked_at(step: str, mine: Tried, other: pl.DataFrame, rerun: Rerun, settings: Settings) -> int | None:
    """How many rows of the other side meet the step's condition; None where the step has nothing to go by."""
    window = settings.window_seconds * SECONDS
    near = (pl.col("t") - pl.lit(mine["t"], dtype=pl.Int64)).abs() <= window
    same_words, same_kind = pl.col("text") == mine["text"], pl.col("cls") == mine["cls"]
    has_id = mine["message_id"] is not None and rerun.clock["common_ids"] > 0
    has_time = mine["t"] is not None
    conditions = {
        "id": pl.col("message_id") == mine["message_id"] if has_id else None,
        "order": same_words if rerun.clock["by_order_alone"] else None,
        "equal": near & same_words if has_time else None,
        "canonical": near if has_time else None,
        "kind": near & same_kind if has_time and mine["cls"] not in (WORDS, OTHER) else None,
        "place": same_kind if mine["is_filled"] else None,
        "resemblance": near if has_time else None,
        "moved": ~near & same_words if has_time and not rerun.clock["by_order_alone"] else None,
    }
    condition = conditions[step]
    return None if condition is None else other.filter(condition).height


def rules_tried(line: Tried) -> list[Tried]:
    """The rules for a row alone: `state` holds, does_not_hold or not_reached. Empty for a row with a partner, or of a conversation without one."""
    alone = line["left_row"] is None or line["right_row"] is None
    if not alone or line["cause"] in (Cause.NO_COUNTERPART, Cause.PAIRING_UNCLEAR):
        return []
    is_aside = line["relation"] == Relation.SET_ASIDE
    # Coverage is asked twice: facts that bound the other export first, an edge that nothing verifies last.
    wanted = (
        len(RULES) - 1
        if line["detail"] == "edge_unverified"
        else next((i for i, (c, _) in enumerate(RULES) if c == line["cause"]), None)
    )
    out = []
    for index, (cause, _) in enumerate(RULES):
        name = "edge_unverified" if index == len(RULES) - 1 else str(cause)
        before = wanted is None or index < wanted
        state = "does_not_hold" if not is_aside or before else "holds" if index == wanted else "not_reached"
        out.append({"rule": name, "state": state})
    return out


def causes_tried(line: Tried, gap: Tried | None) -> list[Tried]:
    """The causes of a one-sided row in their order: `state` holds, not_supported, not_possible (the material allows no test) or not_reached."""
    if line["relation"] != Relation.ONE_SIDED:
        return []
    missing = set(gap["tests_not_possible"]) if gap else set()
    out, reached = [], True
    for cause in _CAUSES:
        state = "not_reached" if not reached else "not_possible" if _TEST_OF.get(cause) in missing else "not_supported"
        if reached and line["cause"] == cause:
            state, reached = "holds", False
        out.append({"cause": str(cause), "state": state})
    return out
