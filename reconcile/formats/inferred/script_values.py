"""The lists and objects in scripts, with the spellings that scripts allow and JSON does not."""

import json
import re
from collections import Counter
from typing import Any

import orjson
import polars as pl

from reconcile.patterns import lazy_pattern

# A comment is taken whole, and one without an end runs to that of the text: else every `/` is tried again.
_COMMENT = r"(?>//[^\n]*|/\*.*?(?:\*/|\Z))"
_STRING = r"(?<![\w$])[uUbB]?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"
_IN = r"[^()\[\]{}\n]"
_INNER = rf"\((?:{_IN}|\({_IN}*+\))*+\)"
# How a literal begins, unlike a text of a chat.
IS_LITERAL = lazy_pattern(
    rf"[\ufeff\s]*[\[{{(]\s*(?:[\"'`\[{{(\]}})]|-?[0-9][0-9.]*\s*[,\]}})]|(?:new\s+)?[^\W\d][\w.$]*\s*[:(,\]}})]|{_COMMENT}|[uUbB][\"'])"
)
_NO_SCRIPT = lazy_pattern(r"[\ufeff\s]*(?:[\[{]|\((?:['\"]|[0-9]))")
# What stands before a value: a variable that gets it, a function that is called with it, or a key.
_VALUE = r"\s*(?=[\"'`]?[\[{])"
_BEGINS = lazy_pattern(rf"(?:[=(]|(?<=[\w\"'])\s*:|\b(?:default|return)\b){_VALUE}")
_NAME, _LONGEST_NAME = lazy_pattern(r"[\w$][\w$.\[\]()'\"]*\s*\Z"), 100
# A line of a script that begins a value.
IS_SCRIPT = lazy_pattern(rf"(?m)^(?:/\*[^\n]*\*/)?[\w$. ()\[\]'\":=,;<>|!]{{1,100}}(?:[=(]|default){_VALUE}")
_WORD, _PLACE = lazy_pattern(r"[^\W\d]\w*"), lazy_pattern(r"\[[0-9]+[\])]")
# Strings, comments, bare keys, surplus commas and values without a word of JSON, in the order in which they are tried.
_TOKEN = lazy_pattern(
    rf"(?P<string>{_STRING})"
    rf"|(?P<comment>{_COMMENT})|(?P<key>(?<![\w$.\"'])[A-Za-z_$][\w$]*(?=\s*:))|(?P<comma>,(?=(?:\s|{_COMMENT})*+[\]}}]))"
    r"|(?P<none>(?<![\w$.])(?:undefined|NaN|Infinity|None|nil)(?![\w$]))|(?P<truth>(?<![\w$.])(?:True|False)(?![\w$]))"
    # A value that a call makes of plain ones, such as a time or an id.
    rf"|(?<![\w$.])(?:new\s+)?(?P<call>[A-Za-z_$][\w$.]*)\((?P<at>(?:{_STRING}|[^()\[\]{{}}\"'`\n]|{_INNER}){{0,80}}+)\)"
    # As Python writes lists in round brackets.
    r"|(?<![\w$.)\]])(?P<open>\()|(?P<shut>(?:,\s*+)?\))",
    re.DOTALL,
)
_PLAIN = lazy_pattern(rf"{_STRING}|-?[0-9][0-9.]*")
# The numbers with which a call begins, and the zone that Python states behind them.
_NUMBERS = lazy_pattern(r"\s*[0-9]{1,6}(?:\s*,\s*[0-9]{1,6}){1,6}(?![^\s,)])")
_ZONE, _OFFSET = lazy_pattern(r"(?i)tz|utc"), lazy_pattern(r"(?:days=(-[0-9])\W+)?seconds=([0-9]{1,5})")
_TIMES = ("Date", "date", "datetime", "time")
_QUOTES, _LAST_CHARACTER, _SHOWN = "\"'`", 0x10FFFF, 200
_ESCAPE = lazy_pattern(r"\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|u\{([0-9a-fA-F]{1,6})\}|(.))|([\"\n\r\t])", re.DOTALL)
_KEPT, _AS_JSON = '\\/bfnrtu"', {'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Words without their own quote but behind a backslash.
_CLOSED = r"(?s)^(?:[^Q\\]|\\.)*$"
_DECODER = json.JSONDecoder()


def literal(text: str) -> Any:
    """The list or object that a text is, as JSON, scripts and Python write it; None for any other text.

    Objects one below the other are no literal.
    """
    if IS_LITERAL.match(text) is None:
        return None
    rest = text.strip("\ufeff \t\r\n")
    try:
        return orjson.loads(rest.rstrip("; \t\r\n),"))
    except orjson.JSONDecodeError:
        pass
    line = rest.partition("\n")[0]
    # The first line spares lines of objects the search of all of them.
    if _value_at(rest, 0) is not None or (line != rest and _value_at(as_json(line), 0) is not None):
        return None
    spelled = as_json(rest)
    found = _value_at(spelled, 0)
    return found[0] if found is not None and not spelled[found[1] :].strip("; \t\r\n],") else None


def script_value(text: str, least: float = 0.0) -> tuple[Any, list[str]]:
    """The literal that a text is, or the values that a script hands over, and how broken ones begin.

    Several values are an object by name; what one name gets several times is one list. None where the values are less
    than a share `least` of the script.
    """
    if (value := literal(text)) is not None or _NO_SCRIPT.match(text):
        return value, []
    found: list[tuple[str, Any]] = []
    # Most scripts hold JSON, and few what only scripts allow.
    end, taken, broken = _add_values(text, found, stops=True)
    if broken or not found:
        rest = as_json(text[end:])
        _, more, broken = _add_values(rest, found, stops=False)
        end, taken = end + len(rest), taken + more
    values: dict[str, Any] = {}
    counts = Counter(name for name, _ in found)
    for name, value in found:
        if counts[name] > 1:
            values.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        else:
            values[name] = value
    if not values or taken < least * end:
        return None, []
    lost = [begin for name, begin in broken if name in values]
    return (values if len(values) > 1 else next(iter(values.values()))), lost


def _add_values(text: str, found: list[tuple[str, Any]], *, stops: bool) -> tuple[int, int, list[tuple[str, str]]]:
    """Adds the values of JSON by name; returns where the last ends, their length, and broken ones."""
    at = end = taken = 0
    broken: list[tuple[str, str]] = []
    while (sign := _BEGINS.search(text, at)) is not None:
        name, held = _name_before(text, sign), _value_at(text, sign.end())
        if held is None:
            broken.append((name, text[sign.start() : sign.end() + _SHOWN]))
            if stops:
                break
            at = sign.end() + 1
            continue
        value, at = held
        value = literal(value) if isinstance(value, str) else value
        if value is not None:
            found.append((name, value))
            taken, end = taken + at - sign.end(), at
    return end, taken, broken


def _name_before(text: str, sign: re.Match[str]) -> str:
    """The words of the name before a sign, without numbers of places."""
    before = text[max(0, sign.start() - _LONGEST_NAME) : sign.start()]
    named = _NAME.search(before)
    return "_".join(_WORD.findall(_PLACE.sub("", named[0] if named else ""))) or "value"


def _value_at(text: str, at: int) -> tuple[Any, int] | None:
    """The value of JSON that begins at a place, and where it ends; None for anything else."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def as_json(script: str) -> str:
    """The text of a script with its lists, objects and strings spelled as JSON does."""
    return _TOKEN.sub(_spelled, script)


def _spelled(token: re.Match[str]) -> str:
    """One token as JSON spells it."""
    kind = token.lastgroup
    if kind == "string":
        return _quoted(token[0])
    if kind == "at":
        return _made_by(token["call"], token["at"])
    if kind == "key":
        return f'"{token[0]}"'
    return {"truth": token[0].lower(), "open": "[", "shut": "]", "none": "null"}.get(kind or "", "")


def _quoted(string: str) -> str:
    """A text in quotes of JSON."""
    inner = string[string.index(string[-1]) + 1 : -1]
    plain = "\\" not in inner and '"' not in inner and "\n" not in inner and inner.isprintable()
    return f'"{inner}"' if plain else f'"{_ESCAPE.sub(_escaped, inner)}"'


def _made_by(name: str, told: str) -> str:
    """The value that a call makes of plain ones: the time of its numbers, else the longest of them."""
    *_, last = name.split(".")
    if last in _TIMES and (numbers := _NUMBERS.match(told.replace("Date.UTC(", ""))) is not None:
        return json.dumps(_time_of(last, [*map(int, numbers[0].split(","))], told))
    longest = max(_PLAIN.findall(told), key=len, default="null")
    return _quoted(longest) if longest[-1] in _QUOTES else longest


def _time_of(name: str, numbers: list[int], told: str) -> str:
    """The time of a call with these numbers; as it stands where its zone is not known."""
    day, clock = numbers[:3], numbers[3:]
    if name == "Date":
        # JavaScript counts months from 0 and parts of a second in thousandths.
        day[1] += 1
        clock[3:] = [n * 1000 for n in clock[3:]]
    elif name == "time":
        day, clock = [], numbers
    zone = ""
    if _ZONE.search(told):
        offset = _OFFSET.search(told)
        if offset is None and "utc" not in told.lower():
            return told
        minutes = (int(offset[1] or 0) * 86_400 + int(offset[2])) // 60 if offset else 0
        zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    hour, minute, second, part = [*clock, 0, 0, 0, 0][:4]
    written = f"{hour:02}:{minute:02}:{second:02}{f'.{part:06}' if part else ''}{zone}"
    return " ".join([*(["-".join(f"{n:02}" for n in day)] if day else []), *([written] if name != "date" else [])])


def _escaped(found: re.Match[str]) -> str:
    """An escape or a bare sign inside a string as JSON escapes it."""
    *codes, sign, bare = found.groups()
    if (code := next(filter(None, codes), None)) is not None:
        return json.dumps(chr(min(int(code, 16), _LAST_CHARACTER)))[1:-1]
    if bare is not None:
        return _AS_JSON[bare]
    return found[0] if sign in _KEPT else "" if sign in "\r\n" else sign


def plain_quoted(words: pl.Series, quote: str) -> pl.Series:
    """The words that stood between quotes, without escapes if all of them escape that quote."""
    if not words.str.contains("\\", literal=True).any() or not words.str.contains(_CLOSED.replace("Q", quote)).all():
        return words
    told = words.str.replace_many(["\\'", '"'], ["'", '\\"']) if quote == "'" else words
    told = told.str.replace_many(["\n", "\t"], ["\\n", "\\t"])
    try:
        return pl.select(pl.format('"{}"', told).str.json_decode(pl.String).alias(words.name)).to_series()
    except pl.exceptions.PolarsError:
        return words
