"""How one list of rows is read: its fields, and the mapping that gives each a role."""

import re
from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import NEEDED, Inferred, together
from reconcile.formats.inferred.times.times_in_lines import FULL
from reconcile.wechat.named_days import fitted

# Confidence from which a plan is certain.
SURE = 0.5
_TIME_ALONE = rf"^\W*{FULL}\W*$"
# What a time holds that is more than a day: a clock, a count of seconds, or a fraction of a day.
_OF_A_CLOCK = r"[0-9]\s?[:：时時点h]|[0-9]{9}|[0-9]\.[0-9]{3}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One list of rows and the mapping by which it is read."""

    fields: Fields
    inferred: Inferred

    @property
    def texts(self) -> int:
        """The number of rows with a text, notices included, and lines of a time left out."""
        time, text = self.needed[:2]
        if text is None:
            return 0
        held, at = self.fields.frame[text], None if time is None else self.fields.frame[time]
        bare = held.clear() if at is None or not at.null_count() else present(held.filter(at.is_null()))
        # A time alone, above the messages that it dates, is none of them.
        alone = int(bare.str.contains(fitted(_TIME_ALONE, bare)).sum()) if bare.len() else 0
        return held.count() - alone

    @property
    def rows(self) -> int:
        """The number of rows with both time and text; of lines of text, those with words."""
        frame, text = self.fields.frame, self.needed[1]
        worded = frame.filter(pl.col(text) != "") if self.fields.is_last_resort and text is not None else frame
        return together(worded, self.inferred.choices)

    @property
    def is_varied(self) -> bool:
        """Whether most of its texts differ: a few that recur are codes of what stands elsewhere."""
        text = self.needed[1]
        return text is not None and 2 * (held := self.fields.frame[text].drop_nulls()).n_unique() >= held.len()

    @property
    def told(self) -> float:
        """The number of such rows; where their time is no more than a day, half of it."""
        time, *_, date = self.needed[:3]
        is_day = (
            time is not None
            and date is None
            and any(not re.search(_OF_A_CLOCK, str(at)) for at in present(self.fields.frame[time]).head(1))
        )
        return self.rows / (1 + is_day)

    @property
    def needed(self) -> tuple[str | None, ...]:
        """The columns of the roles that every message needs."""
        return tuple(
            c.column if (c := self.inferred.choices.get(r)) else None for r in (*NEEDED, "date", "sender", "direction")
        )

    @property
    def standing(self) -> tuple[float, ...]:
        """What ranks the plans of a file: nothing open, most messages told in words that differ, none beside."""
        one = self.inferred
        return (
            one.is_clear, one.confidence > SURE, self.told, self.texts, self.is_varied, one.confidence,
            -self.fields.frame.height,
        )  # fmt: skip
