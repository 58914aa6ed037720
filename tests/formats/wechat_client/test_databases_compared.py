"""Both parties' stores of one conversation, in any pair of forms: nothing is found where nothing is, and what is gone is found."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.formats.wechat_client.pc_backup.messages import PcBackupDb
from reconcile.frames import Findings
from reconcile.intake.contract import Reader, Reading, ReadOptions
from reconcile.intake.source import Source
from tests.build import databases as build
from tests.build.client_forms import FORMS
from tests.build.databases import BING, JIA, ROOM, YI
from tests.thorough import examples, some

STORES: dict[str, tuple[Any, Reader]] = {n: (f.write, f.reader) for n, f in FORMS.items()}
STORES["pc_backup"] = (build.write_pc_backup, PcBackupDb())
# Each form against the next one, and under `make bench` against itself: every form stands on either side.
NAMES = list(STORES)
PAIRS = [(a, NAMES[(i + step) % len(NAMES)]) for i, a in enumerate(NAMES) for step in range(examples(1, 0), 2)]
pairs = pytest.mark.parametrize("pair", PAIRS, ids="-".join)


def read(form: str, folder: Path, owner: str, deleted: Iterable[int] = ()) -> Reading:
    write, reader = STORES[form]
    root = write(folder, build.view(owner, deleted=deleted), owner)
    return reader.read(Source(root), ReadOptions(key=build.BACKUP_KEY))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Reading]:
    """A store written and read once: form, owner, numbers of the rows that are gone."""

    @cache
    def once(form: str, owner: str, deleted: tuple[int, ...] = ()) -> Reading:
        return read(form, tmp_path_factory.mktemp(form), owner, deleted)

    return once


def relations(found: Findings) -> set[str]:
    return set(found.alignment["relation"].cast(pl.String))


@pytest.mark.parametrize("pair", some(PAIRS), ids="-".join)
def test_rows_gone_from_one_store_are_one_sided_and_all_others_agree(
    pair: tuple[str, str], stored: Callable[..., Reading]
) -> None:
    held = build.view(YI)
    # What is gone from one store is held by the next one.
    gone = ((1, 8, 17), (2, 9, 18))[NAMES.index(pair[1]) % 2]
    found = compare_readings(stored(pair[0], JIA), stored(pair[1], YI, gone))
    assert relations(found) == {"agreement", "set_aside", "one_sided"}
    alone = found.alignment.filter(pl.col("relation").cast(pl.String) == "one_sided")
    left = stored(pair[0], JIA).messages
    ids = left.filter(pl.col("row").is_in(alone["left_row"].implode()))["message_id"]
    assert sorted(ids) == sorted(str(held[n].sent.server_id) for n in gone)


def test_owner_is_the_member_whom_no_received_row_names(tmp_path: Path) -> None:
    rows = [r for r in build.view(JIA) if r.conversation == ROOM and r.sent.base == 1]
    root = build.write_windows(tmp_path, rows, JIA)
    renamed = (tmp_path / JIA).rename(tmp_path / "材料")
    reading = STORES["windows"][1].read(Source(renamed / root.name), ReadOptions())
    assert (reading.facts.owner.id, reading.messages["sender"].to_list()) == (JIA, [BING, YI, JIA])


@pytest.mark.parametrize(("form", "damage"), [("windows", "wanting"), ("wechat4", "no_database")])
def test_rows_of_a_shard_that_was_not_read_are_not_called_missing(form: str, damage: str, tmp_path: Path) -> None:
    write, reader = STORES[form]
    rows = build.view(YI)
    whole = STORES["ios"][1].read(Source(STORES["ios"][0](tmp_path / "a", build.view(JIA), JIA)), ReadOptions())
    root = write(tmp_path / "b", rows, YI)
    # The second of three shards: what both parties wrote between the first and the last is in it alone.
    times = sorted({r.sent.at for r in rows})
    first, last = times[len(times) // 3], times[2 * len(times) // 3]
    for old in root.rglob("MSG[01].db" if form == "windows" else "message_[01].db"):
        old.unlink()
    shard = build._windows_shard if form == "windows" else build._v4_shard
    name, unit = ("Multi/MSG{}.db", 1000) if form == "windows" else ("message/message_{}.db", 1)
    spans = [(0, 0, first, build.START), (2, last, 2**40, last)]
    for number, low, high, begins in spans:
        shard(root / name.format(number), [r for r in rows if low <= r.sent.at < high], YI, begins * unit)
    if damage == "no_database":
        (root / name.format(1)).write_bytes(b"\x01" * 40_000)
    reading = reader.read(Source(root), ReadOptions())
    found = compare_readings(whole, reading)
    alone = found.alignment.filter(pl.col("left_row").is_not_null() & pl.col("right_row").is_null())
    assert alone.height
    assert not alone.filter(pl.col("relation").cast(pl.String) == "one_sided").height
    assert "outside_coverage" in set(alone["cause"].cast(pl.String))
