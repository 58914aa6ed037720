"""Intervals of a share: of the rate itself (exact, Clopper and Pearson 1934), and of what it came to in a known number of rows."""

import numpy as np

LEVEL = 0.95
_DIGITS = 6
# Among so many rows the share is as good as the rate itself.
_MOST_AMONG = 1_000


def clopper_pearson(part: int, whole: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a share of which `part` of `whole` were seen; (0, 1) of nothing.

    >>> clopper_pearson(0, 20)
    (0.0, 0.168433)
    """
    if whole == 0:
        return 0.0, 1.0
    # A tenth of a second that reading need not wait for.
    from scipy.special import betaincinv  # noqa: PLC0415

    tail = (1 - level) / 2
    low = float(betaincinv(part, whole - part + 1, tail)) if part else 0.0
    high = float(betaincinv(part + 1, whole - part, 1 - tail)) if part < whole else 1.0
    return round(low, _DIGITS), round(high, _DIGITS)


def share_among(part: int, whole: int, among: int, level: float = LEVEL) -> tuple[float, float]:
    """The likeliest shares of `among` further rows, of which together at least `level` is to be expected after `part` of `whole`.

    What happened to five rows is a number of fifths: a rate of 0.99 most likely comes to five of five, which no interval of the rate itself
    holds. Beta-binomial with Jeffreys' prior; of equally likely shares the lower is taken first.

    >>> share_among(11, 12, 4)
    (0.5, 1.0)
    """
    # As above.
    from scipy.special import betaln, gammaln  # noqa: PLC0415

    many = min(among, _MOST_AMONG)
    hits = np.arange(many + 1)
    ways = gammaln(many + 1) - gammaln(hits + 1) - gammaln(many - hits + 1)
    odds = np.exp(
        ways + betaln(hits + part + 0.5, many - hits + whole - part + 0.5) - betaln(part + 0.5, whole - part + 0.5)
    )
    likely = np.argsort(-odds, kind="stable")
    kept = likely[: int(np.searchsorted(np.cumsum(odds[likely]), level)) + 1]
    return round(float(kept.min()) / many, _DIGITS), round(float(kept.max()) / many, _DIGITS)


def share(part: int, whole: int, among: int = 0) -> dict[str, float]:
    """rate; rate_low and rate_high, its exact interval; low and high, which hold beside it what the rate may come to in `among` rows (0 = unknown)."""
    low, high = clopper_pearson(part, whole)
    ends = (low, high) if not among else share_among(part, whole, among)
    return {
        "rate": round(part / whole, _DIGITS),
        "low": min(low, ends[0]),
        "high": max(high, ends[1]),
        "rate_low": low,
        "rate_high": high,
    }
