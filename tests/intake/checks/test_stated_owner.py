"""A stated owner whom nobody of the export can be is refused with the names that are there."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UsageError
from reconcile.intake.contract import ReadOptions

TABLE = "sent_at,sender,text\n2024-03-01 09:00:05,张三,早\n2024-03-01 09:00:12,李四,好\n"


def test_an_owner_whom_nobody_bears_is_refused_and_one_who_is_there_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE, "utf-8")
    with pytest.raises(UsageError, match=r"nobody in a\.csv bears this account or name; senders are 张三, 李四"):
        read(tmp_path / "a.csv", None, ReadOptions(owner="王五"))
    assert read(tmp_path / "a.csv", None, ReadOptions(owner="李四")).facts.owner.id == "李四"


def test_an_export_that_marks_its_owners_messages_takes_any_account(tmp_path: Path) -> None:
    rows = TABLE.replace("sent_at,", "is_self,sent_at,").replace("2024-03-01 09:00:05", "true,2024-03-01 09:00:05")
    (tmp_path / "a.csv").write_text(rows.replace("\n2024-03-01 09:00:12", "\nfalse,2024-03-01 09:00:12"), "utf-8")
    assert read(tmp_path / "a.csv", None, ReadOptions(owner="wxid_zhang")).facts.owner.id == "wxid_zhang"
