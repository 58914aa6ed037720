"""Joins messages of one sender that the other side writes as one row."""

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from statistics import median_low

import polars as pl
from rapidfuzz.distance import Indel

from reconcile.column_ops import collected, hash_key, held_by, listed
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.sense import Seam, seam_of
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import CLEAR, UNCLEAR, said_once
from reconcile.engine.preparation.scattered_lines import (
    BETWEEN,
    FAR,
    Cells,
    Join,
    Shown,
    cells_of_lines,
    scattered_lines,
    standing,
)
from reconcile.engine.preparation.split_messages import with_joined
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS
from reconcile.wechat.text import canonical, emoji_tokens

_SENDER = ("pair", "sender", "is_self", "cls")
_IS_WORDS = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null()
# What may stand between two messages.
_PARTED = r"[\s；;。/|，,]"
# What every spelling of an emoji holds.
_OF_EMOJI = r"[\[/\u203c-\u2bff\U0001f000-\U0001faff]"
# What a person puts between two messages in one cell, the most usual first.
_BETWEEN = ("\n", "；", " ", "。", "，", ";", ",", "", " / ", "/", "\n\n", "|")
# A text that every spelling writes alike.
_PLAIN = r"^[\u4e00-\u9fffA-Za-z0-9]+$"
# What some tools lose at the beginning of every message.
_BEGINNING = r"(?m)^\s*[A-Za-z0-9_-]+:[ \t]?"


def join_merged(
    rows: pl.DataFrame, other: pl.DataFrame, *, strips_prefix: bool = False, is_by_hand: bool = True
) -> tuple[pl.DataFrame, pl.Series]:
    """The rows, joined where they make up one row of the other side, and its rows that begin otherwise.

    The first row of words has the whole, the others are `is_repeat`. A row of the other side may begin with another kind
    than words.

    Who writes a table by hand may put what somebody says in succession into one cell, a line for each message or one
    behind another. The messages follow each other within minutes and make up the whole row, which none of them does alone:
    without another row between them in whatever the cell has between them, else in any order as its lines, but for signs.
    Messages that the other side all has as rows of their own stay rows.

    `seams` of a joined row says whether its cell keeps the order of the messages and shows where each one ends, or several
    cells of the conversation do the same (CLEAR), or not (UNCLEAR).

    Args:
        rows: the rows of one side.
        other: those of the other side.
        strips_prefix: whether the tool of `rows` is known to lose the beginning of messages such as `10:30见`.
        is_by_hand: whether a person may have made the other side's cells. A known tool never merges messages of several
            kinds, or messages with other rows between them.
    """
    mine, theirs = (f[["pair", "cls", "text", "t", "is_repeat"]].filter(_IS_WORDS) for f in (rows, other))
    # A cell that begins with a picture may be read as one.
    other_kinds = other[["row", "pair", "cls", "text", "t", "is_repeat"]].filter(
        (pl.col("cls") != WORDS) & (pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null() & ~pl.col("is_repeat"),
        pl.col("text").str.contains(rf"{BETWEEN}|\n") & is_by_hand,
    )
    if other_kinds.height:
        other_kinds = other_kinds.filter(pl.col("text").str.contains(rf"(?s)\w\W*(?:{BETWEEN}|\n).*\w"))
    # Nearly all texts stand on both sides.
    key = hash_key(pl.col("pair"), pl.col("text")).alias("key")
    unmatched = collected(
        theirs.lazy().with_columns(key)
        .join(mine.lazy().select(key), on="key", how="anti", maintain_order="left")
        .filter(~pl.col("is_repeat"))
    )  # fmt: skip
    unmatched = pl.concat([unmatched.select("pair", "text", "t"), other_kinds.select("pair", "text", "t")])
    if unmatched.is_empty():
        return rows, rows["row"].clear()
    wholes = unmatched.select("pair", "text", whole="text")
    if strips_prefix:
        bare = wholes.with_columns(pl.col("text").str.replace_all(_BEGINNING, ""))
        wholes = pl.concat([wholes, bare])
    wholes = _with_said(wholes.unique(maintain_order=True))
    cells: Cells = {}
    for pair, text, t in unmatched[["pair", "text", "t"]].iter_rows():
        cells.setdefault((pair, text), []).append(t)
    told = rows[[*_SENDER, "text", "t", "is_repeat"]].with_row_index("at").filter(~pl.col("is_repeat"))
    # Kinds that the other side leaves out altogether interrupt nothing.
    kinds = other.lazy().select("pair", "cls").unique()
    runs = _runs(told.lazy().join(kinds, on=["pair", "cls"], how="semi", maintain_order="left"), wholes)
    of_lines = cells_of_lines(wholes if is_by_hand else wholes.clear())
    if runs.is_empty() and of_lines.is_empty():
        return rows, rows["row"].clear()
    found = _in_succession(runs, (mine, theirs), wholes, cells)
    taken = [i for at, _ in found for i in at]
    apart = told.filter(
        pl.col("pair").is_not_null(), pl.col("t").is_not_null(), ~pl.col("at").is_in(taken), pl.col("cls") != SYSTEM
    )
    shown: Shown = {}
    facts = rows[["amount", "file_name"]]
    for join, beside in scattered_lines(apart.with_columns(facts[apart["at"]]), of_lines, cells, theirs):
        found.append(join)
        shown |= beside
    every = [i for at, _ in found for i in at]
    text = dict(zip(every, rows["text"][every].to_list(), strict=True)) | shown
    cls = dict(zip(every, rows["cls"][every], strict=True))
    found = [(at, whole) for at, whole in found if not _quotes_one([text[i] for i in at], whole)]
    class_of_cell = dict(zip(other_kinds.select("pair", "text").iter_rows(), other_kinds["cls"], strict=True))
    led = [
        (i, at, whole)
        for at, whole in found
        if (i := _lead(at, cls, class_of_cell.get((rows["pair"][at[0]], whole)))) is not None
    ]
    joined = {i: _joined([text[n] for n in at], whole, strips_prefix=strips_prefix) for i, at, whole in led}
    seams = _seams([(i, at, [text[n] for n in at], whole) for i, at, whole in led], rows)
    rows = with_joined(rows, joined, {n: i for i, at, _ in led for n in at if n != i}, seams)
    held = {(rows["pair"][i], whole) for i, _, whole in led if cls[i] == WORDS} if other_kinds.height else set()
    is_held = [cell in held for cell in other_kinds.select("pair", "text").iter_rows()]
    return rows, other_kinds.filter(pl.Series(is_held, dtype=pl.Boolean))["row"]


def _lead(at: list[int], cls: dict[int, int], of_cell: int | None) -> int | None:
    """The row that receives the joined text: the first text row, else the first row of the cell's class."""
    words = next((i for i in at if cls[i] == WORDS), None)
    return words if words is not None or cls[at[0]] != of_cell else at[0]


def as_words(rows: pl.DataFrame, cells: pl.Series) -> pl.DataFrame:
    """The rows; those of these numbers are words, since they hold several messages."""
    if cells.is_empty():
        return rows
    is_cell = pl.col("row").is_in(listed(cells))
    kind = pl.when(is_cell).then(pl.lit(str(Kind.TEXT))).otherwise(pl.col("kind").cast(pl.String))
    return rows.with_columns(
        pl.when(is_cell).then(pl.lit(WORDS, dtype=pl.UInt8)).otherwise("cls").alias("cls"),
        kind.cast(rows.schema["kind"]).alias("kind"),
    )


def _seams(found: list[tuple[int, list[int], list[str], str]], rows: pl.DataFrame) -> dict[int, int]:
    """CLEAR or UNCLEAR by position; `found`: first, positions and texts of the messages, and their cell."""
    pair, t = ({i: rows[c][i] for _, at, _, _ in found for i in at} for c in ("pair", "t"))
    odd: dict[tuple[int, bool, Seam], list[int]] = defaultdict(list)
    for first, at, texts, whole in found:
        is_kept = at == sorted(at) or all(t[a] < t[b] for a, b in pairwise(at))
        seam = seam_of([canonical(text) for text in texts], canonical(whole))
        if not is_kept or seam is not Seam.SHOWN:
            odd[pair[first], is_kept, seam].append(first)
    unclear = {i for (*_, seam), at in odd.items() for i in at if seam is Seam.TURNED or len(at) < PARAMS.merged_joins}
    return {first: UNCLEAR if first in unclear else CLEAR for first, *_ in found}


def _quotes_one(texts: list[str], whole: str) -> bool:
    """Whether a text quotes one of these messages, and so holds it no second time."""
    said = parted(canonical(whole))[1]
    return said is not None and said in {re.sub(r"\s", "", canonical(t)) for t in texts}


def _in_succession(
    runs: pl.DataFrame, words: tuple[pl.DataFrame, pl.DataFrame], wholes: pl.DataFrame, cells: Cells
) -> list[Join]:
    """Messages that one behind another make up a whole, and the whole; such cells leave `cells`.

    Times of the cells that are left are put on the clock of the runs. `words` holds the rows of words of both sides.
    """
    makes: list[tuple[int, int, str]] = []
    if runs.height:
        makes = _made_up(runs, wholes.filter(~held_by(runs, wholes, "pair", "said"))).rows()
    asked = runs[["at", "pair", "text"]][sorted({i for place, n, _ in makes for i in range(place, place + n)})]
    stands = set(standing(asked, *words)["at"]) if makes else set()
    places: dict[tuple[int, str], list[list[int]]] = {}
    at, pair = runs["at"].to_list(), runs["pair"].to_list()
    for place, n, whole in makes:
        joined = at[place : place + n]
        if not stands.issuperset(joined):
            places.setdefault((pair[place], whole), []).append(joined)
    return _one_place_each(
        places, cells, dict(zip(at, runs["t"].to_list(), strict=True)), _clocks(*words, wholes["pair"])
    )


def _clocks(mine: pl.DataFrame, theirs: pl.DataFrame, pairs: pl.Series) -> dict[int, int]:
    """How far apart the two clocks are in these conversations, by long texts that both sides have once."""
    one_of = max(mine.height, theirs.height) // PARAMS.vote_keys + 1
    asked = pl.col("pair").is_in(listed(pairs.unique()))
    sides = [said_once(rows.lazy().filter(asked), "pair", "t", one_of=one_of) for rows in (mine, theirs)]
    both = sides[0].join(sides[1], on="key").group_by("pair").agg(
        (pl.col("t_right") - pl.col("t")).median().cast(pl.Int64).alias("apart"), pl.len().alias("n")
    )  # fmt: skip
    return dict(collected(both.filter(pl.col("n") >= PARAMS.merged_joins)).select("pair", "apart").iter_rows())


def _one_place_each(
    places: dict[tuple[int, str], list[list[int]]], cells: Cells, t: dict[int, int], clocks: dict[int, int]
) -> list[Join]:
    """For each cell one of its places: of several the one at its time on the other clock.

    The clock is that of the cells with one place, or else `clocks`.
    """
    single = [(key, t[at[0][0]], cells[key][0]) for key, at in places.items() if len(at) == len(cells[key]) == 1]
    ahead: dict[int, list[int]] = {}
    for (pair, _), mine, cell in single:
        if cell is not None:
            ahead.setdefault(pair, []).append(cell - mine)
    by = clocks | {pair: median_low(apart) for pair, apart in ahead.items() if len(apart) >= PARAMS.merged_joins}
    for pair, whole in cells:
        cells[pair, whole] = [None if pair not in by or c is None else c - by[pair] for c in cells[pair, whole]]
    found: list[Join] = []
    taken: set[int] = set()
    for key, at in sorted(places.items(), key=lambda p: len(p[1]) > len(cells[p[0]])):
        times = [t[one[0]] for one in at]
        left = []
        for cell in cells[key]:
            one = _pop_nearest(at, times, cell, taken)
            if one is None:
                left.append(cell)
            else:
                taken.update(one)
                found.append((one, key[1]))
        cells[key] = left
    return found


def _pop_nearest(places: list[list[int]], times: list[int], cell: int | None, taken: set[int]) -> list[int] | None:
    """The place nearest to the cell, or the first where its time is unknown; taken ones go too."""
    while places:
        i = 0 if cell is None else bisect_left(times, cell)
        if i == len(times) or (i and cell is not None and cell - times[i - 1] <= times[i] - cell):
            i -= 1
        if cell is not None and abs(times[i] - cell) > FAR:
            return None
        times.pop(i)
        place = places.pop(i)
        if taken.isdisjoint(place):
            return place
    return None


def _joined(texts: list[str], whole: str, *, strips_prefix: bool) -> str:
    """The texts in one, with what the whole has between them, or most nearly.

    The whole itself where its tool lost no more than it does at the beginning of each message.
    """
    ways = [between.join(texts) for between in _BETWEEN]
    sought = canonical(whole)
    found = next((way for way in ways if canonical(way) == sought), None)
    if found is None and strips_prefix:
        bare = canonical(re.sub(_BEGINNING, "", whole))
        found = next((whole for way in ways if canonical(way) == bare), None)
    return max(ways, key=lambda w: Indel.normalized_similarity(canonical(w), sought)) if found is None else found


def _runs(told: pl.LazyFrame, wholes: pl.DataFrame) -> pl.DataFrame:
    """at, pair, run, t, text, said: words in runs of one sender that nothing interrupts.

    Only runs with two rows that begin like a whole. `wholes` has pair, text and said.
    """
    told = told.with_columns(run=pl.struct(*_SENDER).rle_id()).filter(_IS_WORDS & pl.col("t").is_not_null())
    text = pl.col("text").str.slice(0, PARAMS.merged_first_characters)
    first = told.select(
        "pair", "run", "text", begin=(text + text.shift(-1)).str.slice(0, PARAMS.merged_first_characters)
    )
    first = first.filter(pl.col("run") == pl.col("run").shift(-1))
    is_plain = pl.col("begin").str.contains(_PLAIN)
    start = text.str.slice(0, PARAMS.merged_begin_characters).str.normalize("NFKC").str.strip_chars()
    held = (
        (
            first.filter(is_plain),
            [pl.col("said").str.slice(0, n) for n in range(2, PARAMS.merged_first_characters + 1)],
        ),
        (
            first.filter(~is_plain).with_columns(begin=start),
            [start.str.slice(0, n) for n in range(1, PARAMS.merged_begin_characters + 1)],
        ),
    )
    asked = [
        rows.join(
            wholes.lazy().select("pair", begin=pl.concat_list(w)).explode("begin"), on=["pair", "begin"], how="semi"
        )
        for rows, w in held
    ]
    runs = told.join(pl.concat(a.select("run") for a in asked), on="run", how="semi", maintain_order="left")
    return _with_said(collected(runs.select("at", "pair", "run", "t", "text")))


def _with_said(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `said`: the text in one spelling, without what may part two messages."""
    text = rows["text"]
    at = text.str.contains(_OF_EMOJI).arg_true()
    spelt = pl.lit(text.scatter(at, [emoji_tokens(t) for t in text[at]])) if len(at) else pl.col("text")
    # A full stop is a point where signs are half wide.
    narrow = spelt.str.normalize("NFKC").str.replace_all(r"\.(\D|$)", "$1")
    return rows.with_columns(said=narrow.str.replace_all(_PARTED, ""))


def _made_up(runs: pl.DataFrame, wholes: pl.DataFrame) -> pl.DataFrame:
    """place, n, whole: rows of runs that with the n - 1 behind them make up a whole; the least n."""
    found = []
    wholes = wholes[["pair", "said", "whole"]].unique(["pair", "said"], keep="first", maintain_order=True)
    start = hash_key(pl.col("pair"), pl.col("said").str.slice(0, PARAMS.merged_first_characters)).alias("start")
    firsts = (
        wholes.lazy().with_columns(pl.col("said").str.slice(0, n)).select(start)
        for n in range(PARAMS.merged_first_characters + 1)
    )
    starts = collected(pl.concat(firsts).unique())["start"]
    begun = runs[["pair", "run", "t", "said"]].with_row_index("place")
    for n in range(2, PARAMS.merged_rows + 1):
        behind = {c: pl.lit(runs[c]).gather(pl.col("place") + (n - 1), null_on_oob=True) for c in ("run", "t", "said")}
        before = pl.lit(runs["t"]).gather(pl.col("place") + (n - 2))
        goes_on = (behind["run"] == pl.col("run")) & (behind["t"] - before <= SECONDS * PARAMS.merged_seconds)
        # What is put together so far begins a whole.
        begins = begun.lazy().filter(start.is_in(listed(starts)))
        begun = collected(begins.filter(goes_on).with_columns(pl.col("said") + behind["said"]))
        if begun.is_empty():
            break
        whole = begun.lazy().join(wholes.lazy(), on=["pair", "said"], maintain_order="left")
        met = collected(whole.select("place", pl.lit(n).alias("n"), "whole"))
        if met.height:
            found.append(met)
            begun = begun.join(met, on="place", how="anti", maintain_order="left")
    schema = {"place": pl.UInt32, "n": pl.Int32, "whole": pl.String}
    return pl.concat(found).sort("place") if found else pl.DataFrame(schema=schema)
