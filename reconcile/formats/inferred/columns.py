"""What the user says of an unknown form: `--columns`, or a small TOML or JSON file."""

import re
from pathlib import Path
from typing import Any

import orjson

from reconcile.errors import UsageError
from reconcile.intake.folders import is_beside
from reconcile.intake.source import Source
from reconcile.intake.text.toml import table_of, toml_of

# What a column may be.
ROLES = (
    "time", "date", "sender", "sender_name", "receiver", "text", "id", "local_id", "kind", "direction", "conversation",
    "reply_to", "amount", "media_hash", "file_name", "file_size", "duration", "url", "status", "deleted",
)  # fmt: skip
# What the user may state besides roles: where the rows are, how their times are written, and whose device it was.
PLACES = ("sheet", "rows", "heading", "separator", "pattern", "skip")
TIMES = ("time_unit", "time_format", "day_first", "year", "timezone")
MANNERS = (*PLACES, *TIMES, "escapes", "owner", "reading")


def parse_columns(option: str) -> dict[str, str]:
    r"""Role -> heading of a `--columns` value: `time=…,sender=…`, or the path of a TOML or JSON file.

    A comma inside a heading is written `\,`. The file holds the same pairs at its top or under `[columns]`; tables
    `[kinds]` (word of the type column -> kind) and `[direction]` (word -> self or peer) become `kind:word` and
    `direction:word`. Raises UsageError for a part without `=`, an unknown role or a file that cannot be read.
    """
    pairs = _read_columns_file(Path(option)) if option.lower().endswith((".toml", ".json")) else _parse_option(option)
    known = (*ROLES, *MANNERS)
    for role in pairs:
        if role not in known and not role.startswith(("kind:", "direction:")):
            raise UsageError("--columns", f"--columns: no role {role!r}; there are {', '.join(known)}")
    if not re.fullmatch(r"(?:19|20)[0-9]{2}", year := pairs.get("year", "2000")):
        raise UsageError("--columns", f"--columns: {year!r} is no year; write year=2024")
    return pairs


def _parse_option(option: str) -> dict[str, str]:
    """Columns by role from time=…,sender=…; raises UsageError for a part without both."""
    pairs: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", option):
        role, equals, name = part.partition("=")
        if not equals or not role.strip() or not name.strip():
            raise UsageError("--columns", f"--columns: {part!r} is no role=heading; write time=…,sender=…,text=…")
        pairs[role.strip()] = name.strip().replace("\\,", ",")
    return pairs


def _read_columns_file(path: Path) -> dict[str, str]:
    """Columns, kinds and directions by role from TOML or JSON; raises UsageError."""
    try:
        data = toml_of(path) if path.suffix.lower() == ".toml" else _json_of(path)
        top = table_of({"": {k: v for k, v in data.items() if not isinstance(v, dict)}}, "")
        columns, kinds, direction = (table_of(data, name) for name in ("columns", "kinds", "direction"))
    except ValueError as error:
        raise UsageError("--columns", f"--columns {path}: cannot be read ({error})") from None
    pairs = top | columns | {f"kind:{w}": k for w, k in kinds.items()}
    return pairs | {f"direction:{w}": d for w, d in direction.items()}


def _json_of(path: Path) -> dict[str, Any]:
    """The JSON object of the file; raises ValueError where it holds none."""
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ValueError(" ".join(str(error).split())) from None
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data


def columns_beside(source: Source) -> dict[str, str]:
    """What a TOML file says of the columns: one beside a file, or the only one in a folder; else {}."""
    if (told := _toml_of(source)) is None:
        return {}
    source.rest_on(told, is_statement=True)
    return parse_columns(str(told))


def _toml_of(source: Source) -> Path | None:
    """The one TOML file beside the source that states columns; null without one."""
    beside = [source.path.with_suffix(".toml")] if source.is_file else list(source.named("*.toml"))
    if len(beside) != 1 or beside[0] == source.path or not is_beside(beside[0]):
        return None
    try:
        data = toml_of(beside[0])
    except ValueError:
        return None
    # Other programs keep their settings in such files, too.
    return beside[0] if {"time", "text", "pattern"} & {*data, *(data.get("columns") or ())} else None
