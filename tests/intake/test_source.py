"""A source is opened read-only, within limits, and hashed."""

import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from reconcile.case import read
from reconcile.digests import digest_bytes
from reconcile.errors import LimitExceeded, SourceChanged, UnreadableSource, UnrecognisedSource
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import open_database
from reconcile.outputs import same_party_evidence_in
from reconcile.settings import Limits


def test_missing_path_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no such file"):
        Source(tmp_path / "nowhere.csv")


def test_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(UnreadableSource, match="empty"):
        Source(tmp_path / "a.csv")


def test_a_file_that_cannot_be_read_never_passes_for_one_of_unknown_form(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    source = Source(tmp_path)
    assert source.head(tmp_path / "not_there.csv") == b""
    with pytest.raises(OSError):  # noqa: PT011 - the system words it
        source.head(tmp_path)


def test_a_change_between_two_readings_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x")
    source = Source(file)
    before = source.digest()
    file.write_text("y")
    with pytest.raises(SourceChanged, match="changed while it was read"):
        source.verify_unchanged(before)


def test_sm3_agrees_with_the_published_vector() -> None:
    assert digest_bytes(b"abc", "sm3") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


TABLE = "sent_at,text,sender\n2024-03-01 09:05:07,欠条收到了,li\n"


def test_what_a_sidecar_states_is_hashed_with_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "a.json").write_text('{"owner": {"id": "wang"}}')
    reading = read(tmp_path / "a.csv")
    assert [(f.path, f.is_statement) for f in reading.sources] == [("a.csv", False), ("a.json", True)]
    assert reading.sources[1].sha256 == digest_bytes(b'{"owner": {"id": "wang"}}')


def test_the_json_beside_a_table_of_another_form_is_none_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("2024-03-01 09:05:07 li\n欠条收到了\n\n" * 3)
    (tmp_path / "a.json").write_text("{}")
    source = Source(tmp_path / "a.txt")
    assert [f.path for f in source.digest()] == ["a.txt"]


def test_a_sidecar_that_changes_while_it_is_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    sidecar = tmp_path / "a.json"
    sidecar.write_text("{}")
    source = Source(tmp_path / "a.csv")
    source.rest_on(sidecar, is_statement=True)
    before = (*source.digest(), *source.beside.values())
    source.verify_unchanged(before)
    sidecar.write_text("[]")
    with pytest.raises(SourceChanged, match=r"a\.json changed while it was read"):
        source.verify_unchanged(before)


def test_the_log_beside_a_database_given_alone_is_hashed_with_it(tmp_path: Path) -> None:
    file = tmp_path / "MSG0.db"
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (a)")
        writer.commit()
        for name in ("MSG0.db", "MSG0.db-wal"):
            (tmp_path / "copy").mkdir(exist_ok=True)
            (tmp_path / "copy" / name).write_bytes((tmp_path / name).read_bytes())
    source = Source(tmp_path / "copy" / "MSG0.db")
    with open_database(source, source.path) as database:
        assert "t" in database.tables
    assert list(source.beside) == ["MSG0.db-wal"]


def test_one_table_with_two_sidecars_is_still_told_to_be_one(tmp_path: Path) -> None:
    for side, owner in (("a", "li"), ("b", "wang")):
        (tmp_path / f"{side}.csv").write_text(TABLE)
        (tmp_path / f"{side}.json").write_text(f'{{"owner": {{"id": "{owner}"}}}}')
    files = [
        {"files": [asdict(f) for f in read(tmp_path / f"{s}.csv").sources], "facts": {"owner": {"id": s}}} for s in "ab"
    ]
    assert same_party_evidence_in({"inputs": dict(zip(("left", "right"), files, strict=True))}) == "same_files"


def test_a_sidecar_longer_than_a_body_may_be_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "a.json").write_text(" " * 100 + "{}")
    with pytest.raises(LimitExceeded, match="102 bytes beside an export; the limit max_body_bytes is 50"):
        read(tmp_path / "a.csv", options=ReadOptions(limits=Limits(max_body_bytes=50)))


def test_a_folder_of_many_small_files_opens_each_of_them_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        (tmp_path / f"{n}.txt").write_text(f"words {n}", "utf-8")
    opened: list[Path] = []
    plain = Path.open

    def counted(path: Path, *args: Any, **kwargs: Any) -> Any:
        opened.append(path)
        return plain(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", counted)
    with pytest.raises(UnrecognisedSource):
        read(tmp_path)
    # Dozens of readers look at every file.
    assert sum(tmp_path in path.parents for path in opened) <= 5 * 40
