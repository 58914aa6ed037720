"""Recognises numbers, dates and truth values as a spreadsheet rewrites them: 007 becomes 7."""

import re
from decimal import Decimal, InvalidOperation

# A text that a spreadsheet program reads as a value.
CELL = r"^(?:[+-]?\d{1,25}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{1,2}月\d{1,2}日|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"
_DAY = re.compile(r"(?:(\d{4})[-/])?(\d{1,2})(?:[-/]|月)(\d{1,2})日?")
# Numbers with more digits than this are saved in scientific notation.
_MOST_DIGITS = 11


def cell_key(text: str) -> str:
    """A key that a value shares with its form as saved by a spreadsheet; other texts stay as they are."""
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
    """Whether `kept` is the value `whole` as a spreadsheet saves it, possibly rounded."""
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
