"""What a side's own numbers and its other conversations show about a gap, and where they prove nothing."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import polars as pl

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Conversations, Counters, Findings, Messages
from reconcile.intake.contract import Note, Reading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import LocalIdScope, NoteCode
from tests.build import databases as clients

JIA, YI = "wxid_jia000000001", "wxid_yi0000000002"
START = 1_709_254_800
GONE = (20, 21)


def export(
    folder: Path,
    owner: str,
    gone: Iterable[int] = (),
    *,
    number: Callable[[int], int | None] = lambda n: n + 1,
    others: Iterable[int] = (),
) -> Reading:
    """Forty messages a thousand seconds apart with the device's own numbers, and a chat of the owner's alone at the moments `others`."""
    lost, peer = set(gone), YI if owner == JIA else JIA
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "sent_at": START + n * 1000, "sender": (JIA, YI)[n % 2], "is_self": (JIA, YI)[n % 2] == owner, "conversation": peer,
            "message_id": str(6_116_895_530_414_900_000 + n * 7_919_321), "local_id": number(n), "text": f"第{n}批材料{n * 3}箱今天送到工地，请签收", "kind": "text",
        }
        for n in range(40)
        if n not in lost
    ]  # fmt: skip
    lines += [
        {"sent_at": START + at, "sender": "wxid_third000000", "is_self": False, "conversation": f"wxid_third_of_{owner}", "text": f"另一会话的话{at}", "kind": "text", "local_id": None}
        for at in others
    ]  # fmt: skip
    file = folder / "export.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps({k: v for k, v in line.items() if v is not None}) for line in lines))
    file.with_suffix(".json").write_bytes(orjson.dumps({"owner": {"id": owner}, "time_unit": "s"}))
    return read(file)


def compared(tmp_path: Path, right: Reading) -> Findings:
    return compare_readings(export(tmp_path / "a", JIA), right)


def causes(found: Findings) -> list[str]:
    return found.gaps["cause"].cast(pl.String).to_list()


def untested(found: Findings) -> set[str]:
    return set(found.gaps["tests_not_possible"].explode(empty_as_null=True).drop_nulls())


def test_a_hole_in_the_lacking_sides_numbers_is_named(tmp_path: Path) -> None:
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE))
    assert causes(found) == ["id_gap"]


def test_numbers_that_go_on_without_a_hole_name_nothing(tmp_path: Path) -> None:
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE, number=lambda n: n + 1 if n < 20 else n - 1))
    assert causes(found) == ["unexplained"]
    assert "numbering" not in untested(found)


def test_numbers_of_rows_held_behind_the_last_pair_are_no_hole(tmp_path: Path) -> None:
    right = export(tmp_path / "b", YI, range(36, 40))
    notice = right.messages.tail(1).with_columns(
        pl.lit(36, dtype=pl.UInt32).alias("row"), pl.lit("tip").alias("locator"), pl.lit(37, dtype=pl.Int64).alias("local_id"),
        pl.lit("system").cast(right.messages.schema["kind"]).alias("kind"), pl.lit("以上是较早的消息").alias("text"), pl.lit(None, dtype=pl.String).alias("message_id"),
    )  # fmt: skip
    # The device lived on in another chat; its counter states no more than what it holds.
    alive = export(tmp_path / "c", YI, range(40), others=[60_000]).messages.with_columns(
        pl.lit(37, dtype=pl.UInt32).alias("row")
    )
    counters = frame_of(Counters, pl.DataFrame([{"scope": JIA, "conversation": JIA, "maximum": 37, "is_trusted": True, "locator": "s"}]))  # fmt: skip
    held = replace(
        right,
        messages=frame_of(Messages, pl.concat([right.messages, notice, alive])),
        counters=counters,
        facts=replace(right.facts, local_id_scope=LocalIdScope.CONVERSATION),
    )
    assert causes(compared(tmp_path, held)) == ["unexplained"]


def test_numbers_given_anew_prove_nothing_and_it_is_said(tmp_path: Path) -> None:
    right = export(tmp_path / "b", YI, GONE)
    restored = replace(right, notes=(*right.notes, Note(NoteCode.COUNTER_RESTORED, "store.db#BackupMoveTime")))
    found = compared(tmp_path, restored)
    assert causes(found) == ["unexplained"]
    assert "numbering_restored" in untested(found)
    assert found.irregularities.select("locator", "reason").rows() == [("store.db#BackupMoveTime", "counter_restored")]


def test_numbers_out_of_the_order_of_time_prove_nothing(tmp_path: Path) -> None:
    # The second half was moved in first: its numbers lie below those of the first half.
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE, number=lambda n: (n * 17) % 40 + 1))
    assert causes(found) == ["unexplained"]
    assert untested(found) & {"numbering", "numbering_restored"}


def test_numbers_given_out_beyond_the_last_row_are_a_hole_at_the_end(tmp_path: Path) -> None:
    right = export(tmp_path / "b", YI, (38, 39))
    counters = frame_of(
        Counters, [{"scope": JIA, "conversation": JIA, "maximum": 40, "is_trusted": True, "locator": "x"}]
    )
    facts = replace(right.facts, local_id_scope=LocalIdScope.CONVERSATION)
    assert causes(compared(tmp_path, replace(right, facts=facts, counters=counters))) == ["id_gap"]


def test_a_silence_of_all_other_chats_is_a_sync_gap(tmp_path: Path) -> None:
    others = [s for s in range(0, 40_000, 137) if not 19_100 < s < 21_900]
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE, number=lambda n: None, others=others))
    assert causes(found) == ["sync_gap"]


def test_other_chats_that_go_on_meanwhile_exclude_a_sync_gap(tmp_path: Path) -> None:
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE, number=lambda n: None, others=range(0, 40_000, 137)))
    assert causes(found) == ["unexplained"]
    assert "not_synchronised" not in found.gaps["not_excluded"][0]


def test_without_other_chats_a_silence_is_never_called_and_it_is_said(tmp_path: Path) -> None:
    found = compared(tmp_path, export(tmp_path / "b", YI, GONE, number=lambda n: None))
    assert causes(found) == ["unexplained"]
    assert "other_conversations" in untested(found)


def _room(gone: Iterable[int], *, holes: list[tuple[int, int]]) -> Callable[[Reading], Reading]:
    def run(reading: Reading) -> Reading:
        raw = pl.concat_str(
            pl.lit('{"msg_seq":'),
            ((pl.col("sent_at").dt.epoch("s") - START) // 1000 + 700).cast(pl.String),
            pl.lit("}"),
        )
        messages = reading.messages.with_columns(
            raw.alias("raw"), pl.lit(None, dtype=pl.Int64).alias("local_id"), pl.lit("48000000001@chatroom").alias("conversation"),
            pl.lit("group").cast(reading.messages.schema["conversation_kind"]).alias("conversation_kind"),
        )  # fmt: skip
        counters = [{"scope": "msg_seq", "conversation": "48000000001@chatroom", "maximum": 0, "is_trusted": False, "locator": "x", "hole_from": b, "hole_to": e} for b, e in holes]  # fmt: skip
        talks = reading.conversations.with_columns(pl.lit("48000000001@chatroom").alias("conversation"))
        known = frame_of(Counters, counters)
        return replace(
            reading, messages=Messages.cast(messages), conversations=Conversations.cast(talks), counters=known
        )

    return run


def test_a_hole_in_a_rooms_sequence_is_named(tmp_path: Path) -> None:
    room = _room(GONE, holes=[])
    found = compare_readings(room(export(tmp_path / "a", JIA)), room(export(tmp_path / "b", YI, GONE)))
    assert causes(found) == ["id_gap"]


def test_a_hole_that_the_device_knows_it_never_fetched_is_a_sync_gap(tmp_path: Path) -> None:
    room = _room(GONE, holes=[(718, 723)])
    found = compare_readings(room(export(tmp_path / "a", JIA)), room(export(tmp_path / "b", YI, GONE)))
    assert causes(found) == ["sync_gap"]


def test_a_time_that_is_not_the_one_in_the_rows_own_sequence_is_irregular(tmp_path: Path) -> None:
    for name, owner in (("a", clients.JIA), ("b", clients.YI)):
        clients.write_windows(tmp_path / name, clients.view(owner), owner)
    file = next((tmp_path / "b").rglob("MSG0.db"))
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE MSG SET CreateTime = CreateTime - 4000 WHERE localId = 4")
        db.commit()
    found = compare_readings(read(tmp_path / "a"), read(tmp_path / "b"))
    assert "time_against_id" in set(found.irregularities["reason"])
