"""Equal times and equal senders tell more the finer the times are stated and the more people write."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from tests.build.chats import chat, held, said
from tests.build.together import Asking, Comparing

REPLACED, REWRITTEN = "完全不同的一句话，说的是另一件事情而已", "第31批水泥104件还没有送到31号楼请再等一等"


def in_group(reading: Reading, people: int) -> Reading:
    """The export with so many people who write in turns, and without an owner."""
    name = pl.format("成员{}", pl.int_range(pl.len()) % people)
    rows = reading.messages.with_columns(
        name.alias("sender"), pl.lit("group").alias("conversation_kind"), is_self=pl.lit(None, pl.Boolean)
    )
    return replace(reading, messages=Messages.cast(rows))


def relation_of(text: str, fraction: float = 0.0, people: int = 2) -> Asking[str]:
    """What is said of one message with another text, in a chat with times of this fraction of a second."""
    rows = [r | {"at": r["at"] + fraction} for r in chat(60)]
    left, right = (in_group(held(r, n), people) for n, r in enumerate((rows, said(rows, {31: text}))))
    found = (yield left, right).alignment.filter(pl.col("left_row") == 31)
    return str(found["relation"].cast(pl.String)[0])


@pytest.mark.parametrize("fraction", [0.0, 0.417])
def test_a_replaced_text_is_one_message_where_it_alone_stands_in_its_second(fraction: float) -> Comparing:
    assert (yield from relation_of(REPLACED, fraction=fraction)) == "conflict"


def test_a_rewritten_text_is_one_message_where_its_sender_is_one_of_many() -> Comparing:
    assert (yield from relation_of(REWRITTEN)) == "doubtful"
    assert (yield from relation_of(REWRITTEN, people=10)) == "conflict"
