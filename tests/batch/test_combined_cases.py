"""Many small cases in one pass: every case has the rows that it has alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bench.sim.draw import draw
from bench.sim.model import Numbering
from bench.sim.tables import write_side
from reconcile.batch import chunk as chunks
from reconcile.batch.combined_cases import Together, compare_together
from reconcile.batch.jobs import Task, find_jobs
from reconcile.options import CaseOptions
from reconcile.vocabulary import Side
from tests.thorough import examples, some

Pass = Callable[..., Together | None]
OPTIONS = CaseOptions(reports=())
# Each takes another way through the engine: clocks, ids, numbering, notices, repeats, cuts, names. The suite draws every second one.
FAULTS = (
    "delete few", "edit amount", "recalled, notice on one", "row twice", "drift", "step in mid-chat", "jitter 5 s", "minute precision, one",
    "ids rounded to float64", "is_self only", "truncation at 20", "failed, then sent again", "no common range", "tail cut, exported later",
)[:: examples(2, 1)]  # fmt: skip


@pytest.fixture(scope="module")
def disputes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One dispute of one conversation for each fault."""
    folder = tmp_path_factory.mktemp("disputes")
    for number, fault in enumerate(FAULTS):
        drawn = (draw(seed, (fault,), ())[0] for seed in range(700, 800))
        dispute = next(d for d in drawn if len(d.chats) == 1 and sum(len(c.rows) for c in d.copies.values()) < 200)
        for copy in dispute.copies.values():
            # Every second form has neither numbers nor quotes: those of the others find nothing there.
            if number % 2:
                copy.dialect = replace(copy.dialect, numbering=Numbering.NONE, has_reply=False)
        (folder / f"{number:02d}").mkdir()
        for side, stem in ((Side.LEFT, "a"), (Side.RIGHT, "b")):
            write_side(dispute, side, folder / f"{number:02d}", stem)
            # A case whose sidecar tells persons is read alone; the faults are to be met in the pass.
            sidecar = folder / f"{number:02d}" / f"{stem}.json"
            told = json.loads(sidecar.read_text("utf-8")) if sidecar.is_file() else {}
            sidecar.write_text(json.dumps({k: v for k, v in told.items() if k not in ("contacts", "groups")}), "utf-8")
    return folder


def done(
    folder: Path, monkeypatch: pytest.MonkeyPatch, together: Pass, names: set[str] | None = None
) -> dict[str, pl.DataFrame]:
    """The frames that a chunk of the cases of the folder enters, with this in the place of the one pass."""
    found: dict[str, pl.DataFrame] = {}

    def enter(_out: Path, _chunk: int, lines: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> None:
        found.update(tables, lines=lines)

    with monkeypatch.context() as patch:
        patch.setattr(chunks, "enter", enter)
        patch.setattr(chunks, "compare_together", together)
        jobs = tuple(j for j in find_jobs(folder) if names is None or j.case in names)
        chunks.run_chunk(Task(0, jobs, Path("nowhere"), OPTIONS))
    return found


def same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one pass and one that is read alone: the others would be read alone twice, and be equal for certain.

    Every case is in the pass; the suite compares every third with what it has alone.
    """
    both = joined(folder)
    names = set(some(sorted(both), 3)) | set(sorted({f.name for f in folder.iterdir()} - both)[:1])
    alone, found = (done(folder, monkeypatch, p, names) for p in (lambda *_: None, lambda *_: one_pass(folder)))
    for name in alone:
        assert_frame_equal(found[name].filter(pl.col("case").is_in(names)), alone[name], check_exact=True)


@cache
def one_pass(folder: Path) -> Together | None:
    return compare_together(find_jobs(folder), OPTIONS)


def joined(folder: Path) -> set[str]:
    found = one_pass(folder)
    return set() if found is None else {j.case for j in found.jobs}


def test_simulated_disputes_have_the_rows_that_they_have_alone(disputes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(joined(disputes)) == len(FAULTS)
    same(disputes, monkeypatch)


HEAD = "sent_at,sender,text,message_id,local_id,amount,reply_to,kind\n"


def rows(
    count: int = 30, *, lacking: tuple[int, ...] = (), numbered: bool = False, amount: str = "", quotes: bool = False
) -> list[str]:
    """Lines of a table: ids that recur in every case, some equal words, a quote of a row that nobody holds, a recall notice."""
    lines = []
    for n in range(count):
        text = "好的" if n % 4 == 0 else f"第{n}条,货款说好了"
        quoted, kind = (str(9_000 + n) if n == 20 and quotes else ""), "recall" if n == 25 else "text"
        text, who = ("你撤回了一条消息", "") if n == 25 else (f'"{text}"', f"wxid_{'ab'[n % 2]}")
        own = str(n + 1) if numbered else ""
        lines.append(
            f"2024-03-01 09:{n:02d}:07,{who},{text},{7_000_000_000_000_000_000 + n},{own},{amount},{quoted},{kind}\n"
        )
    return [line for n, line in enumerate(lines) if n not in lacking]


def put(folder: Path, name: str, a: str, b: str, suffix: str = "csv") -> None:
    (folder / name).mkdir(parents=True)
    for side, text in (("a", a), ("b", b)):
        (folder / name / f"{side}.{suffix}").write_bytes(text.encode())


NAMING = "sent_at,sender,text,message_id,local_id,reply_to,quoted_text,alias_id,native_id,sort_seq\n"


def naming(
    *, first: int | None = 1, lacking: tuple[int, ...] = (), quotes: bool = True, ids: int = 60, minutes: bool = False,
    is_placed: bool = False,
) -> str:  # fmt: skip
    """A table whose rows name others: by id, by words, by number; what is named stands in every case alike.

    first: the first local number; None = there are none. ids: so many rows have an id. is_placed: the places are made of the times.
    """
    lines = []
    for n in (n for n in range(60) if n not in lacking):
        at = datetime(2024, 3, 1, 1, tzinfo=UTC) + timedelta(seconds=180 * n - 150 * (n == 30))
        time = (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M" + ("" if minutes else ":%S"))
        reply = str(named(n - 4)) if quotes and n % 9 == 8 and n < ids else str(named(24)) if quotes and n == 29 else ""
        words = {31: '"那批货的押金是另外付的"', 52: '"第41条,说的是货款"'}.get(n, "") if quotes else ""
        body = f"{named(n) + 5},transfer:1000{n // 20}" if n % 20 == 7 else ","
        own, place = "" if n >= ids else named(n), 1_700_000_000 if n == 33 or not is_placed else int(at.timestamp())
        number = "" if first is None else first + n
        lines.append(
            f'{time},wxid_{"ab"[n % 2]},"第{n}条,说的是货款",{own},{number},{reply},{words},{body},{place}000\n'
        )
    return NAMING + "".join(lines)


def named(n: int) -> int:
    return 7_000_000_000_000_012_345 + 1_000_003 * n


def put_naming(folder: Path) -> None:
    """Cases that share every id, number and quoted word: what one of them lacks another must not lend it."""
    for name, a, b in (
        ("名", naming(), naming(lacking=(40,))),
        ("名缺", naming(lacking=(4, 22, 41)), naming(lacking=(4, 22, 30, 41))),
        ("名少", naming(lacking=(4, 24, *range(50, 60)), ids=30), naming(lacking=(4, 24, *range(48, 60)), ids=30)),
        ("名分", naming(lacking=(22, 41), ids=0, minutes=True), naming(lacking=(22, 41, 44))),
        ("名无", naming(quotes=False, first=500), naming(quotes=False, lacking=tuple(range(20, 30)))),
        ("名倒", naming(lacking=(13, 31)), naming(first=7, lacking=(13, 14, 15, 31))),
    ):
        put(folder, name, a, b)
    # A place as a number stands in Parquet alone.
    for name, is_placed in (("柱序", True), ("柱乱", False)):
        (folder / name).mkdir()
        for side, lacking in (("a", ()), ("b", (33,))):
            table = pl.read_csv(naming(first=None, is_placed=is_placed, lacking=lacking).encode(), infer_schema=False)
            table.with_columns(pl.col("sort_seq").cast(pl.Int64)).write_parquet(folder / name / f"{side}.parquet")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of every form and spelling, gaps with and without numbering, and cases that only a reading of their own can judge."""
    folder = tmp_path_factory.mktemp("odd")
    whole = HEAD + "".join(rows())
    put(folder, "平", whole, whole)
    put(folder, "缺", whole, HEAD + "".join(rows(lacking=(5, 6, 17), amount="50.00")))
    put(
        folder,
        "号",
        HEAD + "".join(rows(numbered=True, lacking=(11,))),
        HEAD + "".join(rows(numbered=True, lacking=(3, 24))),
    )
    put(folder, "引文", HEAD + "".join(rows(quotes=True)), HEAD + "".join(rows(quotes=True, lacking=(9,))))
    put(folder, "两", HEAD + "".join(rows(lacking=(25,))), HEAD + "".join(sorted(rows() + rows()[7:9])))
    put(folder, "头", "\ufeff" + whole, whole.replace("\n", "\r\n").rstrip())
    put(folder, "引", whole.replace("第7条,货款", '第""7""条\n货款'), whole)
    put(folder, "漏引", whole.replace("好的", '好"的'), whole)
    put(folder, "无时", whole.replace("2024-03-01 09:04:07", "昨天"), whole)
    put(folder, "数字", whole.replace("2024-03-01 09:", "1709"), whole)
    put(
        folder,
        "两会话",
        whole.replace("\n", ",x\n").replace("kind,x", "kind,conversation").replace("text,x", "text,y", 3),
        whole,
    )
    put(folder, "短行", HEAD + "2024-03-01 09:00:07,wxid_a,好\n" + "".join(rows()[1:]), whole)
    put(folder, "长行", whole + "2024-03-01 10:00:07,wxid_a,好,1,,,,text,x,y\n", whole)
    put(folder, "是非", whole.replace("kind", "is_self", 1), whole)
    put(
        folder,
        "流水",
        *(text.replace("70000000000000000", "m000") for text in (whole, HEAD + "".join(rows(lacking=(12,))))),
    )
    put(folder, "分钟", whole.replace(":07,", ","), whole)
    table = pl.read_csv(whole.encode(), infer_schema=False)
    for name, kept in (("线", table), ("线缺", table.filter(pl.int_range(pl.len()) != 9))):
        put(folder, name, table.write_ndjson(), kept.write_ndjson(), "jsonl")
    for name, kept in (("柱", table), ("柱缺", table.filter(pl.int_range(pl.len()) != 9))):
        (folder / name).mkdir()
        table.write_parquet(folder / name / "a.parquet")
        kept.write_parquet(folder / name / "b.parquet")
    for name, sidecar in (
        ("出", '{"owner": {"id": "wxid_a"}, "exported_at": "2024-03-01T09:40:00+08:00"}'),
        ("同主", '{"owner": {"id": "wxid_b"}}'),
        ("自述", '{"declared": [{"what": "redaction"}]}'),
    ):
        put(folder, name, whole, HEAD + "".join(rows(lacking=(28, 29))))
        (folder / name / "a.json").write_text('{"owner": {"id": "wxid_b"}}')
        (folder / name / "b.json").write_text(sidecar)
    put_naming(folder)
    put_owned(folder)
    return folder


def put_owned(folder: Path) -> None:
    """Cases in which a stated name ties the sender of hardly any words; in the other case the same name is the other account's."""
    said = [f"2024-03-01 09:{n:02d}:07,wxid_{'ab'[n % 2]},{'好的嗯行'[n % 4]},,,,,text\n" for n in range(24)]
    said[10] = said[10].replace("好", "货款说好了，明天").replace("嗯", "货款说好了，明天")
    for name, first in (("名甲", "ab"), ("名乙", "ba")):
        told = [r.replace(f"wxid_{first[0]}", "陈静").replace(f"wxid_{first[1]}", "王强") for r in said]
        told[10] = told[10].replace("陈静", "某").replace("王强", "陈静").replace("某", "王强")
        put(folder, name, HEAD + "".join(said), HEAD + "".join(told))
        (folder / name / "a.json").write_text(json.dumps({"owner": {"id": f"wxid_{first[0]}", "name": "陈静"}}))


def test_tables_of_every_form_have_the_rows_that_they_have_alone(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = {"漏引", "无时", "数字", "两会话", "短行", "长行", "是非", "流水", "同主", "自述"}
    assert joined(odd) == {f.name for f in odd.iterdir()} - alone
    same(odd, monkeypatch)


def test_a_pass_that_breaks_leaves_every_case_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "甲乙丙":
        put(tmp_path, name, HEAD + "".join(rows()), HEAD + "".join(rows(lacking=(5,))) if name != "丙" else "无")

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    found = done(tmp_path, monkeypatch, breaks)
    assert (found["cases"]["case"].to_list(), found["failures"]["case"].to_list()) == (["乙", "甲"], ["丙"])
