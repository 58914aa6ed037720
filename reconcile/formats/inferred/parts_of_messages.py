"""Lists inside the rows of another list of a JSON file: parts of messages, or the messages of a chat."""

from collections.abc import Sequence

from reconcile.formats.inferred.fields import PARENT

# Most parts of one message.
_PARTS_OF_ONE = 3


def parts_of_messages(lists: Sequence[tuple[str | None, str | None, int]]) -> set[int]:
    """Indexes of lists that are parts of messages: their time is that of an enclosing row with words.

    A list of many times as many rows holds the messages of what encloses it.

    Args:
        lists: column of the time, column of the text, and number of rows of each, the best first.
    """
    own = {time: at for at, (time, text, _) in reversed([*enumerate(lists)]) if text is not None}

    def is_part(at: int, time: str | None, rows: int) -> bool:
        """Whether the list's time is that of rows of another list, and these have few parts each."""
        whole = own.get(time.removeprefix(PARENT)) if time is not None and time.startswith(PARENT) else None
        return whole is not None and whole != at and rows <= _PARTS_OF_ONE * lists[whole][2]

    return {at for at, (time, _, rows) in enumerate(lists) if is_part(at, time, rows)}
