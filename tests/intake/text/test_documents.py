"""Text documents of any office program as tables and lines, whatever they hold."""

import zipfile
from pathlib import Path

import pytest

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.source import Source
from reconcile.intake.text.document import Document
from reconcile.intake.text.open_document import open_document_of
from reconcile.intake.text.rich_text import rich_text_of
from reconcile.settings import Limits

NAMES = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table"))


def rich_text(tmp_path: Path, words: str) -> Document:
    path = tmp_path / "a.rtf"
    path.write_bytes(
        b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset0 Arial;}}"
        + words.encode("latin-1")
        + b"}"
    )
    return rich_text_of(Source(path), path)


def open_document(tmp_path: Path, body: str, head: str = "", limits: Limits | None = None) -> Document:
    path = tmp_path / "a.odt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "content.xml",
            f"{head}<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>",
        )
    return open_document_of(Source(path, limits or Limits()), path)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("one\\par two\\line three", ["one", "two", "three"]),
        # Characters beyond the code page, each with what old programs show instead.
        ("\\uc1\\u29579?\\u25935? a\\u-10179?\\u-8694?", ["王敏 a\U0001f60a"]),
        ("\\uc2\\u233\\'81\\'82b", ["éb"]),
        # The bytes of a font's code page, broken by line ends.
        ("\\f0\\'c4\\'e3\\\n\\'ba\\'c3", ["你", "好"]),
        ("\\f0\\'c4\n\\'e3\\f1\\'e9", ["你é"]),
        ("\\{a\\}\\\\ \\ldblquote b\\rdblquote", ["{a}\\ “b”"]),
        # What is deleted, hidden or beside the words is none of them.
        ("a\\deleted b\\deleted0 c{\\v d}{\\*\\unknown e}{\\pict ffd8}{\\header f}", ["ac"]),
    ],
)
def test_paragraphs_of_rich_text_are_lines(tmp_path: Path, words: str, lines: list[str]) -> None:
    assert rich_text(tmp_path, words) == Document([], lines)


def test_tables_of_rich_text_are_rows_of_cells(tmp_path: Path) -> None:
    row = "\\trowd\\cellx1\\cellx2\\pard\\intbl {0}\\cell {0}b\\par more\\cell\\row"
    found = rich_text(
        tmp_path, "title\\par " + row.format("a") + row.format("c") + "\\pard end\\par " + row.format("d")
    )
    assert found.tables == [[("a", "ab\nmore"), ("c", "cb\nmore")], [("d", "db\nmore")]]
    assert [line for line in found.lines if line] == ["title", "end"]


@pytest.mark.parametrize(
    "words", ["}}}\\par x", "\\bin99999999999 x", "\\u99999999 \\uc-5 \\f99999999", "\\'zz \\", "{{{{", "\x00\xff"]
)
def test_broken_rich_text_never_ends_in_a_crash(tmp_path: Path, words: str) -> None:
    assert isinstance(rich_text(tmp_path, words), Document)


def test_rich_text_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="nested more than"):
        rich_text(tmp_path, "{" * 1_000)


def test_paragraphs_and_tables_of_an_open_document_are_lines_and_rows(tmp_path: Path) -> None:
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>".format
    covered = "<table:covered-table-cell/>"
    rows = (cell(' table:number-rows-spanned="2"', "day") + cell("", "a"), covered + cell("", "b"))
    table = "".join(f"<table:table-row>{r}</table:table-row>" for r in rows)
    text = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h>title</text:h>"
        '<text:p>one<text:s text:c="2"/><text:span>two</text:span><text:line-break/>three<text:note><text:p>4</text:p></text:note></text:p>'
        f"<text:section><table:table>{table}</table:table></text:section>"
    )
    found = open_document(tmp_path, f"<office:text>{text}</office:text>")
    assert found == Document([[("day", "a"), ("day", "b")]], ["title", "one  two", "three"])


def test_entities_of_an_open_document_are_never_resolved(tmp_path: Path) -> None:
    head = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    assert "aaaa" not in str(open_document(tmp_path, "<office:text><text:p>&b;</text:p></office:text>", head))


def test_an_open_document_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded):
        open_document(
            tmp_path,
            f"<office:text><text:p>{'x' * 100_000}</text:p></office:text>",
            limits=Limits(max_unpacked_bytes=1_000),
        )
