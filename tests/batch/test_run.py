"""Batches: resumed after a kill with the same bytes, the same with any number of workers, one bad case a row."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import orjson
import polars as pl
import pytest

from reconcile.batch import BatchOptions, Summary, engines, find_jobs, run_batch
from reconcile.batch import chunk as chunks
from reconcile.batch import jobs as job_rules
from reconcile.batch.jobs import Job, drawn
from reconcile.batch.journal import LOCK, RUN
from reconcile.custody.lock import locked_at_once
from reconcile.errors import CaseInUse, CaseNotEmpty, ReconcileError, UnreadableSource
from reconcile.options import CaseOptions
from reconcile.wording import LANGS, Lang, say
from tests.build.posts_case import write_sides
from tests.command import started
from tests.thorough import some

HERE, TWO = BatchOptions(workers=1), BatchOptions(workers=2)
OPTIONS = CaseOptions(reports=())
# Killed after one and after two entries of the journal, the run still has something to do.
CASES = 4


def table(rows: int, *, lacking: int = -1, amount: str = "") -> str:
    head = "sent_at,sender,text,message_id,amount\n"
    lines = [
        f"2024-03-01 09:{n:02d}:00,wxid_{'ab'[n % 2]},第{n}条消息说的是货款,{1000 + n},{amount}\n"
        for n in range(rows)
        if n != lacking
    ]
    return head + "".join(lines)


def case(folder: Path, name: str, a: str, b: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "a.csv").write_text(a)
    (folder / name / "b.csv").write_text(b)


@pytest.fixture(autouse=True, scope="module")
def small_chunks() -> Iterator[None]:
    """One case a chunk, so that few cases make a run with many steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job_rules, "LEAST_CASES", 1)
        yield


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    for n in range(CASES):
        case(folder, f"案{n}", table(12), table(12, lacking=n))
    return folder


@pytest.fixture(scope="module")
def finished(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """A run that nothing disturbed: its folder, and what it was summed up as."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    return out, run_batch(cases, out, OPTIONS, HERE)


@pytest.fixture(scope="module")
def undisturbed(finished: tuple[Path, Summary]) -> dict[str, bytes]:
    return held(finished[0])


def held(out: Path) -> dict[str, bytes]:
    """Every file of a run but its mark, which no other folder can bear."""
    files = (f for f in sorted(out.rglob("*")) if f.is_file() and f.name != RUN)
    return {f.relative_to(out).as_posix(): f.read_bytes() for f in files}


@contextmanager
def refused(kind: type[Exception], words: str) -> Iterator[None]:
    with pytest.raises(kind, match=words):
        yield


def test_a_run_killed_at_several_moments_goes_on_to_the_same_bytes(
    cases: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-c", "import sys; from reconcile.batch import *; from reconcile.batch import jobs; jobs.LEAST_CASES = 1; from reconcile.options import CaseOptions; from pathlib import Path; run_batch(Path(sys.argv[1]), Path(sys.argv[2]), CaseOptions(reports=()), BatchOptions(workers=1))", str(cases), str(out)]  # fmt: skip
    for entries in some((1, 2), 2):
        with started(command) as running:
            while len(list(out.glob(".journal/[0-9]*"))) < entries and running.poll() is None:
                time.sleep(0.01)
    run_batch(cases, out, OPTIONS, HERE)
    assert held(out) == undisturbed


def test_what_is_whole_is_not_done_again(
    cases: Path, undisturbed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, begun = tmp_path / "out", []
    real = chunks.compare_job

    def stops(job: Job, options: CaseOptions) -> object:
        begun.append(job.case)
        if len(begun) == 4:
            raise KeyboardInterrupt
        return real(job, options)

    monkeypatch.setattr(chunks, "compare_job", stops)
    with pytest.raises(KeyboardInterrupt):
        run_batch(cases, out, OPTIONS, HERE)
    (out / "alignment" / ".00000009.parquet.half").write_bytes(b"half")
    run_batch(cases, out, OPTIONS, HERE)
    assert sorted(begun) == sorted([f"案{n}" for n in range(CASES)] + ["案3"])
    assert held(out) == undisturbed


def test_two_processes_give_the_same_bytes_as_one(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    run_batch(cases, tmp_path / "out", OPTIONS, TWO)
    assert held(tmp_path / "out") == undisturbed


def test_the_summary_page_says_in_words_how_many_cases_have_what(finished: tuple[Path, Summary]) -> None:
    page = (finished[0] / "summary.html").read_text("utf-8")
    assert re.search(r"已比对 4 件：(\d 件[^，；]+[，。])+", page)
    assert page.index(say("batch.worst", "zh")) < page.index(say("batch.distribution", "zh"))


def test_a_batch_of_two_parties_files_notes_no_case_of_one_partys(finished: tuple[Path, Summary]) -> None:
    assert finished[1].same_files == 0
    assert "同样的文件" not in (finished[0] / "summary.html").read_text("utf-8")


def test_a_finished_run_is_only_summed_up(
    cases: Path, finished: tuple[Path, Summary], undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "compare_job", None)
    assert run_batch(cases, finished[0], OPTIONS, HERE) == finished[1]
    assert held(finished[0]) == undisturbed


def test_a_copied_run_is_still_this_users_own_and_only_summed_up(
    cases: Path, finished: tuple[Path, Summary], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(finished[0], tmp_path / "out")
    monkeypatch.setattr(chunks, "compare_job", None)
    assert run_batch(cases, tmp_path / "out", OPTIONS, HERE) == finished[1]


def test_a_run_that_another_user_marked_is_refused(cases: Path, finished: tuple[Path, Summary], tmp_path: Path) -> None:
    shutil.copytree(finished[0], tmp_path / "out")
    told = orjson.loads((tmp_path / "out" / RUN).read_bytes())
    (tmp_path / "out" / RUN).write_bytes(orjson.dumps(told | {"by": "0" * 32}))
    with refused(CaseNotEmpty, "one of another user"):
        run_batch(cases, tmp_path / "out", OPTIONS, HERE)


def test_a_second_run_at_once_and_a_different_run_are_refused(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = tmp_path / "few"
    case(few, "一", table(5), table(5))
    run_batch(few, out, OPTIONS, HERE)
    with locked_at_once(out / LOCK), refused(CaseInUse, "another run"):
        run_batch(few, out, OPTIONS, HERE)
    with refused(CaseNotEmpty, "other cases, files or settings"):
        run_batch(few, out, replace(OPTIONS, lang="en"), HERE)
    assert run_batch(few, out, replace(OPTIONS, lang="en"), HERE, overwrite=True).done == 1


def test_a_folder_of_somebody_else_is_left_alone(cases: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("私人文件")
    with refused(CaseNotEmpty, "not empty"):
        run_batch(cases, tmp_path, OPTIONS, HERE)
    with refused(CaseNotEmpty, "no run of this program"):
        run_batch(cases, tmp_path, OPTIONS, HERE, overwrite=True)
    assert not (tmp_path / RUN).exists()


def test_reviewers_decisions_are_never_overwritten(tmp_path: Path) -> None:
    case(tmp_path / "in", "一", table(5), table(5))
    run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, HERE)
    (tmp_path / "out" / "cases" / "00000001").mkdir(parents=True)
    (tmp_path / "out" / "cases" / "00000001" / "decisions.jsonl").write_text("{}\n")
    with refused(CaseNotEmpty, "decisions"):
        run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, HERE, overwrite=True)


def test_cases_broken_in_many_ways_are_rows_of_the_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, folder = table(5), tmp_path / "in"
    for name, text in {"a空": "", "b列": "x,y\n1,2\n", "c二进制": "\x00\x01\x02", "d内部": good, "y好": good}.items():
        case(folder, name, text, good)
    (folder / "e缺").mkdir()
    (folder / "f链").mkdir()
    (folder / "f链" / "a.csv").symlink_to("nowhere")
    real = chunks.compare_job

    def breaks(job: Job, options: CaseOptions) -> object:
        if job.case == "d内部":
            raise ZeroDivisionError("a fault of ours")
        return real(job, options)

    monkeypatch.setattr(chunks, "compare_job", breaks)
    summary = run_batch(folder, tmp_path / "out", OPTIONS, HERE)
    failures = pl.read_parquet(tmp_path / "out" / "failures.parquet")
    assert (summary.done, summary.failed) == (1, 6)
    assert failures["case"].to_list() == ["a空", "b列", "c二进制", "d内部", "e缺", "f链"]
    assert all(len(reason) > 15 for reason in failures["error"])
    assert failures["error"][0].endswith(": empty file; expected an export")
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    # The one case that could be done holds one table twice.
    assert (summary.same_files, page.count(say("batch.same_files", "zh", n=1))) == (1, 1)
    assert " y好</p>" in page
    assert "：空文件；应为导出材料" in page
    # One language on the page.
    assert ": empty file; expected an export" not in page


def ends_on_one(work: Callable[[job_rules.Task], int], task: job_rules.Task) -> int:
    if any(j.case == "案2" and j.number not in task.lost for j in task.jobs):
        os._exit(9)
    return work(task)


def test_a_case_that_ends_its_worker_is_one_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = tmp_path / "in"
    for n in (1, 2):
        case(few, f"案{n}", table(5), table(5))
    monkeypatch.setattr(job_rules, "LEAST_CASES", 2)  # both in one chunk, which one process does
    monkeypatch.setattr(engines, "TRIES", 1)
    monkeypatch.setattr(engines, "run_chunk", partial(ends_on_one, chunks.run_chunk))
    monkeypatch.setattr(engines, "try_alone", partial(ends_on_one, chunks.try_alone))
    run_batch(few, tmp_path / "out", OPTIONS, TWO)
    assert pl.read_parquet(tmp_path / "out" / "failures.parquet")["case"].to_list() == ["案2"]
    assert pl.read_parquet(tmp_path / "out" / "cases.parquet")["case"].to_list() == ["案1"]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_manifests_name_files_beside_themselves(form: str, tmp_path: Path) -> None:
    rows = pl.DataFrame({"case": ["甲", "甲", ""], "left": ["x/a.csv"] * 3, "right": ["x/b.csv"] * 3})
    manifest = tmp_path / f"m.{form}"
    write: dict[str, Callable[[Path], object]] = {
        "csv": rows.write_csv,
        "jsonl": rows.write_ndjson,
        "parquet": rows.write_parquet,
    }
    write[form](manifest)
    jobs = find_jobs(manifest)
    assert [(j.case, j.problem is None) for j in jobs] == [("甲", True), ("甲", False), ("?", False)]
    assert jobs[0].left == tmp_path / "x" / "a.csv"


def test_a_manifest_of_something_else_names_no_case(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text('[1]\n"x"\n')
    assert [j.problem is None for j in find_jobs(tmp_path / "m.jsonl")] == [False, False]
    with pytest.raises(ReconcileError):
        find_jobs(tmp_path / "nothing.csv")


def test_a_larger_draw_holds_the_smaller_one() -> None:
    jobs = [Job(n, f"案{n}") for n in range(50)]
    assert drawn(jobs, 5, 1) < drawn(jobs, 20, 1)
    assert drawn(jobs, 20, 1) != drawn(jobs, 20, 2)


def test_score_grows_with_gaps_and_with_amounts_and_orders_the_page(tmp_path: Path) -> None:
    case(tmp_path / "in", "平", table(12), table(12))
    case(tmp_path / "in", "缺", table(12), table(12, lacking=5))
    case(tmp_path / "in", "缺款", table(12, amount="5000.00"), table(12, lacking=5, amount="5000.00"))
    run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, replace(HERE, folders="findings", sample=1))
    found = pl.read_parquet(tmp_path / "out" / "cases.parquet")
    score = dict(found.select("case", "score").iter_rows())
    assert score["平"] == 0 < score["缺"] < score["缺款"]
    folders = dict(found.select("case", "folder").iter_rows())
    assert all((tmp_path / "out" / str(folders[c]) / "verdicts.json").is_file() for c in ("缺", "缺款"))
    assert found["drawn"].sum() == 1
    page = (tmp_path / "out" / "summary.html").read_text()
    assert page.index(">缺款<") < page.index(">缺<") < page.index(">平<")


def test_a_batch_says_how_many_of_its_missing_messages_may_be_wrong(tmp_path: Path) -> None:
    for name in ("缺", "也缺"):
        case(tmp_path / "in", name, table(12), table(12, lacking=5))
    run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, replace(HERE, folders="findings"))
    bound = orjson.loads((tmp_path / "out" / "manifest.json").read_bytes())["error_bounds"]["missing"]
    cases = [orjson.loads(f.read_bytes())["error_bounds"]["missing"] for f in (tmp_path / "out").rglob("verdicts.json")]
    assert bound["claimed"] == sum(c["claimed"] for c in cases) == 2
    assert bound["wrong_expected"] == pytest.approx(sum(c["wrong_expected"] for c in cases))
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    assert bound["wrong_at_most"] == 0
    assert say("front.bound_missing_none", "zh", n=2) in page


def page_cells(page: str, name: str) -> list[str]:
    """The cells of a case's line on the summary page."""
    line = next(row for row in re.findall(r"<tr>.*?</tr>", page) if f">{name}<" in row)
    return re.findall(r"<td[^>]*>([^<]*)</td>", line)


def test_a_sum_that_only_words_name_is_an_amount_concerned(tmp_path: Path) -> None:
    said = "2024-03-01 10:00:00,wxid_a,本金还欠{}，没还过,2000,\n"
    for name, left, right in (("数字", "80000元", "60000元"), ("万", "8万元", "6万元"), ("无", "一部分", "大部分")):
        lines = [(table(12) + said.format(words)) for words in (left, right)]
        case(tmp_path / "in", name, *lines)
    run_batch(tmp_path / "in", tmp_path / "out", OPTIONS, HERE)
    found = pl.read_parquet(tmp_path / "out" / "cases.parquet")
    assert dict(found.select("case", "amount_at_stake").iter_rows()) == {"数字": 80000, "万": 80000, "无": 0}
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    # No amount is told as none, not as nought.
    assert [page_cells(page, name)[-1] for name in ("数字", "万", "无")] == ["80,000.00", "80,000.00", "—"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_summary_page_speaks_one_language_and_names_the_sides_as_the_run_does(lang: Lang, tmp_path: Path) -> None:
    case(tmp_path / "in", "x", table(12), table(12, lacking=5))
    run_batch(tmp_path / "in", tmp_path / "out", replace(OPTIONS, lang=lang, labels=("Zhang", None)), HERE)
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    other = next(o for o in LANGS if o != lang)
    assert (say("batch.worst", lang) in page, say("batch.worst", other) in page) == (True, False)
    heads = re.findall(r'<th scope="col">([^<]*)</th>', page)
    assert say("cli.column_left_missing", lang, left="Zhang") in heads
    assert say("cli.column_right_missing", lang, right=say("report.side_right", lang)) in heads


@pytest.mark.filterwarnings("ignore")
def test_the_commands_of_dask_that_the_page_on_scale_names_are_there() -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    pages = [Path(__file__).parents[2] / "docs" / lang / "cluster.md" for lang in ("en", "zh")]
    told = [set(re.findall(r"(?:args: \[dask, |^dask )(\w+)", p.read_text("utf-8"), re.MULTILINE)) for p in pages]
    assert told[0] == told[1]
    named = told[0]
    assert named == {"ssh", "scheduler", "worker"}
    assert named <= {e.name for e in entry_points(group="dask_cli")}


def test_a_cluster_gives_the_same_bytes(cases: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    # Half a minute, Dask's own limit, passes on a machine whose cores are all taken.
    with (
        pytest.importorskip("dask").config.set({"distributed.comm.timeouts.connect": "180s"}),
        distributed.LocalCluster(
            2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
        ) as cluster,
    ):
        run_batch(cases, tmp_path / "out", OPTIONS, replace(HERE, cluster=cluster.scheduler_address))
    assert held(tmp_path / "out") == undisturbed


@pytest.mark.filterwarnings("ignore")
def test_a_lost_scheduler_is_said_in_one_line_and_the_same_command_goes_on(
    cases: Path, undisturbed: dict[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    told = tmp_path / "scheduler.json"
    words, nowhere = [sys.executable, "-m", "dask"], {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        started(
            [*words, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", told], **nowhere
        ) as scheduler,
        started(
            [*words, "worker", "--scheduler-file", told, "--nthreads", "1", "--no-nanny", "--no-dashboard"], **nowhere
        ),
    ):
        while not (told.is_file() and told.read_text().strip()):
            time.sleep(0.05)
        address = orjson.loads(told.read_bytes())["address"]

        def lose(done: str) -> None:
            if done.startswith("1/"):
                scheduler.kill()

        with pytest.raises(
            UnreadableSource, match=rf"the scheduler is gone; \d+ of {CASES} cases are finished and kept"
        ):
            run_batch(cases, tmp_path / "out", OPTIONS, replace(HERE, cluster=address), progress=lose)
    assert "Traceback" not in "".join(capfd.readouterr())
    run_batch(cases, tmp_path / "out", OPTIONS, HERE)
    assert held(tmp_path / "out") == undisturbed


def test_posts_of_a_case_stand_in_the_tables_over_all_cases(tmp_path: Path) -> None:
    left, right = write_sides(tmp_path / "sides")
    (tmp_path / "cases" / "案0").mkdir(parents=True)
    left.rename(tmp_path / "cases" / "案0" / "a")
    right.rename(tmp_path / "cases" / "案0" / "b")
    case(tmp_path / "cases", "案1", table(6), table(6))
    run_batch(tmp_path / "cases", tmp_path / "out", OPTIONS, HERE)
    lines = pl.read_parquet(tmp_path / "out" / "posts_alignment.parquet")
    row = pl.read_parquet(tmp_path / "out" / "cases.parquet").row(0, named=True)
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    assert set(lines["case"]) == {"案0"}
    assert (row["left_posts"], row["right_posts"], row["grade"]) == (8, 7, "conflicting")
    assert row["score"] > 0
    assert "朋友圈：1 件案件载有" in page
