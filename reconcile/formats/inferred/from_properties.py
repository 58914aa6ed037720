"""Rows of objects between BEGIN and END lines, as telephones write text messages (vMessage)."""

import quopri
import re
from pathlib import Path
from typing import Any

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.from_json import value_fields
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode

BEGINS = "BEGIN:V"
_PROPERTY = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<told>(?:;[^:;]*)*):(?P<value>.*)")
_CHARSET = re.compile(r"(?i);CHARSET=\"?([\w-]+)")
# Lines that go on: behind the sign of quoted-printable, and below one that begins with a blank.
_SOFT_BREAK, _FOLD = re.compile(r"=\r?\n"), re.compile(r"\r?\n[ \t]")
_WORDS = "text"


def property_fields(source: Source, file: Path) -> list[Fields]:
    """The objects of a file as rows, with the properties of the objects inside them by dotted name.

    Lines that are no property are the words of the object around them.
    """
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    root: dict[str, Any] = {}
    above = [root]
    for line in _FOLD.sub("", _SOFT_BREAK.sub("", text)).splitlines():
        found = _PROPERTY.fullmatch(line.strip("\ufeff"))
        key = found["name"].upper() if found else ""
        if found and key == "BEGIN":
            above.append({})
            above[-2].setdefault(found["value"].strip().upper(), []).append(above[-1])
        elif found and key == "END" and len(above) > 1:
            above.pop()
        elif found and found["name"] not in above[-1]:
            above[-1][found["name"]] = _plain(found["value"], found["told"])
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


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    """An object in which a single inner object stands for the list of it."""
    return {
        k: (_flat(v[0]) if len(v) == 1 else [_flat(o) for o in v]) if isinstance(v, list) else v for k, v in one.items()
    }
