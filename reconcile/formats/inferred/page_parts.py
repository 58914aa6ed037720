"""What a page holds beside its recurring elements: days, hidden elements, values in scripts."""

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


def titles_above(tree: Any) -> dict[Any, str]:
    """Element -> the heading above it, of the level with the fewest headings; {} where no level has two."""
    levels = [[e for e in tree.iter(f"h{n}") if str(e.text_content()).strip()] for n in range(1, 7)]
    several = [of_one for of_one in levels if len(of_one) > 1]
    if not several:
        return {}
    headings = {*min(several, key=len)}
    found: dict[Any, str] = {}
    title = ""
    for element in tree.iter(etree.Element):
        if element in headings:
            title = " ".join(str(element.text_content()).split())
        elif title:
            found[element] = title
    return found


_HIDING = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?:\.0*)?(?:px|em|pt|%)?\s*(?:[;!}]|$)"
    r"|(?:left|top|margin|text-indent)\s*:\s*-[0-9]{3,}"
)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")


def hidden_elements(tree: Any) -> frozenset[Any]:
    """The elements that a browser does not show, and those around hidden words."""
    rules = (r for style in tree.iter("style") for r in _RULE.findall(style.text or ""))
    classes = {
        name
        for selector, body in rules
        if _HIDING.search(body)
        for name in re.findall(r"\.([\w-]+)\s*(?:,|$)", selector)
    }
    found: set[Any] = set()
    # For each open element: whether it is hidden, and whether it contains hidden words.
    above: list[list[bool]] = [[False, False]]
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            is_hidden = above[-1][0] or _is_hidden(element, classes)
            above.append([is_hidden, is_hidden and bool((element.text or "").strip())])
            continue
        is_hidden, holds = above.pop()
        if is_hidden or holds:
            found.add(element)
        above[-1][1] |= holds
    return frozenset(found)


def _is_hidden(element: Any, classes: set[str]) -> bool:
    """Whether the element is hidden by attribute, style or one of the classes."""
    if "hidden" in element.attrib or _HIDING.search(element.get("style") or ""):
        return True
    return bool(classes) and not classes.isdisjoint((element.get("class") or "").split())


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
