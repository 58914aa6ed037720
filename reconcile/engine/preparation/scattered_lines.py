"""Finds messages that one cell of a table holds in another order, or with rows between them."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from reconcile.column_ops import held_by, listed, on_axis
from reconcile.engine.params import PARAMS
from reconcile.wechat.kind_classes import SECONDS

# Who writes a table by hand may leave out signs and small pictures, but hardly those that are all of a message.
_SIGNS = r"\[[^\[\]\n]{1,8}\]|[\W_]"
# What parts the messages of a cell of one line.
_BETWEEN = r"[；;|]| / "
_REACH = int(SECONDS * PARAMS.merged_seconds)
FAR = int(SECONDS * PARAMS.merged_far_seconds)


class _Message(NamedTuple):
    """A message that may begin with a line of a cell."""

    sender: int
    t: int
    at: int
    lines: list[str]
    said: list[str]
    stands: bool


_Index = dict[tuple[int, str], list[_Message]]
# The times of the cells of one text, by pair and text; and the positions of messages that are one cell, with its text.
Cells = dict[tuple[int, str], list[int | None]]
Join = tuple[list[int], str]
# A cell: its pair, what its rarest line says, its lines and what they say.
_Cell = tuple[int, str, list[str], list[str]]


def scattered_lines(words: pl.DataFrame, wholes: pl.DataFrame, cells: Cells, held: pl.DataFrame) -> Iterator[Join]:
    """Positions (`at`) of messages that are the lines of a cell, in its order, and the cell.

    All stand near the rarest of them as messages of its sender. Each message is used once. A cell with a line that is
    nowhere gives none. Messages that the other side all has as rows of their own are no lines, nor is one of them a line
    with other signs.

    Args:
        words: at, pair, sender, is_self, t, text of the messages.
        wholes: pair, text, whole of the cells, each once.
        cells: by pair and whole, the time of each on the clock of the messages, null where unknown.
        held: pair, text of the other side's rows.
    """
    plain = pl.col("text").str.contains("\n", literal=True)
    parted = pl.when(plain).then("text").otherwise(pl.col("text").str.replace_all(_BETWEEN, "\n"))
    asked = _with_lines(wholes.with_columns(text=parted)).filter(
        pl.col("said").list.len().is_between(2, PARAMS.most_parts)
    )
    if asked.is_empty():
        return
    begun = _begun(words, asked)
    asked = _with_few_anchors(asked, begun)
    if asked.is_empty():
        return
    near = _near_anchors(begun, asked)
    stands = pl.col("at").is_in(listed(standing(near, words, held)["at"]))
    index = _index(_with_lines(near).with_columns(stands=stands))
    used: set[int] = set()
    for pair, whole, *cell in asked.select("pair", "whole", "anchor", "lines", "said").iter_rows():
        while cells[pair, whole] and (found := _best_set(index, used, (pair, *cell), cells[pair, whole][0])):
            cells[pair, whole].pop(0)
            at = [m.at for m in found]
            used.update(at)
            yield at, whole


def standing(asked: pl.DataFrame, rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Those asked of whose text the other side has as many rows as this one."""
    key = ["pair", "text"]
    held, mine = (
        one.select(key).join(asked, on=key, how="semi").group_by(key).agg(pl.len().alias(n))
        for one, n in ((other, "held"), (rows, "mine"))
    )
    return asked.join(held, on=key).join(mine, on=key).filter(pl.col("held") >= pl.col("mine"))


def _with_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the `lines` of their text, and with what each says without signs (`said`)."""
    lines = (
        pl.col("text")
        .str.split("\n")
        .list.eval(pl.element().str.strip_chars())
        .list.eval(pl.element().filter(pl.element() != ""))
    )
    return rows.with_columns(lines=lines).with_columns(said=pl.col("lines").list.eval(_said(pl.element())))


def _said(line: pl.Expr) -> pl.Expr:
    """The line without signs; a line of signs alone as it stands."""
    bare = line.str.replace_all(_SIGNS, "")
    return pl.when(bare != "").then(bare).otherwise(line)


def _begun(words: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """at, pair, key, sender, t, text: messages whose first line (`key`) is asked for."""
    text = words["text"].str.strip_chars()
    long, signs = text.str.contains("\n", literal=True).arg_true(), text.str.contains(r"[\W_]").arg_true()
    first = text.scatter(long, text[long].str.extract(r"^([^\n]*)").str.strip_chars())
    first = first.scatter(signs, first[signs].to_frame("text").select(_said(pl.col("text"))).to_series())
    keyed = words.select("at", "pair", "sender", "is_self", "t", "text", key=first)
    lines = asked.select("pair", key="said").explode("key").unique()
    sender = pl.struct("pair", "sender", "is_self").rank("dense")
    return keyed.filter(held_by(lines, keyed, "pair", "key")).with_columns(sender=sender)


def _with_few_anchors(asked: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
    """Those asked for of which the rarest line that any message says (`anchor`) is said by few messages."""
    lines = asked[["pair", "said"]].with_row_index("cell").explode("said")
    known = lines.join(begun.group_by("pair", "key").len("n"), left_on=["pair", "said"], right_on=["pair", "key"])
    rarest = known.sort("n", maintain_order=True).unique("cell", keep="first", maintain_order=True)
    few = rarest.filter(pl.col("n") <= PARAMS.merged_anchors).select("cell", anchor="said")
    return asked.with_row_index("cell").join(few, on="cell", maintain_order="left")


def _near_anchors(begun: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """The messages whose sender says the anchor of a cell within reach of them."""
    keys = asked.select("pair", key="anchor").unique()
    place = on_axis(begun["sender"].to_numpy().astype(np.int64), begun["t"].to_numpy() / SECONDS)
    anchors = np.sort(place[held_by(keys, begun, "pair", "key").to_numpy()])
    reach = int(1000 * PARAMS.merged_seconds) + 1
    behind, ahead = (np.searchsorted(anchors, place + by) for by in (-reach, reach))
    return begun.filter(pl.Series(ahead > behind))


def _index(messages: pl.DataFrame) -> _Index:
    """The messages by pair and what their first line says, in order."""
    rows = messages.sort("pair", "key", "sender", "t", "at").select("pair", "key", *_Message._fields).iter_rows()
    return {key: [_Message(*r[2:]) for r in same] for key, same in groupby(rows, key=lambda r: (r[0], r[1]))}


def _best_set(index: _Index, used: set[int], cell: _Cell, t: int | None) -> list[_Message] | None:
    """The messages of one sender that are the cell's lines, nearest to its time, if there are any."""
    anchors = index[cell[0], cell[1]]
    sets = (_set_near(anchor, index, used, cell) for anchor in anchors if anchor.at not in used)

    def distance(found: list[_Message]) -> int:
        """Microseconds from the cell's time, or from the first to the last message where nothing tells it."""
        times = [m.t for m in found]
        return max(times) - min(times) if t is None else abs(min(times) - t)

    best = min((s for s in sets if s), key=distance, default=None)
    return None if best is None or (t is not None and distance(best) > FAR) else best


def _set_near(anchor: _Message, index: _Index, used: set[int], cell: _Cell) -> list[_Message] | None:
    """The messages of the anchor's sender near it that are the cell's lines, in their order."""
    pair, _, lines, said = cell
    found: list[_Message] = []
    i = 0
    while i < len(lines):
        near = _near(index.get((pair, said[i]), []), anchor)
        fits = [m for m in near if m.at not in used and m not in found and _fits(m, lines, said, i)]
        if not fits or len(found) == PARAMS.merged_rows:
            return None
        best = min(fits, key=lambda m: (m.lines != lines[i : i + len(m.lines)], -len(m.lines), abs(m.t - anchor.t)))
        found.append(best)
        i += len(best.lines)
    return found if len(found) > 1 and not all(m.stands for m in found) else None


def _near(messages: list[_Message], anchor: _Message) -> list[_Message]:
    """Those of the anchor's sender within reach of it, at most as many as a cell holds each way."""
    first, here, last = (bisect_left(messages, (anchor.sender, anchor.t + by)) for by in (-_REACH, 0, _REACH + 1))
    return messages[max(first, here - PARAMS.merged_rows) : min(last, here + PARAMS.merged_rows)]


def _fits(message: _Message, lines: list[str], said: list[str], i: int) -> bool:
    """Whether the message is the lines from the i-th; with other signs only if it has no own row."""
    behind = slice(i, i + len(message.lines))
    return message.lines == lines[behind] or (message.said == said[behind] and not message.stands)
