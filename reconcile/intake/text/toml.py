"""Small TOML files beside exports, read within bounds because they may be hostile."""

import tomllib
from pathlib import Path
from typing import Any

# Column maps, pairings and case files are a hundredth of this size; the library needs quadratic time for keys of many
# parts.
_MOST_BYTES = 2**18
_MOST_DOTS = 200


def toml_of(path: Path) -> dict[str, Any]:
    """What a TOML file holds. Raises ValueError where it is invalid, too long or nested too deep.

    The error's text fits in one line.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None
    if len(data) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES:,} bytes")
    text = data.decode("utf-8-sig")
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise ValueError(f"a line of more than {_MOST_DOTS} dots")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def table_of(data: dict[str, Any], name: str) -> dict[str, str]:
    """The pairs of one table as texts. Raises ValueError where it is no table of plain values."""
    value = data.get(name, {})
    if not isinstance(value, dict) or any(isinstance(v, dict | list) for v in value.values()):
        raise ValueError(f"[{name}] holds something else than NAME = VALUE")
    return {str(k): str(v) for k, v in value.items()}
