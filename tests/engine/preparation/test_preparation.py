"""Who owns an export, as the client's own notices tell it."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import reading_of
from tests.build.chats import PEOPLE, Row, chat, held, state_of


def _without_marks(rows: list[Row], owner: int, recaller: str) -> Reading:
    """The owner's export, in which only a notice of a recall tells who he is."""
    side = held(rows, owner)
    is_notice = pl.col("kind").cast(pl.String) == "system"
    bare = side.messages.with_columns(
        is_self=pl.lit(None, pl.Boolean),
        sender=pl.when(is_notice).then(pl.lit(recaller)).otherwise("sender"),
    )
    return reading_of(side.facts, Messages.validate(bare, cast=True))


@pytest.mark.parametrize(
    ("recaller", "state"), [(0, ("agreement", "late_delivery")), (1, ("conflict", "time_differs"))]
)
def test_whoever_recalls_by_the_clients_own_words_in_a_room_owns_the_export(
    recaller: int, state: tuple[str, str]
) -> None:
    rows = chat(40, people=3)
    notice = {"at": rows[-1]["at"] + 5, "who": None, "text": "你撤回了一条消息", "kind": "system"}
    late = [r | ({"at": r["at"] + 400} if i == 9 else {}) for i, r in enumerate(rows)]
    late = sorted(late, key=lambda r: r["at"])
    sides = _without_marks([*rows, notice], 0, PEOPLE[recaller]), _without_marks(late, 1, PEOPLE[1])
    assert rows[9]["who"] == 0
    assert state_of(compare_readings(*sides), rows[9]["text"], "left") == state
