"""The error rates of a run in sentences: what was tried, the outcome, its interval, its conditions."""

from collections.abc import Callable, Mapping
from typing import Any

from reconcile.report.model import Measured, Trials
from reconcile.report.pieces import Phrase
from reconcile.report.words import ALL
from reconcile.wording import has

_ESTIMATED = "estimated"
# A class with fewer trials than this is only counted in the total.
_POOL_BELOW = 20
# Either end of a 90 % interval is a one-sided 95 % bound.
_BOTH_ENDS = 0.90
_NEARLY_ALL = 0.999


def rate_lines(rates: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """The sentences for a run's `error_rates`; none if not measured, or written by another version."""
    if "false_match" not in rates or "hide_and_recover" not in rates:
        return ()
    lines = []
    if part := rates.get("part"):
        lines.append(_phrase("part", seed=str(rates["seed"]), **part))
    for name in ("false_match", "hide_and_recover"):
        found = rates[name]
        if found["state"] != _ESTIMATED:
            lines.append(_phrase("not_estimable", what=_phrase(f"name_{name}"), why=_phrase(f"why_{found['why']}")))
            continue
        told = _told(found)
        of_run = told.get("of_alone", told.get("of_missing"))
        lines += [
            _phrase(name, **told),
            *([_phrase(f"{name}_run", **told)] if of_run else []),
            _phrase(f"{name}_on", near=(rates.get("part") or {}).get("near_seconds", 0)),
        ]
        lines += _by_kind(found.get("by_kind", {}))
    return (*lines, *_joint(rates.get("both_lack")))


def _by_kind(kinds: Mapping[str, Any]) -> list[Phrase]:
    """A sentence for every kind with a rate; the others together, by the reason why they have none."""
    told = {kind: counts for kind, counts in kinds.items() if "rate" in counts}
    lines = [
        _phrase("decoys_of" if "decoys" in counts else "by_kind", what=_phrase(f"kind_{kind}"), **_told(counts))
        for kind, counts in told.items()
    ]
    why: dict[str, Phrase] = {}
    for kind, counts in kinds.items():
        if "why" in counts:
            name, more = _phrase(f"kind_{kind}"), why.get(counts["why"])
            why[counts["why"]] = name if more is None else _phrase("listed", one=more, more=name)
    return lines + [_phrase("no_decoys_of", why=_phrase(f"why_{w}"), what=kinds) for w, kinds in why.items()]


def _joint(found: Mapping[str, Any] | None) -> list[Phrase]:
    """What both sides lack: the estimate with its condition, or why none is given."""
    if not found:
        return []
    lines = [_phrase("both_lack", **c) for c in found["conversations"]]
    return lines + [_phrase("both_lack_not", n=n, why=_phrase(f"why_{why}")) for why, n in found["why"].items()]


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    shares = {name: percent(found[name]) for name in ("rate", "low", "high", "rate_low", "rate_high") if name in found}
    return {k: v for k, v in found.items() if isinstance(v, int)} | shares


def percent(value: float) -> str:
    """A share as a percentage with one decimal, two near the ends; exactly 0 and 1 have none."""
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    return f"{value:.2%}" if value < 0.01 or value > 0.99 else f"{value:.1%}"


def _phrase(name: str, **values: Any) -> Phrase:
    key = f"verdict.rate.{name}"
    return Phrase(key=key if has(key) else f"verdict.{name}", values=values)


def measured(rates: Mapping[str, Any]) -> Measured | None:
    """The run's own measurement in whole numbers; None where nothing was measured."""
    try:
        hidden, decoys = _estimate(rates["hide_and_recover"]), _estimate(rates["false_match"])
    except KeyError:
        return None
    return Measured(hidden=_tests(hidden, _recovered), decoys=_tests(decoys, _paired))


def _recovered(counts: Mapping[str, Any]) -> Trials:
    """Hidden messages that should be reported, without those that are explained or indistinct."""
    tried = counts.get("hidden", 0) - counts.get("explained", 0) - counts.get("indistinct", 0)
    hit = counts.get("reported", 0)
    return Trials(code=ALL, tried=tried, hit=hit, bound=share(_ends(hit, tried)[0]))


def _paired(counts: Mapping[str, Any]) -> Trials:
    tried, hit = counts.get("decoys", 0), counts.get("paired", 0)
    return Trials(code=ALL, tried=tried, hit=hit, bound=share(_ends(hit, tried)[1]))


def share(value: float) -> str:
    """A share as a percentage; a share below one never reads as 100 %."""
    return f"{min(value, _NEARLY_ALL) * 100:.3g}%"


def _estimate(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return found if found.get("state") == _ESTIMATED else {}


def _tests(found: Mapping[str, Any], count: Callable[[Mapping[str, Any]], Trials]) -> tuple[Trials, ...]:
    """All trials first, then each class with enough trials; none where nothing could be estimated."""
    if not found or not count(found).tried:
        return ()
    classes = ((kind, count(counts)) for kind, counts in found.get("by_kind", {}).items())
    large = (c.model_copy(update={"code": kind}) for kind, c in classes if c.tried >= _POOL_BELOW)
    return (count(found), *large)


def _ends(hit: int, tried: int) -> tuple[float, float]:
    from reconcile.engine.rates.interval import clopper_pearson  # noqa: PLC0415 - loads a library that a report without rates need not wait for

    return clopper_pearson(hit, tried, _BOTH_ENDS)
