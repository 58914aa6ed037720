"""Who sent what a screen shows: told by all its signs, unknown where they differ.

What an item shows by itself is its fill (the client's green is the owner's), its margins, and the avatar beside it. A bubble
that is as wide as the screen allows has alike margins. Then the bubbles of the same screen whose writer is sure tell it, by
their colour and by the edge that they share.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from reconcile.submission.screen.item import Item
from reconcile.submission.screen.pictures import Picture

# Lengths are in line heights, as in the layout of the screen.
_MARGIN = 1.5  # by how much the margins of a bubble must differ: the widest bubbles of both sides differ by less
_FLUSH = 0.15  # within which edges are flush: what drawing and compression blur
_COLUMN = 3.3  # width of the columns of avatars at both sides
_BESIDE = 1.0  # height beside the top of a bubble where its avatar stands
_IS_AVATAR, _IS_EMPTY = (
    0.4,
    0.1,
)  # share of the column that an avatar fills at least, and that an empty one fills at most
_UNLIKE_PAGE = 5  # colour steps per channel from which a pixel is not the page: more than compression blurs
_SIBLINGS = 2  # of one colour on one side alone: a single one may be a card, which is white on both sides
_LIKE = 10  # colour steps per channel within which two fills are one


def decide_sides(picture: Picture, items: Sequence[Item], page: Any, unit: float) -> None:
    """Sets `own` of each item; None where its signs are lacking or contradict each other."""
    shown = [_signs_of(picture, item, page, unit) for item in items]
    for item, signs in zip(items, shown, strict=True):
        item.own = _agreed(signs)
    sure = [item for item in items if item.own is not None]
    for item, signs in zip(items, shown, strict=True):
        if not signs:
            item.own = _agreed(_signs_of_siblings(item, sure, unit))


def _agreed(signs: Iterable[bool]) -> bool | None:
    """What all signs say; None for none, and where they contradict each other."""
    said = {*signs}
    return said.pop() if len(said) == 1 else None


def _signs_of(picture: Picture, item: Item, page: Any, unit: float) -> list[bool]:
    """What the item itself shows; true = the owner's."""
    signs = []
    red, green, blue = item.colour
    if green > red + 20 and green > blue + 20:
        signs.append(True)
    apart = item.left - (picture.shape[1] - item.edge)
    if abs(apart) > _MARGIN * unit:
        signs.append(apart > 0)
    left, right = _filled(picture, item, page, unit)
    if max(left, right) >= _IS_AVATAR and min(left, right) <= _IS_EMPTY:
        signs.append(right > left)
    return signs


def _filled(picture: Picture, item: Item, page: Any, unit: float) -> tuple[float, float]:
    """The shares of the two columns of avatars, beside the top of the item, that are not the page."""
    width, column = picture.shape[1], _COLUMN * unit
    rows = picture[int(item.top) : int(min(item.bottom, item.top + _BESIDE * unit))]
    strips = rows[:, : int(min(column, item.left))], rows[:, int(max(width - column, item.edge)) + 1 :]
    left, right = (
        float((np.abs(strip.astype(np.int16) - page).max(axis=2) > _UNLIKE_PAGE).mean()) if strip.size else 0.0
        for strip in strips
    )
    return left, right


def _signs_of_siblings(item: Item, sure: Sequence[Item], unit: float) -> list[bool]:
    """What the other items of the screen tell of one; true = the owner's."""
    signs = []
    alike = [
        s.own for s in sure if s.lines and max(abs(a - b) for a, b in zip(s.colour, item.colour, strict=True)) <= _LIKE
    ]
    if item.lines and len(alike) >= _SIBLINGS and len({*alike}) == 1:
        signs.append(bool(alike[0]))
    lefts = [abs(s.left - item.left) <= _FLUSH * unit for s in sure if not s.own]
    rights = [abs(s.edge - item.edge) <= _FLUSH * unit for s in sure if s.own]
    if lefts and rights and any(lefts) is not any(rights):
        signs.append(any(rights))
    return signs
