"""Lines of text in a picture with position and confidence, by an OCR library with own models."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from rapidocr_onnxruntime import RapidOCR

from reconcile.submission.screen.pictures import Picture

TILE = 1_700  # pixels; the detector shrinks taller pictures, which costs small type
OVERLAP = 160
CALM = 6.0  # spread of a pixel row that holds no content


@dataclass(frozen=True, slots=True)
class Word:
    """One line of text: box in pixels, text, confidence 0–1."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    score: float

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Centre of the box in pixels from the left."""
        return (self.left + self.right) / 2


def read_words(picture: Picture) -> list[Word]:
    """Every line of text, from top to bottom, left to right."""
    found: list[Word] = []
    for top, bottom in _tiles(picture):
        result, _ = _ocr_engine()(picture[top:bottom], use_cls=False)
        for box, text, score in result or []:
            points = np.asarray(box, dtype=float)
            (left, high), (right, low) = points.min(axis=0), points.max(axis=0)
            found.append(Word(float(left), float(high) + top, float(right), float(low) + top, str(text), float(score)))
    return _without_repeats(sorted(found, key=lambda w: (round(w.top / 8), w.left)))


def recognise(cut: Picture) -> tuple[str, float]:
    """The words of a cut that holds one line, without looking for their place first; ('', 0) for none."""
    result, _ = _ocr_engine()(cut, use_det=False, use_cls=False)
    if not result:
        return "", 0.0
    text, score = result[0][-2:]
    return str(text).strip(), float(score)


@cache
def _ocr_engine() -> Any:
    """The OCR engine, loaded once."""
    # Two threads, because more of them compete on a busy machine. One thread where this process shares its cores.
    threads = min(2, pl.thread_pool_size())
    return RapidOCR(max_side_len=TILE + 2 * OVERLAP, text_score=0.3, intra_op_num_threads=threads)


def _tiles(picture: Picture) -> list[tuple[int, int]]:
    """Strips of the picture, cut where a pixel row is calm, so that no line of text is cut."""
    height = picture.shape[0]
    if height <= TILE + OVERLAP:
        return [(0, height)]
    spread = picture.mean(axis=2).std(axis=1)
    cuts = [0]
    while height - cuts[-1] > TILE + OVERLAP:
        low, high = cuts[-1] + TILE - 700, cuts[-1] + TILE
        calm = np.flatnonzero(spread[low:high] < CALM)
        cuts.append(int(low + calm[-1]) if len(calm) else high)
    return list(zip(cuts, [*cuts[1:], height], strict=True))


def _without_repeats(words: list[Word]) -> list[Word]:
    """The words without those that two overlapping strips both show."""
    kept: list[Word] = []
    for word in words:
        if not any(_is_same_word(word, k) for k in kept[-8:]):
            kept.append(word)
    return kept


def _is_same_word(a: Word, b: Word) -> bool:
    close = abs(a.top - b.top) < 0.5 * min(a.height, b.height) and abs(a.left - b.left) < a.height
    return close and a.text == b.text
