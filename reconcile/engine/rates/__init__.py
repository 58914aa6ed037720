"""Measures the error rates of a run on its own material: false matches and missed absences."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import listed, parts_by
from reconcile.engine.rates.decoys import UNMADE, make_decoys
from reconcile.engine.rates.interval import share
from reconcile.engine.rates.material import (
    GROUPS,
    PAIRED,
    Part,
    Run,
    choose_part,
    group_of,
    missing_by_group,
    rows_alone,
    seed_of,
)
from reconcile.engine.rates.trial import Trial, choose_hidden, outcomes, run_trial
from reconcile.settings import RateLimits
from reconcile.vocabulary import Relation
from reconcile.wechat.kind_classes import SECONDS

NOT_ESTIMABLE, ESTIMATED = "not_estimable", "estimated"


def measure(run: Run, limits: RateLimits | None = None) -> dict[str, Any]:
    """`false_match` and `hide_and_recover` of one comparison, from matching a drawn part again.

    Decoys (rows that the other side does not hold) are added to a copy of the part, and rows that the run had paired
    are removed from it. Then the same matching runs again. Equal inputs and settings draw the same rows, whichever side
    is left.

    Returns:
        seed, part (conversations, rows of both sides, rows of the whole), false_match and hide_and_recover. The last
        two have `state` (`estimated`, or `not_estimable` with `why`: few_paired_rows, few_decoys), counts, rate, its
        exact interval rate_low and rate_high, and low and high: the 95 % range of the rate among this run's `of_alone`
        unmatched rows, or its `of_missing` reported rows.
    """
    limits = limits or RateLimits()
    seed = seed_of(run)
    rng = np.random.default_rng(seed)
    part = choose_part(run, rng, limits)
    if part is None:
        nothing = _not_estimable("few_paired_rows")
        return {"seed": seed, "false_match": nothing, "hide_and_recover": dict(nothing)}
    hidden = choose_hidden(part, rng, limits)
    decoys = make_decoys(part, hidden, rng, limits)
    trial = run_trial(run, part, hidden, decoys)
    return {
        "seed": seed,
        "part": {
            "conversations": part.lines["pair"].n_unique(),
            "rows": sum(f.height for f in part.rows),
            "of_rows": sum(f.height for f in run.rows),
            "near_seconds": round(part.near_us / SECONDS, 1),
        },
        "false_match": _measure_false_matches(run, part, trial, limits),
        "hide_and_recover": _measure_recovery(run, part, trial, limits),
    }


def _measure_false_matches(run: Run, part: Part, trial: Trial, limits: RateLimits) -> dict[str, object]:
    """How often decoys were matched; not estimable with too few."""
    alone = rows_alone(run)
    told = trial.decoys.select("group", "by_lot", pl.Series("relation", trial.decoy_relation, dtype=pl.String))
    lot = told.filter("by_lot")
    if lot.height < limits.least_drawn:
        return _not_estimable("few_decoys") | {"decoys": lot.height}
    inner = part.lines.filter("is_inner")["left_row"]
    held = set(part.rows[0].filter(pl.col("row").is_in(listed(inner))).select(group_of().alias("group"))["group"])
    kinds: dict[str, dict[str, object]] = {}
    by_group = parts_by(told, "group")
    for name in GROUPS:
        mine = by_group.get((name,))
        why = "not_held" if name not in held else "no_decoy" if name in UNMADE else "no_place"
        kinds[name] = _count_paired(mine, 0) if mine is not None else {"decoys": 0, "why": why}
    return {"state": ESTIMATED, **_count_paired(lot, alone), "of_alone": alone, "by_kind": kinds}


def _count_paired(told: pl.DataFrame, alone: int) -> dict[str, object]:
    """Numbers of decoys, of those matched and doubtful, and the share with its interval."""
    paired = int(told["relation"].is_in(PAIRED).sum())
    doubtful = int((told["relation"] == str(Relation.DOUBTFUL)).sum())
    return {"decoys": told.height, "paired": paired, "doubtful": doubtful, **share(paired, told.height, alone)}


def _measure_recovery(run: Run, part: Part, trial: Trial, limits: RateLimits) -> dict[str, object]:
    """How often hidden messages were reported missing; not estimable with too few."""
    hidden = len(trial.hidden)
    if hidden < limits.least_drawn:
        return _not_estimable("few_paired_rows") | {"hidden": hidden}
    told = outcomes(part, trial)
    if all(t.outcome in ("explained", "indistinct") for t in told):
        return _not_estimable("few_paired_rows") | {"hidden": hidden}
    missing = missing_by_group(run)
    groups: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(g for g in GROUPS if any(g == t.group for t in told)):
        groups[name] = _count_outcomes([t.outcome for t in told if t.group == name], missing.get(name, 0))
    return {"state": ESTIMATED, **_count_outcomes([t.outcome for t in told], sum(missing.values())), "by_kind": groups}


def _count_outcomes(found: list[str], missing: int) -> dict[str, object]:
    """How often each outcome occurs, and the share reported of those that could be."""
    named = {
        name: found.count(name) for name in ("reported", "doubtful", "indistinct", "explained", "set_aside", "paired")
    }
    # Rows that the material explains, or that equal rows next to them make indistinct, are neither reported nor missed.
    open_rows = len(found) - named["explained"] - named["indistinct"]
    told = share(named["reported"], open_rows, missing) if open_rows else {}
    return {"hidden": len(found), **named, "of_missing": missing, **told}


def _not_estimable(why: str) -> dict[str, object]:
    return {"state": NOT_ESTIMABLE, "why": why}


Rates = Mapping[str, object]
__all__ = ["ESTIMATED", "GROUPS", "NOT_ESTIMABLE", "Rates", "Run", "measure"]
