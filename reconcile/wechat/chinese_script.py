"""One script for both: each traditional character as its simplified form.

`chinese_script.txt` holds the characters of OpenCC's tables (Apache License 2.0): traditional ones in the first line,
their simplified forms below in the second. Two traditional characters may share a simplified form, never the reverse,
so no word of one script becomes another. The third line holds characters that belong to both scripts and that a tool
may write for those below them in the fourth, such as 著 for 着.
"""

from importlib.resources import files
from itertools import pairwise

_TRADITIONAL, _SIMPLIFIED, _VARIANT, _USUAL = (
    (files(__package__) / "chinese_script.txt").read_text(encoding="utf-8").split()
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_MATES: dict[str, list[str]] = {}
for _one, _other in (*zip(_VARIANT, _USUAL, strict=True), *zip(_USUAL, _VARIANT, strict=True)):
    _MATES.setdefault(_one, []).append(_other)
TRADITIONAL = f"[{_TRADITIONAL}]"
# Characters that a tool may write otherwise in the other script, though both belong to it.
OF_BOTH_SCRIPTS = f"[{_VARIANT}{_USUAL}]"


def simplified(text: str) -> str:
    """The text in simplified characters; all else stays."""
    return text if text.isascii() else text.translate(_TABLE)


_TWINS: dict[str, str] = {}
for _one, _other in zip(_TRADITIONAL, _SIMPLIFIED, strict=True):
    _TWINS[_other] = _TWINS.get(_other, _other) + _one


def in_both_scripts(pattern: str) -> str:
    """A pattern in simplified characters as one that fits either script, character by character."""
    found, is_class = [], False
    for c in pattern:
        is_class = (is_class or c == "[") and c != "]"
        twins = _TWINS.get(c, c)
        found.append(twins if is_class or len(twins) == 1 else f"[{twins}]")
    return "".join(found)


def spelt_as(text: str, other: str) -> str:
    """The text in simplified characters, those of OF_BOTH_SCRIPTS as another such text writes them."""
    plain = simplified(text)
    mates = ((c, m) for c in {*plain} - {*other} for m in reversed(_MATES.get(c, [])) if m in other)
    return plain.translate({ord(c): m for c, m in mates})


def _ranges() -> str:
    """The ideographs that no table changes, as ranges of a character class."""
    bounds = [0x4DFF, *map(ord, sorted(_TRADITIONAL)), 0xA000]
    gaps = ((a + 1, b - 1) for a, b in pairwise(bounds) if b - a > 1)
    return "".join(f"{chr(a)}-{chr(b)}" if b > a else chr(a) for a, b in gaps)


SETTLED = _ranges()
