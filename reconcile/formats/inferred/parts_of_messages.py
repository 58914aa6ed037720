"""Lists inside the rows of another list of a JSON file: parts of messages, or the messages of a chat."""

from collections.abc import Sequence

from reconcile.formats.inferred.fields import PARENT
from reconcile.formats.inferred.plan import Plan

# Most parts of one message, unless its own words hold them; least share of such words.
_PARTS_OF_ONE, _MOST = 3, 0.5


def parts_of_messages(plans: Sequence[Plan]) -> set[int]:
    """Indexes of lists that are parts of messages: their time is that of an enclosing row with words.

    A list of many times as many rows holds the messages of what encloses it, unless sender and words are that row's, too.
    """
    own = {p.needed[0]: p for p in reversed(plans) if p.needed[1] is not None}

    def is_part(plan: Plan) -> bool:
        time = plan.needed[0]
        whole = own.get(time.removeprefix(PARENT)) if time is not None and time.startswith(PARENT) else None
        if whole is None or whole is plan:
            return False
        return plan.rows <= _PARTS_OF_ONE * whole.rows or _is_said_above(plan, f"{PARENT}{whole.needed[1]}")

    return {at for at, plan in enumerate(plans) if is_part(plan)}


def _is_said_above(plan: Plan, whole: str) -> bool:
    """Whether the sender of the rows is that of the row around them, and so are most of their words."""
    text, sender, frame = plan.needed[1], plan.needed[3], plan.fields.frame
    if text is None or sender is None or not sender.startswith(PARENT) or whole not in frame.columns:
        return False
    said = frame.select(text, whole).drop_nulls()
    return float(said[whole].str.contains(said[text].str.strip_chars(), literal=True).mean() or 0) >= _MOST  # type: ignore[arg-type]
