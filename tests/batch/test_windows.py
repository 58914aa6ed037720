"""Conversations larger than memory: from windows of time as from the whole, or a clear word that they cannot be cut."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bench.sim.draw import draw
from bench.sim.model import Numbering
from bench.sim.tables import write_side
from reconcile.batch import chunk as chunks
from reconcile.batch import window_cuts, windows
from reconcile.batch.jobs import Job, Task
from reconcile.options import CaseOptions
from reconcile.vocabulary import Side
from tests.thorough import some

OPTIONS = CaseOptions(reports=())
# Edits, gaps, another clock and other spellings, in chats of one conversation with silences long enough.
DISPUTES = (("delete block", 501), ("edit words", 506))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cuts as near each other as small chats need them; the list gets the number of windows of each case."""
    found: list[int] = []

    def counting(*given: object) -> list[window_cuts.Window]:
        told = list(window_cuts.windows(*given))  # type: ignore[arg-type]
        found.append(len(told))
        return told

    for name, value in (("OVERLAP_ROWS", 20), ("OVERLAP_PLACES", 1), ("LEAST_ANCHORS", 15)):
        monkeypatch.setattr(window_cuts, name, value)
    monkeypatch.setattr(windows, "windows", counting)
    return found


def entered(sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, share: float | None) -> dict[str, pl.DataFrame]:
    """The frames of a chunk of one case; `share`: of its tables that fit into memory at a time."""
    size = sum(p.stat().st_size for p in sides)
    found: dict[str, pl.DataFrame] = {}
    with monkeypatch.context() as patch:
        patch.setattr(chunks, "enter", lambda _o, _c, lines, tables: found.update(tables, lines=lines))
        patch.setattr(chunks, "window_size", lambda _share, size: int(size * (share or 1)))
        job = Job(1, "案", *sides, size=size)
        chunks.run_chunk(Task(0, (job,), Path("nowhere"), OPTIONS, share=None if share is None else 1))
    return found


def same(sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, share: float) -> dict[str, pl.DataFrame]:
    whole, cut = (entered(sides, monkeypatch, s) for s in (None, share))
    for name in whole:
        assert_frame_equal(cut[name], whole[name], check_exact=True)
    return cut


@pytest.mark.parametrize(("fault", "seed"), some(DISPUTES, 2))
def test_a_dispute_in_windows_has_the_rows_that_it_has_whole(
    fault: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[int]
) -> None:
    dispute = draw(seed, (fault,), ())[0]
    sides = []
    for side in Side:
        copy = dispute.copies[side]
        copy.dialect = replace(
            copy.dialect, numbering=Numbering.NONE, has_reply=False, container="csv", has_sidecar=False
        )
        (tmp_path / side).mkdir()
        sides.append(write_side(dispute, side, tmp_path / side, "export"))
    same((sides[0], sides[1]), monkeypatch, 0.8)
    assert counted[0] >= 2


def chat(*, lacking: tuple[int, ...] = (), late: int = 0, quiet: int = 9 * 3600, edit: Callable[[int, str], str] = lambda _, text: text) -> str:  # fmt: skip
    """Twelve evenings of forty rows, a third of them words that recur, with the silence between them; some rows lack or read otherwise."""
    lines, at = ["sent_at,sender,text,message_id,amount\n"], datetime(2024, 3, 1, 11, tzinfo=UTC)
    for n in range(480):
        at += timedelta(seconds=quiet if n % 40 == 0 else 5 + 37 * n % 200)
        text = ("好的", "收到", "嗯")[n // 3 % 3] if n % 3 == 0 else f"第{n:03}批货款{1000 + n * 7}元好了"
        who, time = f"wxid_{'ab'[n * 7 % 5 % 2]}", at + timedelta(hours=8, seconds=late)
        if n not in lacking:
            lines.append(f"{time:%Y-%m-%d %H:%M:%S},{who},{edit(n, text)},{10**18 + n * 1_000_003},\n")
    return "".join(lines)


def edited(n: int, text: str) -> str:
    return text.replace("1", "2") if n in (100, 401) else text


def put(folder: Path, a: str, b: str) -> tuple[Path, Path]:
    for name, text in (("a", a), ("b", b)):
        (folder / f"{name}.csv").write_text(text)
    return folder / "a.csv", folder / "b.csv"


def test_a_long_chat_with_gaps_and_edits_has_the_verdict_that_it_has_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[int]
) -> None:
    # Gaps beside window_cuts, at both ends and within; the clocks are five minutes apart.
    lacking = (*range(3), 39, 40, 200, *range(270, 281), *range(470, 480))
    sides = put(tmp_path, chat(lacking=(120, 121, 333)), chat(lacking=lacking, late=300, edit=edited))
    for side in ("a", "b"):
        (tmp_path / f"{side}.json").write_bytes(orjson.dumps({"owner": {"id": f"wxid_{side}"}}))
    cut = same(sides, monkeypatch, 0.4)
    assert counted[0] >= 4
    verdict = cut["verdicts"].row(0, named=True)
    assert (verdict["conflicts"], verdict["left_missing"], verdict["right_missing"]) == (2, 3, 14)


@pytest.mark.parametrize(
    "b",
    [
        chat().replace(",amount\n", ",amount,reply_to\n").replace(",\n", ",,1\n"),
        chat(quiet=300),
        chat().replace("2024-03-04 ", ""),
        chat().replace(str(10**18 + 7 * 1_000_003), str(10**18 + 8 * 1_000_003)),
        chat(lacking=tuple(range(240, 480))),
        re.sub(r"wxid_.,第077批[^,]*", ",红包已被领完", chat()),
        "".join(line.replace("2024-03-0", "2024-02-0", n > 200) for n, line in enumerate(chat().splitlines(keepends=True))),
    ],
    ids=["quotes", "no silence", "no days", "an id twice", "one side ends", "a notice", "clocks apart"],
)  # fmt: skip
def test_what_windows_could_judge_otherwise_is_not_cut(
    b: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[int]
) -> None:
    monkeypatch.setattr(chunks, "can_watch", lambda: False)
    found = entered(put(tmp_path, chat(lacking=(17,)), b), monkeypatch, 0.4)
    assert "--memory" in found["failures"]["error"][0]
    assert found["lines"].is_empty()


def test_what_cannot_be_cut_is_compared_whole_where_a_process_that_outgrows_its_share_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "can_watch", lambda: True)
    sides = put(tmp_path, chat(lacking=(17,)), chat(quiet=300, lacking=(40,)))
    whole, tried = (entered(sides, monkeypatch, share) for share in (None, 0.4))
    assert tried["failures"].is_empty()
    assert tried["lines"].equals(whole["lines"])


def test_a_case_that_did_outgrow_the_memory_says_what_it_needs(tmp_path: Path) -> None:
    sides = put(tmp_path, chat(), chat(quiet=300))
    job = Job(1, "案", *sides, size=sum(p.stat().st_size for p in sides))
    task = Task(0, (job,), tmp_path, OPTIONS, share=1, lost=frozenset({1}))
    assert "--memory" in str(chunks.problem_of(job, task))
