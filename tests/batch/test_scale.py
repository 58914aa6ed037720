"""Batches at their limits: memory, addresses elsewhere, broken cases, the score that never falls."""

import functools
import gc
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.batch import BatchOptions, engines, find_jobs, memory, run_batch
from reconcile.batch import chunk as chunks
from reconcile.batch import jobs as job_rules
from reconcile.batch.triage import score_of
from reconcile.errors import UnreadableSource, UsageError
from reconcile.options import CaseOptions

HERE, OPTIONS = BatchOptions(workers=1), CaseOptions(reports=())
GOOD = "sent_at,sender,text\n" + "".join(
    f"2024-03-01 09:{n:02d}:00,wxid_{'ab'[n % 2]},第{n}条消息说的是货款\n" for n in range(12)
)
LACKING = GOOD.replace("2024-03-01 09:05:00,wxid_b,第5条消息说的是货款\n", "")
points = st.floats(0, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("keep", "of_user", "told"),
    [
        (True, "", "narenas:2,dirty_decay_ms:-1"),
        (True, ",dirty_decay_ms:9", "narenas:2,dirty_decay_ms:-1,dirty_decay_ms:9"),
        (False, "", engines.POLARS_OWN_DECAY),
    ],
)
def test_a_worker_keeps_what_it_freed_for_its_next_chunk_unless_memory_is_limited_or_the_user_says_otherwise(
    keep: bool, of_user: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_RJEM_MALLOC_CONF", engines.POLARS_OWN_DECAY + of_user)
    before = dict(os.environ)
    with engines.worker_environment(2, keep=keep):
        assert os.environ["_RJEM_MALLOC_CONF"] == told
    assert dict(os.environ) == before


def test_a_worker_looks_for_rings_of_objects_as_seldom_as_the_process_that_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc, "set_threshold", lambda *every: asked.append(every))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    engines.prepare_worker(None)
    # The interpreter's own first number is 700.
    assert asked
    assert asked[0][0] >= 100_000


@given(st.lists(points, max_size=20), points, st.integers(0, 50), st.floats(0, 1e11), st.floats(0, 1e11))
def test_more_of_anything_never_lowers_the_score(
    held: list[float], more: float, absent: int, stake: float, added: float
) -> None:
    before = score_of(held, absent, stake)
    assert score_of([*held, more], absent, stake) >= before
    assert score_of(held, absent + 1, stake) >= before
    assert score_of(held, absent, stake + added) >= before
    assert before >= 0


@pytest.fixture
def store() -> Iterator[str]:
    """Two disputes in fsspec's store in memory, with a manifest."""
    system = fsspec.filesystem("memory")
    for name, text in {"cases/甲/a.csv": GOOD, "cases/甲/b.csv": LACKING, "cases/乙/a.csv": GOOD, "cases/乙/b.csv": GOOD, "cases/乙/a.json": '{"tool": "某工具"}'}.items():  # fmt: skip
        system.pipe(f"/{name}", text.encode())
    system.pipe("/cases/m.csv", "case,left,right\n甲,甲/a.csv,甲/b.csv\n无,甲/c.csv,甲/b.csv\n".encode())
    yield "memory://cases"
    system.rm("/cases", recursive=True)


def told(out: Path) -> dict[str, str]:
    return dict(pl.read_parquet(out / "cases.parquet").select("case", "grade").iter_rows())


def test_a_folder_of_cases_elsewhere_gives_the_results_of_a_folder_here(store: str, tmp_path: Path) -> None:
    for case, b in (("甲", LACKING), ("乙", GOOD)):
        (tmp_path / "in" / case).mkdir(parents=True)
        (tmp_path / "in" / case / "a.csv").write_text(GOOD)
        (tmp_path / "in" / case / "b.csv").write_text(b)
    (tmp_path / "in" / "乙" / "a.json").write_text('{"tool": "某工具"}')
    run_batch(store, tmp_path / "far", OPTIONS, HERE)
    run_batch(tmp_path / "in", tmp_path / "near", OPTIONS, HERE)
    assert told(tmp_path / "far") == told(tmp_path / "near")
    far, near = (pl.read_parquet(tmp_path / d / "inputs.parquet") for d in ("far", "near"))
    assert far.drop("path").equals(near.drop("path"))
    assert far["path"][:2].to_list() == ["memory://cases/乙/a.csv", "memory://cases/乙/a.json"]
    assert near["path"][:2].to_list() == ["a.csv", "a.json"]


def test_a_manifest_elsewhere_names_files_beside_itself(store: str, tmp_path: Path) -> None:
    summary = run_batch(f"{store}/m.csv", tmp_path / "out", OPTIONS, HERE)
    assert (summary.done, summary.failed, summary.grades) == (1, 1, {"one_sided": 1})
    reason = pl.read_parquet(tmp_path / "out" / "failures.parquet")["error"][0]
    assert reason.startswith("memory://cases/甲/c.csv: cannot be fetched")


def test_a_manifest_here_names_files_on_a_web_server(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="addresses of web servers need it")
    (tmp_path / "www").mkdir()
    for name, text in (("a.csv", GOOD), ("b.csv", LACKING)):
        (tmp_path / "www" / name).write_text(text)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "www")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        manifest = tmp_path / "m.jsonl"
        manifest.write_text(f'{{"case": "甲", "left": "{base}/a.csv", "right": "{base}/b.csv"}}\n')
        run_batch(manifest, tmp_path / "out", OPTIONS, HERE)
        server.shutdown()
    assert told(tmp_path / "out") == {"甲": "one_sided"}
    assert pl.read_parquet(tmp_path / "out" / "inputs.parquet")["path"].to_list() == [f"{base}/a.csv", f"{base}/b.csv"]


def test_addresses_of_other_kinds_and_missing_packages_are_failures_that_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec.core

    def lacks(_: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", lacks)
    manifest = tmp_path / "m.csv"
    manifest.write_text("case,left,right\n甲,s3://b/a.csv,s3://b/b.csv\n乙,ftp://h/a.csv,ftp://h/b.csv\n")
    run_batch(manifest, tmp_path / "out", OPTIONS, HERE)
    reasons = pl.read_parquet(tmp_path / "out" / "failures.parquet")["error"].to_list()
    assert "pip install s3fs" in reasons[0]
    assert "addresses of this kind are not read" in reasons[1]
    with pytest.raises(UnreadableSource, match="addresses of this kind"):
        find_jobs("ftp://h/m.csv")


def test_memory_is_shared_out_among_the_workers_that_fit() -> None:
    assert memory.parse_memory("2.5 GB") == memory.parse_memory("2560MiB") == 5 * 2**29
    assert memory.plan(memory.parse_memory("2GB"), 16).workers == 3
    assert memory.plan(None, 16) == memory.Plan(16, None)
    for wrong in ("4 apples", "10MB", ""):
        with pytest.raises(UsageError, match="--memory"):
            memory.parse_memory(wrong)


def test_a_case_larger_than_the_memory_is_a_failure_and_the_rest_is_done_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for case, text in (("大", GOOD * 20), ("一", GOOD), ("二", GOOD), ("三", GOOD)):
        (tmp_path / "in" / case).mkdir(parents=True)
        for side in "ab":
            (tmp_path / "in" / case / f"{side}.csv").write_text(text)
    found: dict[str, pl.DataFrame] = {}
    monkeypatch.setattr(chunks, "can_watch", lambda: False)
    monkeypatch.setattr(chunks, "enter", lambda _o, _c, lines, tables: found.update(tables, lines=lines))
    share = memory.needed(4 * len(GOOD.encode()))
    cases = find_jobs(tmp_path / "in")
    (jobs,) = job_rules.chunks_of(cases, job_rules.stamped_files(cases))
    task = job_rules.Task(0, jobs, Path("nowhere"), OPTIONS, share=share)
    assert [len(part) for part in chunks.memory_passes(task)] == [2, 1]
    chunks.run_chunk(task)
    assert found["failures"]["case"].to_list() == ["大"]
    assert "--memory" in found["failures"]["error"][0]
    assert sorted(found["cases"]["case"]) == ["一", "三", "二"]


def test_one_case_in_nine_ways_broken_among_good_ones(tmp_path: Path) -> None:
    good = GOOD.encode()
    broken = {
        "空": b"", "列": b"x,y\n1,2\n", "二进制": b"\x00\x01\x02" * 50, "编码": "sent_at,sender,text\n2024-03-01,a,货款\n".encode("gbk"), "长行": good + b"1,2,3,4,5,6\n",
        "数字": b"sent_at,sender,text\n1709254800,a,x\n", "重列": good.replace(b"sender", b"text", 1),
    }  # fmt: skip
    for n in range(20):
        broken[f"好{n}"] = good
    for case, data in broken.items():
        (tmp_path / "in" / case).mkdir(parents=True)
        (tmp_path / "in" / case / "a.csv").write_bytes(data)
        (tmp_path / "in" / case / "b.csv").write_bytes(good)
    (tmp_path / "in" / "缺").mkdir()
    (tmp_path / "in" / "链").mkdir()
    (tmp_path / "in" / "链" / "a.csv").symlink_to("nowhere")
    (tmp_path / "in" / "副表").mkdir()
    for name, text in (("a.csv", GOOD), ("b.csv", GOOD), ("a.json", "{")):
        (tmp_path / "in" / "副表" / name).write_text(text)
    summary = run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, HERE)
    failures = pl.read_parquet(tmp_path / "out" / "failures.parquet")
    # A row of another width costs that row alone.
    assert (summary.done, summary.failed) == (21, 9)
    assert set(failures["case"]) == {"空", "列", "二进制", "编码", "数字", "重列", "缺", "链", "副表"}
    assert failures["error"].n_unique() == 9
    assert all(len(reason) > 15 and "\n" not in reason for reason in failures["error"])


def test_who_shares_the_work_out_loads_no_library_before_the_workers_are_started() -> None:
    code = "import sys, reconcile.batch.engines; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("entries", "is_folder", "expected"), [(3, True, False), (4, True, True), (3, False, False), (9, False, True)]
)
def test_workers_are_started_early_only_where_the_cases_are_many(
    entries: int, is_folder: bool, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "MANY_CASES", 3)
    monkeypatch.setattr(engines, "MANY_BYTES", 9)
    place = tmp_path / "cases"
    if is_folder:
        for n in range(entries):
            (place / str(n)).mkdir(parents=True)
    else:
        place.write_bytes(b"x" * entries)
    assert engines.are_many(str(place)) is expected
    assert not engines.are_many(str(tmp_path / "nothing"))


def test_workers_that_were_started_early_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "start_pool", lambda *_: pytest.fail("started anew"))
    monkeypatch.setattr(engines, "run_chunk", lambda task: task.chunk)
    tasks = [job_rules.Task(n, (), Path(), OPTIONS) for n in range(3)]
    done: list[int] = []
    engines.run_processes(tasks, 1, done.append, ready=ThreadPoolExecutor(1))
    assert done == [0, 1, 2]
