"""Compares what two rows of one reply quote: the words shown, the quoted message and its author."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.masks import unmasked
from reconcile.engine.content.quotations import QUOTING, blankless, parted, without_quote
from reconcile.engine.content.quoted_message import Sides, are_of_one_form, authors_differ, messages_differ
from reconcile.engine.content.quoted_words import (
    BETWEEN_LETTERS,
    Quoted,
    letters_of,
    quotations,
    without_cut_marks,
    words_quoted,
)
from reconcile.engine.content.respelling import differ_in_marks
from reconcile.engine.content.selective import BY, LEFT, RIGHT, Component, changed, counted
from reconcile.engine.content.signs import leaves_marks
from reconcile.engine.content.truncation import CUT_MARK
from reconcile.engine.content.words import differ_in_pauses, is_form
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import BY_ID
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause, Form, Kind
from reconcile.wechat.chinese_script import SETTLED
from reconcile.wechat.kind_classes import WORDS
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.text import canonical, canonical_text

_SAME = (pl.col("text") == pl.col("text_right")) & pl.col("quoted_text").eq_missing(pl.col("quoted_text_right"))
_SHOWN = ("text", "quoted_text", "text_right", "quoted_text_right")
_IN_KIND = [pl.col(c).cast(pl.String) == str(Kind.QUOTE) for c in ("kind", "kind_right")]
_IS_QUOTE, _ARE_QUOTES = pl.any_horizontal(_IN_KIND), pl.all_horizontal(_IN_KIND)
_QUOTES = pl.col("detail").str.contains(str(Form.QUOTED_PART), literal=True).fill_null(value=False)
# What a client shows in place of quoted words that it does not have.
_NOT_SHOWN = lazy_pattern(
    r"撤回|不存在|已删除|已过期|无法|不支持|recalled|deleted|unavailable|not support", re.IGNORECASE
)
_SIGN = lazy_pattern(r"⟦[^⟧]*⟧")


_PIECES = lazy_pattern(r"[0-9A-Za-z\u4e00-\u9fff]+")
_SETTLED = rf"^[0-9A-Za-z{SETTLED}。、，！？：；,.!?:;\s]*$"
# Quoted words, by export, that are a message or begin one.
Known = frozenset[tuple[int, str]]


def quotations_of(agreed: pl.DataFrame, pairs: pl.DataFrame, sides: Sides) -> Iterator[Component]:
    """The quotations in which pairs that count as one message differ.

    Args:
        agreed: the pairs.
        pairs: left_row and right_row of all pairs.
        sides: both sides.
    """
    words = (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS)
    # Where a format names no kinds, a reply is recognised by the quoted part found earlier.
    both = agreed.filter(words & (_IS_QUOTE | _QUOTES))
    if both.is_empty():
        return
    quoted = quotations(both.filter(~_SAME), sides)
    known = _known_quotes(quoted, lambda: pl.concat([s.rows.select("export", "text") for s in sides]))
    yield from _differing_quotes(both, quoted, known, messages_differ(both, pairs, sides), sides)
    yield from _one_sided_quotes(both, quoted, known, sides)
    yield from _shortened_quotes(both, quoted)
    yield from changed("quoted", authors_differ(both, sides))


def _differing_quotes(
    both: pl.DataFrame, quoted: list[Quoted], known: Known, named: pl.DataFrame, sides: Sides
) -> Iterator[Component]:
    """Quotations in which both sides show words, or name a message, that differ."""
    ways = [(q.left_row, q.export, _quotes_differ(q, known)) for q in quoted]
    proven = _misquoted([q for q, way in zip(quoted, ways, strict=True) if way[2]], sides)
    told = _rows_as_frame(both, ways, pl.Boolean).drop_nulls("way")
    equal = both.filter(_SAME).select("left_row", *BY, pl.lit(value=False).alias("way"))
    told = pl.concat([told.rename({"way": "is_unlike"}), equal.rename({"way": "is_unlike"}), named])
    told = told.group_by("left_row", *BY, maintain_order=True).agg(pl.col("is_unlike").any())
    sure = both.filter(pl.col("method").is_in(BY_ID))["left_row"]
    return changed("quoted", told, Cause.TEXT_DIFFERS, sure, proven=proven)


def _misquoted(quoted: list[Quoted], sides: Sides) -> pl.Series:
    """Left rows of pairs in which one side quotes a message that both exports hold, the other none.

    What was quoted is in neither side's hand, so that the other quotation was changed.
    """
    shown = [q for q in quoted if q.left and q.right and not any(map(_is_placeholder, (q.left, q.right)))]
    told = [(q.left_row, q.export, *(letters_of(without_cut_marks(s or "")) for s in (q.left, q.right))) for q in shown]
    asked = {words for _, _, *said in told for words in said if words}
    plain = pl.col("text").str.replace_all(BETWEEN_LETTERS, "")
    held = [
        {*s.rows.filter(plain.is_in(sorted(asked))).select("export", plain).iter_rows()} if asked else set()
        for s in sides
    ]
    rows = [
        at
        for at, export, *said in told
        if sorted(sum((export, words) in texts for texts in held) for words in said) == [0, len(held)]
    ]
    return pl.Series(rows, dtype=pl.UInt32)


def _one_sided_quotes(both: pl.DataFrame, quoted: list[Quoted], known: Known, sides: Sides) -> Iterator[Component]:
    """Quotations on one side only; one without other evidence is doubtful even if it is the only one.

    A form that writes replies like words shows no quotation of any.
    """
    silent = {
        way
        for way, s in zip((LEFT, RIGHT), sides, strict=True)
        if Kind.QUOTE in s.reading.facts.limits.kinds_among_words
    }
    ways = [(q.left_row, q.export, _side_without_quote(q)) for q in quoted]
    lacking = _rows_as_frame(both, [w for w in ways if w[2] not in silent], pl.String).drop_nulls("way")
    if lacking.is_empty():
        return
    shows = pl.col("quoted_text").is_not_null() | pl.col("text").str.contains_any(list(QUOTING))
    on_both = pl.col("left_row").is_in([q.left_row for q in quoted if q.left and q.right])
    shown = both.filter((_SAME & shows) | on_both)
    yield Component("quoted", lacking, counted(shown), is_fixed=True)
    # The kind, the number of the quoted message or a second such reply is evidence that the row quotes.
    vouched = _IS_QUOTE | pl.col("reply_to").is_not_null() | pl.col("reply_to_right").is_not_null()
    alone = both.filter(_QUOTES & ~vouched).filter(pl.len().over("export") < PARAMS.habit_records)["left_row"]
    # A form that writes replies as replies shows a single one as plain text only where it was changed.
    as_text = [
        (pl.col(f"kind{suffix}").cast(pl.String) == str(Kind.TEXT)) & pl.col("export").is_in(listed(exports))
        for suffix, exports in zip(("", "_right"), _replying(sides), strict=True)
    ]
    as_words = both.filter(pl.any_horizontal(as_text) & (pl.col("text") == pl.col("text_right")))["left_row"]
    nothing, either = counted(shown.clear()), frozenset({LEFT, RIGHT})
    doubted = pl.col("left_row").is_in(listed(pl.concat([alone, as_words])))
    yield Component("quoted", lacking.filter(doubted), nothing, either, habit=PARAMS.loss_texts)
    # Several quotations of words that neither export holds are no habit of a tool either, where both sides could show
    # them.
    apart = both.filter(~(_ARE_QUOTES & (pl.col("text") == pl.col("text_right"))))["left_row"]
    invented = lacking.filter(
        pl.col("left_row").is_in(_unknown_quotes(quoted, known)) & pl.col("left_row").is_in(listed(apart))
    )
    yield Component("quoted", invented, nothing, either, habit=invented.height + 1)


def _replying(sides: Sides) -> list[pl.Series]:
    """The exports of each side that hold a reply; where both exports have one form, those of either side."""
    reply = pl.col("kind").cast(pl.String) == str(Kind.QUOTE)
    own = [pl.lit(value=True) if s.form is None else pl.col("form") == s.form for s in sides]
    held = [s.rows.filter(reply, o)["export"].unique() for s, o in zip(sides, own, strict=True)]
    if are_of_one_form(sides):
        held = [pl.concat(held)] * 2
    return held


def _rows_as_frame(both: pl.DataFrame, rows: Sequence[tuple[int, int, object]], way: type[pl.DataType]) -> pl.DataFrame:
    """left_row, export, cls, way: how each of the pairs differs."""
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "left_row": pl.UInt32,
        "export": both.schema["export"],
        "way": way,
    }
    frame = pl.DataFrame(rows, schema=types, orient="row")
    return frame.select("left_row", "export", pl.lit(WORDS, both.schema["cls"]).alias("cls"), "way")


def _known_quotes(quoted: list[Quoted], held: Callable[[], pl.DataFrame]) -> Known:
    """Export and quoted words that are a message or begin one, for the pairs that need this test."""
    asked = sorted(
        {
            (q.export, without_cut_marks(s))
            for q in quoted
            if _is_open(q)
            for s in (q.left, q.right)
            if s and without_cut_marks(s)
        }
    )
    if not asked:
        return frozenset()
    texts = held().filter(pl.col("export").is_in(sorted({export for export, _ in asked})))
    wanted = pl.DataFrame(asked, schema={"export": texts.schema["export"], "said": pl.String}, orient="row")
    # Signs differ by tool; the canonical form, which costs more, is made where words alone find nothing.
    words = pl.col("said").str.replace_all(BETWEEN_LETTERS, "").alias("words")
    written = texts.select("export", words=pl.col("text").str.replace_all(BETWEEN_LETTERS, ""))
    heard = wanted.with_columns(words).join(written, on=["export", "words"], how="semi").drop("words")
    rest = wanted.join(heard, on=["export", "said"], how="anti")
    return frozenset(heard.iter_rows()) | _quotes_that_begin(rest.rows(), texts)


def _quotes_that_begin(asked: list[tuple[int, str]], texts: pl.DataFrame) -> Known:
    """Those of the quoted words that a canonical text begins with, without what it quotes itself."""
    if not asked:
        return frozenset()
    # Only texts that hold a piece of the quoted words, or signs that the canonical form changes, are looked at.
    pieces = sorted({max(_PIECES.findall(said) or [""], key=len)[:8] for _, said in asked} - {""})
    # A quotation of emoji or marks alone has no such piece.
    holds = pl.col("text").str.contains_any(pieces) if pieces else pl.lit(value=False)
    texts = texts.filter(holds | ~pl.col("text").str.contains(_SETTLED)).unique()
    bare = without_quote(canonical_text(pl.col("text"))).str.replace_all(r"\s", "")
    said = sorted(set(texts.select("export", bare).iter_rows()))
    found = set()
    for key in asked:
        at = bisect_left(said, key)
        if at < len(said) and said[at][0] == key[0] and said[at][1].startswith(key[1]):
            found.add(key)
    return frozenset(found)


def _is_open(quoted: Quoted) -> bool:
    """Whether one side alone shows quoted words, or one shows a placeholder where the other has words."""
    shown = [s for s in (quoted.left, quoted.right) if s is not None]
    return _side_without_quote(quoted) is not None or (len(shown) == 2 and any(map(_is_placeholder, shown)))


def _is_placeholder(said: str) -> bool:
    """Whether the quoted text stands for a message without words."""
    return said.startswith("[") or kind_of_placeholder(said) is not None


def _quotes_differ(quoted: Quoted, known: Known) -> bool | None:
    """Whether both sides show quoted words that differ; None where one may be shortened or not shown."""
    if quoted.left is None or quoted.right is None:
        return None
    plain = [without_cut_marks(s) for s in (quoted.left, quoted.right)]
    short, long = sorted(plain, key=len)
    is_begun = long.startswith(short)
    not_shown = not is_begun and any(map(_NOT_SHOWN.search, plain))
    if len(short) < PARAMS.quoted_characters or not_shown or _is_masked(*plain):
        return None
    shown = (quoted.left, quoted.right)
    if any(map(_is_placeholder, shown)):
        return True if _is_replaced(quoted.export, shown, known) else None
    if is_begun and short != long:
        # A text that begins like the other may be cut off, where it is long or marked.
        return (not _may_be_cut(short, shown) and _goes_on(short, long)) or None
    if is_form(*plain) or differ_in_pauses(*plain):
        return False
    is_lost = leaves_marks(*plain) or leaves_marks(*plain[::-1])
    # Canonical emoji names have brackets of their own.
    return None if is_lost or differ_in_marks(*(s.replace("⟦", "[").replace("⟧", "]") for s in plain)) else True


def _may_be_cut(short: str, shown: tuple[str, str]) -> bool:
    """Whether a tool may have cut the shorter text: it is long, or a mark of a cut is shown."""
    return len(short) >= PARAMS.cut_characters_least or any(map(CUT_MARK.search, shown))


def _goes_on(short: str, long: str) -> bool:
    """Whether words follow where the shorter text ends."""
    return re.search(r"\w", _SIGN.sub("", long[len(short) :])) is not None


def _shortened_quotes(both: pl.DataFrame, quoted: list[Quoted]) -> Iterator[Component]:
    """The quotations that one side cuts short although it shows longer quotations uncut.

    A tool that cuts at a length shows no longer quotation. A tool that keeps first lines cuts at the end of a line.
    """
    found = {q.left_row: (q.export, *told) for q in quoted if (told := _shortened(q)) is not None}
    if not found:
        return
    longest = _longest_quotes(both)
    unlike = []
    for at, *shown in both.filter(pl.col("left_row").is_in([*found]))[["left_row", *_SHOWN]].iter_rows():
        export, way, short = found[at]
        own, whole = (shown[:2], shown[2:]) if way == LEFT else (shown[2:], shown[:2])
        if _is_exceeded(_sizes(*own), longest[export, way]) and not _is_first_line(short, *whole):
            unlike.append((at, export, way))
    shows = pl.col("quoted_text").is_not_null() | pl.col("text").str.contains_any(list(QUOTING))
    equal = counted(both.filter(_SAME & shows))
    yield Component("quoted", _rows_as_frame(both, unlike, pl.String), equal, frozenset({LEFT, RIGHT}))


def _shortened(quoted: Quoted) -> tuple[str, str] | None:
    """The side that quotes the beginning of what the other quotes, and what it quotes; else None."""
    if quoted.left is None or quoted.right is None:
        return None
    words = {way: without_cut_marks(said) for way, said in ((LEFT, quoted.left), (RIGHT, quoted.right))}
    way = min(words, key=lambda w: len(words[w]))
    short, long = words[way], words[RIGHT if way == LEFT else LEFT]
    is_begun = long.startswith(short) and _goes_on(short, long) and _may_be_cut(short, (quoted.left, quoted.right))
    return (way, short) if is_begun and len(short) >= PARAMS.quoted_characters else None


def _is_first_line(short: str, text: str, shown: str | None) -> bool:
    """Whether a side's quoted words have a line of their own after `short`."""
    said = canonical(shown or text)
    return any(without_cut_marks(blankless(said[: end.start()])).endswith(short) for end in re.finditer("\n", said))


def _longest_quotes(both: pl.DataFrame) -> dict[tuple[int, str], tuple[int, int]]:
    """The largest sizes of an uncut quotation of these pairs, by export and side."""
    found: dict[tuple[int, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for export, *shown in both[["export", *_SHOWN]].iter_rows():
        for way, own in ((LEFT, shown[:2]), (RIGHT, shown[2:])):
            said = words_quoted(*own)
            if said and CUT_MARK.search(said) is None:
                most, sizes = found[export, way], _sizes(*own)
                found[export, way] = (max(most[0], sizes[0]), max(most[1], sizes[1]))
    return found


def _is_exceeded(sizes: tuple[int, int], longest: tuple[int, int]) -> bool:
    """Whether the longest sizes exceed these, in characters and in bytes."""
    return all(n < most for n, most in zip(sizes, longest, strict=True))


def _sizes(text: str, shown: str | None) -> tuple[int, int]:
    """Characters and bytes of the quoted words, with their blanks: a tool may limit either."""
    said = shown if shown else without_cut_marks(parted(canonical(text))[1] or "")
    return len(said), len(said.encode())


def _is_masked(left: str, right: str) -> bool:
    """Whether two texts are one but for numbers that a side masks."""
    whole = unmasked(left, right), unmasked(right, left)
    return whole != (left, right) and is_form(*whole)


def _is_replaced(export: int, shown: tuple[str, str], known: Known) -> bool:
    """Whether one side shows the placeholder of a kind where the other quotes a message's words."""
    kinds = [kind_of_placeholder(s) for s in shown]
    words = [without_cut_marks(s) for s in shown if not _is_placeholder(s)]
    named = [kind for kind in kinds if kind not in (None, Kind.STICKER)]
    return len(words) == len(named) == 1 and (export, words[0]) in known


def _side_without_quote(quoted: Quoted) -> str | None:
    """The side that quotes nothing, where the other shows the words of a message."""
    if (quoted.left is None) == (quoted.right is None):
        return None
    said = without_cut_marks(quoted.left or quoted.right or "")
    if len(said) < PARAMS.quoted_characters or _is_placeholder(said) or _NOT_SHOWN.search(said):
        return None
    return LEFT if quoted.left is None else RIGHT


def _unknown_quotes(quoted: list[Quoted], known: Known) -> list[int]:
    """Left rows of the pairs where one side alone quotes words that neither side holds.

    Where as many of its quotations are of messages that are held, the others may be older than both exports.
    """
    ways = {q: way for q in quoted if (way := _side_without_quote(q)) is not None}
    heard = {q: (q.export, without_cut_marks(q.left or q.right or "")) in known for q in ways}
    counts = Counter((q.export, way, heard[q]) for q, way in ways.items())
    return [
        q.left_row
        for q, way in ways.items()
        if not heard[q] and counts[q.export, way, True] < counts[q.export, way, False]
    ]


__all__ = ["quotations_of"]
