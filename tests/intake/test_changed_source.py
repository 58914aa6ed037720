"""An export that changes or goes while it is read is told as changed, never as a defect of the program or of the export."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import reconcile.case
from reconcile import read
from reconcile.errors import SourceChanged, UnreadableSource
from tests.contracts.golden import EXPORTS
from tests.thorough import meeting


def grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"more")


CHANGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda f: f.unlink(),
    "cut": lambda f: os.truncate(f, f.stat().st_size // 2),
    "emptied": lambda f: f.write_bytes(b""),
    "grown": grow,
    "another": lambda f: f.write_bytes(b"\x00" * f.stat().st_size),
}
FORMS = ["weflow_json/rent_side_a", "memotrace_csv/rent_side_a", "wechatdataanalysis_zip/text_side_a", "inferred/table_laboratory_side_a", "wechatexporter_html/rent_side_a"]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@meeting(form=FORMS, when=["before it is recognised", "before it is read"])
def test_change_during_the_reading_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, when: str, change: str
) -> None:
    original = next(f for f in sorted((EXPORTS / form / "input").rglob("*")) if f.is_file())
    file = tmp_path / original.name
    file.write_bytes(original.read_bytes())
    inner = reconcile.case.choose_reader

    def changing(*given: object) -> object:
        if when == "before it is recognised":
            CHANGES[change](file)
            return inner(*given)  # type: ignore[arg-type]
        reader = inner(*given)  # type: ignore[arg-type]
        CHANGES[change](file)
        return reader

    monkeypatch.setattr(reconcile.case, "choose_reader", changing)
    with pytest.raises(SourceChanged):
        read(file)


def test_what_the_system_cannot_read_is_no_defect_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("sent_at,text,sender\n2024-03-01 09:00:05,好,甲\n", "utf-8")

    def failing(*_: object) -> object:
        raise OSError(5, "Input/output error", str(file))

    monkeypatch.setattr(reconcile.case, "choose_reader", failing)
    with pytest.raises(UnreadableSource, match="Input/output error"):
        read(file)
