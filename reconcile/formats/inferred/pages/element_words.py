"""The words of an element of a page, with the inner elements that they run through."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.pages.page_lines import NO_WORDS
from reconcile.formats.inferred.pages.page_parts import EMPHASIS, INLINE
from reconcile.formats.inferred.pages.page_tables import trimmed_lines
from reconcile.patterns import lazy_pattern

# Attributes that only place and draw an element.
_OF_THE_PAGE = ("class", "style", "slot", "role", "tabindex")
# What a person, a topic and an address begin with, wherever they stand among words.
_NAMED = lazy_pattern(r"@[^\W_]|#[^\W\d_]|(?:https?://|www\.)")
# A sign that separates words from the field behind them.
_PARTING = lazy_pattern(r"\s[·•|]\s*$")


def fields_of_element(
    row: Any, *, is_whole: bool = False, flows: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """Key and value of each attribute and of each inner element with words of its own.

    `is_whole`: all classes of an element name it, not the first alone. `flows`: as `flows_of` returns.
    """
    for key, value in row.attrib.items():
        if key == "class" or _is_field(row, key):
            yield f"@{key.removeprefix('data-')}", value
    for element, path in _walk(row, is_whole=is_whole, flows=flows):
        if own := _own_words(element, path, is_whole=is_whole, flows=flows):
            yield path or "words", own
        if element is not row:
            yield from (
                (f"{path}@{k.removeprefix('data-')}", v)
                for k, v in element.attrib.items()
                if k == "alt" or _is_field(element, k)
            )


def _is_field(element: Any, key: str) -> bool:
    """Whether an attribute may say something of a message: in an element of a page's own making, any may."""
    return key in ("title", "datetime") or key.startswith("data-") or ("-" in element.tag and key not in _OF_THE_PAGE)


def flows_of(rows: Sequence[Any], cells: Sequence[list[tuple[str, str]]], *, is_whole: bool) -> frozenset[str]:
    """The keys of inner elements that are part of the words around them: links, emphasis, others.

    They stand in fewer than half of the rows with words around them.
    """
    held = Counter(key for row in cells for key in {key for key, _ in row})
    if all(2 * n >= len(rows) for n in held.values()):
        return frozenset()
    keys: Counter[str] = Counter()
    beside: dict[str, set[str]] = {}
    for row in rows:
        inline = [(e, p) for e, p in _walk(row, is_whole=is_whole) if e is not row and e.tag in INLINE]
        keys.update({path for _, path in inline})
        for element, path in inline:
            beside.setdefault(path, set()).update(_sides_with_words(element, path))
    rare = (key for key in beside if 2 * keys[key] < held[key.rpartition(".")[0] or "words"])
    # A field stands at one end of the words.
    return frozenset(key for key in rare if beside[key] >= {"before", "behind"})


def _sides_with_words(element: Any, path: str) -> set[str]:
    """On which sides of an element words go on; both where what it is or says makes it no field."""
    if element.tag in EMPHASIS and not element.get("class"):
        return {"before", "behind"}
    step, words, above = path.rpartition(".")[2], "".join(element.itertext()).strip(), element.getparent()
    before = (above.text or "") + "".join(e.tail or "" for e in element.itersiblings(preceding=True))
    is_before, is_behind = bool(before.strip()), bool((element.tail or "").strip())
    if _NAMED.match(words) and (is_before or (is_behind and hint(step, "sender") <= 0)):
        return {"before", "behind"}
    is_field = max(hint(step, r) for r in ("sender", "time", "kind")) > 0 or hint(step, "text") < 0
    if is_field or words.endswith((":", "：")) or not (is_before or is_behind):
        return set()
    is_before |= not element.get("class")
    return {*(["before"] if is_before else []), *(["behind"] if is_behind else [])}


def numbered_fields(cells: list[tuple[str, str]], several: set[str]) -> dict[str, str]:
    """Values by key; keys in several are numbered, others joined line by line."""
    row: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for key, value in cells:
        seen[key] += 1
        name = f"{key}#{seen[key]}" if key in several else key
        row[name] = f"{row[name]}\n{value}" if name in row else value
    return row


def _walk(row: Any, *, is_whole: bool, flows: frozenset[str] = frozenset()) -> Iterator[tuple[Any, str]]:
    """The row and the elements inside it that are no part of the words around them, each with its key."""
    stack = [(row, "")]
    while stack:
        element, path = stack.pop()
        yield element, path
        below = [c for c in element if isinstance(c.tag, str) and c.tag not in (*NO_WORDS, "br")]
        named = [(c, _key(path, c, is_whole=is_whole)) for c in below]
        stack.extend(n for n in reversed(named) if n[1] not in flows)


def _key(path: str, element: Any, *, is_whole: bool) -> str:
    return f"{path}.{_path_step(element, is_whole=is_whole)}".lstrip(".")


def _path_step(element: Any, *, is_whole: bool) -> str:
    """The first class of the element (with is_whole: all), or its tag without a class."""
    named = (element.get("class") or "").split()
    if named and is_whole:
        return " ".join(named).replace(".", "·")
    return named[0].replace(".", "·") if named else str(element.tag)


def _own_words(element: Any, path: str, *, is_whole: bool, flows: frozenset[str]) -> str:
    """The element's own text, with that of `flows` and what follows inner elements or breaks.

    A sign that only separates it from an inner field is left out.
    """
    parts = [element.text or ""]
    for child in element:
        key = _key(path, child, is_whole=is_whole) if flows and isinstance(child.tag, str) else ""
        if key in flows or (path in flows and child.tag in INLINE):
            parts.append(_own_words(child, key if key in flows else path, is_whole=is_whole, flows=flows))
        elif child.tag in INLINE or child.tag == "time":
            parts[-1] = _PARTING.sub("", parts[-1])
        parts.append(("\n" if child.tag == "br" else "") + (child.tail or ""))
    return "".join(parts) if element.tag in INLINE else trimmed_lines("".join(parts))
