"""Lists inside the rows of another list of a JSON file: parts of messages, or the messages of a chat."""

from collections.abc import Sequence

from reconcile.formats.inferred.fields import PARENT
from reconcile.formats.inferred.plan import Plan

# Most parts of one message.
_PARTS_OF_ONE = 3


def parts_of_messages(plans: Sequence[Plan]) -> set[int]:
    """Indexes of lists that are parts of messages: their time is that of an enclosing row with words.

    A list of many times as many rows holds the messages of what encloses it.
    """
    own = {p.needed[0]: p for p in reversed(plans) if p.needed[1] is not None}

    def is_part(plan: Plan) -> bool:
        time = plan.needed[0]
        whole = own.get(time.removeprefix(PARENT)) if time is not None and time.startswith(PARENT) else None
        if whole is None or whole is plan:
            return False
        return plan.rows <= _PARTS_OF_ONE * whole.rows

    return {at for at, plan in enumerate(plans) if is_part(plan)}
