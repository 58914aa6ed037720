"""Sides of a page that only its style tells, and names that stand alone above the bubbles of one side."""

from collections import defaultdict
from typing import Any

from lxml import etree

from reconcile.formats.inferred.direction_words import PEER_WORDS, SELF_WORDS
from reconcile.formats.inferred.pages.page_parts import alone, holds_a_time, replace_element
from reconcile.patterns import lazy_pattern

# Declarations that draw an element on a side, those that weigh most first, and the other side of each.
_DRAWN = tuple(
    (lazy_pattern(rf"(?i)(?:^|[;\s]){right}"), lazy_pattern(rf"(?i)(?:^|[;\s]){left}"))
    for right, left in (
        (r"float\s*:\s*right", r"float\s*:\s*left"),
        (r"align-self\s*:\s*(?:flex-)?end", r"align-self\s*:\s*(?:flex-)?start"),
        (r"justify-content\s*:\s*(?:flex-)?end", r"justify-content\s*:\s*(?:flex-)?start"),
        (r"margin-left\s*:\s*auto", r"margin-right\s*:\s*auto"),
        (r"text-align\s*:\s*(?:right|end)", r"text-align\s*:\s*(?:left|start)"),
    )
)
_LEFT, _RIGHT, _MIDDLE = "left", "right", "center"
_CENTRED = lazy_pattern(r"(?i)(?:text-align|justify-content|align-self)\s*:\s*center|margin\s*:\s*[^;]*\bauto")
_RULE, _COMMENT = lazy_pattern(r"([^{}]*)\{([^{}]*)\}"), lazy_pattern(r"(?s)/\*.*?\*/")
_CLASSES = lazy_pattern(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)+)")
# Cells of tables are aligned by what they hold.
_OF_TABLES = frozenset(["td", "th", "tr", "table", "col", "thead", "tbody"])
# Least elements on each side.
_LEAST = 2
SIDE = "@side"
# The name above an element, as a field of it: its greatest length, a name, and the least share of elements below with a time.
NAME_ABOVE = "@name-above"
_LONGEST_NAME, _NAME, _CLOCK, _MOST = 60, lazy_pattern(r"[^\W\d_]|[0-9]{5}"), lazy_pattern("[0-9]:[0-9]{2}"), 0.8
_LEAST_NAMES = 3


def write_drawn_sides(tree: Any) -> None:
    """Changes the page: `right` or `left` as a field of elements that only style puts on a side.

    Of elements of one tag below one kind of element, several are drawn on the right, and several neither there nor in the
    middle. Nothing is written where a class of theirs already names a side, or where most elements around them hold
    both, as a line of name and time does.
    """
    rules = [r for style in tree.iter("style") for r in _rules_of(style.text or "")]
    kinds: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for element in tree.iter(etree.Element):
        if (
            isinstance(element.tag, str)
            and element.tag not in _OF_TABLES
            and (above := element.getparent()) is not None
        ):
            kinds[(element.tag, above.tag, (above.get("class") or "").partition(" ")[0])].append(element)
    for elements in kinds.values():
        classes = {w for e in elements for w in (e.get("class") or "").lower().split()}
        if len(elements) < 2 * _LEAST or classes & (SELF_WORDS | PEER_WORDS):
            continue
        sides = [(e, side) for e in elements if (side := _side_of(e, rules) or _LEFT) != _MIDDLE]
        told = [side for _, side in sides]
        if min(told.count(_RIGHT), told.count(_LEFT)) >= _LEAST and not _stand_in_pairs(sides):
            for element, side in sides:
                element.set(f"data-{SIDE[1:]}", side)


def _stand_in_pairs(sides: list[tuple[Any, str]]) -> bool:
    """Whether most of several elements around those on a side hold both sides."""
    held: dict[Any, set[str]] = defaultdict(set)
    for element, side in sides:
        held[element.getparent()].add(side)
    return len(held) > 1 and 2 * sum(len(s) > 1 for s in held.values()) > len(held)


def _rules_of(sheet: str) -> list[tuple[str, frozenset[str], str]]:
    """Tag, classes and side of each rule of a style sheet that puts an element on a side."""
    found = []
    for selectors, body in _RULE.findall(_COMMENT.sub("", sheet)):
        if (side := _drawn(body)) is None:
            continue
        # What a rule says of an element inside another one is not looked at.
        named = (_CLASSES.fullmatch(one.strip()) for one in selectors.split(","))
        found += [(m[1] or "", frozenset(m[2].strip(".").split(".")), side) for m in named if m]
    return found


def _drawn(style: str) -> str | None:
    """The side on which declarations draw an element, or the middle; None where they say nothing."""
    for right, left in _DRAWN:
        told = right.search(style) is not None, left.search(style) is not None
        if any(told):
            return _MIDDLE if all(told) else _RIGHT if told[0] else _LEFT
    return _MIDDLE if _CENTRED.search(style) else None


def _side_of(element: Any, rules: list[tuple[str, frozenset[str], str]]) -> str | None:
    """The side of an element by its own style, an old attribute, or the narrowest rule that is last."""
    if (side := _drawn(element.get("style") or "")) is not None:
        return side
    if (aligned := (element.get("align") or "").lower()) in (_LEFT, _RIGHT, _MIDDLE):
        return aligned
    own = {*(element.get("class") or "").split()}
    fitting = [(len(c), at, s) for at, (tag, c, s) in enumerate(rules) if c <= own and tag in ("", element.tag)]
    return max(fitting)[2] if fitting else None


def write_names_above(tree: Any) -> None:
    """Changes the page: a name that stands alone above elements with a time becomes a field of each.

    Names recur. A name holds for all elements below it up to the next one; for those of the other side alone, where no
    name stands directly above one of the own side.
    """
    kinds: dict[tuple[str, str | None], list[Any]] = defaultdict(list)
    for leaf in tree.iter(etree.Element):
        words = (leaf.text or "").strip()
        if not len(leaf) and 0 < len(words) <= _LONGEST_NAME and _NAME.search(words) and not _CLOCK.search(words):
            name = alone(leaf)
            kinds[(name.tag, name.get("class"))].append(name)
    for (tag, named), leaves in kinds.items():
        names = {_words_of(leaf) for leaf in leaves}
        if len(leaves) < _LEAST_NAMES or 2 * len(names) > len(leaves) or holds_a_time(leaves[0]):
            continue
        below = [(leaf, _below(leaf, tag, named)) for leaf in leaves]
        rows = [e for _, found in below for e in found]
        # A name beside a time alone, or one for each message, belongs to that message.
        are_rows = len(rows) > len(leaves) and 2 * len({leaf.getparent() for leaf in leaves}) <= len(leaves)
        if not are_rows or any(not found for _, found in below) or sum(map(_is_timed, rows)) < _MOST * len(rows):
            continue
        is_of_all = any(_is_own(found[0]) for _, found in below)
        for leaf, found in below:
            for row in found:
                if is_of_all or not _is_own(row):
                    row.set(f"data-{NAME_ABOVE[1:]}", _words_of(leaf))
            replace_element(leaf, leaf.getparent(), "")
        return


def _below(name: Any, tag: str, named: str | None) -> list[Any]:
    """The elements beside a name up to the next name."""
    found = []
    for element in name.itersiblings(etree.Element):
        if (element.tag, element.get("class")) == (tag, named):
            break
        if element.tag != "br":
            found.append(element)
    return found


def _words_of(element: Any) -> str:
    """All words of an element."""
    return "".join(element.itertext()).strip()


def _is_own(element: Any) -> bool:
    """Whether a class of an element names the owner's side."""
    told = {*(element.get("class") or "").lower().split(), element.get(f"data-{SIDE[1:]}")}
    return bool(told & SELF_WORDS)


def _is_timed(element: Any) -> bool:
    """Whether an element states a time, and words or a picture besides."""
    words = "".join(t for t in element.itertext() if not _CLOCK.search(t)).strip()
    return holds_a_time(element) and (bool(words) or element.find(".//*[@src]") is not None)
