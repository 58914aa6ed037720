"""Names characters that the installed fonts cannot show, since an archival PDF may hold none."""

from collections.abc import Iterable
from functools import cache

from reconcile.report.visible import token

# Characters that need no font.
_REGULAR, _ASCII = 400, 0x7F
_BLANK = {"\n", " ", "\u3000", "\u200b"}


def showable(text: str, families: Iterable[str]) -> str:
    """The text with every character that no font has replaced by its code point."""
    lacking = {c for c in set(text) - _BLANK if ord(c) > _ASCII} - _covered(tuple(families), frozenset(text))
    return text.translate({ord(c): token(c) for c in lacking}) if lacking else text


def _covered(families: tuple[str, ...], wanted: frozenset[str]) -> set[str]:
    """The wanted characters that some font has; fonts are opened only while one is missing."""
    import typst  # noqa: PLC0415 - an extra, and slow to load

    places = {f.family: (f.path, f.index) for f in typst.Fonts().fonts() if f.path and f.weight == _REGULAR}
    found: set[str] = set()
    for family in families:
        missing = {c for c in wanted - found if ord(c) > _ASCII}
        if missing and family in places:
            found |= missing & _characters(*places[family])
    return found


@cache
def _characters(path: str, index: int) -> frozenset[str]:
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - as above

    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or {}))
    except (OSError, TTLibError):
        return frozenset()
