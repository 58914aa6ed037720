"""A form that no reader knows is read right, or refused; it is never misread silently."""

from pathlib import Path

import pytest

from reconcile.formats.inferred.reader import InferredForm
from reconcile.formats.registry import READERS
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.formats.inferred.layouts import LAYOUTS, S


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_row_by_row(name: str, tmp_path: Path) -> None:
    file, data, step = LAYOUTS[name]
    (tmp_path / file).write_bytes(data)
    source = Source(tmp_path / file)
    reading = identify(READERS, source).read(source, ReadOptions())
    rows = [r for r in S if name != "pipes" or "\n" not in r["text"]]
    bare = "gbk" in name and not file.endswith("json")
    told = [r["text"].replace("😊", "") if bare else r["text"] for r in rows]
    assert reading.messages["text"].to_list() == told
    assert [int(t.timestamp()) // step for t in reading.messages["sent_at"]] == [
        int(r["at"].timestamp()) // step for r in rows
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
    assert reading.messages["kind"].to_list() == [r["kind"] for r in rows]


def test_a_form_is_named_as_inferred(tmp_path: Path) -> None:
    file, data, _ = LAYOUTS["nested_epoch"]
    (tmp_path / file).write_bytes(data)
    source = Source(tmp_path / file)
    assert identify(READERS, source).name == InferredForm.name
