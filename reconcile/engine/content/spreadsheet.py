"""Messages that are nothing but a number, a date or a truth value, as a spreadsheet program saves them: 007 becomes 7, 1/2 a day of the year."""

import re
from decimal import Decimal, InvalidOperation

# What a spreadsheet program takes for a value of its own.
CELL = r"^(?:[+-]?\d{1,25}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{1,2}月\d{1,2}日|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"
_DAY = re.compile(r"(?:(\d{4})[-/])?(\d{1,2})(?:[-/]|月)(\d{1,2})日?")
# Numbers of more digits than this are saved as a power of ten.
_MOST_DIGITS = 11


def cell_key(text: str) -> str:
    """What a bare value has in common with the same one saved by a spreadsheet program; other texts as they are."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if day := _DAY.fullmatch(text):
        return "-".join(str(int(part)) for part in day.groups() if part)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number:.2E}" if abs(number) >= 10**_MOST_DIGITS or "e" in text.lower() else f"{number.normalize():f}"


def is_resaved_value(whole: str, kept: str) -> bool:
    """Whether a bare value is another as a spreadsheet program saves it, without a figure that it could not have lost."""
    if not (re.match(CELL, whole) and re.match(CELL, kept)):
        return False
    if not (whole[-1].isdigit() and kept[-1].isdigit()) or _DAY.fullmatch(whole):
        return cell_key(whole) == cell_key(kept)
    try:
        one, other = Decimal(whole), Decimal(kept)
    except InvalidOperation:
        return False
    power = re.search(r"(?:\.(\d+))?[eE]", kept)
    return one == other or (
        power is not None and f"{one:.{len(power[1] or '')}E}" == f"{other:.{len(power[1] or '')}E}"
    )
