"""How one list of rows is read: its fields, and the mapping that gives each a role."""

import re
from dataclasses import dataclass

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import NEEDED, Inferred, together

# What a time holds that is more than a day: a clock, a count of seconds, or a fraction of a day.
_OF_A_CLOCK = r"[0-9]\s?[:：时時点h]|[0-9]{9}|[0-9]\.[0-9]{3}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One list of rows and the mapping by which it is read."""

    fields: Fields
    inferred: Inferred

    @property
    def texts(self) -> int:
        """The number of rows with a text, notices included."""
        return 0 if (text := self.needed[1]) is None else self.fields.frame[text].count()

    @property
    def rows(self) -> int:
        """The number of rows with both time and text."""
        return together(self.fields.frame, self.inferred.choices)

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
