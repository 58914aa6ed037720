"""Conversations of one person or room that the other export holds as one."""

import polars as pl

from reconcile.engine.entities.second_accounts import parts_of_one

ROOM = "33652716124@chatroom"


def common(*found: tuple[str, str]) -> pl.DataFrame:
    """Sixty common messages of each two conversations."""
    rows = [(left, right, 60, 62) for left, right in found]
    return pl.DataFrame(rows, schema=["left", "right", "common", "least"], orient="row")


def test_two_files_of_one_room_are_one_conversation() -> None:
    name = "(上 + 下)"
    assert parts_of_one(common(("上", ROOM), ("下", ROOM))) == ({"上": name, "下": name}, {})
    assert parts_of_one(common((ROOM, "上"), (ROOM, "下"))) == ({}, {"上": name, "下": name})


def test_two_rooms_with_ids_are_two_rooms() -> None:
    assert parts_of_one(common((ROOM, "群"), ("1@chatroom", "群"))) == ({}, {})
    assert parts_of_one(common((ROOM, "群"), ("下", "群"))) == ({}, {})
