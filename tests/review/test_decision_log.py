"""The append-only log of decisions: what it keeps, what it notices, what a crash leaves."""

import multiprocessing
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

import orjson
import pytest

from reconcile.custody import decisions as log
from reconcile.custody import log as seal_log
from reconcile.custody.decisions import Judgement
from reconcile.errors import DecisionsChanged
from tests.command import started
from tests.review.build import decision


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    written = [decision(row) for row in range(5)]
    for each in written:
        log.append(tmp_path, each)
    assert log.read_log(tmp_path).entries == tuple(written)


def test_a_folder_without_a_log_has_no_decisions(tmp_path: Path) -> None:
    assert log.load_decisions(tmp_path) == ()


def test_a_half_line_is_passed_over_and_left_as_it_is(tmp_path: Path) -> None:
    log.append(tmp_path, decision(1))
    path = tmp_path / log.LOG_NAME
    with path.open("ab") as out:
        out.write(b'{"action":"judge","rev')
    log.append(tmp_path, decision(2))
    found = log.read_log(tmp_path)
    assert ([d.left.row for d in found.entries if d.left], found.torn_lines, found.broken_at) == ([1, 2], (2,), None)


@pytest.mark.parametrize("harm", ["change", "drop", "swap"])
def test_a_log_changed_after_it_was_written_is_noticed(tmp_path: Path, harm: str) -> None:
    for row in range(4):
        log.append(tmp_path, decision(row))
    path = tmp_path / log.LOG_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    if harm == "change":
        lines[1] = lines[1].replace("王律师".encode(), "张律师".encode())
    elif harm == "drop":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    path.write_bytes(b"".join(lines))
    with pytest.raises(DecisionsChanged):
        log.load_decisions(tmp_path)


@pytest.mark.parametrize(
    "harm", ["last line", "all but the first", "emptied", "removed", "head removed", "head emptied"]
)
def test_a_log_cut_at_its_end_is_noticed_and_nothing_is_added(tmp_path: Path, harm: str) -> None:
    for row in range(4):
        log.append(tmp_path, decision(row))
    path, stated = tmp_path / log.LOG_NAME, tmp_path / log.HEAD_NAME
    lines = path.read_bytes().splitlines(keepends=True)
    match harm:
        case "removed":
            path.unlink()
        case "head removed":
            stated.unlink()
        case "head emptied":
            stated.write_bytes(b"")
        case _:
            path.write_bytes(b"".join(lines[: {"last line": 3, "all but the first": 1, "emptied": 0}[harm]]))
    with pytest.raises(DecisionsChanged, match="cut short"):
        log.load_decisions(tmp_path)
    with pytest.raises(DecisionsChanged):
        log.append(tmp_path, decision(9))


def test_a_line_added_by_somebody_else_is_noticed(tmp_path: Path) -> None:
    log.append(tmp_path, decision(1))
    before = (tmp_path / log.HEAD_NAME).read_bytes()
    log.append(tmp_path, decision(2))
    (tmp_path / log.HEAD_NAME).write_bytes(before)
    assert log.read_log(tmp_path).broken_at == 3


@pytest.mark.parametrize("stopped_after", [0, 1])
def test_a_writer_stopped_between_head_and_line_leaves_a_whole_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    log.append(tmp_path, decision(1))
    real, puts = seal_log.write_head, iter(range(9))

    def put(path: Path, value: dict[str, object]) -> None:
        if next(puts) > stopped_after - 1:
            raise OSError(28, "No space left on device")
        real(path, value)

    monkeypatch.setattr(seal_log, "write_head", put)
    with nullcontext() if stopped_after else pytest.raises(OSError, match="No space"):
        log.append(tmp_path, decision(2))
    assert (log.read_log(tmp_path).broken_at, len(log.read_log(tmp_path).entries)) == (None, 1 + stopped_after)


def test_nothing_is_added_to_a_log_that_was_changed(tmp_path: Path) -> None:
    log.append(tmp_path, decision(1))
    path = tmp_path / log.LOG_NAME
    path.write_bytes(path.read_bytes().replace(b"not_same", b"set_aside"))
    with pytest.raises(DecisionsChanged):
        log.append(tmp_path, decision(2))


def test_the_head_follows_the_last_entry(tmp_path: Path) -> None:
    heads = [log.append(tmp_path, decision(row)) for row in range(3)]
    assert log.read_log(tmp_path).head == heads[-1]


def test_an_undone_judgement_does_not_stand_and_the_one_before_it_does_again() -> None:
    first, second = decision(1), decision(1)
    undo = decision(1, action="undo", judgement=None, left=None, undoes=second.id)
    assert log.standing([first, second, undo]) == (first,)


def test_a_later_judgement_about_the_same_row_overtakes_the_earlier() -> None:
    first, second = decision(1), decision(1, judgement=Judgement.SET_ASIDE)
    assert log.standing([first, second]) == (second,)


def test_judgements_on_another_run_do_not_overtake() -> None:
    first, second = decision(1, basis="a"), decision(1, basis="b")
    assert log.standing([first, second]) == (first, second)


def test_one_message_on_both_sides_needs_two_rows() -> None:
    with pytest.raises(ValueError, match="needs a row of each"):
        decision(1, judgement=Judgement.SAME)


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(tmp_path, decision(1))
    before = (tmp_path / log.LOG_NAME).read_bytes()
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:20]))
    with pytest.raises(OSError, match="disk full"):
        log.append(tmp_path, decision(2))
    assert (tmp_path / log.LOG_NAME).read_bytes() == before


def test_the_basis_changes_with_settings_and_inputs_and_nothing_else() -> None:
    run = {"settings": {"a": 1}, "inputs": [{"path": "x", "sha256": "11"}], "started": 1}
    same = run | {"started": 2, "inputs": [{"path": "y", "sha256": "11"}]}
    others = [run | {"settings": {"a": 2}}, run | {"inputs": [{"sha256": "12"}]}]
    assert log.basis_of(run) == log.basis_of(same)
    assert log.basis_of(run) not in [log.basis_of(other) for other in others]


def _append_many(folder: Path, start: int) -> None:
    for row in range(start, start + 25):
        log.append(folder, decision(row))


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_append_many, args=(tmp_path, start), daemon=True) for start in (0, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = log.read_log(tmp_path)
    rows = {d.left.row for d in found.entries if d.left}
    assert (len(rows), found.broken_at, found.torn_lines) == (50, None, ())


WRITER = """
import sys
from pathlib import Path
from tests.review.build import decision
from reconcile.custody import decisions as log
for row in range(100_000):
    log.append(Path(sys.argv[1]), decision(row))
    print(row, flush=True)
"""


def test_a_writer_killed_at_any_moment_loses_no_decision_it_confirmed(tmp_path: Path) -> None:
    for seed in range(2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        with started([sys.executable, "-c", WRITER, str(folder)]) as writer:
            assert writer.stdout is not None
            confirmed = [int(writer.stdout.readline()) for _ in range(1 + 20 * seed)]
            writer.send_signal(signal.SIGKILL)
            confirmed += [int(line) for line in writer.stdout.read().split()]
        found = log.read_log(folder)
        rows = [d.left.row for d in found.entries if d.left]
        assert found.broken_at is None
        assert rows == list(range(len(rows)))
        assert len(rows) > max(confirmed)


def test_odd_lines_never_stop_the_reading() -> None:
    odd = [b"null", b"[]", b"{}", b'"x"', b"\xff\xfe", b"{" * 5000, orjson.dumps({"hash": 1, "prev": 2}), b"1e999"]
    assert log.parse_log(b"\n".join(odd)).entries == ()
