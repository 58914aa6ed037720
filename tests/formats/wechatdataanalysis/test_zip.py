"""A folder with several of WeChatDataAnalysis' archives."""

import shutil
from pathlib import Path

import orjson
import pytest

from fixtures.exporters.files import packed
from fixtures.exporters.wechatdataanalysis import analysis, analysis_rows
from reconcile.case import read
from reconcile.errors import UnrecognisedSource
from tests.contracts.golden import EXPORTS

WHOLE = {"startTime": None, "endTime": None}


def _write(folder: Path, name: str, side: str, rows: slice) -> None:
    file = folder / name / "wechat_chat_export.zip"
    file.parent.mkdir()
    file.write_bytes(packed(analysis(side, WHOLE, analysis_rows(side)[rows])))


def test_an_old_and_a_new_archive_of_one_account_are_one_export(tmp_path: Path) -> None:
    _write(tmp_path, "old", "a", slice(10))
    _write(tmp_path, "new", "a", slice(5, None))
    ids = read(tmp_path).messages["message_id"].unique()
    assert sorted(ids.drop_nulls()) == sorted({str(r["serverId"]) for r in analysis_rows("a") if r["serverId"]})


def test_a_link_shows_its_title_above_the_description_that_is_its_content(tmp_path: Path) -> None:
    row = analysis_rows("a")[0] | {
        "renderType": "link",
        "type": 21474836529,
        "title": "租房指南",
        "content": "点击查看",
    }
    (tmp_path / "wechat_chat_export.zip").write_bytes(packed(analysis("a", WHOLE, [row])))
    assert read(tmp_path).messages.select("kind", "text").rows() == [("link", "租房指南\n点击查看")]


def test_archives_of_two_accounts_are_named_and_not_joined(tmp_path: Path) -> None:
    _write(tmp_path, "one", "a", slice(None))
    _write(tmp_path, "two", "b", slice(None))
    with pytest.raises(
        UnrecognisedSource, match="is none itself; name one for each side, or each of one party by --left"
    ):
        read(tmp_path)


def test_chats_taken_out_of_an_export_are_read_as_chats_of_it(tmp_path: Path) -> None:
    for name in ("王五", "赵六"):
        head = f"会话: {name}\n账号: wxid_jia\n导出时间: 2024-03-09 10:00:00\n\n"
        row = f"[2024-03-01 09:00:05] {name}(wxid_{name}): 房租金额=￥5000.00 状态=转账\n"
        (tmp_path / f"{name}.txt").write_text(head + row)
    reading = read(tmp_path)
    assert reading.facts.reader == "wechatdataanalysis_zip"
    assert reading.messages.select("sender_name", "kind", "text").rows() == [
        ("王五", "transfer", "房租"),
        ("赵六", "transfer", "房租"),
    ]


def test_months_of_a_chat_beside_other_files_are_read_wherever_they_lie(tmp_path: Path) -> None:
    export = {"schemaVersion": 1, "exportedAt": "2024-06-25T08:03:57", "account": "wxid_aaaaaaaa", "conversation": {"username": "wxid_bbbbbbbb", "displayName": "老何", "isGroup": False}, "filters": {}}  # fmt: skip
    for month in range(3):
        said = {"id": f"m:{month}", "localId": month, "serverId": 5109457349611781057 + month, "createTime": 1764518340 + month, "type": 1, "renderType": "text", "isSent": False, "senderUsername": "wxid_bbbbbbbb", "senderDisplayName": "老何", "content": f"第{month}句"}  # fmt: skip
        file = tmp_path / f"{month + 1}月" / "wechat_export" / "老何" / "messages.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(orjson.dumps(export | {"messages": [said]}))
    (tmp_path / "export.log").write_text("done\n", "utf-8")
    assert read(tmp_path).messages["text"].to_list() == ["第0句", "第1句", "第2句"]
    shutil.copytree(EXPORTS / "wechatexporter_txt" / "rent_side_a" / "input", tmp_path / "新手机")
    assert {"第0句", "第1句", "第2句"} <= {*read(tmp_path).messages["text"]}
