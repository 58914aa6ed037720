"""Finds the column that names the chat of each row by its values, whatever its heading says."""

from itertools import pairwise

import polars as pl

from reconcile.column_ops import longest_of, present
from reconcile.formats.inferred.fields import TITLE
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.times.time_columns import share_in_order
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.owner_words import OWN_NAMES, PEER_WORDS

# Least rows and people of a chat, and largest share of different chats among the rows.
_LEAST_ROWS, _TWO, _MOST = 4, 2, 0.2
# Least share of rows that state their chat, and most characters of its name.
_AS_FULL, _LONGEST = 0.97, 80
# Least share of steps within a chat that go one way where those between chats do not.
_IN_ORDER = 0.97
# Days and times, which part every chat.
_DATED = r"[0-9]{1,4}[-/.年][0-9]{1,2}|[0-9]{1,2}:[0-9]{2}|^[0-9]{9,}$"
_NOBODY_ELSE = frozenset(map(str.lower, (*OWN_NAMES, *PEER_WORDS)))


def choose_apart(frame: pl.DataFrame, names: list[str], found: Found) -> None:
    """Chooses the column whose values divide the rows into chats, as the conversation.

    The rows of one value follow each other, and each value has several people. At most one person writes under two
    values. Where senders are named by side alone (`me`, `other`), the times of several values overlap instead.
    """
    if "sender" not in found.choices or {"conversation", "direction", "receiver"} & found.choices.keys():
        return
    sender = found.choices["sender"].column
    for name in names:
        if name in (TITLE, sender) or name in found.used:
            continue
        held = present(frame[name])
        count = held.n_unique()
        if held.len() < _AS_FULL * frame.height or not _TWO <= count <= _MOST * held.len():
            continue
        if held.rle().len() != count or longest_of(held) > _LONGEST or held.str.contains(_DATED).any():
            continue
        rows = frame.select(pl.col(name).alias("chat"), pl.col(sender).alias("who")).with_row_index("at").drop_nulls()
        people = rows.group_by("chat").agg(pl.len(), pl.col("who").n_unique().alias("people"))
        if not people.select(((pl.col("len") >= _LEAST_ROWS) & (pl.col("people") >= _TWO)).all()).item():
            continue
        chats = rows.group_by("who").agg(pl.col("chat").n_unique())
        if int((chats["chat"] > 1).sum()) <= 1 or (_are_sides(chats["who"]) and _go_back_between(frame, name, found)):
            found.choose("conversation", name, 0.7)
            return


def _are_sides(people: pl.Series) -> bool:
    """Whether the senders are named by side alone, such as `me` and `other`."""
    return bool(people.str.strip_chars().str.to_lowercase().is_in([*_NOBODY_ELSE]).all())


def _go_back_between(frame: pl.DataFrame, name: str, found: Found) -> bool:
    """Whether the times are in order under each value, and those of several values overlap."""
    if "time" not in found.choices:
        return False
    raw = [frame[found.choices[r].column] for r in ("date", "time") if r in found.choices]
    cells = pl.select(pl.concat_str(raw, separator=" ")).to_series()
    at = cells.cast(pl.Float64, strict=False)
    if at.null_count() > cells.null_count():
        at = parse_time_column(cells, ASSUMED_ZONE)["sent_at"].dt.epoch("ms").cast(pl.Float64)
    parts = pl.DataFrame({"chat": frame[name], "at": at}).drop_nulls().partition_by("chat", maintain_order=True)
    ends = [(float(p["at"].min()), float(p["at"].max())) for p in parts]  # type: ignore[arg-type]
    goes_on = {1 if a[1] < b[0] else -1 if a[0] > b[1] else 0 for a, b in pairwise(ends)}
    return goes_on not in ({1}, {-1}) and all(share_in_order(p["at"]) >= _IN_ORDER for p in parts)
