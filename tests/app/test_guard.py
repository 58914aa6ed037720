"""The guards hold on every route of the application and of the review pages that it serves: each stands in the table, none is named here."""

import json
import re
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount, Route

from reconcile.app.cases import CaseShelf
from reconcile.app.desk import Desk
from reconcile.app.home import Home
from reconcile.app.jobs import Jobs
from reconcile.app.routes import ACTS, Wish, build
from reconcile.app.server import Application
from reconcile.cli.main import main
from reconcile.review import listener
from reconcile.review.app import build_app
from reconcile.review.store import CaseFolder
from tests.app.client import do, drop, new_case
from tests.review.attacks import ATTACKS, NAMES
from tests.review.build import dispute, write
from tests.review.client import PATIENCE, Client

CASE = "走查"
# What stands in the place of each part of a path; a route with another part fails until it is named here.
PARTS = {
    "name": "app.js",
    "case": CASE,
    "folder": "result",
    "side": "left",
    "row": "0",
    "place": "0",
    "form": "csv",
}
ODD = ["..", "%2e%2e", "..%2f..%2fapp.json", "%00", ".", "%5c..%5c", "a" * 3000]


@cache
def table() -> tuple[tuple[str, str], ...]:
    """Method and path pattern of every route: the application's, each of its acts, and the review page's below a case."""
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        review = build_app(CaseFolder(write(folder / "case", dispute())), "zh", {})
        app = build(Desk(CaseShelf(folder), Jobs(main)), Home(folder), "zh")
    return tuple(sorted(set(_routes(app.routes, review.routes))))


def _routes(routes: Any, below: Any, before: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _routes(below, (), before + route.path.replace("/{path:path}", ""))
            continue
        assert isinstance(route, Route), route
        for method in sorted((route.methods or set()) - {"HEAD"}):
            acts = ACTS if "{act}" in route.path else [""]
            yield from ((method, before + route.path.replace("{act}", act)) for act in acts)


def filled(pattern: str, **other: str) -> str:
    """The pattern with a value in the place of each part."""
    values = {name: _quoted(value) for name, value in PARTS.items()} | other
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: values[part[1]], pattern)


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value)


@pytest.fixture(scope="module")
def served(app: Application) -> Application:
    """The application with a case that has results to review."""
    name = new_case(app, CASE)
    write(app.desk.shelf.folder / name / "result", dispute())
    return app


@pytest.mark.parametrize(("method", "pattern"), table())
def test_every_route_answers_its_own_page_alone(served: Application, method: str, pattern: str) -> None:
    client, path = Client(served.keys), filled(pattern)
    own = client.posting if method == "POST" else client.own
    body = b"{}" if method == "POST" else None
    host = f"127.0.0.1:{served.keys.port}"
    foreign: list[dict[str, str]] = [
        {name: value for name, value in own.items() if name != "Cookie"},
        own | {"Cookie": f"{served.keys.cookie}=x"},
        *(own | {"Host": name} for name in (f"evil.example:{served.keys.port}", "127.0.0.1", "127.0.0.1:1")),
        *(own | {"Origin": name} for name in ("http://evil.example", "null", f"https://{host}", "http://127.0.0.1:1")),
    ]
    if pattern != "/":  # the printed address may stand in a mail
        foreign += [own | {"Sec-Fetch-Site": name} for name in ("cross-site", "same-site")]
    if method == "POST":
        foreign.append({name: value for name, value in own.items() if name != "Origin"})
    assert {client.ask(method, path, headers, body).status for headers in foreign} == {403}
    assert {client.ask(other, path, own, body).status for other in ("PUT", "DELETE", "OPTIONS")} == {403}
    asked = client.ask(method, path, own, body)
    assert asked.status not in {403, 500}, asked.body
    assert asked.headers["x-frame-options"] == "DENY"
    assert asked.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in asked.headers["content-security-policy"]
    if pattern != "/":
        assert client.ask("GET", f"{path}?token={served.keys.token}", {}).status == 403


@pytest.mark.parametrize(("method", "pattern"), [(m, p) for m, p in table() if "{" in p])
def test_no_part_of_a_path_leads_elsewhere(served: Application, method: str, pattern: str) -> None:
    client = Client(served.keys)
    own, body = (client.posting, b"{}") if method == "POST" else (client.own, None)
    for part in re.findall(r"\{(\w+)", pattern):
        for odd in ODD:
            answer = client.ask(method, filled(pattern, **{part: odd}), own, body)
            is_page = (
                answer.status == 200 and b"<!doctype html>" in answer.body
            )  # the dots of a path that the client took out
            assert answer.status in {307, 400, 404} or is_page, (part, odd, answer.status)
            assert b'"version"' not in answer.body


@pytest.mark.parametrize("pattern", [p for m, p in table() if m == "POST"])
def test_a_body_is_small_json_of_the_page(served: Application, pattern: str) -> None:
    client, path = Client(served.keys), filled(pattern)
    is_piece = pattern.endswith("/piece")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert client.ask("POST", path, client.posting | {"Content-Type": kind}, b"{}").status in {400, 404}
    for body in (b"{" + b" " * 70_000, b"[" * 60_000, b"{", b"null", b'{"case": 1}', b'{"\xff": 1}', b'{"x": 1}'):
        assert client.ask("POST", path, client.posting, body).status in ({400, 404} if not is_piece else {400})
    large = {"Content-Type": "application/octet-stream"} if is_piece else {}
    assert client.ask("POST", path, client.posting | large, b" " * (5_000_000 if is_piece else 70_000)).status in {
        400,
        404,
        413,
    }


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_opponents_words_are_words_in_every_field(served: Application, act: str) -> None:
    client = Client(served.keys)
    before = {p.name for p in served.desk.shelf.folder.parent.iterdir()}
    fields = [name for name, field in Wish.model_fields.items() if field.annotation in (str, str | None)]
    for attack in (*ATTACKS[::8], *NAMES, "/a\0b"):
        for case in (CASE, attack):
            wish: dict[str, str] = dict.fromkeys(fields, attack[:80]) | {"case": case[:200]}
            answer = client.ask("POST", f"/api/do/{act}", client.posting, json.dumps(wish).encode())
            assert answer.status < 500, (attack, answer.body)
    assert {p.name for p in served.desk.shelf.folder.parent.iterdir()} == before


def test_a_case_of_any_name_lies_in_the_folder_of_cases(served: Application) -> None:
    for attack in ATTACKS[::8]:
        answer = do(served, "create", name=attack[:120])
        assert answer.status == 200
        assert (served.desk.shelf.folder / answer.json["id"]).parent == served.desk.shelf.folder


@pytest.mark.parametrize("path", ["/api/folder?path=", "/api/case?case=", "/api/maskable?case="])
def test_an_opponents_words_are_words_in_every_address(served: Application, path: str) -> None:
    client = Client(served.keys)
    for attack in (*ATTACKS[::4], "/" + "a" * 3000):
        assert client.ask("GET", path + _quoted(attack), client.own).status < 500


def test_who_sends_slowly_holds_no_connection(served: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "REQUEST_SECONDS", 0.05)
    for begun in (b"", b"POST /api/piece HTTP/1.1\r\nHost:", b"GET /api/cases HTTP/1.1\r\nX: "):
        with socket.create_connection(("127.0.0.1", served.keys.port), timeout=PATIENCE) as line:
            line.sendall(begun)
            assert line.recv(1) == b""


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
