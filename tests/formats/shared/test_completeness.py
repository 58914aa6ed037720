"""What an export says of its own completeness bounds what the other side's messages show."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconcile import compare
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.formats.inferred.layouts import CHINA

START = datetime(2024, 3, 5, 10, 0, tzinfo=CHINA)
ROWS = [(START + timedelta(minutes=9 * i), ("Anna", "Ben")[i % 2], f"word number {i} of this chat") for i in range(40)]


def export(
    path: Path, rows: list[tuple[datetime, str, str]], other: bool = False, chat: str = "Ben", **beside: Any
) -> Reading:
    chats = [{"chat": chat, "messages": [{"time": t.isoformat(), "sender": n, "text": x} for t, n, x in rows]}]
    if other:
        early, late = START - timedelta(days=30), START + timedelta(days=30)
        told = [(early, "Carl", "early words"), (late, "Carl", "late words"), (late, "Anna", "later words")]
        chats.append(
            {"chat": "Carl", "messages": [{"time": t.isoformat(), "sender": n, "text": x} for t, n, x in told]}
        )
    path.write_text(json.dumps({**beside, "chats": chats} if other else {**beside, **chats[0]}), "utf-8")
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions())


def relations(left: Reading, right: Reading) -> dict[str, int]:
    found = compare(left, right).alignment
    return {
        f"{r}/{c}": n
        for r, c, n in found.group_by(found["relation"].cast(str), found["cause"].cast(str)).len().iter_rows()
        if r != "agreement"
    }


@pytest.mark.parametrize("beside", [{"paging": {"has_more": True}}, {"limit": 30}, {"meta": {"status": "windowed"}}])
def test_rows_beyond_the_ends_that_an_export_claims_are_missing_to_nobody(
    beside: dict[str, Any], tmp_path: Path
) -> None:
    part = export(tmp_path / "part.json", ROWS[5:35], **beside)
    told = relations(export(tmp_path / "whole.json", ROWS), part)
    assert told == {"set_aside/outside_coverage": 10}
    assert [(f.from_at, f.to_at) for f in part.facts.filters] == [(ROWS[5][0], ROWS[34][0])]


def test_a_later_message_of_another_chat_shows_no_reach_where_there_are_more_pages(tmp_path: Path) -> None:
    whole = export(tmp_path / "whole.json", ROWS)
    bare = export(tmp_path / "bare.json", ROWS[:30], other=True)
    paged = export(tmp_path / "paged.json", ROWS[:30], other=True, has_more=True)
    assert relations(whole, bare)["one_sided/unexplained"] == 10
    assert relations(whole, paged)["set_aside/outside_coverage"] == 10


def test_a_hole_between_the_ends_is_found_whatever_more_pages_there_are(tmp_path: Path) -> None:
    part = export(tmp_path / "part.json", [*ROWS[:12], *ROWS[15:]], has_more=True)
    assert relations(export(tmp_path / "whole.json", ROWS), part) == {"one_sided/unexplained": 3}


def test_rows_that_the_tool_says_it_skipped_put_a_hole_in_doubt(tmp_path: Path) -> None:
    part = export(tmp_path / "part.json", [*ROWS[:12], *ROWS[15:]], stats={"skipped": 3})
    findings = compare(export(tmp_path / "whole.json", ROWS), part)
    assert findings.alignment["relation"].cast(str).value_counts().sort("count").rows() == [
        ("doubtful", 3),
        ("agreement", 37),
    ]
    assert findings.verdicts["grade"].cast(str).to_list() == ["cannot_determine"]
    assert [d.note for d in part.facts.declared] == ["stats.skipped=3"]


def test_an_export_that_may_be_stale_claims_nothing_after_its_last_row(tmp_path: Path) -> None:
    part = export(tmp_path / "part.json", ROWS[:30], meta={"status": "possibly_stale"})
    assert part.facts.filters[0].from_at is None
    assert relations(export(tmp_path / "whole.json", ROWS), part) == {"set_aside/outside_coverage": 10}


@pytest.mark.parametrize(
    ("where", "told"), [("beside", "one_sided/unexplained"), ("same", "doubtful/indistinguishable")]
)
def test_a_file_that_says_it_is_incomplete_excuses_no_row_of_another_chat_in_the_folder(
    where: str, told: str, tmp_path: Path
) -> None:
    (folder := tmp_path / "left").mkdir()
    export(folder / "Ben.json", [*ROWS[:20], *ROWS[21:]], partial=where == "same")
    talk = [(t, {"Ben": "Carl"}.get(n, n), f"{x}, Carl") for t, n, x in ROWS]
    export(folder / "Carl.json", talk, chat="Carl", partial=where == "beside")
    source = Source(folder)
    part = identify(all_readers(), source).read(source, ReadOptions())
    missing = relations(part, export(tmp_path / "whole.json", ROWS))
    assert {k: n for k, n in missing.items() if not k.startswith("set_aside")} == {told: 1}
