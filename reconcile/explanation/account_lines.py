"""The lines of one row's account, grouped as they are read."""

from collections.abc import Iterable
from typing import Any

from reconcile.engine.account import PRIOR
from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.vocabulary import AccountKind, Cause, Relation, Side
from reconcile.wording.sides import row_name

Facts = dict[str, Any]
_CAUSES = (Cause.REFERENCED, Cause.ID_GAP, Cause.SYNC_GAP, Cause.IRREGULAR)
_TEST_OF = {Cause.ID_GAP: "numbering", Cause.SYNC_GAP: "other_conversations"}


def account_of_row(account: Iterable[Facts], line: Facts, side: Side) -> Facts:
    """Factors, hypotheses, alternatives and possible changes of one row, as JSON values.

    Rows of the other side have the names that people type. `other` is the row compared in the factors: the partner,
    else the best candidate. `sum` is the gain of pairing both over leaving both unmatched (null where equality
    settled the pair). `is_compared`: the conversation has a certain counterpart. For an unmatched row every
    hypothesis is listed, with the state `none` where nothing supports it.

    Args:
        account: the row's lines (frames.Account).
        line: the row's line of the alignment.
        side: the side that holds the row.
    """
    lines = [_with_names(one, side.other) for one in account]
    of = {kind: [one for one in lines if one["kind"] == kind] for kind in AccountKind}
    partner = line[f"{side.other}_row"]
    named = [one["other"] for one in of[AccountKind.FACTOR]]
    other = row_name(side.other, partner) if partner is not None else next(iter(named), None)
    factors = sorted((f for f in of[AccountKind.FACTOR] if f["other"] == other), key=lambda f: f["name"] != PRIOR)
    whole = any(f["name"] == PRIOR for f in factors)
    compared = line["cause"] not in (Cause.NO_COUNTERPART, Cause.PAIRING_UNCLEAR)
    alone = partner is None and compared
    return {
        "is_compared": compared, "other": other, "factors": [_shown_fields(f) for f in factors],
        "sum": round(sum(f["log_odds"] for f in factors), 3) if whole else None,
        "hypotheses": _hypotheses(of[AccountKind.HYPOTHESIS]) if alone else [],
        "alternatives": [_shown_fields(a) for a in of[AccountKind.ALTERNATIVE]],
        "changes": [*(_shown_fields(c) for c in of[AccountKind.CHANGE]), *_changes_that_undo(line)],
    }  # fmt: skip


def _with_names(one: Facts, other: Side) -> Facts:
    """The line with its kind as an enum and the other row as people type it."""
    row = one["other_row"]
    return one | {"kind": AccountKind(one["kind"]), "other": None if row is None else row_name(other, row)}


def _shown_fields(one: Facts) -> Facts:
    """The fields of a factor that the explanation shows."""
    return {name: one[name] for name in ("name", "log_odds", "text", "value", "other")}


def _hypotheses(told: list[Facts]) -> list[Facts]:
    """Every hypothesis: first those with evidence for or against them, then the others."""
    said = {one["name"]: {"cause": one["name"], "log_odds": one["log_odds"], "state": one["text"]} for one in told}
    rest = [str(h.cause) for h in HYPOTHESES if str(h.cause) not in said]
    return [*said.values(), *({"cause": cause, "log_odds": None, "state": "none"} for cause in rest)]


def _changes_that_undo(line: Facts) -> list[Facts]:
    """What would undo that a row is set aside for its cause, or one-sided."""
    if line["relation"] == Relation.ONE_SIDED:
        name, text = "partner", "found"
    elif line["relation"] == Relation.SET_ASIDE and line["cause"] in {str(h.cause) for h in HYPOTHESES}:
        name, text = line["cause"], "undone"
    else:
        return []
    return [{"name": name, "log_odds": None, "text": text, "value": None, "other": None}]


def causes_tried(line: Facts, gap: Facts | None) -> list[Facts]:
    """The causes of a one-sided row in order, each with a `state`.

    States: holds, not_supported, not_possible (the material allows no test), not_reached.
    """
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
