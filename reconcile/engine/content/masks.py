"""Figures that people and tools cover with signs: 138****5678."""

import itertools
import re

from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern

# What people and tools write for figures: several of one sign beside a figure, or asterisks alone.
_COVER = r"[*\uff0a×xX●•█■□]"
COVERED = rf"[0-9]{_COVER}{{2}}|{_COVER}{{2}}[0-9]|[*\uff0a]{{2}}"
_HAS_COVER = lazy_pattern(COVERED)
# A run is tried from its beginning only, or thousands of equal signs would be tried from each.
_HIDDEN = lazy_pattern(
    rf"(?<!{_COVER})(?<![0-9])(?:[0-9]+{_COVER}{{2,}}[0-9*]*|[*\uff0a]{{2,}}[0-9*]*|{_COVER}{{2,}}[0-9][0-9*]*)"
)
_RUN = lazy_pattern(rf"{_COVER}+")


def unmasked(shown: str, whole: str) -> str:
    """The text with covered numbers filled in from the other text; unchanged where one has no match.

    One run of signs stands for as many figures, or for more: nobody counts them. Several are of their length.
    """
    if not _HAS_COVER.search(shown):
        return shown
    at, parts, end = 0, [], 0
    for hidden in _HIDDEN.finditer(shown):
        pieces = _RUN.split(hidden[0])
        or_more = "," if len(pieces) == 2 else ""
        covers = [f"[0-9xX]{{{len(run)}{or_more}}}" for run in _RUN.findall(hidden[0])]
        figures = "".join(itertools.chain(*zip(pieces, [*covers, ""], strict=True)))
        number = re.compile(rf"(?<![0-9]){figures}(?![0-9])").search(whole, at)
        if number is None:
            return shown
        parts += [shown[end : hidden.start()], number[0]]
        at, end = number.end(), hidden.end()
    return "".join([*parts, shown[end:]])


def is_masked(shown: str, whole: str) -> bool:
    """Whether one text is the other with some figures of its numbers covered."""
    return shown != whole and not hides_a_number(shown) and unmasked(shown, whole) == whole


def hides_a_number(text: str) -> bool:
    """Whether the text covers a number whole, or figures of one that may be a sum."""
    return any(len(set(h[0])) == 1 or len(h[0]) < PARAMS.person_figures for h in _HIDDEN.finditer(text))


__all__ = ["COVERED", "hides_a_number", "is_masked", "unmasked"]
