"""What else the application does for a case, each by the command that a user could type; and the batch over many disputes."""

import shlex
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from reconcile.app.server import Application
from tests.app.client import case_of, do, new_case, settled
from tests.review.client import Client


def told(app: Application, case: str, act: str, **values: Any) -> Any:
    """How a job of the case ended."""
    answer = do(app, act, case=case, **values)
    assert answer.status == 200, answer.body
    return settled(app, case)["finished"][act]


def compared(app: Application, name: str, disputes: Path) -> str:
    case = new_case(app, name)
    do(app, "add", case=case, side="left", path=str(disputes / "loan/a.csv"))
    do(app, "add", case=case, side="right", path=str(disputes / "loan/b.csv"))
    settled(app, case)
    do(app, "compare", case=case)
    assert settled(app, case)["result"]
    return case


def test_seals_statements_and_guides_lie_where_the_command_puts_them(app: Application, disputes: Path) -> None:
    case = new_case(app, "其他")
    assert do(app, "seal", case=case).json["error"] == "no_exports"
    assert do(app, "verify", case=case, what="../x").json["error"] == "no_such_seal"
    path = app.desk.shelf.folder / "own.csv"
    shutil.copy(disputes / "loan/a.csv", path)
    do(app, "add", case=case, side="left", path=str(path))
    settled(app, case)
    assert told(app, case, "seal")["folder"] == "seal-1"
    assert told(app, case, "verify", what="seal-1")["code"] == 0
    path.write_bytes(path.read_bytes() + b"\n")
    assert told(app, case, "verify", what="seal-1")["code"] == 1
    bill = told(app, case, "bill", path=str(path), key="geheim123")
    assert (bill["code"], "支付账单" in bill["error"]) == (2, True)
    assert told(app, case, "guide", form="docx")["code"] == told(app, case, "guide", form="docx")["code"] == 0
    names = {(f["folder"], f["name"]) for f in case_of(app, case)["files"]}
    assert {("guide", "guide-zh.docx"), ("seal-1", "statement.json")} <= names
    stored = [p for p in app.desk.shelf.folder.rglob("*") if p.is_file() and b"geheim123" in p.read_bytes()]
    assert stored == []


def test_reports_hold_nothing_that_is_masked_and_name_the_key_that_cannot_sign_them(
    app: Application, disputes: Path
) -> None:
    case = compared(app, "遮蔽", disputes)
    client = Client(app.keys)
    listed = client.get(f"/api/maskable?case={quote(case)}")
    person = next(p["names"] for p in listed["people"] if "文海" in p["names"])
    assert do(app, "report", case=case, forms=["json"], mask="chosen").json["error"] == "nothing_chosen"
    masks = {"people": [person], "numbers": []}
    done = told(app, case, "report", forms=["json"], mask="chosen", masks=masks)
    place = Path(case_of(app, case)["folder"])
    assert f"--masks={place}/masks.json" in shlex.split(done["command"])
    assert "文海" not in (place / done["folder"] / "findings.json").read_text("utf-8")
    assert orjson.loads((place / "masks.json").read_bytes())["people"] == [person]
    key = place / "证书.p12"
    assert do(app, "report", case=case, forms=["pdf"], path=str(key)).json["error"] == "path_not_there"
    key.write_bytes(b"no key")
    done = told(app, case, "report", forms=["pdf"], path=str(key), key="geheim123")
    assert f"--sign={key}" in shlex.split(done["command"])
    assert (done["code"], done["error"].startswith(f"{key}：无法打开")) == (2, True)
    done = told(app, case, "report", forms=["pdf"], timestamp="ftp://tsa.example/")
    assert "--timestamp=ftp://tsa.example/" in shlex.split(done["command"])
    assert (done["code"], done["error"].startswith("ftp://tsa.example/：应为")) == (2, True)
    stored = [p for p in app.desk.shelf.folder.rglob("*") if p.is_file() and b"geheim123" in p.read_bytes()]
    assert stored == []


def test_a_batch_is_listed_by_score_and_a_dispute_opens_as_a_case(
    app: Application, disputes: Path, tmp_path: Path
) -> None:
    shutil.copytree(disputes, tmp_path / "many")
    client = Client(app.keys)
    assert do(app, "batch", path=str(tmp_path / "many")).status == 200
    while (batch := client.get("/api/cases?lang=zh")["batch"])["running"]:
        time.sleep(0.2)
    assert [row["case"] for row in batch["scored"]] == ["loan", "group_renovation"]
    opened = do(app, "open_dispute", name="loan").json
    assert opened["result"]["verdicts"][0]["grade"] == "conflicting"
    assert do(app, "open_dispute", name="loan").json["id"] == opened["id"]
    assert do(app, "open_dispute", name="../x").json["error"] == "path_not_there"
    settled(app, opened["id"])
