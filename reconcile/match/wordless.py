"""Rows without words: by kind and sender, where no more of them meet than chance would bring together."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.lookup import is_among, key_of
from reconcile.match.group import pair_by_key
from reconcile.match.passes import KEYED, STRETCH, Window, once_held, used_columns, with_place
from reconcile.match.work import Work
from reconcile.vocabulary import Kind
from reconcile.wechat.classes import FILE, LINK, PAYMENT, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK, RECALL_NOTICE

# How long what counts as one moment is on that clock (leftovers: twice two spreads and a second).
MOMENT_SECONDS = 4.0


def vague_rows(work: Work) -> list[npt.NDArray[np.bool_]] | None:
    """Of each side the rows that show a kind and nothing else, where a side states the fingerprints of some of that kind and not of all.

    What such a row shows equals any other without a fingerprint: its moment tells which it is, whether that one has a fingerprint or not.
    """
    if not any(f["media_hash"].null_count() < f.height for f in work.frames):
        return None
    silent = pl.col("cls").is_in(WORDLESS) & pl.col("pair").is_not_null()
    shown = [f.lazy().filter(silent).select("pair", "cls", "row", "text", bare=pl.col("media_hash").is_null()) for f in work.frames]  # fmt: skip
    counts = pl.concat(
        s.group_by("pair", "cls").agg(pl.col("bare").any().alias("some"), pl.col("bare").all().alias("all"))
        for s in shown
    )
    mixed = counts.filter(pl.col("some") & ~pl.col("all")).select("pair", "cls").unique()
    out = []
    for rows, frame in zip(shown, work.frames, strict=True):
        plain = (pl.col("text") == "") | pl.col("text").str.contains(BARE_MARK)
        told = rows.join(mixed, on=["pair", "cls"], how="semi").filter(pl.col("bare") & plain).select("row").collect()
        out.append(is_among(told["row"], frame.height).to_numpy())
    return out if any(v.any() for v in out) else None


def silent_cards(work: Work) -> list[npt.NDArray[np.bool_]] | None:
    """Of each side the cards that show no word, sum or fingerprint; None where a side has none."""
    silent = (
        (pl.col("cls") == LINK) & (pl.col("text") == "") & pl.col("media_hash").is_null() & pl.col("amount").is_null()
    )
    found = [f.select(silent.fill_null(value=False).alias("silent"))["silent"].to_numpy() for f in work.frames]
    return found if all(s.any() for s in found) else None


def take_typed(work: Work, narrow: Window) -> None:
    """Words that look like a placeholder: typed as they are on the side that states kinds, taken for what they name on one that does not."""
    silent = [_shown_bare(work.rest(side, KEYED)) for side in (0, 1)]
    if any(s.is_empty() for s in silent) or not any((s["cls"] == WORDS).any() for s in silent):
        return
    key = key_of(pl.col("pair"), pl.col("party"), pl.col("text"))
    sides = [with_place(s).select(key.alias("key"), *used_columns(narrow)) for s in silent]
    width = None if isinstance(narrow, str) else narrow
    pairs, _ = pair_by_key(sides[0], sides[1], width, "equal", None, solve=False)
    work.take(pairs)


def _shown_bare(rest: pl.DataFrame) -> pl.DataFrame:
    """The rows that show a placeholder and nothing else."""
    told = pl.col("media_hash").is_null() & pl.col("amount").is_null() & (pl.col("cls") != SYSTEM)
    bare = pl.col("text").str.contains(BARE_MARK) & pl.col("t").is_not_null()
    return rest.filter(told).filter(bare)


def take_kinds(
    work: Work,
    narrow: Window,
    *,
    second_clock: bool = False,
    solve: bool = True,
    classes: Collection[int] = (*WORDLESS, FILE, LINK, PAYMENT, SYSTEM),
) -> None:
    """Rows whose kind alone is known on a side: by kind, sender, order and time between paired neighbours."""
    # A notice of a recall is none of a joining.
    is_recall = (pl.col("cls") == SYSTEM) & pl.col("text").str.contains(RECALL_NOTICE)
    by_kind = key_of(pl.col("pair"), pl.col("party"), pl.col("cls"), is_recall)
    sides = []
    for side in (0, 1):
        rest = work.rest(side).filter(pl.col("cls").is_in(classes) & pl.col("t").is_not_null())
        if second_clock and side == 0:
            rest = rest.filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        sides.append(with_place(rest).with_columns(by_kind.alias("key")))
    if any(s.is_empty() for s in sides):
        return
    # Two rows that both state a fingerprint would have met above had it been the same: they wait for the closer look at leftovers.
    # Digests of two algorithms cannot be held against each other.
    digests = [
        s.select("pair", pl.col("media_hash").str.len_chars().alias("digest")).drop_nulls().unique() for s in sides
    ]
    common = digests[0].join(digests[1], on=["pair", "digest"]).with_columns(pl.lit(value=True).alias("comparable"))
    sides = [
        s.with_columns(pl.col("media_hash").str.len_chars().alias("digest"))
        .join(common, on=["pair", "digest"], how="left", maintain_order="left")
        .drop("digest")
        for s in sides
    ]
    stated = pl.col("comparable").is_not_null() | pl.col("amount").is_not_null()
    both_state = [set(s.filter(stated)["pair"].unique()) for s in sides]
    shared = sorted(both_state[0] & both_state[1])
    open_sides = (
        [s.filter(~(stated & pl.col("pair").is_in(shared)) | (pl.col("cls") == SYSTEM)) for s in sides]
        if shared
        else sides
    )
    mixes = [(open_sides[0], sides[1]), (sides[0], open_sides[1])] if shared else [(sides[0], sides[1])]
    if shared and work.each:
        mixes[1] = mixes[1][0].filter(pl.col("pair").is_in(shared)), mixes[1][1].filter(pl.col("pair").is_in(shared))
    for mix in mixes:
        a, b = (f.filter(pl.col("row").is_in(work.rest(i)["row"].implode())) for i, f in enumerate(mix))
        pairs, unsure = pair_by_key(
            a.select("key", *used_columns(narrow)),
            b.select("key", *used_columns(narrow)),
            None if isinstance(narrow, str) else narrow,
            "kind",
            None,
            solve=solve,
        )
        work.take(pairs)
        if unsure.height:
            work.unsure.append(unsure)


def take_silent_words(work: Work, narrow: Window) -> None:
    """Replies of which one form writes no word: by kind, sender and moment, before neighbours of theirs are taken for them.

    Where the other form names no replies, any words of that sender and moment may be one.
    """
    width = None if isinstance(narrow, str) else narrow
    for silent in (0, 1):
        own, other = (
            work.rest(s, KEYED).filter((pl.col("cls") == WORDS) & pl.col("t").is_not_null())
            for s in (silent, 1 - silent)
        )
        own = own.filter(pl.col("text") == "")
        if own.is_empty() or other.is_empty():
            continue
        names_replies = (work.frames[1 - silent]["kind"] == str(Kind.QUOTE)).any()
        key = key_of(pl.col("pair"), pl.col("party"), *([pl.col("kind").cast(pl.String)] if names_replies else []))
        sides = [with_place(f).select(key.alias("key"), *used_columns(narrow)) for f in (own, other)]
        first, second = sides if silent == 0 else sides[::-1]
        work.take(pair_by_key(first, second, width, "kind", None, solve=True)[0])


def take_kinds_in_place(work: Work, wide: Window) -> None:
    """Rows without words or fingerprint off the clock by less than the window: by kind and sender in the same place between paired rows."""
    key = key_of(pl.col("pair"), pl.col("party"), pl.col("cls"), pl.col("x"))
    sides = []
    for side in (0, 1):
        rest = with_place(work.rest(side)).filter(pl.col("cls").is_in(WORDLESS) & ~pl.col("is_filled"))
        sides.append(rest.filter(pl.col("x").is_not_null()).with_columns(key.alias("key")))
    if any(s.is_empty() for s in sides):
        return
    width = None if isinstance(wide, str) else wide
    a, b = (s.select("key", *used_columns(wide)) for s in sides)
    pairs, _ = pair_by_key(a, b, width, "kind", width, solve=False)
    digests = [f["media_hash"].gather(pairs[c]) for f, c in zip(work.frames, ("left_row", "right_row"), strict=True)]
    differ = (digests[0] != digests[1]) & (digests[0].str.len_chars() == digests[1].str.len_chars())
    work.take(pairs.filter(~differ.fill_null(value=False)))


def with_chance(work: Work) -> list[pl.DataFrame]:
    """By side, the open rows with `chance_rate`: how many pairs of open rows of both sides meet by chance within a second, in the whole conversation.

    `span_s`: seconds that the other side's conversation spans, 60 at least; null where the other side has no open row. Without times a
    moment is a whole stretch between pairs, and the conversation as many moments long as it has stretches. Rows before the other file begins or
    behind its end meet nothing there, and are not counted.
    """
    rests = [with_place(once_held(work, side)).filter(pl.col("cls") != SYSTEM) for side in (0, 1)]
    spans = [_spans(frame) for frame in work.frames]
    counts = [_within(rests[side], spans[1 - side]).group_by("pair").len("open_rows") for side in (0, 1)]
    return [_with_rate(rests[side], counts[side], counts[1 - side], spans[1 - side]) for side in (0, 1)]


def _with_rate(rest: pl.DataFrame, own: pl.DataFrame, other: pl.DataFrame, span: pl.DataFrame) -> pl.DataFrame:
    both = other.join(own.rename({"open_rows": "own_rows"}), on="pair").join(span, on="pair")
    # One meeting is what a true pair makes: it is the others that chance must not explain.
    pairs = ((pl.col("open_rows") * pl.col("own_rows")) - pl.min_horizontal("open_rows", "own_rows")).clip(0)
    rates = both.select("pair", (pairs / pl.col("span_s")).alias("chance_rate"), "span_s")
    return rest.join(rates, on="pair", how="left", maintain_order="left").with_columns(
        pl.col("chance_rate").fill_null(0.0)
    )


def _within(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The rows that stand between the first and the last row of their conversation in the other file, on its clock; those without a time too."""
    ends = spans.select("pair", "first", "last")
    placed = rows.select("pair", "t").join(ends, on="pair", how="left", maintain_order="left")
    is_within = placed.select(pl.col("t").is_between("first", "last").fill_null(value=True)).to_series()
    return rows.filter(is_within)


def _spans(frame: pl.DataFrame) -> pl.DataFrame:
    """pair, first, last (times, µs), span_s: seconds that a conversation spans, 60 at least; without times, its stretches in moments."""
    seconds = ((pl.col("t").max() - pl.col("t").min()) / SECONDS).round(6).clip(60.0)
    rows = frame.select("pair", "t", "is_filled")
    ends = pl.col("t").min().alias("first"), pl.col("t").max().alias("last")
    spans = rows.group_by("pair").agg(seconds.alias("span_s"), pl.col("is_filled").all().alias("bare"), *ends)
    bare = spans.filter("bare")["pair"]
    if bare.is_empty():
        return spans.drop("bare")
    stretches = (pl.col("t") // STRETCH).n_unique() * MOMENT_SECONDS
    told = rows.filter(pl.col("pair").is_in(bare.implode())).group_by("pair").agg(stretches.alias("stretches"))
    joined = spans.join(told, on="pair", how="left", nulls_equal=True)
    span = pl.when("bare").then("stretches").otherwise("span_s").alias("span_s")
    return joined.select("pair", "first", "last", span)
