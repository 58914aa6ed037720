"""How sure a run is: how many claims may be wrong, and what was measured on its own material."""

from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any

import polars as pl

from reconcile.engine.confidence import bounds_of
from reconcile.report.model import ErrorBound, Measured, Trials
from reconcile.report.pieces import Phrase
from reconcile.report.words import ALL

_ESTIMATED = "estimated"
# A class with fewer trials than this is only counted in the total.
_POOL_BELOW = 20
# Either end of a 90 % interval is a one-sided 95 % bound.
_BOTH_ENDS = 0.90
_NEARLY_ALL = 0.999
_ROUGH = 0.1


def rate_lines(rates: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """The notes on a run's `error_rates`; none if not measured, or written by another version.

    They name the part measured, what could not be estimated and why, and what both sides lack.
    """
    if "false_match" not in rates or "hide_and_recover" not in rates:
        return ()
    lines = []
    if part := rates.get("part"):
        lines.append(_rate_phrase("part", seed=str(rates["seed"]), **part))
    for name in ("false_match", "hide_and_recover"):
        found = rates[name]
        if found["state"] != _ESTIMATED:
            lines.append(
                _rate_phrase(
                    "not_estimable", what=_rate_phrase(f"name_{name}"), why=_rate_phrase(f"why_{found['why']}")
                )
            )
    return (*lines, *_lines_on_joint_gaps(rates.get("both_lack")))


def _lines_on_joint_gaps(found: Mapping[str, Any] | None) -> list[Phrase]:
    """What both sides lack: the estimate with its condition, or why none is given."""
    if not found:
        return []
    lines = [_rate_phrase("both_lack", **c) for c in found["conversations"]]
    return lines + [
        _rate_phrase("both_lack_not", n=n, why=_rate_phrase(f"why_{why}")) for why, n in found["why"].items()
    ]


def _rate_phrase(name: str, **values: Any) -> Phrase:
    return Phrase(key=f"verdict.rate.{name}", values=values)


def error_bounds(verdicts: pl.DataFrame) -> tuple[ErrorBound, ...]:
    """How many of the messages reported missing and altered may be wrong; empty without such messages."""
    return tuple(
        ErrorBound(claim=claim, claimed=int(counts["claimed"]), wrong_at_most=int(counts["wrong_at_most"]))
        for claim, counts in bounds_of(verdicts).items()
    )


def wrong_of(bound: ErrorBound) -> Phrase:
    """The number of claims that may be wrong, in the words of the tables."""
    key = "front.e_wrong" if bound.wrong_at_most else "front.e_none_wrong"
    return Phrase(key=key, values={"k": bound.wrong_at_most})


def measured(rates: Mapping[str, Any]) -> Measured | None:
    """The run's own measurement in whole numbers; None where nothing was measured."""
    try:
        hidden, decoys = _if_estimated(rates["hide_and_recover"]), _if_estimated(rates["false_match"])
    except KeyError:
        return None
    return Measured(hidden=_tests(hidden, _recovered), decoys=_tests(decoys, _decoy_trials))


def _recovered(counts: Mapping[str, Any]) -> Trials:
    """Hidden messages that should be reported, without those that are explained or indistinct."""
    tried = counts.get("hidden", 0) - counts.get("explained", 0) - counts.get("indistinct", 0)
    hit = counts.get("reported", 0)
    return Trials(code=ALL, tried=tried, hit=hit, bound=at_least(_interval_of(hit, tried)[0]))


def _decoy_trials(counts: Mapping[str, Any]) -> Trials:
    """The decoys added, how many were matched wrongly, and the upper bound."""
    tried, hit = counts.get("decoys", 0), counts.get("paired", 0)
    return Trials(code=ALL, tried=tried, hit=hit, bound=at_most(_interval_of(hit, tried)[1]))


def at_least(value: float) -> str:
    """A share as a percentage, rounded down: no figure claims more than was measured."""
    return _percent(floor(value * 100 * _steps_per_percent(value)) / _steps_per_percent(value))


def at_most(value: float) -> str:
    """A share as a percentage, rounded up."""
    return _percent(ceil(value * 100 * _steps_per_percent(value)) / _steps_per_percent(value))


def _steps_per_percent(value: float) -> int:
    """10 where a share is near 0 or 1, so that its percentage keeps one decimal; 1 elsewhere."""
    return 1 if _ROUGH <= value <= 1 - _ROUGH else 10


def _percent(value: float) -> str:
    """The percentage, never printed as 100 %."""
    return f"{min(value, 100 * _NEARLY_ALL):g}%"


def _if_estimated(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The measurement; empty where nothing could be estimated."""
    return found if found.get("state") == _ESTIMATED else {}


def _tests(found: Mapping[str, Any], count: Callable[[Mapping[str, Any]], Trials]) -> tuple[Trials, ...]:
    """All trials first, then each class with enough trials; none where nothing could be estimated."""
    if not found or not count(found).tried:
        return ()
    classes = ((kind, count(counts)) for kind, counts in found.get("by_kind", {}).items())
    large = (c.model_copy(update={"code": kind}) for kind, c in classes if c.tried >= _POOL_BELOW)
    return (count(found), *large)


def _interval_of(hit: int, tried: int) -> tuple[float, float]:
    """Lower and upper one-sided 95 % bound of a share (Clopper-Pearson)."""
    from reconcile.engine.rates.interval import clopper_pearson  # noqa: PLC0415 - loads a library that a report without rates need not wait for

    return clopper_pearson(hit, tried, _BOTH_ENDS)
