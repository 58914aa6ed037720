"""The first list or object of a script, with the spellings that scripts allow and JSON does not."""

import json
import re
from typing import Any

import orjson

# What stands before the value: comments, a variable that gets it, or a function that is called with it.
# A comment is taken whole, and one without an end runs to that of the text: else every `/` is tried again.
_COMMENT = r"(?>//[^\n]*|/\*.*?(?:\*/|\Z))"
_NAME = r"[A-Za-z_$][\w$.\[\]'\"]{0,100}"
BEGINS = re.compile(
    rf"\A\ufeff?(?:\s|{_COMMENT})*+(?:(?:(?:var|const|let)\s+)?{_NAME}\s*=|export\s+default|{_NAME}\()\s*(?=[\[{{])",
    re.DOTALL,
)
# Strings, comments, bare keys, surplus commas and values without a word of JSON, in the order in which they are tried.
_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"
    rf"|(?P<comment>{_COMMENT})|(?P<key>(?<![\w$.\"'])[A-Za-z_$][\w$]*(?=\s*:))|(?P<comma>,(?=(?:\s|{_COMMENT})*+[\]}}]))"
    r"|(?P<date>new\s+Date\()(?P<at>[^()\n]{0,60})\)|(?P<none>(?<![\w$.])(?:undefined|NaN|Infinity|None)(?![\w$]))"
    # As Python writes them: times, words for yes and no, and lists in round brackets.
    r"|(?:datetime\.)?datetime\((?P<parts>[0-9]{4}(?:,\s*[0-9]{1,6}){2,6})(?P<utc>,\s*tzinfo=[\w.]*(?i:utc))?\)"
    r"|(?P<truth>(?<![\w$.])(?:True|False)(?![\w$]))|(?<![\w$.)\]])(?P<open>\()|(?P<shut>(?:,\s*+)?\))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))|([\"\n\r\t])", re.DOTALL)
_KEPT, _AS_JSON = '\\/bfnrtu"', {'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def script_value(text: str) -> Any:
    """The value with which a text begins, behind what a script writes before it; None for anything else."""
    begin = BEGINS.match(text)
    rest = text[begin.end() if begin else 0 :].lstrip("\ufeff \r\n")
    if rest[:1] not in ("[", "{"):
        return None
    try:
        return orjson.loads(rest.rstrip("; \t\r\n)"))
    except orjson.JSONDecodeError:
        pass
    spelled = as_json(rest)
    try:
        value, end = json.JSONDecoder().raw_decode(spelled)
    except (ValueError, RecursionError):
        return None
    # Objects one below the other are no script.
    return value if begin or not spelled[end:].strip("; \t\r\n") else None


def as_json(script: str) -> str:
    """The text of a script with its lists, objects and strings spelled as JSON does."""
    return _TOKEN.sub(_spelled, script)


def _spelled(token: re.Match[str]) -> str:
    """One token as JSON spells it."""
    if (string := token["string"]) is not None:
        return f'"{_ESCAPE.sub(_escaped, string[1:-1])}"'
    if (key := token["key"]) is not None:
        return f'"{key}"'
    if token["parts"] is not None:
        return _time_of(token["parts"], "Z" if token["utc"] else "")
    if token["date"] is not None:
        return as_json(token["at"]) or "null"
    words = {"truth": (token["truth"] or "").lower(), "open": "[", "shut": "]", "none": "null"}
    return words.get(token.lastgroup or "", "")


def _time_of(parts: str, zone: str) -> str:
    """The time of these numbers, in quotes."""
    year, month, day, *clock = map(int, parts.split(","))
    hour, minute, second, micro = [*clock, 0, 0, 0, 0][:4]
    fraction = f".{micro:06}" if micro else ""
    return f'"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}{zone}"'


def _escaped(found: re.Match[str]) -> str:
    """An escape or a bare sign inside a string as JSON escapes it."""
    code, sign, bare = found.groups()
    if code is not None:
        return f"\\u00{code}"
    if bare is not None:
        return _AS_JSON[bare]
    return found[0] if sign in _KEPT else "" if sign in "\r\n" else sign
