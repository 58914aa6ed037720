"""A form that no reader knows is read right, or refused; it is never misread silently."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.formats.inferred.reader import InferredForm
from reconcile.formats.registry import all_readers
from reconcile.inspection import describe, save_mapping
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.formats.inferred.layouts import LAYOUTS, S
from tests.thorough import some


@pytest.mark.parametrize("name", some(LAYOUTS))
def test_a_layout_is_read_row_by_row(name: str, tmp_path: Path) -> None:
    file, data, step = LAYOUTS[name]
    (tmp_path / file).write_bytes(data)
    source = Source(tmp_path / file)
    reading = identify(all_readers(), source).read(source, ReadOptions())
    rows = [r for r in S if name != "pipes" or "\n" not in r["text"]]
    bare = "gbk" in name and not file.endswith("json")
    told = [r["text"].replace("😊", "") if bare else r["text"] for r in rows]
    if name == "csv_unquoted":
        told = [t.replace("\n", " ") + ",ok" for t in told]
    assert reading.messages["text"].to_list() == told
    moved = timedelta(days=20) if name == "dotted_day_first" else timedelta(0)
    assert [int(t.timestamp()) // step for t in reading.messages["sent_at"]] == [
        int((r["at"] + moved).timestamp()) // step for r in rows
    ]
    seen = dict(
        zip(
            reading.messages["sender"].fill_null("?") + reading.messages["is_self"].cast(str).fill_null(""),
            (r["who"] for r in rows),
            strict=True,
        )
    )
    assert len(seen) == 2
    assert [
        seen[k] for k in reading.messages["sender"].fill_null("?") + reading.messages["is_self"].cast(str).fill_null("")
    ] == [r["who"] for r in rows]
    if name != "csv_unquoted":
        assert reading.messages["kind"].to_list() == [r["kind"] for r in rows]


def test_a_form_is_named_as_inferred(tmp_path: Path) -> None:
    file, data, _ = LAYOUTS["nested_epoch"]
    (tmp_path / file).write_bytes(data)
    source = Source(tmp_path / file)
    assert identify(all_readers(), source).name == InferredForm.name


def test_a_saved_mapping_reads_the_same_rows(tmp_path: Path) -> None:
    file, data, _ = LAYOUTS["nested_epoch"]
    (tmp_path / file).write_bytes(data)
    found = describe(tmp_path / file, None, ReadOptions())
    assert found["mapping"]["choices"]["sender"]["column"] == "from.id"
    assert len(found["samples"]) == 5
    for name in ("map.toml", "map.json"):
        save_mapping(found, tmp_path / name)
        told = ReadOptions(columns=parse_columns(str(tmp_path / name)))
        again = InferredForm().read(Source(tmp_path / file), told)
        assert again.messages["text"].to_list() == [r["text"] for r in S]


def test_two_fields_that_may_be_the_sender_are_asked_about(tmp_path: Path) -> None:
    rows = [
        {"t": f"2024-03-01 09:{i:02}:05", "x": "甲乙"[i % 2], "y": "乙甲"[i % 2], "z": f"话{i},好的"} for i in range(12)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    with pytest.raises(UsageError, match=r"sender: . / ."):
        InferredForm().read(Source(tmp_path / "a.json"), ReadOptions())
