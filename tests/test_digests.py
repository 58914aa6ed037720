"""Digests that are begun while the program loads: the same as those taken later, and never those of another state of the file."""

import gc
import os
from pathlib import Path

import pytest

from reconcile import digests
from reconcile.cli import start
from reconcile.digests import begin, digest_file, sha256_file
from reconcile.errors import UnreadableSource


@pytest.fixture(autouse=True)
def nothing_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "BEGUN_EARLY", {})


@pytest.fixture
def large(tmp_path: Path) -> Path:
    file = tmp_path / "a.csv"
    file.write_bytes(b"sent_at,text\n" * 100_000)
    return file


def test_a_digest_begun_early_is_the_one_taken_later_and_is_given_once(large: Path) -> None:
    begin([large])
    begun = digest_file(large)
    assert (begun, digests.BEGUN_EARLY) == (digest_file(large), {})
    assert begun[1] == sha256_file(large)


@pytest.mark.parametrize("keeps_time", [True, False])
def test_a_file_that_changed_since_is_digested_anew(large: Path, *, keeps_time: bool) -> None:
    told = large.stat()
    begin([large])
    large.write_bytes(b"another\n" * 200_000)
    if keeps_time:
        os.utime(large, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert digest_file(large)[1] == sha256_file(large)


def test_what_cannot_be_read_or_is_small_is_begun_in_silence_and_told_where_it_is_read(tmp_path: Path) -> None:
    small = tmp_path / "small.csv"
    small.write_bytes(b"sent_at,text\n")
    assert begin([tmp_path / "none.csv", tmp_path, small, Path("\x00"), tmp_path / ("a" * 300)]) == 13
    assert (digest_file(small)[0], digests.BEGUN_EARLY) == (13, {})
    with pytest.raises(UnreadableSource, match="cannot be read"):
        digest_file(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("size", "decay"), [(1, "dirty_decay_ms:-1"), (2**30, "dirty_decay_ms:100"), (None, "dirty_decay_ms:100")]
)
def test_memory_is_kept_where_a_comparison_is_little_and_given_back_soon_elsewhere(
    size: int | None, decay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(digests, "begin", lambda _: size)
    for allocation in (None, "narenas:1"):
        if allocation:
            os.environ["_RJEM_MALLOC_CONF"] = allocation
        else:
            os.environ.pop("_RJEM_MALLOC_CONF", None)
        if size is None:
            start.keep_little()
        else:
            start.make_ready(())
        assert (allocation or decay) in os.environ["_RJEM_MALLOC_CONF"]
