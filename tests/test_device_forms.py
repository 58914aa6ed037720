"""What the forms of merged devices, and of one folder, leave out."""

import shutil
from dataclasses import replace
from pathlib import Path

import orjson
import polars as pl
import pytest

import reconcile
from reconcile.case import read
from reconcile.devices import merge_devices
from reconcile.intake.contract import FormLimits
from reconcile.settings import Settings
from reconcile.vocabulary import Kind
from tests.build.chats import chat, held
from tests.contracts.golden import EXPORTS


@pytest.mark.parametrize(
    ("absent", "state"),
    [(frozenset({Kind.TRANSFER}), "set_aside"), (frozenset[Kind](), "doubtful")],
    ids=["by its form", "it holds text alone"],
)
def test_a_kind_that_the_only_device_of_that_time_does_not_write_is_not_missing(
    absent: frozenset[Kind], state: str
) -> None:
    paid = {"text": "[转账]", "kind": "transfer"}
    whole = [r | (paid if i in {5, 9, 30, 35} else {}) for i, r in enumerate(chat(40))]
    words = [r for r in whole if r["text"] != paid["text"]]
    old = held(words, 0, limits=FormLimits(kinds_absent=absent))
    new = held([r for i, r in enumerate(whole) if i >= 20 and i != 30], 0)
    for devices in ((old, new), (new, old)):
        party = merge_devices(devices, ("a", "b"), Settings()).reading
        lines = reconcile.compare(party, held(whole, 1)).alignment.filter(pl.col("left_row").is_null())
        told = dict(lines.select("right_row", pl.col("relation").cast(pl.String)).iter_rows())
        assert told == {5: state, 9: state, 30: "one_sided"}


@pytest.mark.parametrize(("place", "state"), [(10, "set_aside"), (20, "doubtful"), (30, "one_sided")])
def test_the_forms_whose_rows_stand_around_a_record_say_whether_its_kind_was_left_out(place: int, state: str) -> None:
    whole = [r | ({"text": "", "kind": "transfer"} if i in (place, 35) else {}) for i, r in enumerate(chat(40))]
    old = held([r for r in whole[:20] if r["text"]], 0, limits=FormLimits(kinds_absent=frozenset({Kind.TRANSFER})))
    new = held([r for i, r in enumerate(whole) if i >= 20 and i != place], 0)
    party = merge_devices((old, new), ("old", "new"), Settings()).reading
    lines = reconcile.compare(party, held(whole, 1)).alignment.filter(pl.col("left_row").is_null())
    assert lines.select("right_row", pl.col("relation").cast(pl.String)).rows() == [(place, state)]


def test_a_folder_reads_all_rows_of_a_second_form_that_also_holds_chats_of_its_own(tmp_path: Path) -> None:
    material = tmp_path / "material"
    shutil.copytree(EXPORTS / "memotrace_json" / "beside_poorer_forms" / "input", material)
    (part,) = material.rglob("*.json")
    part.write_bytes(orjson.dumps(orjson.loads(part.read_bytes())[:9]))
    counts = dict(read(material).messages.group_by("conversation").len().iter_rows())
    assert counts == {"wxid_zhaofd0202": 25, "12345678901@chatroom": 4}


def test_what_one_devices_form_never_states_is_not_left_out_selectively() -> None:
    def spoken(shown: str) -> list[dict[str, object]]:
        voice = {i: {"text": shown.format(5 + i), "kind": "voice"} for i in range(0, 60, 3)}
        return [r | voice.get(i, {}) for i, r in enumerate(chat(60))]

    old, bare = held(spoken("[语音] {}秒")[:45], 0), held(spoken("[语音]")[45:], 0)
    new = replace(bare, facts=replace(bare.facts, reader="another"))
    party = merge_devices((old, new), ("old", "new"), Settings()).reading
    found = [reconcile.compare(p, held(spoken("[语音] {}秒"), 1)) for p in (party, replace(party, origins=None))]
    doubtful = [f.alignment["relation"].cast(pl.String).to_list().count("doubtful") for f in found]
    assert doubtful == [0, 5]


def test_a_refused_message_that_another_form_shows_without_its_refusal_is_one_message() -> None:
    refused = {"status": "rejected"}
    whole = [r | (refused if i == 20 else {}) for i, r in enumerate(chat(40))]
    bare = replace(held(chat(40), whole[20]["who"]), facts=replace(held([], 0).facts, reader="another"))
    party = merge_devices((held(whole, whole[20]["who"]), bare), ("a", "b"), Settings())
    assert party.reading.messages.height == 40
    other = [r for i, r in enumerate(chat(40)) if i != 20]
    found = reconcile.compare(party.reading, held(other, 1 - whole[20]["who"])).alignment
    lines = found.filter(pl.col("right_row").is_null()).select(pl.col("relation", "cause").cast(pl.String))
    assert lines.rows() == [("set_aside", "not_delivered")]
