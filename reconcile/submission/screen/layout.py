"""Turns words with positions into bubbles of two sides, names, time bars, notices, pictures."""

from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import Any

import cv2
import numpy as np

from reconcile.submission.pasted import TIME_ONLY
from reconcile.submission.screen.item import Item
from reconcile.submission.screen.pictures import Picture
from reconcile.submission.screen.sides import decide_sides
from reconcile.submission.screen.words import Word

NEAR = 10  # colour distance per channel within which a pixel belongs to a fill
# Lengths are in line heights, because phones and PC clients differ in width but hardly in this.
TITLE_PART = 5.6  # from the top: status bar and title
AVATARS = 3.3  # width of the columns of avatars at both sides
CONTENT = 3.0  # least side of a picture
LONE = (1.4, 5.5)  # height of a bubble whose words the detector overlooks: a single sign
ICON = 5.0  # times its text's height: width of an icon with letters on it
CENTRE = 0.12  # of the width: how far from the middle a time bar may lie
NAME_HEIGHT = 1.6  # times the text's height: distance of a name above its bubble


Recognise = Callable[[Picture], tuple[str, float]]


def layout(picture: Picture, words: list[Word], recognise: Recognise) -> list[Item]:
    """What the screen shows, from top to bottom; `recognise` reads a cut that holds one line.

    A bubble is an area of one fill colour around words that differs from the page. Other areas of content are pictures.
    """
    width = picture.shape[1]
    unit = median(w.height for w in words) if words else 0.04 * width
    page = _page_colour(picture)
    body, title = _split_title(words, picture, page, unit)
    top = title.bottom if title else 0.0
    bubbles, loose = _find_bubbles(picture, body, page)
    bubbles += _bubbles_without_words(picture, bubbles, page, unit, top, recognise)
    pictures = _find_pictures(picture, page, bubbles, unit, top=top)
    loose = [w for w in loose if not any(_is_inside(w, p) for p in pictures)]
    decide_sides(picture, bubbles + pictures, page, unit)
    _take_names(bubbles + pictures, loose, width)
    items = [*bubbles, *pictures, *_time_bars(loose, width)]
    if title is not None:
        items.append(Item("title", title.top, title.bottom, [title]))
    return sorted(items, key=lambda i: i.top)


def _page_colour(picture: Picture) -> np.ndarray[Any, Any]:
    """The commonest colour of the outer strips, which show page and avatars but no bubbles."""
    width = picture.shape[1]
    strip = np.concatenate([picture[::4, : max(1, width // 40)], picture[::4, -max(1, width // 40) :]], axis=1)
    coarse = (strip.reshape(-1, 3) // 4).astype(np.int32)
    values, counts = np.unique(coarse, axis=0, return_counts=True)
    chosen = values[counts.argmax()]
    members = strip.reshape(-1, 3)[(coarse == chosen).all(axis=1)]
    return np.asarray(np.median(members, axis=0), dtype=np.int16)


def _split_title(words: list[Word], picture: Picture, page: Any, unit: float) -> tuple[list[Word], Word | None]:
    """The words without status bar and title, and the title; None where the screen shows none."""
    width = picture.shape[1]
    limit = TITLE_PART * unit
    top = [w for w in words if w.bottom <= limit and not _in_bubble(picture, w, page)]
    middle = [w for w in top if abs(w.middle - width / 2) < CENTRE * width and not TIME_ONLY.match(w.text)]
    if not middle:
        status = [w for w in top if w.bottom <= 0.5 * limit]
        return [w for w in words if w not in status], None
    title = max(middle, key=lambda w: w.height)
    return [w for w in words if w.top > title.bottom - 0.3 * title.height or w not in top], title


def _in_bubble(picture: Picture, word: Word, page: Any) -> bool:
    """Whether the words have a fill that is neither the page nor a bar across the screen."""
    fill = _fill_colour(picture, word)
    if np.abs(fill - page).max() <= NEAR / 3:
        return False
    row = picture[min(picture.shape[0] - 1, int((word.top + word.bottom) / 2))].astype(np.int16)
    edge = max(1, picture.shape[1] // 100)
    return bool(np.abs(np.median(row[:edge], axis=0) - fill).max() > NEAR / 3)


def _reach_of(fill: Any, page: Any) -> int:
    """How far a channel may differ from the fill and still belong to it."""
    # White bubbles differ from the PC client's light grey page by ten steps, so the tolerance stays below half of
    # that.
    return int(max(2, min(NEAR, np.abs(fill - page).max() // 2)))


def _fill_colour(picture: Picture, word: Word) -> np.ndarray[Any, Any]:
    """The colour behind a line of text: the commonest in its box."""
    height, width = picture.shape[:2]
    box = picture[max(0, int(word.top)) : min(height, int(word.bottom) + 1), max(0, int(word.left)) : min(width, int(word.right) + 1)]  # fmt: skip
    coarse = (box.reshape(-1, 3) // 4).astype(np.int32)
    if not len(coarse):
        return np.zeros(3, dtype=np.int16)
    values, counts = np.unique(coarse, axis=0, return_counts=True)
    return np.asarray(
        np.median(box.reshape(-1, 3)[(coarse == values[counts.argmax()]).all(axis=1)], axis=0), dtype=np.int16
    )


def _find_bubbles(picture: Picture, words: list[Word], page: Any) -> tuple[list[Item], list[Word]]:
    """Areas of one fill with their words, and the words outside all of them."""
    fills = [_fill_colour(picture, w) for w in words]
    inside = [n for n, w in enumerate(words) if _in_bubble(picture, w, page)]
    areas: dict[tuple[tuple[int, ...], int], Item] = {}
    masks: dict[tuple[int, ...], Any] = {}
    for n in inside:
        colour = tuple(int(v) // 8 for v in fills[n])
        if colour not in masks:
            reach = _reach_of(fills[n], page)
            near = (np.abs(picture.astype(np.int16) - fills[n]) <= reach).all(axis=2).astype(np.uint8)
            masks[colour] = cv2.connectedComponentsWithStats(near, connectivity=4)[1:3]
        labels, stats = masks[colour]
        label = _label_at(labels, words[n])
        item = areas.get((colour, label))
        if item is None:
            left, top, wide, high = (float(v) for v in stats[label][:4])
            item = Item("bubble", top, top + high, colour=_as_rgb(fills[n]), edge=left + wide, left=left)
            areas[colour, label] = item
        item.lines.append(words[n])
    for item in areas.values():
        item.lines = _reading_order(item.lines)
    loose = [w for n, w in enumerate(words) if n not in set(inside)]
    kept = [i for i in areas.values() if i.bottom - i.top < 0.95 * picture.shape[0]]
    lost = [w for i in areas.values() if i not in kept for w in i.lines]
    return _join_parts(kept), loose + lost


def _join_parts(items: list[Item]) -> list[Item]:
    """The bubbles with their parts joined: icons, boxes inside and feet below."""
    kept: list[Item] = []
    for item in sorted(items, key=lambda i: (i.top, -i.bottom)):
        outer = next((k for k in reversed(kept) if _is_part(item, k)), None)
        if outer is None:
            kept.append(item)
        elif not _is_icon(item):
            outer.lines = _reading_order([*outer.lines, *item.lines])
            outer.bottom = max(outer.bottom, item.bottom)
    return kept


def _is_part(item: Item, outer: Item) -> bool:
    """Whether an area belongs to a bubble: inside it, or directly below with the same colour and edges."""
    height = max(line.height for line in outer.lines)
    if outer.left - 2 <= item.left and item.edge <= outer.edge + 2 and item.bottom <= outer.bottom + 2:
        return True
    same = (
        item.colour == outer.colour
        and abs(item.left - outer.left) < 0.3 * height
        and abs(item.edge - outer.edge) < 0.3 * height
    )
    return same and 0 <= item.top - outer.bottom < 0.3 * height


def _is_icon(item: Item) -> bool:
    """Whether it holds a few Latin letters or signs in a small field, as the icons of files do."""
    words = "".join(line.text for line in item.lines).strip()
    return (
        len(words) <= 4 and words.isascii() and item.edge - item.left <= ICON * max(line.height for line in item.lines)
    )


def _bubbles_without_words(
    picture: Picture, bubbles: list[Item], page: Any, unit: float, top: float, recognise: Recognise
) -> list[Item]:
    """Bubbles of the fills seen in which the detector found no words: a single sign is too small for it."""
    height, width = picture.shape[:2]
    found: list[Item] = []
    for colour in sorted({b.colour for b in bubbles}):
        fill = np.asarray(colour[::-1], dtype=np.int16)
        near = (np.abs(picture.astype(np.int16) - fill) <= _reach_of(fill, page)).all(axis=2).astype(np.uint8)
        for left, y, wide, high, area in cv2.connectedComponentsWithStats(near, connectivity=4)[2][1:]:
            sized = LONE[0] * unit <= high <= LONE[1] * unit and 1.4 * unit <= wide <= 0.75 * width
            placed = y > top and y + high < height - 2 and left > 0.6 * AVATARS * unit and left + wide < width - 0.6 * AVATARS * unit  # fmt: skip
            taken = any(b.top - 2 <= y + high / 2 <= b.bottom + 2 for b in (*bubbles, *found))
            if not (sized and placed and not taken and area >= 0.45 * wide * high):
                continue
            text, score = recognise(picture[y : y + high, left : left + wide])
            if text:
                word = Word(left, y, left + wide, y + high, text, score)
                found.append(Item("bubble", float(y), float(y + high), [word], colour=colour, edge=float(left + wide), left=float(left)))  # fmt: skip
    return found


def _label_at(labels: Any, word: Word) -> int:
    """The commonest label of an area within a word's box; 0 for none."""
    height, width = labels.shape
    box = labels[max(0, int(word.top)) : min(height, int(word.bottom) + 1), max(0, int(word.left) - 2) : min(width, int(word.right) + 3)]  # fmt: skip
    counted = Counter(int(v) for v in box.ravel() if v)
    return counted.most_common(1)[0][0] if counted else 0


def _as_rgb(fill: Any) -> tuple[int, int, int]:
    """A blue-green-red colour as red, green, blue."""
    blue, green, red = (int(v) for v in fill)
    return red, green, blue


def _reading_order(lines: list[Word]) -> list[Word]:
    """Lines top to bottom; pieces of one line left to right, joined into one."""
    rows: list[list[Word]] = []
    for word in sorted(lines, key=lambda w: w.top):
        if rows and word.top < rows[-1][0].top + 0.6 * rows[-1][0].height:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [_join_words(sorted(r, key=lambda w: w.left)) for r in rows]


def _join_words(row: list[Word]) -> Word:
    """The words of one line as one word."""
    if len(row) == 1:
        return row[0]
    text = " ".join(w.text for w in row)
    return Word(row[0].left, min(w.top for w in row), max(w.right for w in row), max(w.bottom for w in row), text, min(w.score for w in row))  # fmt: skip


def _find_pictures(picture: Picture, page: Any, bubbles: list[Item], unit: float, *, top: float) -> list[Item]:
    """Large blocks between the avatar columns that differ from the page and hold no bubble."""
    height, width = picture.shape[:2]
    mask = (np.abs(picture.astype(np.int16) - page).max(axis=2) > NEAR).astype(np.uint8)
    for b in bubbles:
        mask[max(0, int(b.top) - 2) : int(b.bottom) + 3] = 0
    mask[: int(top)] = 0
    mask[:, : int(AVATARS * unit)] = 0
    mask[:, int(width - AVATARS * unit) :] = 0
    side = max(3, int(0.3 * unit))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    stats = cv2.connectedComponentsWithStats(closed, connectivity=8)[2]
    found = []
    for left, y, wide, high, area in stats[1:]:
        large = wide >= CONTENT * unit and high >= CONTENT * unit and area >= 0.5 * wide * high
        bar = left <= AVATARS * unit + 2 and left + wide >= width - AVATARS * unit - 2
        if large and not bar and y + high < height - 2:
            found.append(Item("picture", float(y), float(y + high), edge=float(left + wide), left=float(left)))
    return found


def _is_inside(word: Word, item: Item) -> bool:
    """Whether the middle of the word lies between top and bottom of the item."""
    return item.top <= (word.top + word.bottom) / 2 <= item.bottom


def _take_names(items: list[Item], loose: list[Word], width: int) -> None:
    """Small words on the page right above a left bubble name its sender, who is not the owner."""
    for item in items:
        if item.own:
            continue
        height = item.lines[0].height if item.lines else 0.04 * width
        above = [
            w
            for w in loose
            if 0 <= item.top - w.bottom + 0.5 * w.height <= NAME_HEIGHT * height and w.left < 0.35 * width and abs(w.middle - width / 2) > 0.5 * CENTRE * width
        ]  # fmt: skip
        if above:
            word = max(above, key=lambda w: w.bottom)
            item.name, item.own = word.text, False
            loose.remove(word)


def _time_bars(loose: list[Word], width: int) -> list[Item]:
    """Centred words on the page: time bars, and notices of at least three characters."""
    found = []
    for row in _reading_order(loose):
        centred = abs(row.middle - width / 2) < CENTRE * width
        if centred and TIME_ONLY.match(row.text):
            found.append(Item("time", row.top, row.bottom, [row]))
        elif centred and len(row.text) >= 3:
            found.append(Item("notice", row.top, row.bottom, [row]))
    return found
