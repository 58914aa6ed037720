"""Values of a JSON file in the type that a reader expects, whatever the file holds."""

from typing import Any

import orjson


def object_of(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def objects_in(value: object) -> list[dict[str, Any]]:
    """The objects of a list; empty for anything but a list."""
    return [v for v in list_of(value) if isinstance(v, dict)]


def text_or_none(value: object) -> str | None:
    """A text or number without fraction as text; null for the empty text and anything else."""
    return str(value) if isinstance(value, str | int) and value != "" else None


def text_or_json(value: object) -> str | None:
    """Text and null as they are, other values as JSON."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
