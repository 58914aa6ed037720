"""How one list of rows is read: its fields, and the mapping that gives each a role."""

from dataclasses import dataclass

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import NEEDED, Inferred, together


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
    def needed(self) -> tuple[str | None, ...]:
        """The columns of the roles that every message needs."""
        return tuple(
            c.column if (c := self.inferred.choices.get(r)) else None for r in (*NEEDED, "date", "sender", "direction")
        )
