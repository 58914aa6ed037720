"""The page's server: who may speak to it, and what it answers."""

import asyncio
import json
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.responses import PlainTextResponse

from reconcile.case import compare
from reconcile.custody.decisions import LOG_NAME, load_decisions, read_log
from reconcile.errors import CaseNotFound, UnreadableSource, UsageError
from reconcile.options import CaseOptions
from reconcile.review import listener
from reconcile.review.app import Pages
from reconcile.review.guard import Keys
from reconcile.review.server import open_review
from reconcile.review.static_files import static_files
from reconcile.review.store import CaseFolder
from reconcile.vocabulary import Side
from tests.command import started
from tests.review.build import dispute, hostile, write
from tests.review.client import PATIENCE, Client, serving

DISPUTES = Path(__file__).parent.parent.parent / "fixtures" / "disputes"
CONFLICT, GAP = {"left": 20, "right": 20}, {"left": 22}


def lines(client: Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/lines?{urlencode({'c': 0, 'count': 400} | query)}")["lines"]
    return found


def test_the_printed_address_lets_a_browser_in(reading: Client) -> None:
    answer = reading.ask("GET", f"/?token={reading.keys.token}", {})
    assert (answer.status, reading.keys.session in answer.headers["set-cookie"]) == (200, True)


def test_the_cookie_is_kept_from_scripts_and_other_sites(reading: Client) -> None:
    cookie = reading.ask("GET", f"/?token={reading.keys.token}", {}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_ticket_of_the_started_browser_is_good_once(client: Client) -> None:
    path = f"/?token={client.keys.ticket}"
    assert [client.ask("GET", path, {}).status for _ in range(2)] == [200, 403]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "reconcile_review=x"},
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/case", "/api/lines?c=0", "/static/main.js", "/export/decisions.csv"])
def test_a_foreign_request_is_refused(reading: Client, headers: dict[str, str], path: str) -> None:
    named = {name: value.format(port=reading.keys.port) for name, value in headers.items()}
    cookie = reading.own if headers and "Cookie" not in headers else {}
    assert reading.ask("GET", path, cookie | named).status == 403


def test_a_second_origin_is_heeded_too(reading: Client) -> None:
    lines = ["GET /api/case HTTP/1.1", f"Host: 127.0.0.1:{reading.keys.port}", *map(": ".join, reading.own.items())]
    lines += [f"Origin: http://127.0.0.1:{reading.keys.port}", "Origin: http://evil.example", "Connection: close"]
    with socket.create_connection(("127.0.0.1", reading.keys.port), timeout=PATIENCE) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        assert line.recv(12) == b"HTTP/1.1 403"


def test_a_wrong_token_is_refused(reading: Client) -> None:
    assert reading.ask("GET", "/?token=x", {}).status == 403


def test_the_token_opens_nothing_but_the_page(reading: Client) -> None:
    assert reading.ask("GET", f"/api/case?token={reading.keys.token}", {}).status == 403


@pytest.mark.parametrize(
    "left_out",
    [
        {"Origin": None},
        {"Cookie": None},
        {"Origin": "http://evil.example"},
        {"Content-Type": "text/plain"},
        {"Content-Type": None},
    ],
)
def test_a_post_that_the_page_did_not_make_writes_nothing(
    client: Client, folder: Path, left_out: dict[str, str | None]
) -> None:
    headers = {k: v for k, v in (client.posting | left_out).items() if v is not None}
    body = json.dumps({"conversation": 0, "reviewer": "x", "judgement": "not_same"} | CONFLICT).encode()
    answer = client.ask("POST", "/api/judge", headers, body)
    assert answer.status in (400, 403)
    assert not (folder / LOG_NAME).exists()


@pytest.mark.parametrize("path", ["/", "/api/case", "/api/lines?c=0", "/export/decisions.csv"])
def test_nothing_of_the_case_stays_in_the_browsers_store(reading: Client, path: str) -> None:
    assert reading.ask("GET", path, reading.own).headers["cache-control"] == "no-store"


def test_other_methods_are_refused(reading: Client) -> None:
    assert [
        reading.ask(method, "/api/case", reading.own).status for method in ("PUT", "DELETE", "OPTIONS", "TRACE")
    ] == [403] * 4


@pytest.mark.parametrize("path", ["/", "/api/case", "/static/main.js", "/nothing", "/?token=x"])
def test_every_answer_forbids_foreign_content(reading: Client, path: str) -> None:
    policy = reading.ask("GET", path, reading.own).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/.",
        "/etc/passwd",
        "/api/picture/left/../../x",
    ],
)
def test_no_path_reaches_the_file_system(reading: Client, path: str) -> None:
    assert reading.ask("GET", path, reading.own).status == 404


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for name, file in static_files().items():
        text = file.content.decode()
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), name
        assert "https://" not in text, name
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=", "onclick="):
            assert sink not in text, (name, sink)


@pytest.mark.parametrize(
    "path",
    [
        "/api/lines?c=99",
        "/api/lines?c=-1",
        "/api/lines?c=x",
        "/api/lines?c=0&start=99999999999999",
        "/api/lines?c=0&relation=nothing",
        "/api/lines?c=0&since=yesterday",
        f"/api/lines?c=0&words={'x' * 500}",
        "/api/line?c=0&line=99999",
        "/api/lines?c=0&least=abc",
        "/api/lines?c=²",
    ],
)
def test_odd_questions_get_a_plain_refusal(reading: Client, path: str) -> None:
    assert reading.ask("GET", quote(path, safe="/?&=%-"), reading.own).status == 400


def test_a_body_too_long_is_refused(client: Client) -> None:
    assert client.judge(judgement="not_same", note="x" * 100_000, **CONFLICT).status == 400


def test_conversations_stand_worst_first(reading: Client) -> None:
    grades = [c["grade"] for c in reading.get("/api/case")["conversations"]]
    assert grades == ["conflicting", "explained_differences", "no_gap_found"]


def test_findings_are_runs_of_neighbouring_lines(reading: Client) -> None:
    found = reading.get("/api/findings?c=0")["findings"]
    spans = [(f["relation"], f["holder"], f["last"] - f["first"] + 1) for f in found]
    assert spans == [
        ("conflict", "both", 1),
        ("one_sided", "left", 3),
        ("doubtful", "both", 1),
        ("doubtful", "right", 1),
        ("one_sided", "left", 1),
        ("one_sided", "right", 1),
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"relation": "conflict"}, 1),
        ({"relation": "conflict,doubtful"}, 3),
        ({"cause": "unexplained"}, 5),
        ({"kind": "transfer"}, 1),
        ({"sender": "李娜"}, 58),
        ({"since": "2024-03-03"}, 2),
        ({"until": "2024-03-01", "relation": "one_sided"}, 4),
        ({"least": "20000"}, 1),
        ({"most": "100"}, 0),
        ({"words": "收条"}, 2),
        ({"words": "先还两千", "relation": "one_sided"}, 1),
        ({"state": "open"}, 8),
        ({"state": "judged"}, 0),
    ],
)
def test_filters_pass_what_they_say(reading: Client, query: dict[str, str], count: int) -> None:
    assert reading.get(f"/api/lines?{urlencode({'c': 0} | query)}")["total"] == count


def test_search_knows_no_letter_case(tmp_path: Path) -> None:
    with serving(write(tmp_path / "case", hostile(["Hello WORLD"]))) as client:
        assert client.get("/api/lines?c=0&words=hello+world")["total"] == 1


def test_steps_go_from_finding_to_finding(reading: Client) -> None:
    places = [
        reading.get(f"/api/step?c=0&line={line}&step={step}")["line"]
        for line, step in ((-1, 1), (20, 1), (22, -1), (99, 1))
    ]
    assert places == [20, 22, 20, None]


def test_a_step_among_open_lines_skips_judged_ones(client: Client) -> None:
    client.judge(judgement="not_same", note="原件所载不同", **CONFLICT)
    assert client.get("/api/step?c=0&line=-1&what=open")["line"] == 22


def test_a_line_tells_its_gap_and_oddities(reading: Client) -> None:
    found = reading.get("/api/line?c=0&line=22")
    assert (found["gap"]["not_excluded"], found["irregularities"][0]["reason"]) == (["not_synchronised"], "no_slot")


def test_a_line_tells_what_decided_about_it(tmp_path: Path) -> None:
    files = [DISPUTES / "loan" / f"{side}.csv" for side in "ab"]
    compare(files[0], files[1], tmp_path / "case", CaseOptions(reports=(), error_rates=False))
    with serving(tmp_path / "case") as client:
        place = CaseFolder(tmp_path / "case").conversation(0)
        conflict, aside = (client.get(f"/api/line?c=0&line={place.line_of(Side.LEFT, n)}")["account"] for n in (46, 57))
    assert {f["name"] for f in conflict["factors"]} == {"ids", "content", "time", "sender"}
    assert (aside["hypotheses"][0]["cause"], aside["hypotheses"][0]["state"]) == ("not_delivered", "permitted")
    assert aside["changes"][-1]["text"] == "undone"


def test_a_folder_without_accounts_is_shown_without_them(reading: Client) -> None:
    assert reading.get("/api/line?c=0&line=22")["account"] is None


def test_the_minimap_counts_every_finding(reading: Client) -> None:
    found = reading.get("/api/minimap?c=0&bins=40")
    sums = {name: sum(n for _, n in found[name]) for name in ("left_missing", "right_missing", "conflicts", "doubtful")}
    assert sums == {"left_missing": 1, "right_missing": 4, "conflicts": 1, "doubtful": 2}


def test_what_neither_side_holds_leads_to_the_row_that_speaks_of_it(reading: Client) -> None:
    assert reading.get("/api/absent?c=0")[0]["line"] == 2


def test_a_judgement_is_on_disk_when_it_is_answered(client: Client, folder: Path) -> None:
    answer = client.judge(judgement="not_same", note="核对过原件", **CONFLICT)
    assert [d.id for d in load_decisions(folder)] == [answer.json["id"]]


def test_a_judgement_changes_the_verdict_beside_the_one_found(client: Client) -> None:
    client.judge(judgement="not_same", note="原件所载不同", **CONFLICT)
    talk = client.get("/api/case")["conversations"][0]
    assert (talk["grade"], talk["anew"]["grade"], talk["anew"]["conflicts"]) == ("conflicting", "one_sided", 0)


def test_undo_is_a_further_entry(client: Client, folder: Path) -> None:
    first = client.judge(judgement="not_same", note="原件所载不同", **CONFLICT).json["id"]
    client.post("/api/undo", {"id": first, "reviewer": "王律师"})
    assert [d.action for d in read_log(folder).entries] == ["judge", "undo"]
    assert client.get("/api/case")["conversations"][0]["anew"] is None


def test_what_was_undone_cannot_be_undone_again(client: Client) -> None:
    first = client.judge(judgement="not_same", note="原件所载不同", **CONFLICT).json["id"]
    undo = {"id": first, "reviewer": "王律师"}
    assert [client.post("/api/undo", undo).status for _ in range(2)] == [200, 409]


def test_a_reviewer_who_has_not_seen_the_last_judgement_is_told(client: Client) -> None:
    first = client.judge(judgement="not_same", note="原件所载不同", **CONFLICT).json["id"]
    blind = client.judge(judgement="same", **CONFLICT)
    seeing = client.judge(judgement="same", seen=[first], **CONFLICT)
    assert (blind.status, blind.json["error"], seeing.status) == (409, "judged_meanwhile", 200)


def test_two_lone_rows_can_be_judged_one_message(client: Client) -> None:
    right = next(x["right"]["row"] for x in lines(client, relation="doubtful") if not x["left"])
    left = next(x["left"]["row"] for x in lines(client, relation="one_sided", words="先还两千"))
    assert client.judge(judgement="same", left=left, right=right).status == 200
    assert client.get("/api/case")["conversations"][0]["anew"]["agreements"] == 84


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ({"judgement": "set_aside", **CONFLICT}, "needs_a_note"),
        ({"judgement": "same", **GAP}, "needs_a_partner"),
        ({"judgement": "not_same", "left": 20}, "not_a_line"),
        ({"judgement": "not_same", "left": 0, "right": 0}, "nothing_to_judge"),
        ({"judgement": "not_same", "left": 99999}, "no_such_line"),
        ({"judgement": "not_same"}, "no_such_line"),
        ({"judgement": "not_same", "conversation": 7, **CONFLICT}, "no_such_line"),
        ({"judgement": "same", "left": 20, "right": 21}, "not_a_line"),
    ],
)
def test_a_judgement_that_fits_no_line_is_refused_and_writes_nothing(
    client: Client, folder: Path, what: dict[str, Any], error: str
) -> None:
    assert client.judge(**what).json["error"] == error
    assert not (folder / LOG_NAME).exists()


def test_two_rows_of_one_server_id_are_judged_different_only_with_a_reason(client: Client, folder: Path) -> None:
    for note in ("", "  "):
        refused = client.judge(judgement="not_same", note=note, **CONFLICT)
        assert (refused.status, refused.json["error"]) == (422, "same_id_needs_a_note")
    assert not (folder / LOG_NAME).exists()
    assert client.judge(judgement="not_same", note="编号由工具重编", **CONFLICT).status == 200


def test_rows_without_a_common_id_are_judged_without_a_reason(client: Client) -> None:
    assert client.judge(judgement="not_same", **GAP).status == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_judgement_needs_a_name(client: Client, name: str) -> None:
    assert client.judge(judgement="not_same", note="原件所载不同", reviewer=name, **CONFLICT).status == 400


def test_judging_stops_when_the_log_was_changed(client: Client, folder: Path) -> None:
    client.judge(judgement="not_same", note="原件所载不同", **CONFLICT)
    path = folder / LOG_NAME
    path.write_bytes(path.read_bytes().replace(b"not_same", b"set_aside"))
    assert client.judge(judgement="not_same", **GAP).json["error"] == "log_changed"
    assert client.get("/api/case")["log"]["broken_at"] == 1


def test_judgements_of_another_run_are_counted_and_not_applied(folder: Path) -> None:
    with serving(folder) as client:
        client.judge(judgement="not_same", note="原件所载不同", **CONFLICT)
    write(folder, dispute(), settings={"window_seconds": 30})
    with serving(folder) as client:
        overview = client.get("/api/case")
    assert (overview["log"]["other_run"], overview["conversations"][0]["anew"]) == (1, None)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHost: x", b"POST /api/judge HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999\r\n\r\n{"],
    ids=["nothing", "half of the headers", "half of the body"],
)
def test_a_request_that_does_not_come_to_its_end_holds_no_connection_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(listener, "REQUEST_SECONDS", 0.05)
    with serving(folder) as client, socket.create_connection(("127.0.0.1", client.keys.port), PATIENCE) as connection:
        connection.sendall(sent)
        with suppress(ConnectionResetError):
            while connection.recv(4096):
                pass


def test_a_slow_answer_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Long enough for the busiest machine to send a request; to wait takes no processor.
    monkeypatch.setattr(listener, "REQUEST_SECONDS", 2.0)

    def slowly(*_: object) -> PlainTextResponse:
        time.sleep(2.5)
        return PlainTextResponse("there")

    monkeypatch.setattr(Pages, "choices", slowly)
    with serving(folder) as client:
        assert client.ask("GET", "/api/choices", client.own).body == b"there"


def test_exported_cells_never_begin_a_formula(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@x", "\t=1", "＝1"]
    with serving(write(tmp_path / "case", hostile(texts))) as client:
        for n, text in enumerate(texts):
            client.judge(judgement="not_same", left=n, right=n, note=text, reviewer="=cmd")
        table = client.ask("GET", "/export/decisions.csv", client.own).body.decode("utf-8-sig")
    for text in [*texts, "=cmd"]:
        assert f"'{text}" in table or f"'{text.strip()}" in table
        assert f",{text}" not in table


def test_exported_files_hold_no_character_that_does_not_show(tmp_path: Path) -> None:
    odd = "".join(map(chr, (*range(32), 0x7F, 0x85, 0x200B, 0x202A, 0x202E, 0x2028, 0x2066, 0x2069, 0xFEFF, 0xE0041)))
    with serving(write(tmp_path / "case", hostile([odd]))) as client:
        client.judge(judgement="not_same", left=0, right=0, note=f"a{odd}b", reviewer="王\u202e律师")
        files = [
            client.ask("GET", f"/export/decisions.{form}", client.own).body.decode("utf-8-sig")
            for form in ("csv", "json")
        ]
    assert [sorted({hex(ord(c)) for c in text if not c.isprintable() and c not in "\r\n"}) for text in files] == [
        [],
        [],
    ]
    assert "⟦U+202E⟧" in files[0]
    assert "\r" not in files[0].replace("\r\n", "")


def test_the_exported_log_names_what_stands(client: Client) -> None:
    first = client.judge(judgement="not_same", note="原件所载不同", **CONFLICT).json["id"]
    client.judge(judgement="set_aside", note="见说明", **GAP)
    client.post("/api/undo", {"id": first, "reviewer": "王律师"})
    found = client.ask("GET", "/export/decisions.json", client.own).json
    assert (len(found["entries"]), len(found["standing"])) == (3, 1)


def test_a_case_without_messages_still_opens(folder: Path) -> None:
    (folder / "messages.parquet").unlink()
    with serving(folder) as client:
        assert client.get("/api/case")["has_messages"] is False
        assert len(lines(client)) == 92
        assert client.get("/api/line?c=0&line=20")["sides"]["left"]["locator"] == "l.csv:22"


def test_a_folder_without_a_comparison_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound, match="no finished comparison"):
        open_review(tmp_path, "zh")


@pytest.mark.parametrize("name", ["alignment", "verdicts", "messages"])
def test_a_broken_result_file_is_named(folder: Path, name: str) -> None:
    (folder / f"{name}.parquet").write_bytes(b"PAR1 and then nothing of the kind PAR1")
    with pytest.raises(UnreadableSource, match=name):
        open_review(folder, "zh")


def test_a_file_that_breaks_later_is_told_and_the_server_goes_on(folder: Path) -> None:
    with serving(folder) as client:
        (folder / "alignment.parquet").write_bytes(b"PAR1")
        answer = client.ask("GET", "/api/lines?c=0", client.own)
        assert (answer.status, answer.json["error"]) == (500, "unreadable")
        assert client.get("/api/changes")["head"] == "0" * 64


def test_a_port_that_is_taken_is_named(client: Client, folder: Path) -> None:
    with pytest.raises(UsageError, match="--port"):
        open_review(folder, "zh", client.keys.port)


def test_an_answer_of_several_parts_waits_for_no_acknowledgement() -> None:
    """The system would hold back the second part for some 40 ms."""

    async def without_delay() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            accepted.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listener.listen(0) as own:
            async with await asyncio.start_server(met, sock=own):
                _, writer = await asyncio.open_connection(*own.getsockname())
                found = await accepted
                writer.close()
        return found

    # A browser test may have left its own loop in this thread.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, without_delay()).result() != 0


def test_the_server_listens_on_loopback_alone(folder: Path) -> None:
    review = open_review(folder, "zh")
    with review.listener:
        assert review.listener.getsockname()[0] == "127.0.0.1"


def test_the_server_says_nothing_of_itself(reading: Client) -> None:
    assert "server" not in reading.ask("GET", "/", reading.own).headers


SERVER = """
import sys
from pathlib import Path
from reconcile.review.server import open_review
review = open_review(Path(sys.argv[1]), "zh")
print(review.keys.port, review.keys.session, flush=True)
review.run()
"""


def test_a_server_killed_while_it_writes_loses_no_decision_it_confirmed(folder: Path) -> None:
    confirmed: list[str] = []
    for seed in range(2):
        with started([sys.executable, "-c", SERVER, str(folder)]) as server:
            assert server.stdout is not None
            port, session = server.stdout.readline().split()
            client = Client(Keys(int(port), session=session))
            before, killer = len(confirmed), threading.Thread(target=server.kill)
            try:
                with suppress(OSError, HTTPException):
                    while True:
                        seen = [d.id for d in load_decisions(folder)]
                        answer = client.judge(judgement="not_same", note="编号由工具重编", seen=seen, **CONFLICT)
                        assert answer.status == 200, answer.body
                        confirmed.append(answer.json["id"])
                        if len(confirmed) == before + 2 + seed:
                            killer.start()
            finally:
                server.kill()
            killer.join()
    found = read_log(folder)
    assert found.broken_at is None
    assert len(confirmed) > 3
    assert set(confirmed) <= {d.id for d in found.entries}
