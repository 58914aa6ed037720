"""Rows that an export holds twice."""

from reconcile.engine.compare import compare_readings
from tests.build.chats import Row, chat, held, relations_in


def paid() -> list[Row]:
    rows = chat()
    rows[20] |= {"kind": "transfer", "text": "[转账]", "amount": "500.00"}
    return rows


def doubled(rows: list[Row], first: int, last: int) -> list[Row]:
    """The rows, each from the first of these places to the last written twice."""
    return [r for i, r in enumerate(rows) for _ in range(2 if first <= i <= last else 1)]


def test_a_payment_twice_in_a_second_is_a_repeat_amid_messages_that_all_stand_twice() -> None:
    rows = paid()
    assert relations_in(compare_readings(held(doubled(rows, 12, 28), 0), held(rows, 1))) == {"agreement", "set_aside"}


def test_a_payment_that_alone_stands_twice_in_a_second_may_be_two() -> None:
    rows = paid()
    assert relations_in(compare_readings(held(doubled(rows, 20, 20), 0), held(rows, 1))) == {"agreement", "doubtful"}
