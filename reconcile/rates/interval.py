"""Exact intervals of a share (Clopper and Pearson 1934): never narrower than stated, whatever the true share."""

LEVEL = 0.95
_DIGITS = 6


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


def share(part: int, whole: int) -> dict[str, float]:
    """rate, low and high of a share."""
    low, high = clopper_pearson(part, whole)
    return {"rate": round(part / whole, _DIGITS), "low": low, "high": high}
