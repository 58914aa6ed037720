"""Changes to JSON and XML trees: values of every type, keys, lists, depth, attributes, elements."""

import json
import random
import re
from typing import Any

from lxml import etree

from bench.fuzz import values
from bench.fuzz.plain import Changed, tag_changed, token_replaced

_EMBEDDED = re.compile(rb"[\[{].{20,}[\]}]", re.DOTALL)
Place = tuple[Any, Any]


def json_changed(data: bytes, rng: random.Random) -> Changed:
    """One to three nodes of a JSON file (or of the JSON that a script or the lines of JSONL hold)."""
    try:
        return _whole(json.loads(data), b"", b"", rng)
    except (ValueError, RecursionError):
        pass
    lines = data.splitlines()
    if len(lines) > 1 and lines[0].startswith(b"{"):
        return _line(lines, rng)
    found = _EMBEDDED.search(data)
    try:
        if found:
            return _whole(json.loads(found[0]), data[: found.start()], data[found.end() :], rng)
    except (ValueError, RecursionError):
        pass
    return token_replaced(data, rng)


def _line(lines: list[bytes], rng: random.Random) -> Changed:
    i = rng.randrange(len(lines))
    try:
        changed = _whole(json.loads(lines[i]), b"", b"", rng)
    except (ValueError, RecursionError):
        return token_replaced(b"\n".join(lines), rng)
    lines[i] = changed.data
    return Changed(b"\n".join(lines), f"line: {changed.what}", None)


def _whole(value: Any, before: bytes, after: bytes, rng: random.Random) -> Changed:
    what, removed = "", 0
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = _places(value)
        if not places:
            break
        done, gone = _node_changed(rng.choice(places), rng)
        what, removed = f"{what} {done}".strip(), removed + gone
    text = _dumped(value)
    return Changed(before + text.encode("utf-8", "surrogatepass") + after, what, removed)


def _dumped(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "[" * 10_000 + "]" * 10_000


def _places(value: Any) -> list[Place]:
    found: list[Place] = []
    left = [value]
    while left and len(found) < 20_000:
        node = left.pop()
        for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            found.append((node, key))
            if isinstance(node[key], dict | list):
                left.append(node[key])
    return found


def _node_changed(place: Place, rng: random.Random) -> tuple[str, int]:
    node, key = place
    old = node[key]
    kind = rng.choice(("value", "value", "value", "gone", "twice", "key", "wrapped"))
    rows = _rows(old)
    if kind == "gone":
        del node[key]
        return f"{key} gone", rows + (isinstance(old, dict) or isinstance(node, list))
    if kind == "twice" and isinstance(node, list):
        node.insert(key, old)
        return "item twice", 0
    if kind == "key" and isinstance(node, dict):
        node[values.text(rng)[:40]] = node.pop(key)
        return f"{key} renamed", rows
    if kind == "wrapped":
        node[key] = rng.choice(([old], {"a": old}, json.dumps(old, ensure_ascii=False)))
        return f"{key} wrapped", rows
    node[key] = values.json_value(rng)
    return f"{key} = {type(node[key]).__name__}", rows


def _rows(value: Any) -> int:
    """How many objects of lists go with a value."""
    if isinstance(value, list):
        return sum(isinstance(v, dict) + _rows(v) for v in value)
    return sum(map(_rows, value.values())) if isinstance(value, dict) else 0


def xml_changed(data: bytes, rng: random.Random) -> Changed:
    """One to three elements or attributes of an XML file, which stays well-formed."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return tag_changed(data, rng)
    what, removed = "", 0
    for _ in range(rng.choice((1, 1, 2, 3))):
        element = rng.choice([e for e in root.iter() if isinstance(e.tag, str)])
        done, gone = _element_changed(element, rng)
        what, removed = f"{what} {done}".strip(), removed + gone
    return Changed(etree.tostring(root, encoding="UTF-8", xml_declaration=True), what, removed)


def _element_changed(element: Any, rng: random.Random) -> tuple[str, int]:
    kind = rng.randrange(6)
    parent, name = element.getparent(), etree.QName(element).localname
    if kind == 0 and element.attrib:
        element.attrib[rng.choice(sorted(element.attrib))] = _legal(values.text(rng))
    elif kind == 1 and parent is not None:
        parent.remove(element)
        return f"{name} gone", 1 + len(list(element.iter()))
    elif kind == 2 and parent is not None:
        parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    elif kind == 3:
        element.tag = rng.choice(("a", "msg", "Message", "row", "c", "v", name))
        return f"{name} renamed", 1 + len(list(element.iter()))
    elif kind == 4 and len(element):
        element[:] = list(reversed(element))
    else:
        rows = len(list(element.iter())) - 1
        element.text = _legal(values.text(rng))
        return f"{name} text", rows
    return f"{name} {kind}", 0


def _legal(text: str) -> str:
    return "".join(c for c in text if c in "\t\n\r" or (" " <= c < "\ufffe") or c > "\uffff")
