"""Prints untrusted text safely: control, direction and invisible characters are shown as code points."""

import unicodedata
from typing import Any

import orjson


def visible(text: str) -> str:
    """The text with every character that does not print as its code point (⟦U+202E⟧); new lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else f"⟦U+{ord(c):04X}⟧" for c in text)


def visible_json(value: Any) -> str:
    """JSON with unprintable characters escaped; programs read the same value from it."""
    plain = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return "".join(c if c.isprintable() or c == "\n" else _escape_units(c) for c in plain)


def display_width(text: str) -> int:
    """The columns that a text takes on a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _escape_units(char: str) -> str:
    """A character as JSON escapes of its UTF-16 units."""
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
