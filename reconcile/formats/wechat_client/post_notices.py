"""What a client's tables of likes and comments tell of posts, as witnesses."""

from collections.abc import Callable, Mapping
from typing import Any

from reconcile.intake.posts.frames import PostRows, witness
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import Interaction, PostWitnessKind
from reconcile.wechat.moments.types import running_id, unsigned_id

ACTIONS = {1: Interaction.LIKE, 2: Interaction.COMMENT}
Words = Callable[[Mapping[str, Any]], str | None]


def told_by(row: Mapping[str, Any], words: Words = lambda row: row["text"]) -> dict[str, Any]:
    """What a row with post, actor, at, type, comment and its words tells, in the columns of a witness."""
    action = ACTIONS.get(row["type"])
    return {
        "post_id": unsigned_id(row["post"]), "actor": row["actor"] or None, "action": None if action is None else str(action),
        "at": row["at"], "text": words(row) or None, "comment_id": running_id(row["comment"]),
    }  # fmt: skip


def add_notifications(
    database: Database, table: str, columns: Mapping[str, Any], rows: PostRows, words: Words = lambda row: row["text"]
) -> None:
    """Add the account's own stream of likes and comments; a removed comment has `removed` 1."""
    for row in read_table(database, table, columns).iter_rows(named=True):
        locator, told = f"{database.label}#{table}/{row['row']}", told_by(row, words)
        rows.witnesses.append(witness(str(PostWitnessKind.NOTIFICATION), locator, **told))
        if row.get("removed") == 1:
            rows.witnesses.append(witness(str(PostWitnessKind.REMOVED_COMMENT), locator, **told))
