"""JavaScript object literals (keys without quotes, strings in single quotes) as JSON text."""

import re

_WORD = re.compile(
    r"""(?P<space>\s+)|(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"""
    r"""|(?P<name>[A-Za-z_$][\w$]*)|(?P<mark>[{}\[\]:,])""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\"\\\ud800-\udfff]")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS = {
    "true": "true",
    "false": "false",
    "null": "null",
    "undefined": "null",
    "None": "null",
    "True": "true",
    "False": "false",
}


def json_of_literals(text: str, start: int) -> str | None:
    """The JavaScript array that begins at `start` as JSON text; None where it is incomplete or no literal.

    Trailing commas go. The work is linear in the text.
    """
    out: list[str] = []
    depth = 0
    at = start
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            return None
        at = found.end()
        kind, word = found.lastgroup, found[0]
        if kind == "space":
            continue
        if kind == "mark":
            if word in "}]" and out and out[-1] == ",":
                out.pop()
            depth += word in "{["
            depth -= word in "}]"
            out.append(word)
            if depth == 0:
                return "".join(out)
        else:
            out.append(_value(kind or "", word, is_key=text[at : at + 1] == ":" and kind == "name"))
    return None


def _value(kind: str, word: str, *, is_key: bool) -> str:
    if kind == "string":
        return _quoted(_ESCAPE.sub(_unescaped, word[1:-1]))
    if kind == "number":
        return word if not re.match(r"-?0\d", word) else _quoted(word)
    return _quoted(word) if is_key else _WORDS.get(word, _quoted(word))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _SIMPLE.get(code, "" if code == "\n" else code)


def _quoted(words: str) -> str:
    return (
        '"'
        + _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}" if not "\ud800" <= m[0] <= "\udfff" else "\ufffd", words)
        + '"'
    )
