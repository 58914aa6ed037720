"""The guards of the review server hold on every route of the application."""

import pytest

from reconcile.app.server import Application
from tests.app.client import do, drop, new_case
from tests.review.client import Client

GETS = [
    "/",
    "/static/app.js",
    "/api/words",
    "/api/cases",
    "/api/case?case=x",
    "/api/folder",
    "/file/x/result/report.html",
    "/review/x/",
    "/review/x/api/case",
]
POSTS = [
    "/api/drop",
    "/api/piece",
    "/api/do/create",
    "/api/do/place",
    "/api/do/add",
    "/api/do/compare",
    "/api/do/report",
    "/review/x/api/judge",
]


@pytest.mark.parametrize("path", GETS)
def test_reading_needs_the_cookie_the_host_and_no_other_site(app: Application, path: str) -> None:
    client = Client(app.keys)
    assert client.ask("GET", path, {}).status == 403
    assert client.ask("GET", path, client.own | {"Host": f"evil.example:{app.keys.port}"}).status == 403
    assert client.ask("GET", path, client.own | {"Origin": "http://evil.example"}).status == 403
    answer = client.ask("GET", path, client.own)
    assert answer.status != 403
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", POSTS)
def test_a_wish_needs_its_own_origin_and_a_small_body_of_json(app: Application, path: str) -> None:
    client = Client(app.keys)
    json = client.own | {"Content-Type": "application/json"}
    assert client.ask("POST", path, json, b"{}").status == 403
    assert client.ask("POST", path, client.posting | {"Origin": "null"}, b"{}").status == 403
    plain = client.posting | {"Content-Type": "text/plain"}
    assert client.ask("POST", path, plain, b"{}").status in {400, 404}
    assert client.ask("POST", path, client.posting, b"{" + b" " * 5_000_000).status in {400, 404, 413}


@pytest.mark.parametrize("case", ["..", "../..", "%2e%2e", "/etc", "."])
def test_no_name_of_a_case_leads_out_of_the_folder(app: Application, case: str) -> None:
    client = Client(app.keys)
    assert do(app, "compare", case=case).status in {400, 404}
    assert client.ask("GET", f"/file/{case}/result/manifest.json", client.own).status == 404
    assert client.ask("GET", f"/review/{case}/", client.own).status == 404


def test_a_piece_goes_only_into_its_own_drop(app: Application) -> None:
    case = new_case(app, "放入")
    [piece, whole] = drop(app, case, "left", {"../../out.csv": b"x"})
    assert piece.json["error"] == "odd_name"
    assert whole.json["error"] == "no_such_drop"


def test_a_file_is_served_by_listed_name_alone(app: Application) -> None:
    case, client = new_case(app, "files"), Client(app.keys)
    for name in ("app.json", "..%2fapp.json", "%2e%2e/app.json"):
        assert client.ask("GET", f"/file/{case}/result/{name}", client.own).status == 404
        assert client.ask("GET", f"/file/{case}/./{name}", client.own).status == 404


def test_values_that_no_page_sends_are_refused(app: Application) -> None:
    assert do(app, "create", name="x", more=1).status == 400
    assert do(app, "create", name="x" * 10_000).status == 400
    assert do(app, "nothing").status == 404
    assert do(app, "report", case="files", forms=["exe"]).status == 400
