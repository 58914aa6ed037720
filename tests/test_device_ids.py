"""Server ids of a copy merged from a device that rounds them and one that does not."""

import polars as pl
import pytest

import reconcile
from reconcile.devices import merge_devices
from reconcile.settings import Settings
from tests.build.chats import chat, held

FIRST = 4355114417169952385


@pytest.mark.parametrize("is_rounded_first", [True, False])
def test_a_message_has_one_id_where_one_of_two_forms_rounds_it(*, is_rounded_first: bool) -> None:
    whole = [r | {"id": str(FIRST + 1037 * i)} for i, r in enumerate(chat(40))]
    exact = held([r | {"message_id": r["id"]} for r in whole], 1)
    rounded = held([r | {"message_id": f"{float(r['id']):.0f}"} for r in whole], 0)
    part = held([r | {"message_id": r["id"]} for r in whole[:25]], 0)
    devices = (rounded, part) if is_rounded_first else (part, rounded)
    merged = merge_devices(devices, ("a", "b"), Settings()).reading
    shown = merged.messages.drop_nulls("message_id").select("text", "message_id").rows()
    assert dict(shown) == {r["text"]: r["id"] for r in whole[:25]}
    found = reconcile.compare(merged, exact).alignment
    assert set(found["relation"].cast(pl.String)) == {"agreement"}
