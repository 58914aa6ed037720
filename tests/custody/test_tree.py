"""Each sealed path has a name of its own and is found again; what cannot be opened is never passed over."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile.batch.jobs import find_jobs, stamped_files
from reconcile.case import read
from reconcile.custody.seal import seal
from reconcile.custody.tree import distinct
from reconcile.custody.verify import verify
from reconcile.errors import UnreadableSource, UsageError
from reconcile.submission.case_file import files_of_row, init_case, load_case


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Three folders; a seal that only counts equal names would call the second and the third alike."""
    found = [tmp_path / place for place in ("d1/a", "d2/a", "d3/a (2)")]
    for number, folder in enumerate(found):
        folder.mkdir(parents=True)
        (folder / "f").write_text(str(number))
    return found


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Folders that may not be opened, as they are to a user without the right; the suite may run as one who has every right."""
    shut: list[Path] = []
    real = os.scandir

    def scandir(path: Any = ".") -> Any:
        if Path(path) in shut:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    yield shut
    shut.clear()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_file_changed_under_any_of_several_paths_is_found(folders: list[Path], tmp_path: Path, number: int) -> None:
    seal(folders, tmp_path / "seal")
    (folders[number] / "f").write_text("x")
    results = [verify(tmp_path / "seal", paths) for paths in ([], folders, folders[::-1], [folders[number]])]
    assert [[c.kind for c in r.changes] for r in results] == [["changed"]] * 4


def test_paths_of_one_name_that_moved_are_taken_in_the_order_of_sealing(folders: list[Path], tmp_path: Path) -> None:
    seal(folders, tmp_path / "seal")
    moved = [tmp_path / "m" / str(n) / f.name for n, f in enumerate(folders)]
    for old, new in zip(folders, moved, strict=True):
        new.parent.mkdir(parents=True)
        old.rename(new)
    assert verify(tmp_path / "seal", moved).unchanged


def test_one_of_two_paths_of_one_name_that_moved_is_not_guessed(folders: list[Path], tmp_path: Path) -> None:
    seal(folders, tmp_path / "seal")
    moved = folders[1].rename(tmp_path / "m") / "a"
    moved.mkdir()
    with pytest.raises(UsageError, match="all in the order of sealing"):
        verify(tmp_path / "seal", [moved])


def test_a_path_given_twice_does_not_stand_for_another(folders: list[Path], tmp_path: Path) -> None:
    seal(folders, tmp_path / "seal")
    with pytest.raises(UsageError, match="given twice"):
        verify(tmp_path / "seal", [folders[0], folders[0]])


@pytest.mark.parametrize("old", ['"name": "a (2)"', '"name": "a (2)/f"'])
def test_a_seal_that_names_a_thing_twice_is_refused(folders: list[Path], tmp_path: Path, old: str) -> None:
    seal(folders, tmp_path / "seal")
    statement = tmp_path / "seal" / "statement.json"
    statement.write_text(statement.read_text().replace(old, old.replace("a (2)", "a")))
    with pytest.raises(UnreadableSource, match="twice"):
        verify(tmp_path / "seal")


def test_names_that_were_made_different_collide_with_none_that_comes_later() -> None:
    assert distinct(["a", "a", "a (2)", "a"]) == ("a", "a (2)", "a (2) (2)", "a (3)")


def test_a_folder_that_cannot_be_opened_stops_seal_and_verify(
    folders: list[Path], tmp_path: Path, closed: list[Path]
) -> None:
    seal(folders, tmp_path / "seal")
    closed.append(folders[1])
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        verify(tmp_path / "seal")
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        seal([tmp_path / "d2"], tmp_path / "again")


def test_a_folder_of_an_export_that_cannot_be_opened_stops_its_reading(tmp_path: Path, closed: list[Path]) -> None:
    (tmp_path / "export" / "more").mkdir(parents=True)
    (tmp_path / "export" / "a.csv").write_text("sent_at,text,sender\n2024-03-01 09:00,在吗,甲\n", "utf-8")
    closed.append(tmp_path / "export" / "more")
    with pytest.raises(UnreadableSource, match=r"more: cannot be opened"):
        read(tmp_path / "export")


def test_a_case_of_a_batch_that_cannot_be_opened_says_so(tmp_path: Path, closed: list[Path]) -> None:
    (tmp_path / "one").mkdir()
    closed.append(tmp_path / "one")
    assert "cannot be read (Permission denied)" in str(find_jobs(tmp_path)[0].problem)


def test_a_batch_with_a_closed_folder_is_another_run_once_it_is_open(tmp_path: Path, closed: list[Path]) -> None:
    for side in "ab":
        (tmp_path / "one" / side / "more").mkdir(parents=True)
        (tmp_path / "one" / side / "more" / "x.csv").write_text("x")
    jobs = find_jobs(tmp_path)
    opened = stamped_files(jobs)
    closed.append(tmp_path / "one" / "a" / "more")
    seen = stamped_files(jobs)
    assert (seen != opened, str(closed[0]) in [name for name, _, _ in seen[0]]) == (True, True)


def test_a_folder_of_a_checklist_that_cannot_be_opened_stops_it(tmp_path: Path, closed: list[Path]) -> None:
    case = tmp_path / "case"
    made = init_case(case)
    place = next(p for p in made if p.name.startswith("08_")) / "手机"
    place.mkdir()
    closed.append(place)
    with pytest.raises(UnreadableSource, match="cannot be opened"):
        files_of_row(case, load_case(case), 8)
