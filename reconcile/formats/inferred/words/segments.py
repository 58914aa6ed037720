"""Messages that are lists of pieces: words, mentions, emoji, each an object that says what it is."""

import re
from collections.abc import Sequence
from typing import Any

from reconcile.formats.inferred.hints import hint, is_called_a_name
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name

_LEVELS = 4
# Where a part of a message states its media type.
MEDIA_TYPES = frozenset(["ct", "mime", "mimetype", "mime_type", "contenttype", "content_type"])
# The name of a kind between brackets, and the length of a pair of one and its words.
TAG, _PAIR = r"\[[^\[\]\n]{1,12}\]", 2
# A time of day or a count of seconds, which no piece has.
_TIME = r"\s*(?:[0-9]{9}|[0-9].*[0-9]:[0-9]{2})"
# How a piece that points at somebody is called, and what stands before the name.
_MENTION, _AT = lazy_pattern(r"(?i)(?:at|@|mention)(?:[_ -]?(?:all|user|member))?"), "@"


def type_of_segments(values: Sequence[Any]) -> str | None:
    """The field by which objects in lists say what they are, and some that they are words; else None.

    Objects that state when or by whom they were said are messages, and no pieces of one.
    """
    lines = [p for v in values if isinstance(v, list) for p in v]
    pieces = [p for line in lines for p in (line if isinstance(line, list) else [line])]
    if not pieces or not all(isinstance(p, dict) for p in pieces):
        return None
    for key in pieces[0]:
        if not all(isinstance(p.get(key), str | int) for p in pieces):
            continue
        texts = [p for p in pieces if _kind(p[key]) == Kind.TEXT]
        if not texts and hint(key, "kind") > 0 and all(isinstance(p[key], int) for p in pieces):
            # What the numbers mean, the pieces with words show.
            texts = [p for p in pieces if _words(p, key, 0)]
        if (texts or key in MEDIA_TYPES) and not (texts and all(_is_message(p) for p in texts)):
            return str(key)
    return None


def _is_message(piece: dict[str, Any]) -> bool:
    """Whether an object states when or by whom it was said."""
    told = [(k, str(v)) for k, v in piece.items() if isinstance(v, str | int | float)]
    return any(hint(k, "sender") >= 1 or (hint(k, "time") > 0 and re.match(_TIME, v)) for k, v in told)


def are_segments(rows: Sequence[dict[str, Any]]) -> bool:
    """Whether objects of lists inside the rows of another list are the pieces of its messages."""
    return type_of_segments([[{k: v for k, v in row.items() if not k.startswith("^")} for row in rows]]) is not None


def text_of_pieces(value: list[Any], key: str | None, joint: str = "") -> str | None:
    """Pieces of a text, or names, as one text; lists of pieces as its lines; None for other lists.

    `key`: the field by which they say what they are. If no piece has words, the text is what the pieces are.
    """
    pieces = [_line_of(v, key) if isinstance(v, list) else v if isinstance(v, str) else _piece(v, key) for v in value]
    if not value or (key is None and None in pieces):
        return None
    told = ("\n" if isinstance(value[0], list) else joint).join(p or "" for p in pieces)
    named = [v[key] for v in value if isinstance(v, dict) and key not in (None, *MEDIA_TYPES)]
    shown = [n for n in named if isinstance(n, str) and _kind(n) not in (Kind.TEXT, Kind.QUOTE)]
    return told or "".join(f"[{n}]" for n in shown)


def _line_of(pieces: list[Any], key: str | None) -> str | None:
    """The pieces of a line as one text, a tag such as `[text]` above its words; None for other lists."""
    if len(pieces) == _PAIR and all(isinstance(p, str) for p in pieces):
        return "\n".join(pieces) if re.fullmatch(TAG, pieces[0]) else None
    told = [_piece(p, key) for p in pieces]
    return None if not told or (key is None and None in told) else "".join(t or "" for t in told)


def _kind(named: Any) -> Kind | None:
    """The kind that a piece calls itself; a media type of words is a text."""
    if not isinstance(named, str) or named.isdigit():
        return None
    return Kind.TEXT if named.startswith("text/") else kind_of_name(named)


def _piece(value: Any, key: str | None, depth: int = 0) -> str | None:
    """The text of one piece: its own, else that of what is inside it, else what stands for it.

    What quotes another message has no words of its own. None without any.
    """
    if not isinstance(value, dict) or depth > _LEVELS:
        return None
    typed = next((v for k, v in value.items() if k.lower() in MEDIA_TYPES and isinstance(v, str) and "/" in v), None)
    named = typed or value.get(key or "type")
    kind = _kind(named)
    if kind == Kind.QUOTE:
        return _own_words(value, key) or ""
    if typed and kind != Kind.TEXT:
        # Parts that only describe the layout, such as application/smil, are not text of the message.
        return "" if kind is None else f"[{kind}]"
    words = _words(value, key, depth)
    if words:
        return words
    if isinstance(named, str) and _MENTION.fullmatch(named):
        return _AT + _name(value, key).removeprefix(_AT)
    if kind == Kind.STICKER and (shown := next((v for k, v in value.items() if is_called_a_name(k) and v), None)):
        named = str(shown).strip("[]")
    return words if kind in (None, Kind.TEXT) else f"[{named}]"


def _own_words(value: dict[str, Any], key: str | None) -> str | None:
    """The words that a piece states itself, in a field called so or the only one of a text."""
    said = {k: v for k, v in value.items() if isinstance(v, str) and k != (key or "type")}
    own = next((v for k, v in said.items() if k.lower() in ("text", "content") or (key and hint(k, "text") >= 1)), None)
    is_text = key is not None and _kind(value.get(key)) == Kind.TEXT
    return next(iter(said.values())) if own is None and is_text and len(said) == 1 else own


def _words(value: dict[str, Any], key: str | None, depth: int) -> str | None:
    """The own words of a piece, else those of the first object or list of pieces inside it."""
    if (own := _own_words(value, key)) is not None:
        return own
    for inner in value.values():
        told = [_piece(p, key, depth + 1) for p in (inner if isinstance(inner, list) else [inner])]
        if any(t is not None for t in told):
            return "".join(t or "" for t in told)
    return None


def _name(value: dict[str, Any], key: str | None) -> str:
    """Whom a piece points at: a name, else an account; '' without any."""
    inner = [v for v in value.values() if isinstance(v, dict)]
    told = {k: str(v) for one in (*inner, value) for k, v in one.items() if isinstance(v, str | int) and k != key}
    best = min(told, key=lambda k: (-is_called_a_name(k), -hint(k, "sender"), not told[k]), default=None)
    return told[best] if best is not None else ""
