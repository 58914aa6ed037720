"""Spellings of a sum that a reviewer searches for: 80000, 80,000, 8万, 8w, 八万 and 捌万 are equal."""

import re
import unicodedata
from decimal import Decimal

from reconcile.wechat.text import number_value

MOST = 10**12
_WHOLE = re.compile(
    r"¥?\s*([\d,.]+\s*[千kKwW万萬亿]*|[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬]+)\s*(?:元|块|圆)?整?"
)
_POINT = "[.\uff0e]"
# The digit itself, then its other spellings.
_CHINESE = ("[零〇]", "[一壹]", "[二贰两]", "[三叁]", "[四肆]", "[五伍]", "[六陆]", "[七柒]", "[八捌]", "[九玖]")
_UNITS = ("", "[十拾]", "[百佰]", "[千仟]")
_BIG = {1: "", 10**4: "[万萬]", 10**8: "亿"}
_SHORT = {10**3: "[千仟kK]", 10**4: "[万萬wW]", 10**8: "亿"}
_NUMERALS = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬"
# A number may continue: 80000 is no part of 180000 or 80000.5, and 八万 none of 八万五.
_BEFORE, _BEHIND = rf"(?:^|[^\d.,{_NUMERALS}])", rf"(?:$|[.,](?:$|\D)|[^\d.,wWkK{_NUMERALS}])"


def amount_of(words: str) -> Decimal | None:
    """The number that these words are, wholly; None for words, for 0 and for what no payment reaches."""
    found = _WHOLE.fullmatch(unicodedata.normalize("NFKC", words).strip())
    value = number_value(found.group(1)) if found else None
    return value if value is not None and 0 < value < MOST else None


def amount_pattern(value: Decimal) -> str:
    """A regular expression, the same to Rust and to a browser, that finds the number in any spelling."""
    forms = [
        _figures(value),
        *(_figures(value / scale) + sign for scale, sign in _SHORT.items() if _is_short(value / scale)),
    ]
    if value == value.to_integral_value():
        forms.append(_chinese(int(value)))
    return f"{_BEFORE}({'|'.join(forms)}){_BEHIND}"


def _is_short(value: Decimal) -> bool:
    return value >= Decimal("0.1") and len(f"{value.normalize():f}".partition(".")[2]) <= 4


def _figures(value: Decimal) -> str:
    whole, _, rest = f"{value.normalize():f}".partition(".")
    grouped = "[,，]?".join(_digits(part) for part in re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole))
    return grouped + (rf"{_POINT}{_digits(rest)}[0０]*" if rest else rf"(?:{_POINT}[0０]+)?") + r"\s*"


def _digits(figures: str) -> str:
    return "".join(f"[{d}{chr(ord(d) - ord('0') + ord('０'))}]" for d in figures)


def _chinese(value: int) -> str:
    """A whole number in Chinese numerals: 12500 is 一万二千五百, also 壹万贰仟伍佰."""
    for scale in sorted(_BIG, reverse=True)[:-1]:
        if value >= scale:
            head, rest = divmod(value, scale)
            return (
                _chinese(head)
                + _BIG[scale]
                + (("" if rest >= scale // 10 else "[零〇]?") + _chinese(rest) if rest else "")
            )
    return _section(value)


def _section(value: int) -> str:
    """A number below 10,000."""
    figures = [(int(d), place) for place, d in enumerate(reversed(str(value)))][::-1]
    parts: list[str] = []
    gap = ""
    for n, (digit, place) in enumerate(figures):
        if not digit:
            gap = "[零〇]?" if parts else ""
            continue
        # 十五 is written without 一.
        is_ten = n == 0 and digit == 1 and place == 1
        parts.append(gap + (f"{_CHINESE[1]}?" if is_ten else _CHINESE[digit]) + _UNITS[place])
        gap = ""
    return "".join(parts)
