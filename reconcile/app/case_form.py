"""The case file (`case.toml`) as a form.

Each line with a value becomes a field, and its comment the label. All other lines stay unchanged.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reconcile.app.errors import Refused
from reconcile.custody.atomic_files import write_files
from reconcile.patterns import lazy_pattern

FILE = Path("checklist") / "case.toml"
_FIELD = lazy_pattern(r'(\w+) = ("(?:[^"\\]|\\.)*"|true|false)[ \t]*(?:#[ ]?(.*))?')
_SECTION = lazy_pattern(r"\[{1,2}([\w.-]+)\]{1,2}")
_UNPRINTED = lazy_pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WIDTH = 20


class Filled(BaseModel):
    """A filled-in field: the number of its line, its key and its value."""

    model_config = ConfigDict(extra="forbid")

    line: int = Field(ge=0, lt=10_000)
    key: str = Field(max_length=60)
    value: str | bool


def form_of(place: Path) -> list[dict[str, Any]]:
    """The fields of a case's file in order; none where the file is missing or unreadable."""
    try:
        lines = (place / FILE).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    fields, section, title = [], "", ""
    for number, line in enumerate(lines):
        if heading := _SECTION.match(line):
            section, above = heading[1], lines[number - 1] if number else ""
            title = above.removeprefix("#").strip() if above.startswith("#") else _folder(place, section)
        elif stated := _FIELD.fullmatch(line):
            key, raw, hint = stated.groups()
            fields.append(
                {
                    "line": number,
                    "key": key,
                    "value": _parse_value(raw),
                    "label": hint or key.replace("_", " ").capitalize(),
                    "section": section,
                    "title": title,
                }
            )
    return [field for field in fields if field["value"] is not None]


def fill(place: Path, filled: list[Filled]) -> None:
    """Writes the fields into the file.

    Raises:
        Refused: the file is missing, or it changed after the form was shown.
    """
    known = {field["line"]: field["key"] for field in form_of(place)}
    if not known or any(known.get(field.line) != field.key for field in filled):
        raise Refused("form_changed", 409)
    lines = (place / FILE).read_text("utf-8").splitlines()
    for field in filled:
        stated = _FIELD.fullmatch(lines[field.line])
        assert stated is not None
        comment = f" # {stated[3]}" if stated[3] else ""
        lines[field.line] = f"{field.key} = {_toml_value(field.value):<{_WIDTH if comment else 0}}{comment}"
    write_files({place / FILE: ("\n".join(lines) + "\n").encode()})


def _folder(place: Path, section: str) -> str:
    """Name of the folder that belongs to a section such as `item.03`; '' if there is none."""
    number = section.rpartition(".")[2]
    found = (f.name for f in (place / FILE).parent.glob(f"{number}_*")) if number.isdecimal() else iter(())
    return next(found, "")


def _parse_value(raw: str) -> str | bool | None:
    """The text or boolean that a TOML value states; None for anything else."""
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return None
    return value if isinstance(value, str | bool) else None


def _toml_value(value: str | bool) -> str:
    """The value as TOML, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(_UNPRINTED.sub(" ", value).strip(), ensure_ascii=False)
