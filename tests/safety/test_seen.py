"""Text of the material can never become markup, script, formula, field code, terminal escape or file name, in any output."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from click.testing import CliRunner, Result
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from reconcile.cli.main import program
from tests.browser import new_tab
from tests.browser import program as browser_program
from tests.safety.build import (
    ALL,
    LONG,
    Dispute,
    as_file_names,
    fill_case,
    write_bill,
    write_dispute,
    write_manifest,
    write_posts,
    write_talk,
)

# `ALL` holds some of the strings in the suite, and all of them under `make bench` (tests.thorough).
FORMS = ("html", "docx", "xlsx", "csv", "json", "case")
PAGES = (
    "out/report.html",
    "check/check.html",
    "bill/bill.html",
    "batch/summary.html",
    "case/checklist.html",
    "guide.html",
    "drift/drift.html",
    "group/group.html",
    "moments/report.html",
)
# Control characters of both sets but for the line's end, and what turns the direction of a line.
RAW = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
INERT_HREF = re.compile(r"#|[\w./-]+\.html$|cases/")


class Ran:
    """Every output of every command over the hostile dispute, and what each command said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: dict[str, Result] = {}
        self.dispute: Dispute = write_dispute(folder / "in")

    def run(self, name: str, *words: object) -> None:
        """Runs a command and keeps what it said."""
        self.said[name] = CliRunner().invoke(program, [str(w) for w in words], standalone_mode=False)

    def file(self, name: str) -> bytes:
        """The bytes of an output."""
        return (self.folder / name).read_bytes()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All commands run once."""
    ran = Ran(tmp_path_factory.mktemp("hostile"))
    left, right, folder = ran.dispute.left, ran.dispute.right, ran.folder
    forms = [word for form in FORMS for word in ("--report", form)]
    ran.run("inspect", "inspect", left)
    ran.run("inspect_json", "inspect", right, "--json")
    ran.run("compare", "compare", left, right, "--out", folder / "out", "--no-error-rates", *forms)
    ran.run("convert", "convert", left, "--out", folder / "converted.csv")
    talk = write_talk(folder / "talk")
    ran.run("check", "check", talk.right, "--against", talk.left, "--out", folder / "check")
    ran.run("drift", "drift", talk.left, talk.right, "--out", folder / "drift")
    names = [word for text in (ALL[22], ALL[67]) for word in ("--name", text[:LONG])]
    ran.run("group", "group", talk.left, talk.right, "--out", folder / "group", *names)
    ran.run("explain", "explain", folder / "out", "left:1")
    ran.run("explain_json", "explain", folder / "out", "right:1", "--json")
    posts = write_posts(folder / "posts")
    ran.run(
        "moments",
        "compare",
        posts.left,
        posts.right,
        "--out",
        folder / "moments",
        "--no-error-rates",
        "--report",
        "html",
    )
    ran.run("inspect_posts", "inspect", posts.left)
    ran.run("bill", "bill", write_bill(folder / "bill.csv"), "--chats", talk.left, "--out", folder / "bill")
    ran.run(
        "batch",
        "batch",
        write_manifest(folder / "cases.jsonl", _few(folder)),
        "--out",
        folder / "batch",
        "--workers",
        "1",
    )
    ran.run("guide", "guide", "--out", folder / "guide.html")
    ran.run("init", "init", folder / "case")
    fill_case(folder / "case")
    ran.run("checklist", "checklist", folder / "case")
    material = folder / "material"
    material.mkdir()
    for name in as_file_names():
        (material / name).write_text("x")
    ran.run("seal", "seal", material, "--out", folder / "seal", "--who", ALL[22], "--note", ALL[67])
    for name in as_file_names():
        (material / name).unlink()
    ran.run("verify", "verify", folder / "seal", material)
    return ran


def _few(folder: Path) -> Dispute:
    """The shipped loan, for the one case of the batch that can be compared."""
    loan = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"
    return Dispute(loan / "a.csv", loan / "b.csv", 0)


def test_every_command_ran(ran: Ran) -> None:
    assert {n: r.exception for n, r in ran.said.items() if r.exception} == {}


def test_the_terminal_is_sent_no_control_character(ran: Ran) -> None:
    assert {name: sorted(set(RAW.findall(r.output))) for name, r in ran.said.items() if RAW.search(r.output)} == {}


def test_a_wrong_option_is_told_without_control_characters() -> None:
    words = ["compare", "a", "b", "\x1b]0;t\x07\u202e", "--out", "x"]
    done = subprocess.run([sys.executable, "-m", "reconcile", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, RAW.findall(done.stderr)) == (2, [])


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_an_element_attribute_or_address_made_of_the_material(page: str, ran: Ran) -> None:
    tree = LexborHTMLParser(ran.file(page))
    head = tree.css_first("meta[http-equiv=Content-Security-Policy]")
    assert head is not None
    assert (head.attributes["content"] or "").startswith("default-src 'none'")
    active = "script,iframe,frame,object,embed,applet,portal,form,base,link,video,audio,source,track,template,math,dialog,[srcdoc],[ping],[background],[srcset]"
    assert [n.html for n in tree.css(active)] == []
    nodes = [n for n in tree.css("*") if n.attributes]
    assert [n.html for n in nodes if any(a.lower().startswith("on") for a in n.attributes)] == []
    places = [v or "" for n in nodes for a, v in n.attributes.items() if a in ("href", "src", "xlink:href", "action")]
    assert [v for v in places if not INERT_HREF.match(v)] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_invisible_character_is_left_in_a_page(page: str, ran: Ran) -> None:
    assert sorted(set(RAW.findall(ran.file(page).decode()))) == []


def test_nothing_runs_when_the_pages_are_opened(ran: Ran) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test can run")
    if browser_program() is None:
        pytest.skip("no Chromium is installed: no browser test can run")
    found = _what_ran([(ran.folder / page).as_uri() for page in PAGES])
    assert {page: seen for page, seen in found.items() if seen} == {}


def _what_ran(addresses: list[str]) -> dict[str, list[str]]:
    """Of each page its dialogs, console lines, requests, windows and downloads, and whether a script left its mark."""
    seen: list[str] = []
    tab = new_tab()
    tab.on("request", lambda r: seen.append(r.url))
    tab.on("dialog", lambda d: seen.append(d.message) or d.dismiss())  # type: ignore[func-returns-value]
    for event in ("console", "pageerror", "popup", "download", "websocket", "worker"):
        tab.on(event, lambda what, event=event: seen.append(f"{event}: {what}"))
    found = {}
    for address in addresses:
        seen.clear()
        tab.goto(address)
        tab.wait_for_timeout(200)
        if tab.evaluate("window.__ran"):
            seen.append("a script ran")
        if tab.url != address:
            seen.append(f"went to {tab.url}")
        found[address] = [what for what in seen if what != address]
    tab.close()
    return found


def test_no_workbook_cell_is_a_formula_or_a_link(ran: Ran) -> None:
    book = openpyxl.load_workbook(io.BytesIO(ran.file("out/findings.xlsx")))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert len(cells) > len(ALL)
    assert [c.coordinate for c in cells if c.data_type == "f" or c.hyperlink] == []


def test_workbook_and_word_files_refer_to_nothing_outside(ran: Ran) -> None:
    for name in (
        "out/findings.xlsx",
        "out/discrepancies.docx",
        "out/evidence_list.docx",
        "check/check.docx",
        "case/checklist.docx",
    ):
        for part, content in _parts(ran.file(name)):
            assert b'TargetMode="External"' not in content, (name, part)
            assert not re.search(r"vba|embeddings|externalLink", part), (name, part)


def test_word_files_hold_no_field_made_of_the_material(ran: Ran) -> None:
    for name in ("out/discrepancies.docx", "out/evidence_list.docx", "check/check.docx", "case/checklist.docx"):
        codes = [code for _, content in _parts(ran.file(name)) for code in _field_codes(content)]
        assert set(codes) <= {"PAGE", "NUMPAGES"}, name


def test_no_cell_of_a_csv_begins_a_formula(ran: Ran) -> None:
    rows = list(csv.reader(io.StringIO(ran.file("out/findings.csv").decode("utf-8-sig"))))
    assert len(rows) > len(ALL)
    assert [
        c
        for row in rows
        for c in row
        if re.match(r"\s*[=+\-@\t\r＝＋－＠]", c) and not re.fullmatch(r"-?\d+(\.\d+)?", c)
    ] == []


def test_no_invisible_character_is_left_in_a_csv(ran: Ran) -> None:
    text = ran.file("out/findings.csv").decode("utf-8-sig")
    assert sorted(set(RAW.findall(text))) == []


def test_graphs_are_well_formed_and_hold_only_our_keys(ran: Ran) -> None:
    graph = orjson.loads(ran.file("out/case.jsonld"))
    assert {
        key
        for node in _objects(graph["@graph"])
        for key in node
        if not re.fullmatch(r"@id|@type|@value|(uco|case)-\w+:\w+", key)
    } == set()
    tags = {etree.QName(e).localname for e in etree.fromstring(ran.file("out/graph.graphml")).iter()}
    assert tags == {"graphml", "graph", "key", "node", "edge", "data"}


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from ((name, archive.read(name)) for name in archive.namelist())


def _field_codes(content: bytes) -> list[str]:
    if not content.startswith(b"<?xml"):
        return []
    tree = etree.fromstring(content)
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    found = [e.text or "" for e in tree.iter(f"{word}instrText")] + [
        e.get(f"{word}instr", "") for e in tree.iter(f"{word}fldSimple")
    ]
    return [code.split()[0] if code.split() else "" for code in found]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)
