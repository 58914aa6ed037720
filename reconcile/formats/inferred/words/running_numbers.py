"""Texts without the numbers by which somebody counted the messages of a file, in whatever frame."""

import re

import polars as pl

from reconcile.column_ops import occurs

# A word or signs, the number, and a closing sign or a blank, as in `【证1】`, `No. 3 `, `(3)`, `3、`, `#3 `, `P3 ` or `第3条：`.
_OPEN = r"[^\w\s]{0,2}\s?[^\W\d_]{0,12}\.?\s?[^\w\s]{0,2}"
_COUNTED = rf"^\s*({_OPEN})\s?([0-9]{{1,7}})(\s?[条條号號]?(?:[\])）】〕》」>|][:：.、]?|[.、:：,，#\-—~]|\s))"
# Least numbers that show how a file counts, and largest share of texts without one or out of order.
_LEAST, _MOST_UNNUMBERED = 12, 0.1


def are_running(numbers: pl.Series, least: int) -> bool:
    """Whether nearly all numbers are stated and rise along the file."""
    if numbers.len() < least or numbers.null_count() > _MOST_UNNUMBERED * numbers.len():
        return False
    return float(_risen(numbers.drop_nulls()).mean() or 0) >= 1 - _MOST_UNNUMBERED  # type: ignore[arg-type]


def without_running_numbers(text: pl.Series) -> pl.Series:
    """The texts without the number before nearly all of them, which counts them in one frame.

    It rises by one mostly, which sums, days and clocks do not. Words that begin with another number keep it.
    """
    held = text.fill_null("").str.strip_chars() != ""
    least = int(held.sum())
    if least < _LEAST or not occurs("[0-9]", text.head(_LEAST)):
        return text
    if text.str.extract("([0-9]+)", 1).n_unique() < (1 - _MOST_UNNUMBERED) ** 2 * least - 1:
        # Numbers that rise differ; the whole pattern takes long to compile.
        return text
    parts = text.str.extract_groups(_COUNTED).struct.unnest()
    frames = (parts["1"].str.strip_chars() + "\0" + parts["3"].str.strip_chars()).filter(held).drop_nulls()
    if frames.len() < (1 - _MOST_UNNUMBERED) * int(held.sum()):
        return text
    opening, closing = frames.mode().sort()[0].split("\0")
    if len(opening) > 1 and (opening + closing.strip(".")).isalnum():
        # A word and a number without a sign are somebody's words, or the name of a file.
        return text
    begun = rf"^\s*{re.escape(opening)}\s?([0-9]{{1,7}})"
    frame = begun + (rf"\s?{re.escape(closing)}[ \t]*" if closing else r"\s+")
    numbers = text.str.extract(frame, 1).cast(pl.Int64)
    counted = numbers.drop_nulls()
    if not are_running(numbers.filter(held), _LEAST) or counted.diff().median() != 1:
        return text
    at = numbers.is_not_null().arg_true().filter(_risen(counted))
    return text.scatter(at, text.gather(at).str.replace(frame, ""))


def _risen(numbers: pl.Series) -> pl.Series:
    """Whether each number is larger than all before it."""
    return (numbers > numbers.cum_max().shift(1)).fill_null(value=True)
