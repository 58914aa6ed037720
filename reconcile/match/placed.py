"""Rows that meet by their place alone: those whose times stand out of their file's order, and those that state none."""

import polars as pl

from reconcile.lookup import key_of
from reconcile.match.filed import pair_by_file
from reconcile.match.group import pair_by_key
from reconcile.match.passes import STRETCH, with_bodies, with_place
from reconcile.match.quotes import without_quote
from reconcile.match.work import Work
from reconcile.settings import Settings
from reconcile.wechat.classes import SECONDS, SYSTEM, WORDLESS, WORDS


def take_misplaced(work: Work, settings: Settings, stepped: set[int]) -> None:
    """Rows whose times stand out of their file's order, by their words, or their kind, in the same place of the other file."""
    if not (work.open[0].any() and work.open[1].any()):
        return
    wanted = (
        "pair",
        "row",
        "t",
        "raw_t",
        "party",
        "cls",
        "kind",
        "text",
        "media_hash",
        "amount",
        "file_name",
        "is_filled",
    )
    frames = [f.select(wanted) for f in work.frames]
    window = int(settings.window_seconds * SECONDS)
    work.take(pair_by_file(frames, work.open, work.partners, window, _with_kinds, stepped))


def _with_kinds(rest: pl.DataFrame) -> pl.DataFrame:
    """`with_bodies`, but that what has no words says nothing more than its kind."""
    silent = pl.when(pl.col("cls").is_in(WORDLESS)).then(pl.lit("")).otherwise("body")
    return with_bodies(rest).with_columns(silent.alias("body"))


def take_unplaced(work: Work) -> None:
    """Rows that state no time in a conversation that has times: by their words, or their kind, in the same place between paired rows."""
    if not any((f["is_filled"] & pl.Series(o)).any() for f, o in zip(work.frames, work.open, strict=True)):
        return
    for body in ("words", "reply", "kind", "wordless"):
        sides = [_by_place(work, side, body) for side in (0, 1)]
        if any(f.is_empty() for f in sides):
            continue
        method = "place" if body in ("words", "reply") else "same_moment"
        pairs, _ = pair_by_key(sides[0], sides[1], STRETCH / SECONDS, method, None, solve=False)
        columns = list(zip(work.frames, ("left_row", "right_row"), strict=True))
        filled = [f["is_filled"].gather(pairs[c]) for f, c in columns]
        silent = [f["text"].gather(pairs[c]) == "" for f, c in columns]
        told = silent[0] | silent[1] if body == "wordless" else pl.repeat(value=True, n=pairs.height, eager=True)
        work.take(pairs.filter((filled[0] | filled[1]) & told))


def _by_place(work: Work, side: int, body: str) -> pl.DataFrame:
    """The open rows of a side keyed by their words, by those without what they quote, by sender and kind, or (quotes whose words one form cannot hold) by kind.

    `t` is the place.
    """
    rest = with_place(work.rest(side))
    who = pl.lit(None, dtype=pl.String)
    if body == "words":
        rest = with_bodies(rest)
    elif body == "reply":
        rest = with_bodies(rest.filter(pl.col("cls") == WORDS).with_columns(without_quote(pl.col("text"))))
    elif body == "kind":
        rest = rest.filter(~pl.col("cls").is_in([SYSTEM, WORDS]))
        rest = rest.with_columns(pl.col("cls").alias("group"), pl.lit("").alias("body"))
        who = pl.col("party")
    else:
        rest = rest.filter(pl.col("kind").cast(pl.String) == "quote")
        rest = rest.with_columns(pl.col("cls").alias("group"), pl.lit("").alias("body"))
    return rest.select(
        key_of(pl.col("pair"), who, pl.col("group"), pl.col("body")).alias("key"),
        (pl.col("x").fill_null(0) * STRETCH).alias("t"),
        "row",
        pl.lit(None, dtype=pl.Int64).alias("x"),
        "spread",
        "crossing",
    )
