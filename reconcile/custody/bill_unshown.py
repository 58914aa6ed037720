"""Doubts statement lines without a card where the chat has a row of an unknown type at their time.

Some tools write red packets as messages of an unknown type.
"""

from collections import defaultdict

import dataframely as dy
import polars as pl

from reconcile.custody.bill_frames import Direction, Fate
from reconcile.custody.bill_payments import SETTLED_WITHIN
from reconcile.custody.bill_sides import Line
from reconcile.custody.bill_similarity import UNNAMED_SECONDS, Look
from reconcile.frames import Messages
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import BARE_MARK

# A row without words of its own: nothing, a bare mark, or that its type is unknown.
_WORDLESS = rf"(?i)^\s*$|{BARE_MARK}|^(?:未知|unknown)\b.{{0,20}}$"


def doubt_unshown(lines: list[Line], messages: dy.DataFrame[Messages], look: Look, *, own_device: bool) -> None:
    """Doubts lines that no card fits where a wordless row of the payer may be theirs.

    Each such row serves one line. A payment sent has the time of its row. A payment received has the time of its
    receipt, which may be a day later.
    """
    # A kind that the chats name elsewhere is not written as an unknown one.
    named = {*messages["kind"].cast(pl.String)}
    unfound = (x for x in lines if x.fate is Fate.NOT_IN_CHATS and x.at is not None and x.kind not in named)
    open_lines = sorted(unfound, key=lambda x: x.at or 0.0)
    if not open_lines:
        return
    free: dict[tuple[str, Direction], list[float]] = defaultdict(list)
    wordless = messages.filter(
        pl.col("kind").cast(pl.String) == str(Kind.OTHER), pl.col("text").str.contains(_WORDLESS),
        pl.col("sent_at").is_not_null(), pl.col("is_self").is_not_null(),
    )  # fmt: skip
    seconds = pl.col("sent_at").dt.timestamp("us") / 1e6
    for conversation, is_self, at in wordless.select("conversation", "is_self", seconds).iter_rows():
        free[conversation, Direction.EXPENSE if is_self is own_device else Direction.INCOME].append(at)
    near = UNNAMED_SECONDS + look.slack
    for line in open_lines:
        direction = Direction(line.row["direction"])
        before = near + (SETTLED_WITHIN.total_seconds() if direction is Direction.INCOME else 0.0)
        at, rows = (line.at or 0.0) - look.offset, free[line.conversation or "", direction]
        fitting = [row for row in rows if at - before <= row <= at + near]
        if fitting:
            rows.remove(min(fitting))
            line.fate = Fate.DOUBTFUL
