"""What a user does in the application, said over its JSON interface: nothing is lost, and each refusal names the next step."""

import errno
import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from fixtures.exporters.files import EXPORTS
from reconcile.app import cases
from reconcile.app.cases import CaseShelf, Finished, folder_name
from reconcile.app.errors import Refused
from reconcile.app.home import Home
from reconcile.app.server import Application, open_app, running_address, serve_app
from reconcile.app.uploads import safe_parts
from reconcile.cli.main import main
from tests.app.client import case_of, do, drop, new_case, settled
from tests.review.attacks import ATTACKS
from tests.review.client import Client


def test_two_exports_are_recognised_compared_and_reported_as_the_command_does(app: Application, disputes: Path) -> None:
    case = new_case(app, "借款")
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    files = {"b.csv": (disputes / "loan/b.csv").read_bytes(), "b.json": (disputes / "loan/b.json").read_bytes()}
    drop(app, case, "right", files)
    found = settled(app, case)
    assert [e["state"] for e in found["exports"]] == ["ready", "ready"]
    assert found["exports"][0]["facts"]["rows"] == 59
    assert do(app, "compare", case=case).status == 200
    found = settled(app, case)
    assert found["result"]["verdicts"][0]["grade"] == "conflicting"
    place = Path(found["folder"])
    assert found["finished"]["compare"]["command"].startswith("reconcile compare --left=")
    assert {"alignment.parquet", "manifest.json", "report.html"} <= {p.name for p in (place / "result").iterdir()}
    do(app, "report", case=case, forms=["xlsx"], mask="third")
    assert "reports-zh-masked" in {f["folder"] for f in settled(app, case)["files"]}
    client = Client(app.keys)
    assert client.ask("GET", f"/file/{_quoted(case)}/reports-zh-masked/findings.xlsx", client.own).body[:2] == b"PK"
    look = client.ask("GET", f"/file/{_quoted(case)}/result/report.html?look=1", client.own)
    assert look.headers["content-security-policy"].startswith("sandbox")
    assert client.get(f"/review/{_quoted(case)}/api/case")["conversations"][0]["grade"] == "conflicting"


def test_a_recognised_export_is_shown_by_the_names_of_form_and_people(app: Application, disputes: Path) -> None:
    case = new_case(app, "names")
    do(app, "add", case=case, side="left", path=str(disputes / "loan" / "a.csv"))
    facts = settled(app, case)["exports"][0]["facts"]
    assert facts["form"] == "reconcile 通用消息表"
    assert facts["conversations"][0]["name"] == "何俊（同学）"


def test_the_same_export_twice_is_refused_by_path_and_told_by_content(app: Application, disputes: Path) -> None:
    case, path = new_case(app, "重复"), str(disputes / "loan/a.csv")
    do(app, "add", case=case, side="left", path=path)
    assert do(app, "add", case=case, side="right", path=path).json["error"] == "given_twice"
    # Without the file that states facts of its table, it is the same export.
    drop(app, case, "right", {"a.csv": (disputes / "loan" / "a.csv").read_bytes()})
    assert settled(app, case)["exports"][1]["same_as"] == "1"
    assert do(app, "compare", case=case).json["error"] == "same_export"


def test_what_is_no_export_says_what_to_do(app: Application, tmp_path: Path) -> None:
    case = new_case(app, "错放")
    picture = tmp_path / "截图.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert do(app, "add", case=case, side="left", path=str(picture)).json["error"] == "is_picture"
    assert do(app, "add", case=case, side="left", path=str(tmp_path / "nowhere")).json["error"] == "path_not_there"
    assert do(app, "add", case=case, side="left", path="a.csv").json["error"] == "path_not_whole"
    do(app, "add", case=case, side="left", path=str(tmp_path))
    [export] = settled(app, case)["exports"]
    assert export["state"] == "failed"
    assert export["error"]
    assert do(app, "compare", case=case).json["error"] == "one_party_only"


def test_a_refused_drop_is_not_kept_and_a_submission_is_dropped_into_its_job(app: Application, disputes: Path) -> None:
    case = new_case(app, "截图")
    assert drop(app, case, "left", {"截图.png": b"\x89PNG\r\n\x1a\n"})[-1].json["error"] == "is_picture"
    place = Path(case_of(app, case)["folder"])
    assert list((place / "a").iterdir()) == []
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    settled(app, case)
    assert drop(app, case, "submission", {"b.csv": (disputes / "loan/b.csv").read_bytes()})[-1].status == 200
    done = settled(app, case)["finished"]["check"]
    assert done["code"] in {0, 1, 3}, done["error"]
    assert done["command"].startswith("reconcile check ")


def test_an_encrypted_store_asks_for_a_key_which_is_never_written(app: Application, tmp_path: Path) -> None:
    case, store = new_case(app, "加密"), tmp_path / "EnMicroMsg.db"
    store.write_bytes(bytes(range(256)) * 64)
    do(app, "add", case=case, side="left", path=str(store))
    [export] = settled(app, case)["exports"]
    assert (export["needs_key"], export["error"]) == (True, "")
    do(app, "tell", case=case, export=export["id"], key="0123secret4567")
    [export] = settled(app, case)["exports"]
    assert (export["state"], export["needs_key"], bool(export["error"])) == ("failed", True, True)
    assert not [p for p in app.desk.shelf.folder.rglob("*") if p.is_file() and b"0123secret" in p.read_bytes()]


def test_a_table_that_leaves_something_open_is_asked_about_by_its_columns_and_shown_as_the_user_says(
    app: Application, tmp_path: Path
) -> None:
    case, table = new_case(app, "自制表格"), tmp_path / "odd.csv"
    rows = [f"{n},2024-03-0{1 + n // 60} 09:{n % 60:02d},{1 + n * n % 3 % 2},话{n}a,话{n + 1}b" for n in range(90)]
    table.write_text("\n".join(["f1,f2,f3,f4,f5", *rows]), "utf-8")
    do(app, "add", case=case, side="left", path=str(table))
    [export] = settled(app, case)["exports"]
    assert (export["state"], export["mapping"]["spelled"]) == ("failed", "time=f2")
    assert {*export["mapping"]["unclear"]["text"]} == {"f4", "f5"}
    assert {"name": "f3", "values": ["1", "2"]} in export["mapping"]["fields"]
    told = {"columns": "time=f2,text=f4,sender=f3", "timezone": "", "owner": ""}
    do(app, "tell", case=case, export=export["id"], told=told)
    [export] = settled(app, case)["exports"]
    assert (export["state"], export["facts"]["sample"][0]["text"], export["is_confirmed"]) == ("ready", "话0a", False)


def test_a_folder_above_both_exports_is_taken_apart_and_the_other_partys_is_named(app: Application) -> None:
    case = new_case(app, "一并放入")
    files = {
        name: next((EXPORTS / "weflow_json" / name / "input").iterdir()) for name in ("rent_side_a", "rent_side_b")
    }
    drop(app, case, "left", {file.name: file.read_bytes() for file in files.values()})
    [export] = settled(app, case)["exports"]
    assert (export["state"], export["parts"]) == ("failed", 2)
    assert do(app, "compare", case=case).json["error"] == "one_party_only"
    do(app, "split", case=case, export=export["id"])
    first, second = settled(app, case)["exports"]
    assert [first["state"], second["state"], first["parts"]] == ["ready", "ready", 0]
    assert (first["other_account"], second["other_account"]) == ("", first["name"])
    do(app, "move", case=case, export=second["id"])
    assert settled(app, case)["exports"][1]["other_account"] == ""
    do(app, "remove", case=case, export=first["id"])
    assert Path(second["path"]).is_file()
    do(app, "remove", case=case, export=second["id"])
    assert list((Path(case_of(app, case)["folder"]) / "a").iterdir()) == []
    assert do(app, "split", case=case, export="9").json["error"] == "no_such_export"


def test_one_account_on_both_sides_is_told_before_the_comparison(app: Application) -> None:
    case = new_case(app, "同一账号")
    for side, name in (("left", "rent_side_a"), ("right", "old_without_ids_and_rows_missing")):
        do(app, "add", case=case, side=side, path=str(EXPORTS / "weflow_json" / name / "input"))
    assert [e["is_same_account"] for e in settled(app, case)["exports"]] == [False, True]


def test_an_export_that_is_read_another_way_is_confirmed_anew(app: Application, disputes: Path) -> None:
    case = new_case(app, "再次核对")
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    settled(app, case)
    do(app, "tell", case=case, export="1", is_confirmed=True)
    assert case_of(app, case)["exports"][0]["is_confirmed"]
    do(app, "tell", case=case, export="1", told={"timezone": "UTC"})
    assert not settled(app, case)["exports"][0]["is_confirmed"]


def test_a_case_is_the_same_after_a_new_start(app: Application, disputes: Path) -> None:
    case = new_case(app, "重启")
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    before = settled(app, case)
    stored = json.loads((Path(before["folder"]) / "app.json").read_text("utf-8"))
    assert stored["exports"][0]["facts"]["rows"] == before["exports"][0]["facts"]["rows"]
    do(app, "remove", case=case, export="1")
    assert case_of(app, case)["exports"] == []
    assert (disputes / "loan/a.csv").exists()


def test_commands_one_after_the_other_need_no_process_each(app: Application, disputes: Path) -> None:
    case = new_case(app, "接连")
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    settled(app, case)
    before = {p.pid for p in multiprocessing.active_children()}
    do(app, "add", case=case, side="right", path=str(disputes / "loan/b.csv"))
    settled(app, case)
    assert before
    assert {p.pid for p in multiprocessing.active_children()} <= before


@pytest.mark.parametrize("says", [{}, {"cases": True}, {"cases": True, "port": 0}])
def test_a_second_start_opens_the_one_that_serves_the_folder(
    app: Application, says: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILE_HOME", str(app.home.folder))
    monkeypatch.setattr(Application, "run", lambda _: pytest.fail("a second server"))
    cases = app.desk.shelf.folder if says.get("cases") else None
    told: list[str] = []
    serve_app(main, "zh", cases, says.get("port"), open_browser=False, announce=told.append)
    assert app.keys.url in told[0]


def test_an_application_of_another_folder_leaves_the_record_of_the_first_one(app: Application, tmp_path: Path) -> None:
    app.home.begin(tmp_path, 1, "other")
    try:
        assert running_address(app.home, app.desk.shelf.folder) == app.keys.url
    finally:
        app.home.end(tmp_path)
    assert running_address(app.home, tmp_path) is None


def test_a_port_that_is_taken_just_now_is_asked_for_again_the_next_time(app: Application, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.remember(port=app.keys.port)
    other = open_app(home, main, "zh", tmp_path / "cases")
    with other.listener:
        assert other.keys.port != app.keys.port
        assert home.port == app.keys.port


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../b", "a\\b", "C:x", "", "a//b", "..", "con", "a\0b", "a/nul.txt"]
)
def test_a_dropped_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(Refused):
        safe_parts(name)


def test_any_name_of_a_case_becomes_one_folder(tmp_path: Path) -> None:
    for attack in ATTACKS:
        assert (tmp_path / folder_name(attack)).parent == tmp_path
        assert len(folder_name(attack).encode()) < 250


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)


def test_what_ends_while_the_disk_is_full_is_known_and_written_with_the_next_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    shelf = CaseShelf(tmp_path)
    name = shelf.create("满")
    with monkeypatch.context() as disk:
        disk.setattr(cases, "write_files", full)
        with shelf.changing(name, keeps=True) as case:
            case.finished.append(Finished(what="report", command="", code=2, error="磁盘空间已满"))
        with pytest.raises(OSError, match="No space"), shelf.changing(name) as case:
            case.name = "别名"
        with pytest.raises(OSError, match="No space"):
            shelf.create("又一案")
        assert [shelf.load(name).finished[0].error, shelf.load(name).name] == ["磁盘空间已满", "满"]
    assert shelf.names() == [name]
    with shelf.changing(name) as case:
        case.left_name = "甲"
    assert CaseShelf(tmp_path).load(name).finished[0].error == "磁盘空间已满"
