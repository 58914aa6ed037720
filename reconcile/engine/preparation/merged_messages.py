"""Joins neighbouring messages of one sender that the other side writes as one row."""

import re

import polars as pl

from reconcile.column_ops import hash_key, held_by
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.split_messages import with_joined
from reconcile.wechat.kind_classes import SECONDS, WORDS
from reconcile.wechat.text import canonical

_SENDER = ("pair", "sender", "is_self", "cls")
# Who writes a table by hand may leave out signs and small pictures, but hardly those that are all of a message.
_SIGNS = r"\[[^\[\]\n]{1,8}\]|[\W_]"
_LINE = pl.element().str.strip_chars()
_BARE_LINE = _LINE.str.replace_all(_SIGNS, "")
_WORDS_OF_LINE = pl.when(_BARE_LINE != "").then(_BARE_LINE).otherwise(_LINE)
_LINES = pl.col("text").str.replace_all("[；;。/|]", "\n").str.split("\n")
# What a row says: as it stands, and without signs; both without the ends of its lines.
_SAID = (
    _LINES.list.eval(_LINE).list.join("").alias("exact"),
    _LINES.list.eval(_WORDS_OF_LINE).list.join("").alias("said"),
)
# What a person puts between two messages in one cell, the most usual first.
_BETWEEN = ("\n", "；", " ", "。", "，", ";", ",", "", " / ", "/", "\n\n", "|")
# Characters of a text by which it may begin another.
_BEGIN = 2
# Characters of several by which they may begin one.
_FIRST = 8
# What some tools lose at the beginning of every message.
_BEGINNING = r"(?m)^\s*[A-Za-z0-9_-]+:[ \t]?"


def join_merged(rows: pl.DataFrame, other: pl.DataFrame, *, strips_prefix: bool = False) -> pl.DataFrame:
    """The rows, joined where they make up one row of the other side; the later ones are `is_repeat`.

    Who writes a table by hand may put what somebody says in succession into one cell, a line for each message or one
    behind another. The messages follow each other within minutes, without another row between them, and make up the whole
    row but for signs, which none of them does alone. Messages that the other side all has as rows of their own stay rows.

    Args:
        rows: the rows of one side.
        other: those of the other side.
        strips_prefix: whether the tool of `rows` is known to lose the beginning of messages such as `10:30见`.
    """
    words = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null()
    mine, theirs = (f.select("pair", "cls", "text").filter(words) for f in (rows, other))
    # Nearly all texts stand on both sides.
    key = hash_key(pl.col("pair"), pl.col("text")).alias("key")
    lone = theirs.with_columns(key).join(mine.select(key), on="key", how="anti", maintain_order="left")
    wholes = lone.select("pair", "text", whole="text")
    if wholes.is_empty():
        return rows
    if strips_prefix:
        bare = wholes.with_columns(pl.col("text").str.replace_all(_BEGINNING, ""))
        wholes = pl.concat([wholes, bare]).unique(maintain_order=True)
    runs = _runs(rows, other, words, wholes)
    if runs.is_empty():
        return rows
    wholes = _with_said(wholes)
    makes = (_made_up(runs, wholes.filter(~held_by(runs, wholes, "pair", t)), t) for t in ("exact", "said"))
    found = [made for frame in makes for made in frame.iter_rows()]
    text: dict[int, str] = {}
    taken: set[int] = set()
    asked = runs.select("at", "pair", "text")[sorted({i for place, n, _ in found for i in range(place, place + n)})]
    stands = _stand_as_rows(asked, mine, theirs) if found else set()
    for place, n, whole in found:
        joined = runs["at"].slice(place, n).to_list()
        if taken.isdisjoint(joined) and not stands.issuperset(joined):
            taken.update(joined)
            text[joined[0]] = _joined(runs["text"].slice(place, n).to_list(), whole, strips_prefix=strips_prefix)
    return with_joined(rows, text, sorted(taken - {*text})) if text else rows


def _joined(texts: list[str], whole: str, *, strips_prefix: bool) -> str:
    """The texts in one, with what the whole has between them where that is plain, else as lines.

    The whole itself where its tool lost no more than it does at the beginning of each message.
    """
    ways = [between.join(texts) for between in _BETWEEN]
    found = next((way for way in ways if canonical(way) == canonical(whole)), None)
    if found is None and strips_prefix:
        bare = canonical(re.sub(_BEGINNING, "", whole))
        found = next((whole for way in ways if canonical(way) == bare), None)
    return ways[0] if found is None else found


def _with_said(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what they say (`_SAID`); a text of letters and numerals alone says itself."""
    at = rows["text"].str.contains(r"[\W_]").arg_true()
    told = rows.select("text")[at].select(_SAID)
    return rows.with_columns(rows["text"].scatter(at, told[c]).alias(c) for c in told.columns)


def _stand_as_rows(asked: pl.DataFrame, rows: pl.DataFrame, other: pl.DataFrame) -> set[int]:
    """Positions (`at`) of those asked of whose text the other side has as many rows as this one."""
    key = ["pair", "text"]
    held, mine = (
        one.select(key).join(asked, on=key, how="semi").group_by(key).agg(pl.len().alias(n))
        for one, n in ((other, "held"), (rows, "mine"))
    )
    told = asked.join(held, on=key).join(mine, on=key)
    return set(told.filter(pl.col("held") >= pl.col("mine"))["at"])


def _runs(rows: pl.DataFrame, other: pl.DataFrame, words: pl.Expr, wholes: pl.DataFrame) -> pl.DataFrame:
    """at, pair, run, t, text, exact, said: words in runs of one sender that nothing interrupts.

    Only runs with a row that begins like a whole. Kinds that the other side leaves out altogether interrupt nothing.
    """
    told = rows.select(*_SENDER, "text", "t", "is_repeat").with_row_index("at").filter(~pl.col("is_repeat"))
    told = told.join(other.select("pair", "cls").unique(), on=["pair", "cls"], how="semi", maintain_order="left")
    told = told.with_columns(run=pl.struct(*_SENDER).rle_id()).filter(words & pl.col("t").is_not_null())
    start = pl.col("text").str.strip_chars().str
    begins = pl.concat(wholes.select("pair", start.slice(0, n).alias("begin")) for n in (1, _BEGIN))
    several = told.filter(pl.len().over("run") > 1).with_columns(begin=start.slice(0, _BEGIN))
    asked = several.join(begins, on=["pair", "begin"], how="semi")["run"].unique()
    return _with_said(several.filter(pl.col("run").is_in(asked.implode())).select("at", "pair", "run", "t", "text"))


def _made_up(runs: pl.DataFrame, wholes: pl.DataFrame, told: str) -> pl.DataFrame:
    """place, n, whole: rows of runs that with the n - 1 behind them make up a whole; the least n."""
    found = []
    wholes = wholes.select("pair", told, "whole").unique(["pair", told], keep="first", maintain_order=True)
    begun = runs.select("pair", "run", "t", told).with_row_index("place")
    begins = pl.concat(wholes.select("pair", begin=pl.col(told).str.slice(0, n)) for n in range(_FIRST + 1)).unique()
    for n in range(2, PARAMS.merged_rows + 1):
        # What is put together so far begins a whole.
        begin = begun.select("pair", begin=pl.col(told).str.slice(0, _FIRST))
        begun = begun.filter(held_by(begins, begin, "pair", "begin")).filter(pl.col("place") + n <= runs.height)
        before, behind = runs["t"].gather(begun["place"] + (n - 2)), runs[begun["place"] + (n - 1)]
        goes_on = (behind["run"] == begun["run"]) & (behind["t"] - before <= SECONDS * PARAMS.merged_seconds)
        begun = begun.with_columns(pl.col(told) + behind[told]).filter(goes_on)
        if begun.is_empty():
            break
        whole = begun.join(wholes, on=["pair", told], maintain_order="left")
        found.append(whole.select("place", pl.lit(n).alias("n"), "whole"))
        begun = begun.join(whole, on="place", how="anti", maintain_order="left")
    schema = {"place": pl.UInt32, "n": pl.Int32, "whole": pl.String}
    return pl.concat(found).sort("place") if found else pl.DataFrame(schema=schema)
