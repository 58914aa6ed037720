"""Fast dataclasses are those of the standard library but for how they are compiled."""

import dataclasses
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from reconcile.values import dataclass

MAKERS = (dataclasses.dataclass, dataclass)


def made(maker: Any, **options: bool) -> Any:
    """A class of three fields, the last of which counts in no comparison and is not printed."""

    @maker(**options)
    class Point:
        x: int
        name: str = "a"
        seen: list[int] = field(default_factory=list, compare=False, repr=False)

    return Point


def test_values_with_equal_fields_are_equal_and_have_one_hash() -> None:
    point = made(dataclass, frozen=True, slots=True)
    assert point(1, seen=[1]) == point(1, seen=[2])
    assert len({point(1), point(1), point(2)}) == 2
    assert point(1) != point(2)
    assert point(1) != (1, "a")


@pytest.mark.parametrize("options", [{}, {"frozen": True}, {"slots": True}, {"frozen": True, "slots": True}])
def test_text_hash_and_slots_are_those_of_the_standard_library(options: dict[str, bool]) -> None:
    known, ours = (made(maker, **options) for maker in MAKERS)
    assert repr(ours(1)) == repr(known(1))
    assert (ours.__hash__ is None) == (known.__hash__ is None)
    assert ours.__hash__ is None or hash(ours(1)) == hash(known(1))
    assert getattr(ours, "__slots__", None) == getattr(known, "__slots__", None)
    assert [f.name for f in dataclasses.fields(ours)] == [f.name for f in dataclasses.fields(known)]


def test_a_class_of_one_field_is_compared_and_hashed_like_a_tuple_of_one() -> None:
    @dataclass(frozen=True, slots=True)
    class One:
        x: float

    nan = float("nan")
    assert One(nan) == One(nan)
    assert hash(One(1.5)) == hash((1.5,))


def test_frozen_values_refuse_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        made(dataclass, frozen=True)(1).x = 2


def test_what_a_class_writes_itself_is_kept() -> None:
    @dataclass(frozen=True)
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return "own"

    assert Own(1) == Own(2)
    assert (repr(Own(1)), hash(Own(1))) == ("own", 1)


def test_without_comparison_each_value_equals_only_itself() -> None:
    value = made(dataclass, slots=True, eq=False)(1)
    assert value == value  # noqa: PLR0124
    assert value != made(dataclass, slots=True, eq=False)(1)


def test_a_value_that_holds_itself_has_a_text() -> None:
    @dataclass
    class Knot:
        held: list[object]

    knot = Knot([])
    knot.held.append(knot)
    assert "..." in repr(knot)
