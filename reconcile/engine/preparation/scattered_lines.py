"""Finds messages that one cell holds in another order, with rows between them, or of several kinds."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from reconcile.column_ops import held_by, listed, on_axis
from reconcile.engine.content.facts import amount_of, name_of, safe_name
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import CLASS_OF, FILE, PAYMENT, SECONDS, WORDS
from reconcile.wechat.kinds import kind_from_text

# Who writes a table by hand may leave out signs and small pictures, but hardly those that are all of a message.
# What joins and colours them counts as letters in patterns of polars.
_SIGNS = r"\[[^\[\]\n]{1,8}\]|[\W_\x{fe0e}\x{fe0f}\x{200d}]"
# What parts the messages of a cell of one line.
BETWEEN = r"[；;|]| / "
# A message without words, and the line that stands for it: a letter that nobody types, and its class.
_WORDLESS = "\u01c1"
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
    cls: int
    text: str
    amount: str | None
    file_name: str | None


_Index = dict[tuple[int, str], list[_Message]]
# The times of the cells of one text, by pair and text; and the positions of messages that are one cell, with its text.
Cells = dict[tuple[int, str], list[int | None]]
Join = tuple[list[int], str]
# What a cell says of a message that it does not tell in its words, by position.
Shown = dict[int, str]
# A cell: its pair, what its rarest line says, its lines and what they say.
_Cell = tuple[int, str, list[str], list[str]]


def cells_of_lines(wholes: pl.DataFrame) -> pl.DataFrame:
    """The cells (pair, text, whole) of several `lines`, with what each says without signs (`said`)."""
    # The line end behind a quotation is the client's.
    plain = pl.col("text").str.contains(r"(?:^|[^」])\n")
    parted = pl.when(plain).then("text").otherwise(pl.col("text").str.replace_all(BETWEEN, "\n"))
    lined = _with_lines(wholes.with_columns(text=parted))
    return lined.filter(pl.col("said").list.len().is_between(2, PARAMS.most_parts))


def scattered_lines(
    messages: pl.DataFrame, asked: pl.DataFrame, cells: Cells, held: pl.DataFrame
) -> Iterator[tuple[Join, Shown]]:
    """Positions (`at`) of messages that are the lines of a cell, in its order, and the cell.

    All stand near the rarest of them as messages of its sender. Each message is used once. A message without words is
    the line that names its kind, and states no other sum or file. A cell with a line that is nowhere gives none, but for
    quotations. Messages that the other side all has as rows of their own are no lines, nor is one of them
    a line with other signs.

    Args:
        messages: at, pair, sender, is_self, t, cls, text, amount, file_name of the messages.
        asked: `cells_of_lines`.
        cells: by pair and whole, the time of each on the clock of the messages, null where unknown.
        held: pair, text of the other side's rows.
    """
    if asked.is_empty():
        return
    asked = _with_kinds(asked)
    is_words = pl.col("cls") == WORDS
    mark = pl.concat_str(pl.lit(_WORDLESS), pl.col("cls"))
    words = messages.with_columns(text=pl.when(is_words).then("text").otherwise(mark))
    begun = _begun(words, asked)
    asked = _with_few_anchors(asked, begun)
    if asked.is_empty():
        return
    near = _near_anchors(begun, asked)
    stands = pl.col("at").is_in(listed(standing(near, words, held)["at"]))
    told = near.select("at").join(
        messages.select("at", "cls", "text", "amount", "file_name"), on="at", maintain_order="left"
    )
    index = _index(
        _with_lines(near).with_columns(told[["cls", "text", "amount", "file_name"]]).with_columns(stands=stands)
    )
    used: set[int] = set()
    for pair, whole, *cell in asked.select("pair", "whole", "anchor", "lines", "said").iter_rows():
        while cells[pair, whole] and (found := _best_set(index, used, (pair, *cell), cells[pair, whole][0])):
            cells[pair, whole].pop(0)
            taken, shown = found
            at = [m.at for m in taken]
            used.update(at)
            yield (at, whole), shown


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


def _with_kinds(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells, with each line that only names a kind of message `said` as the mark of its class."""
    lines = cells.select("lines").explode("lines").unique().drop_nulls()
    kinds = lines.with_columns(kind=kind_from_text(pl.col("lines"))).drop_nulls("kind")
    if kinds.is_empty():
        return cells
    classes = {str(k): f"{_WORDLESS}{CLASS_OF[k]}" for k in Kind if CLASS_OF.get(k, WORDS) != WORDS}
    marks = dict(kinds.select("lines", pl.col("kind").replace_strict(classes, default=None)).drop_nulls().iter_rows())
    told = [[marks.get(n, s) for n, s in zip(*both, strict=True)] for both in cells[["lines", "said"]].iter_rows()]
    return cells.with_columns(pl.Series("said", told, dtype=pl.List(pl.String)))


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


def _best_set(index: _Index, used: set[int], cell: _Cell, t: int | None) -> tuple[list[_Message], Shown] | None:
    """The messages of one sender nearest to its time that are the cell's lines, and what it shows."""
    anchors = index[cell[0], cell[1]]
    sets = (_set_near(anchor, index, used, cell) for anchor in anchors if anchor.at not in used)

    def distance(found: tuple[list[_Message], Shown]) -> int:
        """Microseconds from the cell's time, or from the first to the last message where nothing tells it."""
        times = [m.t for m in found[0]]
        return max(times) - min(times) if t is None else abs(min(times) - t)

    best = min((s for s in sets if s), key=distance, default=None)
    return None if best is None or (t is not None and distance(best) > FAR) else best


def _set_near(anchor: _Message, index: _Index, used: set[int], cell: _Cell) -> tuple[list[_Message], Shown] | None:
    """The messages of the anchor's sender near it that are the cell's lines in order, and what it shows."""
    pair, _, lines, said = cell
    found: list[_Message] = []
    shown: Shown = {}
    quoted = ""
    i = 0
    while i < len(lines):
        near = _near(index.get((pair, said[i]), []), anchor)
        fits = [m for m in near if m.at not in used and m not in found and _fits(m, lines, said, i)]
        if not fits and lines[i].startswith("「"):
            quoted, i = lines[i], i + 1
            continue
        if not fits or len(found) == PARAMS.merged_rows:
            return None
        best = min(fits, key=lambda m: (m.lines != lines[i : i + len(m.lines)], -len(m.lines), abs(m.t - anchor.t)))
        if best.cls != WORDS or quoted:
            shown[best.at] = "\n".join(filter(None, (quoted, *lines[i : i + len(best.lines)])))
        found.append(best)
        quoted, i = "", i + len(best.lines)
    return (found, shown) if len(found) > 1 and not all(m.stands for m in found) else None


def _near(messages: list[_Message], anchor: _Message) -> list[_Message]:
    """Those of the anchor's sender within reach of it, at most as many as a cell holds each way."""
    first, here, last = (bisect_left(messages, (anchor.sender, anchor.t + by)) for by in (-_REACH, 0, _REACH + 1))
    return messages[max(first, here - PARAMS.merged_rows) : min(last, here + PARAMS.merged_rows)]


def _fits(message: _Message, lines: list[str], said: list[str], i: int) -> bool:
    """Whether the message is the lines from the i-th; with other signs only if it has no own row."""
    if message.cls != WORDS:
        return message.said[0] == said[i] and _states_the_same(message, lines[i])
    behind = slice(i, i + len(message.lines))
    return message.lines == lines[behind] or (message.said == said[behind] and not message.stands)


def _states_the_same(message: _Message, line: str) -> bool:
    """Whether a line states no other sum or file than the message."""
    row = {"cls": message.cls, "text": message.text, "amount": message.amount, "file_name": message.file_name}
    bare = {"cls": message.cls, "text": line, "amount": None, "file_name": None}
    if message.cls == PAYMENT:
        sums = {amount_of(row), amount_of(bare)} - {None}
        return len(sums) < 2
    names = {safe_name(name_of(row)), safe_name(name_of(bare))} - {""} if message.cls == FILE else ()
    return len(names) < 2
