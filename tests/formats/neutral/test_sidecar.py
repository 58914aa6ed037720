"""What the sidecar of a message table states."""

import json
from pathlib import Path

import reconcile


def test_a_group_is_called_by_the_name_that_the_sidecar_states(tmp_path: Path) -> None:
    row = "7@chatroom,group,2024-03-01T09:00:00+08:00,wxid_a,hello\n"
    (tmp_path / "a.csv").write_text(f"conversation,conversation_kind,sent_at,sender,text\n{row}", "utf-8")
    groups = [{"id": "7@chatroom", "name": "项目群"}, {"id": ["odd"]}, "odd"]
    (tmp_path / "a.json").write_text(json.dumps({"groups": groups}), "utf-8")

    reading = reconcile.read(tmp_path / "a.csv")

    assert reading.conversations["title"].to_list() == ["项目群"]
