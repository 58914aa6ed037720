"""What a page holds beside its recurring elements: days above them, and values in scripts."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from reconcile.formats.inferred.text_bodies import DAY_LINE

_DAY = re.compile(DAY_LINE.replace("(?i:", "(?i:"))
_LONGEST_DAY = 60
# A value is assigned to a variable, or is all that a script holds.
_ASSIGNED = re.compile(r"(?:^|[\w\].]\s*=\s*)(?=[\[{])")
_MOST_VALUES, _SHORTEST = 20, 200


def days_above(tree: Any) -> dict[Any, str]:
    """Element -> the last line of a day before it in the page; {} where no line holds a day alone."""
    found: dict[Any, str] = {}
    day = ""
    for element in tree.iter(etree.Element):
        own = (element.text or "").strip()
        if own and len(own) <= _LONGEST_DAY and not len(element) and (line := _DAY.match(own)):
            day = line[1]
        elif day:
            found[element] = day
    return found


def values_in_scripts(tree: Any) -> Iterator[Any]:
    """The JSON lists and objects that the page's scripts assign or hold, the first ones of each script."""
    decoder = json.JSONDecoder()
    for script in tree.iter("script"):
        text = script.text or ""
        at, tried = 0, 0
        while tried < _MOST_VALUES and len(text) - at > _SHORTEST and (found := _ASSIGNED.search(text, at)):
            tried += 1
            try:
                value, at = decoder.raw_decode(text, found.end())
            except (ValueError, RecursionError):
                at = found.end() + 1
                continue
            yield value
