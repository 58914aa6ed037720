"""Compares who said each line of a forwarded bundle, whatever name each tool gives to a person."""

import re
from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.attributes import with_bundle
from reconcile.engine.content.selective import BY, Component, changed
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_classes import FORWARD
from reconcile.wechat.text import canonical

# A line's time, before or behind its sender's name.
_TIME = r"[(\[]?\d{2,4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}(?::\d{2})?[)\]]?"
_TIMED = lazy_pattern(rf"(?m)^(?:{_TIME} ([^\n:]{{1,60}}):|([^\n:]{{1,60}}?)[ \t]*{_TIME}(?=[:\s]|$))")
_NAMED = lazy_pattern(r"(?m)^([^\n:]{1,60}):\s")


def bundle_authors_of(agreed: pl.DataFrame) -> Iterator[Component]:
    """The component of bundles whose lines two exports give to different people.

    A tool may give a person another name. It then uses that name in all lines, and for nobody else.
    """
    both = agreed.filter((pl.col("cls") == FORWARD) & (pl.col("cls_right") == FORWARD))
    if both.is_empty():
        return
    texts = both.select("pair", left=with_bundle(""), right=with_bundle("_right"))
    if texts["left"].eq_missing(texts["right"]).all():
        return
    named: dict[int, list[list[tuple[str, str]]]] = defaultdict(list)
    told = [(pair, _authors_beside(left, right)) for pair, left, right in texts.iter_rows()]
    for pair, names in told:
        named[pair].append(names)
    others = {pair: _names_of_two(bundles) for pair, bundles in named.items()}
    is_unlike = [any(n in others[pair] for n in names) if names else None for pair, names in told]
    compared = both.select("left_row", *BY, pl.Series("is_unlike", is_unlike, dtype=pl.Boolean))
    # No tool gives a line to somebody else.
    none = compared["left_row"].clear()
    yield from changed("author", compared.drop_nulls("is_unlike"), ruled=none)


def _authors_beside(left: str, right: str) -> list[tuple[str, str]]:
    """The names that both sides give to the author of each line; empty where not both name as many."""
    mine, theirs = _authors_in(left), _authors_in(right)
    return list(zip(mine, theirs, strict=True)) if len(mine) == len(theirs) else []


def _authors_in(text: str) -> list[str]:
    """The names in front of the lines of a bundle."""
    words = canonical(text)
    timed = [(m[1] or m[2]).strip(" [(") for m in _TIMED.finditer(words)]
    return timed or [re.sub(r"^\W+", "", m[1]) for m in _NAMED.finditer(words)]


def _names_of_two(bundles: list[list[tuple[str, str]]]) -> frozenset[tuple[str, str]]:
    """The pairs of names that are two people: elsewhere, one is paired with another name."""
    met = {names for bundle in bundles for names in bundle}
    sides: tuple[dict[str, set[str]], dict[str, set[str]]] = (defaultdict(set), defaultdict(set))
    for left, right in met:
        sides[0][left].add(right)
        sides[1][right].add(left)
    return frozenset(
        (left, right)
        for left, right in met
        if left != right
        and (len(sides[0][left]) > 1 or len(sides[1][right]) > 1 or right in sides[0] or left in sides[1])
    )


__all__ = ["bundle_authors_of"]
