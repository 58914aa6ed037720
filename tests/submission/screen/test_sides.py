"""Who wrote a bubble is told by all that the screen shows of it; what shows nothing accuses nobody."""

import importlib.util

import pytest

pytestmark = pytest.mark.skipif(importlib.util.find_spec("cv2") is None, reason="the extra `ocr` is not installed")
PAGE, WHITE, GREEN, DARK, BLUE = (237, 237, 237), (255, 255, 255), (105, 236, 149), (44, 44, 44), (170, 120, 60)
WIDTH, LINE = 780, 28


def sides(*shown: tuple[tuple[int, int], tuple[int, int, int], str]) -> list[bool | None]:
    """Who wrote each bubble of (ends, fill, side of its avatar or '')."""
    import numpy as np

    from reconcile.submission.screen.layout import layout
    from reconcile.submission.screen.words import Word

    picture = np.full((240 + 140 * len(shown), WIDTH, 3), PAGE, dtype=np.uint8)
    words = []
    for at, ((left, right), fill, avatar) in enumerate(shown):
        top = 220 + 140 * at
        picture[top : top + 80, left:right] = fill
        if avatar:
            start = 24 if avatar == "left" else WIDTH - 104
            picture[top : top + 80, start : start + 80] = BLUE
        words.append(Word(left + 22, top + 26, left + 60, top + 26 + LINE, "words", 0.99))
    return [item.own for item in layout(picture, words, lambda _: ("", 0.0)) if item.what == "bubble"]


FULL, OTHERS, OWNS = (124, 658), (124, 300), (400, 656)


def test_a_bubble_as_wide_as_the_screen_allows_is_told_by_its_avatar() -> None:
    assert sides((FULL, WHITE, "left"), (FULL, WHITE, "right"), ((124, 690), WHITE, "left")) == [False, True, False]


def test_without_avatars_the_colour_and_the_edge_of_sure_bubbles_tell_it() -> None:
    told = sides((OTHERS, DARK, ""), (OTHERS, DARK, ""), (OWNS, WHITE, ""), (FULL, DARK, ""), ((124, 664), BLUE, ""))
    assert told == [False, False, True, False, False]


def test_a_bubble_that_nothing_tells_and_one_whose_signs_contradict_each_other_are_nobodys() -> None:
    assert sides((FULL, WHITE, ""), (OTHERS, GREEN, "left"), (OWNS, GREEN, "")) == [None, None, True]
