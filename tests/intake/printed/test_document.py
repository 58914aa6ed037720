"""Lines of a PDF page become paragraphs by where they begin and end."""

from pathlib import Path

import pytest

from reconcile.intake.printed.document import printed_document
from reconcile.intake.printed.pages import pdf_pages

typst = pytest.importorskip("typst")
pytest.importorskip("pypdfium2")
PAGE = """#set page(paper: "a4", footer: [#"file:///D:/chat.html" #h(1fr) 1/1])
#let m(side, who, words) = block(width: 100%)[#align(side)[#who \\ #words]]
"""


def paragraphs(folder: Path, *messages: tuple[str, str, str]) -> list[str]:
    told = [f'#m({side}, "{who}", "{words}")' for side, who, words in messages]
    (folder / "p.typ").write_text(PAGE + "\n".join(told), "utf-8")
    typst.compile(str(folder / "p.typ"), output=str(folder / "p.pdf"))
    return [b for b in printed_document(pdf_pages(folder / "p.pdf")).blocks if isinstance(b, str)]


def test_lines_set_to_the_right_are_no_full_lines(tmp_path: Path) -> None:
    long = " ".join(["these are words"] * 12)
    told = [("left", "Anna 10:00", "first"), ("right", "Ben 10:01", "short"), ("right", "Ben 10:02", long), ("left", "Anna 10:03", "last")]  # fmt: skip
    assert paragraphs(tmp_path, *told) == [x for _, who, words in told for x in (who, words)]


@pytest.mark.parametrize("header", ["none", "[12/2/26 #h(1fr) Chat #h(1fr) #box(baseline: 2pt)[Log]]"])
def test_what_heads_the_pages_goes_there_alone_with_all_its_columns_and_a_name_at_the_top_of_pages_stays(
    tmp_path: Path, header: str
) -> None:
    said = "\n".join(
        f"#block[Anna]\n#block[words {n} of Anna]\n#block[Anna]\n#block[more {n}]\n#pagebreak(weak: true)"
        for n in "abcd"
    )
    page = f"#set page(width: 300pt, height: 160pt, margin: 30pt, header: {header})\n{said}"
    (tmp_path / "p.typ").write_text(page, "utf-8")
    typst.compile(str(tmp_path / "p.typ"), output=str(tmp_path / "p.pdf"))
    held = [x for n in "abcd" for x in ("Anna", f"words {n} of Anna", "Anna", f"more {n}")]
    assert printed_document(pdf_pages(tmp_path / "p.pdf")).blocks == held
