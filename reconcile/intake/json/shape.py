"""What the beginning of a JSON file shows of its shape: its root, its keys, its first object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import orjson

from reconcile.intake.json.rows import BOM, brackets
from reconcile.patterns import lazy_pattern


@dataclass(frozen=True, slots=True)
class JsonShape:
    """What a file's beginning shows: root (`object`, `array` or ''), top-level keys, first rows."""

    root: str
    keys: tuple[str, ...] = ()
    first: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=256)
def json_shape(head: bytes) -> JsonShape:
    """The shape of a JSON file from its first bytes. Never raises.

    `first` is the first complete object of the root array, or of the first top-level array of objects named `messages`,
    `chats`, `data` or `posts`; `values` holds the top-level values that are complete in the head.
    """
    text = head.removeprefix(BOM).lstrip()
    if text[:1] not in (b"{", b"["):
        return JsonShape("")
    at, level = brackets(text)
    if text[:1] == b"[":
        return JsonShape("array", first=_first_object(text, at, level, 0))
    keys: list[str] = []
    values: dict[str, Any] = {}
    first: dict[str, Any] = {}
    position, end = 1, len(text)
    while (match := _KEY.match(text, position)) is not None:
        key = match[1].decode("utf-8", "replace")
        keys.append(key)
        stop = _value_end(text, match.end(), at, level)
        if text[match.end() : match.end() + 1] == b"[" and key in ("messages", "chats", "data", "posts"):
            first = _first_object(text, at, level, match.end())
        if stop is None or stop >= end:
            break
        try:
            values[key] = orjson.loads(text[match.end() : stop])
        except orjson.JSONDecodeError:
            break
        position = stop
    return JsonShape("object", tuple(keys), first, values)


_KEY = lazy_pattern(rb'[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*')
_SCALAR = lazy_pattern(rb'"(?:[^"\\]|\\.)*"|[-+.\w]+')


def _value_end(text: bytes, start: int, at: Any, level: Any) -> int | None:
    """Position behind the value at start; null where the text ends before."""
    if text[start : start + 1] in (b"{", b"["):
        index = int(np.searchsorted(at, start))
        if index >= at.size or at[index] != start:
            return None
        after = np.flatnonzero(level[index:] < level[index])
        return int(at[index + int(after[0])]) + 1 if after.size else None
    scalar = _SCALAR.match(text, start)
    return scalar.end() if scalar else None


def _first_object(text: bytes, at: Any, level: Any, start: int) -> dict[str, Any]:
    """The first object of the array at start; empty where there is none or it is cut."""
    index = int(np.searchsorted(at, start)) + 1
    if index >= at.size or text[at[index] : at[index] + 1] != b"{":
        return {}
    stop = _value_end(text, int(at[index]), at, level)
    if stop is None:
        return {}
    try:
        value = orjson.loads(text[at[index] : stop])
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
