"""Nested values as other languages write them: tables of Lua, hashes of Perl and Ruby, PHP."""

import re
from typing import Any

from reconcile.patterns import lazy_pattern

_SKIPPED = r"(?:\s+|--[^\n]*|//[^\n]*|/\*.*?\*/|#[^\n]*)+"
_TOKEN = lazy_pattern(
    rf"(?P<skip>{_SKIPPED})|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<open>(?:[A-Za-z_][\w.]*\s*)?[{\[(])|(?P<shut>[}\])])"
    r"|(?P<sign>=>|[=:])|(?P<comma>[,;])|(?P<word>[$@%]?[A-Za-z_]\w*(?:(?:\.|::)\w+)*)",
    re.DOTALL,
)
# What only such texts have near their beginning: a key in brackets, an arrow behind a key, or a size before braces. All
# repeats have a limit, since the text is an opponent's.
_B, _S = r"[ \t]{0,40}", r"\s{0,60}"
_SIGNS = lazy_pattern(
    rf"\A{_S}[aO]:[0-9]{{1,9}}:(?:\"[^\"]{{0,200}}\":[0-9]{{1,9}}:)?\{{|(?m:^{_B}(?:\[(?:\"[^\"\n]{{0,200}}\"|[0-9]{{1,9}})\]{_S}={_S}\S"
    rf"|(?:[{{\[(]{_S}){{0,4}}(?::?\w{{1,100}}|\"[^\"\n]{{0,200}}\"|'[^'\n]{{0,200}}'){_S}=>{_S}\S"
    rf"|\{{{_S}\w{{1,100}}{_S}={_S}[\"'{{0-9]|(?:local[ \t]{{1,9}})?\w{{1,100}}{_S}={_S}\{{{_B}$))"
)
_BEGIN = 20_000
_SERIALIZED = lazy_pattern(rb"\s*[aO]:[0-9]+:")
_BLANKS = lazy_pattern(rb"\s*")
_HEAD = lazy_pattern(rb"([aOCsidbr]|N)(?:;|:(?:([0-9]+):)?)")
_WORDS = {"true": True, "false": False, "nil": None, "null": None, "undef": None, "None": None, "NULL": None}
_ESCAPE, _ESCAPED = lazy_pattern(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-9]{1,3}|.)", re.DOTALL), {"n": "\n", "t": "\t", "r": "\r"}  # fmt: skip
_DEEPEST, _LARGEST, _LONGEST_NUMBER = 60, 2**26, 400


def may_be_nested(text: str) -> bool:
    """Whether a text begins as such values do; a cheap test before it is parsed."""
    return _SIGNS.search(text, 0, _BEGIN) is not None


def nested_value(data: bytes, text: str) -> Any:
    """The lists and objects in a file of one of these languages; None for any other file.

    Several values are an object by name, or a list of those without a name.

    Args:
        data: the file's bytes, by which PHP counts.
        text: the same as text.
    """
    if len(data) > _LARGEST:
        return None
    return _serialized(data) if _SERIALIZED.match(data) else _as_list(_written(text))


def _written(text: str) -> list[tuple[Any, Any]] | None:
    """The pairs of key and value in a text; None where it holds anything else."""
    stack: list[list[tuple[Any, Any]]] = [[]]
    keys: list[Any] = [None]
    at = len(found[0]) if (found := re.match(r"\s*<\?php\s", text)) else 0
    last = ""
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or len(stack) > _DEEPEST:
            return None
        at, kind, said = token.end(), str(token.lastgroup), token[0]
        if kind == "skip":
            continue
        if kind == "open":
            stack.append([])
            keys.append(None)
            continue
        if kind in ("sign", "comma"):
            # The colon before a name is part of it.
            if kind == "sign" and stack[-1] and last not in ("sign", "comma"):
                key = stack[-1].pop()[1]
                keys[-1] = (key[0] if isinstance(key, list) and len(key) == 1 else key,)
            last = kind
            continue
        if kind == "shut" and len(stack) == 1:
            return None
        value = _as_list(stack.pop()) if kind == "shut" else _plain(kind, said)
        if kind == "shut":
            keys.pop()
        if last == "word" and kind in ("word", "string") and stack[-1]:
            # A word such as `local` before a name.
            stack[-1].pop()
        stack[-1].append((keys[-1], value))
        keys[-1], last = None, kind
    return stack[0] if len(stack) == 1 else None


def _plain(kind: str, said: str) -> Any:
    """A string, number or word as a value."""
    if kind == "number" and len(said) <= _LONGEST_NUMBER:
        return float(said) if re.search("[.eE]", said) else int(said)
    if kind in ("number", "word"):
        return _WORDS.get(said, said)
    return _ESCAPE.sub(_character, said[1:-1])


def _character(found: re.Match[str]) -> str:
    told = found[1]
    if told[0] in "ux" and len(told) > 1:
        code = int(told[1:], 16)
        # Half a pair is no character.
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
    return chr(int(told)) if told.isdecimal() else _ESCAPED.get(told, told)


def _as_list(pairs: list[tuple[Any, Any]] | None) -> Any:
    """Pairs as a list where no key is a name, else as an object."""
    if pairs is None or all(key is None or isinstance(key[0], int) for key, _ in pairs):
        return pairs and [value for _, value in pairs]
    return {str(n if key is None else key[0]): value for n, (key, value) in enumerate(pairs)}


def _serialized(data: bytes) -> list[Any] | None:
    """The values that PHP serialized one behind the other; None where they are broken."""
    found: list[Any] = []
    at = _behind_blanks(data, 0)
    try:
        while at < len(data):
            value, at = _one(data, at, 0)
            found.append(value)
            at = _behind_blanks(data, at)
    except (ValueError, IndexError):
        return None
    return found


def _behind_blanks(data: bytes, at: int) -> int:
    """The place of the next byte that is no blank."""
    blanks = _BLANKS.match(data, at)
    return blanks.end() if blanks else at


def _one(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The serialized value at a place, and where it ends."""
    head = _HEAD.match(data, at)
    if head is None or depth > _DEEPEST:
        raise ValueError
    kind, at = head[1], head.end()
    if kind in b"idbr" and head[2] is None:
        end = data.index(b";", at)
        said = data[at:end].decode("ascii")
        return (bool(int(said)) if kind == b"b" else float(said) if kind == b"d" else int(said)), end + 1
    if kind == b"N":
        return None, at
    size = int(head[2] or b"")
    if kind == b"s":
        return data[at + 1 : at + 1 + size].decode("utf-8"), at + size + 3
    if kind in b"O":
        at += size + 3
        size = int(data[at : (colon := data.index(b":", at))])
        at = colon + 1
    pairs: list[tuple[Any, Any]] = []
    at += 1
    for _ in range(size):
        key, at = _one(data, at, depth + 1)
        value, at = _one(data, at, depth + 1)
        pairs.append(((key,), value))
    return _as_list(pairs) or {}, at + 1
