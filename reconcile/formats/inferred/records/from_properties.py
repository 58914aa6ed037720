"""Rows of objects between BEGIN and END lines, as telephones write text messages (vMessage)."""

import quopri
import re
from pathlib import Path
from typing import Any

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.json.from_json import value_fields
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode
from reconcile.patterns import lazy_pattern

BEGINS = "BEGIN:V"
_PROPERTY = lazy_pattern(r"(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<told>(?:;[^:;]*)*):(?P<value>.*)")
# The name of a person and the zone that a property states beside its value, and what a calendar escapes in its words.
_TOLD = {"name": lazy_pattern(r"(?i);CN=\"?([^\";]+)"), "timezone": lazy_pattern(r"(?i);TZID=\"?([^\";]+)")}
_ESCAPED = lazy_pattern(r"\\([\\;,nN])")
_CHARSET = lazy_pattern(r"(?i);CHARSET=\"?([\w-]+)")
# Lines that go on: behind the sign of quoted-printable, and below one that begins with a blank.
_SOFT_BREAK, _FOLD = lazy_pattern(r"=(?:\r\n?|\n)"), lazy_pattern(r"(?:\r\n?|\n)[ \t]")
_INNER, _SET_IN = lazy_pattern(r"[\r\n][ \t]+BEGIN:V"), lazy_pattern(r"([\r\n])[ \t]")
_WORDS = "text"


def property_fields(source: Source, file: Path) -> list[Fields]:
    """The objects of a file as rows, with the properties of the objects inside them by dotted name.

    Lines that are no property are the words of the object around them.
    """
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    root: dict[str, Any] = {}
    above = [root]
    # Where every line is set in, none goes on so.
    text = _SET_IN.sub(r"\1", text) if _INNER.search(text) else _FOLD.sub("", text)
    is_calendar = text.startswith("BEGIN:VCALENDAR")
    for line in _SOFT_BREAK.sub("", text).splitlines():
        found = _PROPERTY.fullmatch(line.strip("\ufeff"))
        key = found["name"].upper() if found else ""
        if found and key == "BEGIN":
            above.append({})
            above[-2].setdefault(found["value"].strip().upper(), []).append(above[-1])
        elif found and key == "END" and len(above) > 1:
            above.pop()
        elif found and found["name"] not in above[-1]:
            value = _plain(found["value"], found["told"])
            above[-1][found["name"]] = _ESCAPED.sub(_of_calendar, value) if is_calendar else value
            for told, pattern in _TOLD.items():
                if one := pattern.search(found["told"]):
                    above[-1][f"{found['name']}.{told}"] = one[1]
        elif found and is_calendar:
            above[-1][found["name"]] += f"\n{found['value']}"
        elif line.strip():
            above[-1][_WORDS] = "\n".join([*above[-1].get(_WORDS, "").splitlines(), line])
    return value_fields(name, {k: [_flat(o) for o in v] if isinstance(v, list) else v for k, v in root.items()}, notes)


def _plain(value: str, told: str) -> str:
    """The value of a property without the encoding that its parameters state, if that is sound."""
    if "QUOTED-PRINTABLE" not in told.upper():
        return value
    charset = found[1] if (found := _CHARSET.search(told)) else "utf-8"
    try:
        return quopri.decodestring(value.encode("ascii", "replace")).decode(charset)
    except (UnicodeDecodeError, LookupError):
        return value


def _of_calendar(found: re.Match[str]) -> str:
    """What an escape of a calendar stands for."""
    return "\n" if found[1] in "nN" else found[1]


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    """An object in which a single inner object stands for the list of it."""
    return {
        k: (_flat(v[0]) if len(v) == 1 else [_flat(o) for o in v]) if isinstance(v, list) else v for k, v in one.items()
    }
