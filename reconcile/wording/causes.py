"""How a report calls the cause of a line."""

WEAK_MATCH = "weak_match"
# The detail of a weak match of which it stays open whether the two rows are one message at all.
OPEN_IDENTITY = "margin"


def cause_named(cause: str, detail: str | None) -> str:
    """The name by which a report calls a cause: weak matches that differ in a part have one of their own."""
    differs = cause == WEAK_MATCH and detail not in (None, "", OPEN_IDENTITY)
    return f"{cause}_in_part" if differs else cause


__all__ = ["OPEN_IDENTITY", "cause_named"]
