"""Rows of bare words that are told apart at a glance: to judge two of them takes fifty times as long, and most neighbours are such."""

import re
from functools import lru_cache
from typing import Any

from reconcile.match.cells import CELL
from reconcile.wechat.classes import WORDS
from reconcile.wechat.text import PLAIN, without_number_spelling

_BARE = re.compile(PLAIN)


def surely_differ(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether two rows (dicts of the row frame) of forms without habits of their own are words that no step of form makes the same.

    False tells nothing: `substance.judge_pair` says what such rows are.
    """
    if not all(r["cls"] == WORDS and r["text_quality"] != "absent" for r in (left, right)):
        return False
    said = _said(left["text"]), _said(right["text"])
    return None not in said and said[0] != said[1]


@lru_cache(maxsize=65_536)
def _said(text: str) -> str | None:
    """Bare words, their numbers spelled one way; None where a tool may write the text otherwise."""
    # What is ASCII throughout may be packed bytes, and a value may be a spreadsheet's.
    if text.isascii() or not _BARE.fullmatch(text) or re.match(CELL, text):
        return None
    return without_number_spelling(text)


__all__ = ["surely_differ"]
