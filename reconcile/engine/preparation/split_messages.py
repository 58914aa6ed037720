"""Joins the rows over which one side spreads a long message that the other side holds in one row."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import takewhile

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.column_ops import hash_key, held_by, listed, parts_by
from reconcile.engine.content.quotations import QUOTING, blankless, parted
from reconcile.engine.content.sense import Seam, seam_of
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import UNCLEAR
from reconcile.wechat.kind_classes import VOICE, WORDS
from reconcile.wechat.kinds import TRANSCRIPT
from reconcile.wechat.text import canonical

_OPENS, _ENDS = "「", "」"
NO_SEAMS: Mapping[int, int] = {}
_MOMENT = ("pair", "sender", "is_self", "t", "cls")


@dataclass(frozen=True, slots=True)
class _Part:
    """A row that may be a part of a message.

    Attributes:
        at: its position.
        words: its words without blanks.
        stands_whole: whether the other side has it as a row of its own.
    """

    at: int
    words: str
    stands_whole: bool


Parts = list[_Part]
# The replies of the other side, and what they quote.
Replies = Callable[[], set[tuple[str, str | None]]]


def join_parts(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows, with spread messages joined: the first row has the whole text, the others `is_repeat`.

    Neighbouring rows of one sender and time are one message where their texts in order make up a text of the other
    side. One of them may be altered or lacking, which then shows as a difference of the whole. A row that the other side
    has as a row of its own, and one that is nowhere in the whole text, stays a row. So are rows between the opening mark
    of a quotation and its end, whose words are compared later, and what a voice says below it. `rejoined` marks the
    joined texts.
    """
    rows = _with_transcripts(rows)
    parts = _neighbours(rows, other)
    if parts.is_empty():
        return rows
    wholes = other.filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(listed(parts["pair"])))
    key = hash_key(pl.col("pair"), pl.col("text")).alias("key")
    wholes = wholes.select("pair", "text", key).join(rows.select(key), on="key", how="anti", maintain_order="left")
    wholes = wholes.unique(["pair", "text"], maintain_order=True)
    text: dict[int, str] = {}
    whole_of: dict[int, int] = {}
    unclear: dict[int, int] = {}
    for (pair,), of_pair in parts_by(parts, "pair").items():
        texts = wholes.filter(pl.col("pair") == pair)["text"].to_list()
        for joined, whole in _joined(of_pair, texts, cache(partial(_replies_of, other, pair))):
            text[joined[0]] = whole if whole is not None else "\n".join(rows["text"][joined])
            whole_of |= dict.fromkeys(joined[1:], joined[0])
            said = [canonical(rows["text"][i]) for i in joined]
            # Nothing cuts a message where so little of it has been said.
            if (
                min(map(len, said[:-1])) < PARAMS.cut_characters_least
                and seam_of(said, canonical(text[joined[0]])) is not Seam.SHOWN
            ):
                unclear[joined[0]] = UNCLEAR
    return with_joined(rows, text, whole_of, unclear)


def with_joined(
    rows: pl.DataFrame, text: dict[int, str], whole_of: dict[int, int], seams: Mapping[int, int] = NO_SEAMS
) -> pl.DataFrame:
    """The rows with these texts, by position, and `is_repeat` where their other parts stand.

    `copy_of` of the whole text and of the twins of its parts is one number: the text holds another copy of these.

    Args:
        rows: the rows of one side.
        text: the whole texts, by the position of their first part.
        whole_of: the position of the first part of each other part.
        seams: CLEAR or UNCLEAR by the position of a whole text.
    """
    if not text:
        return rows
    rows = rows.with_columns(rows["seams"].scatter(list(seams), list(seams.values()))) if seams else rows
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    first = at.is_in(list(text))
    whole = at.replace_strict(list(text), list(text.values()), default=None, return_dtype=pl.String)
    return rows.with_columns(
        pl.coalesce(whole, "text").alias("text"),
        ((pl.col("is_repeat") & ~first) | at.is_in(list(whole_of))).alias("is_repeat"),
        _copies_of_parts(rows, {i: i for i in text} | whole_of).alias("copy_of"),
        pl.when(~first).then("twin").alias("twin"),
        (first | pl.col("rejoined")).alias("rejoined"),
    )


def _copies_of_parts(rows: pl.DataFrame, whole_of: dict[int, int]) -> pl.Series:
    """`copy_of` of every row, with the numbers of the whole texts that have these parts, by position."""
    wholes = rows["row"][list(whole_of.values())]
    parts = (
        pl.DataFrame({"twin": rows["twin"][list(whole_of)], "whole": wholes}).drop_nulls().unique("twin", keep="first")
    )
    if parts.is_empty():
        return rows["copy_of"]
    found = rows[["twin"]].join(parts, on="twin", how="left", maintain_order="left")["whole"]
    whole = pl.when(pl.col("row").is_in(listed(wholes))).then("row")
    return rows.select(pl.coalesce("copy_of", whole, pl.lit(found)))["copy_of"]


def _with_transcripts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, with what a voice says joined to it where that stands in a row of its own directly below.

    Several such rows of a conversation show that its form writes them so. A second one below a voice stays a row.
    """
    if not (rows["cls"] == VOICE).any():
        return rows
    below = _continues(*_MOMENT[:-1]) & (pl.col("cls") == WORDS) & (pl.col("cls").shift() == VOICE)
    few = rows.with_row_index("at").filter(below & pl.col("pair").is_not_null())
    few = few.filter(pl.col("text").str.contains(rf"\A\s*{TRANSCRIPT}"))
    at = few.filter(pl.len().over("pair") >= PARAMS.loss_texts)["at"].cast(pl.Int64).to_list()
    if not at:
        return rows
    voices = rows["text"][[i - 1 for i in at]].to_list()
    said = rows["text"][at].to_list()
    return with_joined(
        rows, {i - 1: f"{v}\n{s}" for i, v, s in zip(at, voices, said, strict=True)}, {i: i - 1 for i in at}
    )


def _continues(*columns: str) -> pl.Expr:
    """Whether a row equals the one before it in these columns."""
    return pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift()) for c in columns)


def _neighbours(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """at, run, pair, text, stands_whole: rows of words beside another one of their sender and time.

    Runs in which the other side has every text as a row of its own are left out.
    """
    can = (pl.col("cls") == WORDS) & (pl.col("text") != "") & pl.col("t").is_not_null() & pl.col("pair").is_not_null()
    goes_on = rows.select((_continues(*_MOMENT) & can & can.shift()).fill_null(value=False).alias("g"))["g"]
    if not goes_on.any():
        return pl.DataFrame(schema={"pair": pl.UInt32})
    beside = rows[["pair", "text"]].with_columns(at=pl.int_range(pl.len(), dtype=pl.Int64), run=(~goes_on).cum_sum())
    beside = beside.filter(goes_on | goes_on.shift(-1, fill_value=False))
    stands_whole = held_by(other.filter(pl.col("cls") == WORDS), beside, "pair", "text")
    told = beside.with_columns(stands_whole=stands_whole)
    return told.filter(~pl.col("stands_whole").all().over("run"))


def _joined(of_pair: pl.DataFrame, texts: list[str], replies: Replies) -> Iterator[tuple[list[int], str | None]]:
    """The positions of each message's parts, and the whole text if they are exactly that, otherwise None."""
    bare = {blankless(canonical(t)): t for t in texts}
    bare.pop("", None)
    order = sorted(bare)
    left: list[Parts] = []
    exact: set[str] = set()
    for run in of_pair.partition_by("run"):
        parts = [
            _Part(at, blankless(canonical(text)), whole)
            for at, text, whole in run.select("at", "text", "stands_whole").iter_rows()
        ]
        rest: Parts = []
        while parts:
            n = (_longest(parts, order, bare) or _quotation(parts, replies)) if parts[0].words else 0
            if n:
                words = "".join(p.words for p in parts[:n])
                exact.add(words)
                yield [p.at for p in parts[:n]], bare.get(words)
            rest += [] if n else parts[:1]
            parts = parts[n or 1 :]
        left.append(rest)
    order = [w for w in order if w not in exact]
    mirrored = sorted(w[::-1] for w in order)
    for parts in left:
        found = _altered(parts, order)
        yield from ((f, None) for f in found)
        taken = {at for f in found for at in f}
        backward = [_Part(p.at, p.words[::-1], p.stands_whole) for p in parts[::-1] if p.at not in taken]
        yield from ((f[::-1], None) for f in _altered(backward, mirrored))


def _longest(parts: Parts, order: list[str], bare: dict[str, str]) -> int:
    """How many of the first parts make up one whole text; 0 = they make up none."""
    words, found = "", 0
    for n, part in enumerate(parts[: PARAMS.most_parts], 1):
        words += part.words
        if not next(_beginning(words, order), ""):
            break
        if n > 1 and part.words and words in bare and not all(p.stands_whole for p in parts[:n]):
            found = n
    return found


def _replies_of(other: pl.DataFrame, pair: object) -> set[tuple[str, str | None]]:
    """The replies of a conversation and the words that they quote, both without blanks."""
    quotes = pl.col("quoted_text").is_not_null() | pl.col("text").str.contains_any(list(QUOTING))
    rows = other.filter(quotes.fill_null(value=False), pl.col("cls") == WORDS, pl.col("pair") == pair)
    told = ((*parted(canonical(text)), shown) for text, shown in rows.select("text", "quoted_text").iter_rows())
    return {(blankless(reply), blankless(canonical(shown)) if shown else said) for reply, said, shown in told}


def _quotation(parts: Parts, replies: Replies) -> int:
    """How many parts a quotation spans, with the reply below it that the other side has as one; 0 = none."""
    first = parts[0].words
    n = 1 if first.startswith(_OPENS) and first.endswith(_ENDS) else _spanned(parts)
    said = parted("".join(p.words for p in parts[:n]))[1] if n else None
    for end in range(n + 1, min(len(parts), PARAMS.most_parts) + 1 if said else 0):
        if ("".join(p.words for p in parts[n:end]), said) in replies():
            return end
    return n if n > 1 else 0


def _spanned(parts: Parts) -> int:
    """How many parts a quotation spans that the first one opens and the last one ends; 0 = none."""
    is_open = parts[0].words.count(_OPENS) - parts[0].words.count(_ENDS) == 1
    for n, part in enumerate(parts[: PARAMS.most_parts] if is_open else (), 1):
        if part.stands_whole:
            break
        if n > 1 and (_OPENS in part.words or _ENDS in part.words):
            return n if part.words.endswith(_ENDS) and part.words.count(_ENDS) == 1 + part.words.count(_OPENS) else 0
    return 0


def _beginning(words: str, order: list[str]) -> Iterator[str]:
    """The whole texts that begin with these words."""
    return takewhile(lambda w: w.startswith(words), (order[i] for i in range(bisect_left(order, words), len(order))))


def _altered(parts: Parts, order: list[str]) -> list[list[int]]:
    """The positions of the parts of each message whose first part is unchanged."""
    found: list[list[int]] = []
    used: set[int] = set()
    for n, first in enumerate(parts[:-1]):
        if first.at in used or first.stands_whole or len(first.words) < PARAMS.cut_characters_least:
            continue
        wholes = [w for _, w in zip(range(PARAMS.likely_wholes), _beginning(first.words, order), strict=False)]
        taken = [_taken(parts[n : n + PARAMS.most_parts], whole) for whole in wholes]
        best = max(taken, key=lambda t: (t[0], len(t[1])), default=(0, []))[1]
        if len(best) > 1:
            found.append(best)
            used.update(best)
    return found


def _taken(parts: Parts, whole: str) -> tuple[int, list[int]]:
    """How many characters of a whole text these parts hold, and the positions of those that are in it.

    `parts`: the first one begins the text.
    """
    end = place = held = len(parts[0].words)
    taken = [parts[0].at]
    foreign = 0
    for part in parts[1:]:
        size = len(part.words)
        if foreign == PARAMS.loss_texts:
            break
        if part.stands_whole or not 0 < size <= PARAMS.judged_characters:
            continue
        found = (
            whole.find(part.words, end)
            if size >= PARAMS.cut_characters_least or whole.startswith(part.words, end)
            else -1
        )
        if found >= 0:
            end = place = found + size
            held += size
        elif Indel.normalized_similarity(part.words, whole[place : place + size]) >= PARAMS.part_similarity:
            place += size
        else:
            foreign += 1
            continue
        taken.append(part.at)
    return held, taken


__all__ = ["join_parts", "with_joined"]
