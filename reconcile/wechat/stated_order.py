"""The order of day and month that words state, as the pattern `dd/MM/yyyy` in a heading does."""

from reconcile.patterns import lazy_pattern

# The letters of day, month and year in patterns, as programs of several languages write them.
_DAY, _MONTH, _YEAR = (
    r"(?:[dtgj\u0434]{1,2}|day|tag|jour|d[ií]a|日)",
    r"(?:[m\u043c]{1,2}|month|monat|mois|m[eê]s|月)",
    r"[yjar\u0433]{2,4}|year|jahr|ann[ée]e|a[ñn]o|年",
)
_PATTERN = lazy_pattern(
    rf"(?i)(?<![^\W\d_])(?:(?P<day>{_DAY})[\s/.-]{{1,2}}{_MONTH}|{_MONTH}[\s/.-]{{1,2}}{_DAY})[\s/.-]{{1,2}}(?:{_YEAR})(?![^\W\d_])"
)


def stated_order(words: str) -> bool | None:
    """Whether a pattern of dates puts the day before the month; None without one, or with both orders."""
    told = {found["day"] is not None for found in _PATTERN.finditer(words)}
    return told.pop() if len(told) == 1 else None
