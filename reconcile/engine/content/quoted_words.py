"""The words that both sides of a reply quote."""

import re
from typing import NamedTuple

import polars as pl

from reconcile.engine.content.quotations import blankless, parted
from reconcile.engine.content.quoted_message import Sides, quoted_authors, words_named
from reconcile.engine.content.selective import SUFFIXES
from reconcile.engine.content.truncation import CUT_MARK
from reconcile.wechat.text import canonical

_SHOWN = ("text", "quoted_text", "text_right", "quoted_text_right")
# Signs and blanks, which tools write differently.
BETWEEN_LETTERS = r"[\W_]+"


class Quoted(NamedTuple):
    """A reply with different texts or quotations: the words that each side quotes, None = it quotes none."""

    left_row: int
    export: int
    left: str | None
    right: str | None


def quotations(replies: pl.DataFrame, sides: Sides) -> list[Quoted]:
    """What both sides of the replies quote.

    A side that only numbers the message quotes its words, where the other side shows these. Words that hold a colon may
    stand without their author, so that what one side takes for the author begins them.
    """
    named = [words_named(replies, s, suffix) for s, suffix in zip(sides, SUFFIXES, strict=True)]
    shown = replies[["left_row", "export", *_SHOWN]].iter_rows()
    found = []
    for (at, export, *texts), *messages, one, two in zip(shown, *named, *quoted_authors(replies, sides), strict=True):
        left, right = words_quoted(*texts[:2]), words_quoted(*texts[2:])
        if (left is None and _is_of_message(right, messages[0])) or _begins_with_author(right, one, left):
            left = right
        elif (right is None and _is_of_message(left, messages[1])) or _begins_with_author(left, two, right):
            right = left
        found.append(Quoted(at, export, left, right))
    return found


def _is_of_message(said: str | None, message: str | None) -> bool:
    """Whether quoted words begin this message."""
    words = letters_of(without_cut_marks(said or ""))
    return bool(words) and message is not None and letters_of(canonical(message)).startswith(words)


def _begins_with_author(whole: str | None, author: str | None, said: str | None) -> bool:
    """Whether quoted words without blanks are an author, a colon and these words."""
    return bool(whole and author and said) and whole == blankless(canonical(f"{author}: {said}"))


def words_quoted(text: str, shown: str | None) -> str | None:
    """The quoted words without blanks, from their own column or from the text."""
    return blankless(canonical(shown)) if shown else parted(canonical(text))[1]


def letters_of(said: str) -> str:
    """The letters and figures of a text."""
    return re.sub(BETWEEN_LETTERS, "", said)


def without_cut_marks(said: str) -> str:
    """The quoted text without marks of cuts and closing quotes."""
    return CUT_MARK.sub("", said).strip(']>"”」】）)')


__all__ = ["BETWEEN_LETTERS", "Quoted", "letters_of", "quotations", "without_cut_marks", "words_quoted"]
