"""One pass over the open rows: rows of one key within a window of time meet."""

import polars as pl

from reconcile.abreast import of_both
from reconcile.match.cells import cell_keys
from reconcile.match.group import pair_by_key
from reconcile.match.quotes import without_quote
from reconcile.match.work import Work
from reconcile.wechat.classes import FILE, LINK, PAYMENT, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.text import canonical_text

# Place of an untimed row on the made-up clock: one stretch is farther from the next than any window.
STRETCH = 1_000 * SECONDS
# What keys are made of, and what pairing by key asks for beside them.
KEYED = frozenset((
    "pair", "party", "kind", "cls", "text", "text_key", "media_hash", "amount", "file_name", "row", "t", "t2", "x", "spread", "crossing",
    "wide", "narrow",
))  # fmt: skip


# Seconds, or the column in which every row states its own (µs).
Window = float | str


def take_repeats(work: Work, raw: pl.Expr, wide: Window) -> None:
    """Second copies of a row, and then rows marked as not delivered, pair with what the other side still has open.

    No second copy is one with a message that was not delivered: each is no message of the other side's.
    """
    for late in (work.repeated, work.undelivered):
        if not any(r.any() for r in late):
            continue
        if work.each:
            waiting = [f.filter(pl.Series(r))["pair"] for f, r in zip(work.frames, late, strict=True)]
            work.only = pl.concat(waiting).drop_nulls().unique()
        work.reopen(late)
        pass_by_key(work, raw, wide, "equal")
        work.only = None
        work.close(work.repeated)
    work.reopen(work.repeated)


def pass_by_key(
    work: Work,
    key: pl.Expr,
    window: Window,
    method: str,
    *,
    tight: float = 5.0,
    solve: bool = True,
    bodies: bool = False,
    second_clock: bool = False,
    unknown_sender: bool = False,
    quotes: bool = False,
    hashed: bool = False,
) -> None:
    """One round of pairing by equal key among the open rows.

    quotes: by the reply alone, for one form shows the words quoted and another does not. hashed: only files whose fingerprint is stated.
    """

    def opened(side: int) -> pl.DataFrame:
        rest = work.rest(side, KEYED)
        if work.vague is not None:
            rest = rest.filter(~pl.Series(work.vague[side][rest["row"].to_numpy()]))
        if rest["t"].null_count():
            rest = rest.filter(pl.col("t").is_not_null())
        if second_clock and side == 0:
            rest = rest.filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        if hashed:
            rest = rest.filter((pl.col("cls") == FILE) & pl.col("media_hash").is_not_null())
        if quotes:
            rest = rest.filter(pl.col("cls") == WORDS).with_columns(without_quote(pl.col("text"))).drop("text_key")
        return with_bodies(rest) if bodies else rest

    height = sum(int(o.sum()) for o in work.open)
    sides = of_both(opened, height)
    if any(rest.is_empty() for rest in sides):
        return
    if unknown_sender:
        open_pairs = pl.concat(
            [s.filter(pl.col("party").is_null() & (pl.col("cls") != SYSTEM)).select("pair") for s in sides]
        ).unique()
        sides = [
            s.join(open_pairs, on="pair", how="semi", maintain_order="left").filter(pl.col("cls") != SYSTEM)
            for s in sides
        ]
    columns = of_both(lambda side: with_place(sides[side]).select(key.alias("key"), *used_columns(window)), height)
    width, close = (None, tight) if isinstance(window, str) else (window, min(window, tight))
    pairs, unsure = pair_by_key(columns[0], columns[1], width, method, close, solve=solve)
    work.take(pairs)
    if unsure.height:
        work.unsure.append(unsure)


def used_columns(window: Window) -> list[pl.Expr]:
    """What `pair_by_key` looks at beside the key."""
    own = [pl.col(window).alias("window")] if isinstance(window, str) else []
    return [*map(pl.col, ("t", "row", "x", "spread", "crossing")), *own]


def with_place(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with `x` (null = not known) and `crossing`, also before any row was placed."""
    if "x" in frame.columns:
        return frame
    return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("x"), pl.lit(0.0).alias("crossing"))


def with_bodies(rest: pl.DataFrame) -> pl.DataFrame:
    """`body`: what the row says whatever exporter wrote it; `group`: classes whose bodies may be compared."""
    name = canonical_text(pl.coalesce("file_name", "text"))
    return rest.with_columns(
        pl.when(pl.col("cls") == WORDS).then(_said(pl.col("text")))
        .when(pl.col("cls") == PAYMENT).then(pl.coalesce("amount", pl.col("text").str.extract(r"[¥￥$]\s*([\d,]+(?:\.\d+)?)", 1)).str.replace_all(",", "").cast(pl.Float64, strict=False).round(2).cast(pl.String) + pl.lit("|") + pl.col("kind").cast(pl.String))
        .when(pl.col("cls") == FILE).then(_file_name())
        .when(pl.col("cls") == LINK).then(name)
        .when(pl.col("cls").is_in(WORDLESS)).then(pl.col("media_hash").fill_null(""))
        .otherwise(canonical_text(pl.col("text"))).alias("body"),
        pl.col("cls").alias("group"),
    ).filter(pl.col("body").is_not_null())  # fmt: skip


def with_every_body(rest: pl.DataFrame) -> pl.DataFrame:
    """`with_bodies`, but that rows whose kind alone is told keep their place, with nothing said; also those of a kind without words."""
    told = with_bodies(rest)
    silent = rest.join(told.select("row"), on="row", how="anti")
    silent = silent.with_columns(pl.lit("").alias("body"), pl.col("cls").alias("group"))
    bare = pl.when(pl.col("cls").is_in(WORDLESS)).then(pl.lit("")).otherwise("body").alias("body")
    return pl.concat([told.with_columns(bare), silent.select(told.columns)]).sort("row")


# What tools write before a file's name, and signs that they or a file system take out of it.
_BEFORE_NAME, _NO_NAME_HOLDS = r"^FILE:\s*", r"[\s\"'()\[\]{}（）【】<>:|?*/\\]+"


def _file_name() -> pl.Expr:
    """The name as every tool keeps it: of two files of one second the one of that name is meant."""
    bare = pl.coalesce("file_name", pl.col("text").str.replace(_BEFORE_NAME, ""))
    return canonical_text(bare).str.replace_all(_NO_NAME_HOLDS, "")


def _said(text: pl.Expr) -> pl.Expr:
    bare = canonical_text(text).str.replace_all(r"\s+", "")
    return bare.map_batches(cell_keys, return_dtype=pl.String)


def once_held(work: Work, side: int) -> pl.DataFrame:
    """The open rows of a side; of rows that its export holds twice one, and none where another of them is paired."""
    rest = work.rest(side)
    if rest["twin"].null_count() == rest.height:
        return rest
    twins = work.frames[side]["twin"].filter(~pl.Series(work.open[side])).drop_nulls()
    held = pl.col("twin").is_null() | (pl.col("twin").is_first_distinct() & ~pl.col("twin").is_in(twins.implode()))
    return rest.filter(held)
