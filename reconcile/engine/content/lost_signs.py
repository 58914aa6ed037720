"""Finds what a tool removes from every text, where no text of its side holds what it removes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import permutations
from typing import Any, NamedTuple

import polars as pl

from reconcile.engine.content.forms import heap_of
from reconcile.engine.content.quotations import own_words_hold
from reconcile.engine.content.sense import IN_BRACKETS
from reconcile.engine.content.words import is_form
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Form
from reconcile.wechat.escapes import unescape, written_out
from reconcile.wechat.text import PREFIX, canonical

Row = dict[str, Any]
# An emoji, as a character or by its canonical name.
EMOJI = "⟦[^⟧]*⟧|[\U0001f000-\U0001faff\u2600-\u27bf]"


class Loss(NamedTuple):
    """One kind of loss: the form's name, a pattern that no text then holds, and how it changes a text."""

    form: Form
    never: str
    lose: Callable[[str], str]


def _remover(pattern: str, instead: str = "") -> Callable[[str], str]:
    """A function that replaces every match of the pattern."""
    found = re.compile(pattern)
    return lambda text: found.sub(instead, text)


def _in_gbk(text: str) -> str:
    """The text with ? for signs that GBK lacks."""
    return text.encode("gbk", "replace").decode("gbk")


# Characters above U+FFFF; _SIGN adds older ones that have a selector.
_WIDE, _SIGN = "[\U00010000-\U0010ffff]", "[\U00010000-\U0010ffff]|[\u203c-\u3299]\ufe0f?(?<=\ufe0f)|[❤☎✈☀☁]"
# The name of an emoji in brackets. Some tools remove it, others keep the name without the brackets.
_NAMED = r"\[[\p{Han}A-Za-z]{1,8}\]"
LOSSES = (
    Loss(Form.ESCAPES, r"<[^<>]+>", _remover(r"<[^<>]+>")),
    Loss(Form.TRUNCATION, r"\n", lambda text: text.strip().split("\n")[0]),
    *(Loss(Form.LINE_ENDS, r"\n", _remover(r"\n", mark)) for mark in ("↵", "⏎", "|", "/")),
    Loss(Form.PREFIX_STRIPPED, PREFIX.pattern, lambda text: PREFIX.sub("", text, count=1)),
    Loss(Form.EXPORTER_SPELLING, r"[\x{10000}-\x{10FFFF}]|\x{2005}", _in_gbk),
    Loss(Form.EMOJI_SPELLING, _NAMED, _remover(IN_BRACKETS)),
    Loss(Form.EXPORTER_SPELLING, _NAMED, _remover(r"\[([\u4e00-\u9fffA-Za-z]{1,8})\]", r"\1")),
    # A decimal point as most languages of Europe write it.
    Loss(Form.EXPORTER_SPELLING, r"\d\.\d", _remover(r"(?<=\d)\.(?=\d)", ",")),
    *(
        Loss(Form.EXPORTER_SPELLING, r"[\x{10000}-\x{10FFFF}]", _remover(shape, sign))
        for sign in ("", "?", "??", "□", "\ufffd")
        for shape in (_WIDE, _SIGN)
    ),
)  # fmt: skip


def lost_by_tool(
    rows: list[Row], said: Callable[[], pl.DataFrame], kept: str, whole: str
) -> Iterator[tuple[int, Form | None]]:
    """Index and form of the pairs where one text is the other without what the tool always removes.

    The form is None where fewer different texts than a habit needs show it.

    Args:
        rows: pairs with different texts (`at`, `text`, `text_right`).
        said: the two texts of every pair of the conversation.
        kept: the column of the side that lost something.
        whole: the other column.
    """
    holds = lru_cache(maxsize=None)(lambda never: own_words_hold(said(), kept, never))
    other = lru_cache(maxsize=None)(lambda never: own_words_hold(said(), whole, never))
    told: dict[tuple[Loss, ...], dict[int, str]] = defaultdict(dict)
    is_less = any(len(r[kept]) < len(r[whole]) and any(s.lose(r[whole]) != r[whole] for s in LOSSES) for r in rows)
    limit = _length_limit(said(), kept, whole) if is_less else None
    for n, row in enumerate(rows):
        starts = dict.fromkeys((row[whole], unescape(row[whole]), *written_out(row[whole]), row[whole][:limit]))
        ways = (
            _losses_between(
                row[kept],
                text,
                [s for s in LOSSES if s.lose(text) != text and not holds(s.never)],
                twice=n < PARAMS.two_loss_texts,
                limit=limit,
            )
            for text in starts
        )
        found = next((way for way in ways if way), None)
        if found is None and n < PARAMS.two_loss_texts:
            found = _one_loss_each(row[kept], row[whole], holds, other)
        if found:
            told[found][row["at"]] = canonical(row[whole])
    # A tool may combine losses, so each loss is supported by every text that it helps to explain.
    shown = {loss: {text for way, texts in told.items() if loss in way for text in texts.values()} for loss in LOSSES}
    for way, texts in told.items():
        is_habit = all(len(shown[loss]) >= PARAMS.loss_texts for loss in way)
        form = Form(way[-1].form) if is_habit else None
        yield from ((at, form) for at in texts)


def _length_limit(said: pl.DataFrame, kept: str, whole: str) -> int | None:
    """The length at which texts of one side heap, where several of them are beginnings; otherwise None."""
    size = pl.col(kept).str.len_chars()
    limit = heap_of(said.select(size).to_series())
    if limit is None:
        return None
    longest = {*said.filter(size == limit)[[kept, whole]].iter_rows()}
    begun = {b for a, b in longest if a != b and canonical(b).startswith(canonical(a))}
    return limit if len(begun) >= PARAMS.loss_texts else None


def _one_loss_each(
    kept: str, whole: str, holds: Callable[[str], bool], other: Callable[[str], bool]
) -> tuple[Loss, ...] | None:
    """A loss for each side that makes the two texts equal; None without such losses.

    An export that still has a sign did not lose it.
    """
    mine, theirs = (
        [s for s in LOSSES if s.lose(full) != full and s.lose(text).strip() == text.strip() and not has(s.never)]
        for text, full, has in ((kept, whole, holds), (whole, kept, other))
    )
    pairs = ((a, b) for a in mine for b in theirs if b.lose(kept).strip())
    return next(((a, b) for a, b in pairs if is_form(a.lose(whole), b.lose(kept))), None)


def _losses_between(
    kept: str, whole: str, acting: list[Loss], *, twice: bool, limit: int | None = None
) -> tuple[Loss, ...] | None:
    """The losses that turn `whole` into `kept`, possibly cut at the limit; None = there are none."""
    ways: list[tuple[Loss, ...]] = [(loss,) for loss in acting]
    if twice:
        ways += permutations(acting, 2)
    for way in ways:
        text = whole
        for loss in way:
            text = loss.lose(text)
        if (text.strip() or not kept.strip()) and is_form(text, kept):
            return way
        if limit is not None and len(kept) == limit < len(text) and is_form(text[:limit], kept):
            return way
    return None
