"""Whether the owner that a user states is somebody of the export."""

from reconcile.errors import UsageError
from reconcile.intake.contract import Reading
from reconcile.wechat.owner_words import SELF_WORDS

_MOST_SHOWN = 6


def refuse_unknown_owner(reading: Reading, owner: str | None, name: str) -> None:
    """Raises UsageError where rows name senders, none is the owner, and nobody bears that name."""
    messages = reading.messages
    if owner is None or messages["is_self"].any():
        return
    senders = [who for who in messages["sender"].drop_nulls().unique(maintain_order=True).to_list() if who]
    people = (
        messages.select("sender", "sender_name", "conversation"),
        reading.contacts.select("id", "alias", "remark", "nickname"),
        reading.conversations.select("title"),
        reading.members.select("group_id", "member_id", "name"),
    )
    known = {value for frame in people for column in frame.iter_columns() for value in column.unique().to_list()}
    if not senders or owner in known.union(SELF_WORDS):
        return
    shown = ", ".join(senders[:_MOST_SHOWN]) + (", …" if len(senders) > _MOST_SHOWN else "")
    raise UsageError(
        "--owner",
        f"--owner {owner}: nobody in {name} bears this account or name; senders are {shown}; state one of them",
    )
