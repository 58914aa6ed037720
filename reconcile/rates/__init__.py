"""How sure this very run is: its own false-match rate and what it would have overlooked, measured on its own material."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reconcile.rates.decoys import make_decoys, paired_decoys
from reconcile.rates.hidden import choose_hidden, outcomes
from reconcile.rates.interval import share
from reconcile.rates.material import Part, Run, choose_part, seed_of
from reconcile.rates.trial import Trial, run_trial
from reconcile.settings import RateLimits
from reconcile.wechat.classes import SECONDS

NOT_ESTIMABLE, ESTIMATED = "not_estimable", "estimated"


def measure(run: Run, limits: RateLimits | None = None) -> dict[str, Any]:
    """`false_match` and `hide_and_recover` of one comparison, from one rerun of the matching on a drawn part of the material.

    Into a copy of the part go decoys (rows that the other side does not hold), out of it go rows that the run had paired; then the same
    matching runs again. The same inputs and settings draw the same rows, whichever side is called left.

    Returns:
        seed, part (conversations, rows of both sides, rows of the whole), false_match and hide_and_recover: each with `state` (`estimated`, or
        `not_estimable` with `why`: few_paired_rows, few_decoys), counts, rate, low and high (95 %, Clopper and Pearson).
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
        "false_match": _false_match(trial, limits),
        "hide_and_recover": _recovered(part, trial, limits),
    }


def _false_match(trial: Trial, limits: RateLimits) -> dict[str, object]:
    placed = len(trial.decoys)
    if placed < limits.least_drawn:
        return _not_estimable("few_decoys") | {"decoys": placed}
    paired, doubtful = paired_decoys(trial)
    return {"state": ESTIMATED, "decoys": placed, "paired": paired, "doubtful": doubtful, **share(paired, placed)}


def _recovered(part: Part, trial: Trial, limits: RateLimits) -> dict[str, object]:
    hidden = len(trial.hidden)
    if hidden < limits.least_drawn:
        return _not_estimable("few_paired_rows") | {"hidden": hidden}
    told = outcomes(part, trial)
    if all(t.outcome in ("explained", "indistinct") for t in told):
        return _not_estimable("few_paired_rows") | {"hidden": hidden}
    groups: dict[str, dict[str, object]] = {}
    for name in dict.fromkeys(g for g in GROUPS if any(g == t.group for t in told)):
        groups[name] = _counts([t.outcome for t in told if t.group == name])
    return {"state": ESTIMATED, **_counts([t.outcome for t in told]), "by_kind": groups}


# Kinds and lengths as reports list them: words by number of characters, then what carries no words.
GROUPS = ("words_1_5", "words_6_19", "words_20", "payment", "media", "other")


def _counts(found: list[str]) -> dict[str, object]:
    named = {
        name: found.count(name) for name in ("reported", "doubtful", "indistinct", "explained", "set_aside", "paired")
    }
    # What the material itself explains, or cannot tell from an equal row beside it, is neither reported nor overlooked.
    open_rows = len(found) - named["explained"] - named["indistinct"]
    return {"hidden": len(found), **named, **(share(named["reported"], open_rows) if open_rows else {})}


def _not_estimable(why: str) -> dict[str, object]:
    return {"state": NOT_ESTIMABLE, "why": why}


Rates = Mapping[str, object]
__all__ = ["ESTIMATED", "GROUPS", "NOT_ESTIMABLE", "Rates", "Run", "measure"]
