"""Intervals of a share: exact for the rate (Clopper and Pearson 1934), or among some known rows."""

from math import lgamma, log, log1p

import numpy as np
import numpy.typing as npt

from reconcile.engine.params import PARAMS

Floats = npt.NDArray[np.float64]


def clopper_pearson(part: int, whole: int, level: float = PARAMS.level) -> tuple[float, float]:
    """The exact interval of a share, after `part` of `whole` were seen; (0, 1) if nothing was seen.

    >>> clopper_pearson(0, 20)
    (0.0, 0.168433)
    """
    if whole == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 1 - _highest_rate(whole - part, whole, tail) if part else 0.0
    high = _highest_rate(part, whole, tail) if part < whole else 1.0
    return round(low, PARAMS.rate_digits), round(high, PARAMS.rate_digits)


def _highest_rate(part: int, whole: int, tail: float) -> float:
    """The rate at which `part` or fewer of `whole` are seen with probability `tail`, found by halving.

    scipy.special has this too, but takes a fifth of a second to load.
    """
    if part == 0:
        return float(1 - tail ** (1 / whole))
    seen = np.arange(part + 1)
    ways = _log_gamma(whole + 1) - _log_gamma(seen + 1) - _log_gamma(whole - seen + 1)
    low, high = 0.0, 1.0
    for _ in range(PARAMS.rate_halvings):
        middle = (low + high) / 2
        if np.exp(ways + seen * log(middle) + (whole - seen) * log1p(-middle)).sum() > tail:
            low = middle
        else:
            high = middle
    return low


def _log_gamma(values: npt.ArrayLike) -> Floats:
    return np.array([lgamma(v) for v in np.atleast_1d(values)])


def _log_beta(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Natural logarithm of the beta function."""
    return _log_gamma(a) + _log_gamma(b) - _log_gamma(np.add(a, b))


def share_among(part: int, whole: int, among: int) -> tuple[float, float]:
    """The most likely shares among `among` further rows, with at least 95 % probability together.

    Among five rows a share is a number of fifths: a rate of 0.99 most likely gives five of five, and no interval of the
    rate itself contains that. Beta-binomial with Jeffreys' prior; of equally likely shares the lower comes first.

    >>> share_among(11, 12, 4)
    (0.5, 1.0)
    """
    many = min(among, PARAMS.rate_rows)
    hits = np.arange(many + 1)
    ways = _log_gamma(many + 1) - _log_gamma(hits + 1) - _log_gamma(many - hits + 1)
    odds = np.exp(
        ways
        + _log_beta(hits + part + 0.5, many - hits + whole - part + 0.5)
        - _log_beta(part + 0.5, whole - part + 0.5)
    )
    likely = np.argsort(-odds, kind="stable")
    kept = likely[: int(np.searchsorted(np.cumsum(odds[likely]), PARAMS.level)) + 1]
    return round(float(kept.min()) / many, PARAMS.rate_digits), round(float(kept.max()) / many, PARAMS.rate_digits)


def share(part: int, whole: int, among: int = 0) -> dict[str, float]:
    """rate, its exact interval rate_low and rate_high, and low and high.

    The last two also cover what the rate may come to among `among` rows (0 = unknown).
    """
    low, high = clopper_pearson(part, whole)
    ends = (low, high) if not among else share_among(part, whole, among)
    return {
        "rate": round(part / whole, PARAMS.rate_digits),
        "low": min(low, ends[0]),
        "high": max(high, ends[1]),
        "rate_low": low,
        "rate_high": high,
    }
