"""Pictures and sounds of printed messages: only files of the export itself, the ones that were compared, small enough for a page."""

import hashlib
import io
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import polars as pl
import pytest
from lxml import html
from PIL import Image

from reconcile.intake.media import shelf_of
from reconcile.report.build import build_report
from reconcile.report.docx_report import render_report
from reconcile.report.html import render_html
from reconcile.report.media import MediaBox, reduced, sound_type
from reconcile.report.model import ReportData
from reconcile.report.pdf import render_pdf
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Side
from tests.build.findings import build_findings, build_run, build_summaries
from tests.build.reports import skip_without_pdf

# The smallest GIF.
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def box(
    folder: Path, content: bytes = GIF, limits: ReportLimits | None = None, compared: bytes | None = None
) -> MediaBox:
    (folder / "a.gif").write_bytes(content)
    digests = {} if compared is None else {"a.gif": hashlib.sha256(compared).hexdigest()}
    return MediaBox(lambda side: shelf_of(folder, digests) if side is Side.LEFT else None, limits or ReportLimits())


def row(kind: str = "image", **facts: Any) -> dict[str, Any]:
    return {"kind": kind, "file_name": "a.gif", "media_hash": None, "raw": None} | facts


def test_a_picture_that_the_message_names_stands_in_the_page(tmp_path: Path) -> None:
    found = box(tmp_path).of(Side.LEFT, row())
    assert found is not None
    assert found.address.startswith("data:image/gif;base64,R0lGOD")


def test_a_side_without_its_export_at_hand_shows_nothing(tmp_path: Path) -> None:
    assert box(tmp_path).of(Side.RIGHT, row()) is None


def photo(side: int) -> bytes:
    """A noisy photograph, larger than a page holds."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side)).save(out, "PNG")
    return out.getvalue()


def test_a_large_photograph_is_shown_reduced_and_the_page_says_so(tmp_path: Path) -> None:
    content = photo(400)
    found = box(tmp_path, content, ReportLimits(picture_bytes=200_000)).of(Side.LEFT, row())
    assert found is not None
    assert (found.media_type, found.original_bytes) == ("image/jpeg", len(content))


@pytest.mark.parametrize("keep", [100, 5_000])
def test_a_large_photograph_that_is_broken_stops_nothing(tmp_path: Path, keep: int) -> None:
    assert reduced(photo(60)[:keep], 100_000) is None


@pytest.mark.parametrize("facts", [{"kind": "text"}, {"file_name": "b.gif"}, {"media_hash": "0" * 32}])
def test_another_file_than_the_message_states_is_not_shown(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert box(tmp_path).of(Side.LEFT, row() | facts) is None


def test_a_file_that_changed_since_the_comparison_is_not_shown(tmp_path: Path) -> None:
    assert box(tmp_path, compared=b"other").of(Side.LEFT, row()) is None
    assert box(tmp_path, compared=GIF).of(Side.LEFT, row()) is not None


def test_what_is_no_picture_is_not_shown_as_one(tmp_path: Path) -> None:
    assert box(tmp_path, b"<svg onload='x()'/>").of(Side.LEFT, row()) is None


def test_a_page_holds_no_more_than_its_limits(tmp_path: Path) -> None:
    assert box(tmp_path, limits=ReportLimits(picture_bytes=10)).of(Side.LEFT, row()) is None
    few = box(tmp_path, limits=ReportLimits(media_bytes=len(GIF)))
    assert [few.of(Side.LEFT, row()) is None for _ in range(2)] == [False, True]


def test_a_voice_message_is_heard_where_browsers_play_its_form(tmp_path: Path) -> None:
    found = box(tmp_path, WAV).of(Side.LEFT, row("voice"))
    assert found is not None
    assert (found.media_type, found.is_picture) == ("audio/wav", False)


@pytest.mark.parametrize("content", [b"\x02#!SILK_V3", b"#!AMR\n", b"", b"\xff"])
def test_the_forms_of_the_client_itself_are_not_offered_to_a_browser(content: bytes) -> None:
    assert sound_type(content) is None


def with_picture(folder: Path, *, mask: bool = False, content: bytes = GIF) -> ReportData:
    """The small dispute with a picture in the place of a message that one side lacks."""
    (folder / "a.gif").write_bytes(content)
    found = build_findings()
    lacked = found.alignment.filter((pl.col("relation") == "one_sided") & pl.col("left_row").is_not_null())["left_row"][
        0
    ]
    is_it = (pl.col("side") == "left") & (pl.col("row") == lacked)
    messages = found.messages.with_columns(
        pl.when(is_it).then(pl.lit("image")).otherwise(pl.col("kind").cast(pl.String)).alias("kind"),
        pl.when(is_it).then(pl.lit("a.gif")).otherwise("file_name").alias("file_name"),
        pl.when(~is_it).then("media_hash").alias("media_hash"),
    )
    found = replace(found, messages=messages.cast({"kind": found.messages.schema["kind"]}))
    shelves = {Side.LEFT: shelf_of(folder, {}), Side.RIGHT: None}
    return build_report(found, *build_summaries(), build_run(), mask=mask, open_shelf=shelves.get)


def test_the_page_shows_the_picture_and_loads_it_from_itself(tmp_path: Path) -> None:
    data = with_picture(tmp_path)
    shown = html.fromstring(render_html(data, "zh")).xpath("//img")
    assert shown
    assert {i.get("alt") for i in shown} == {"图片"}
    assert all(i.get("src").startswith("data:image/gif") for i in shown)
    assert "R0lGOD" not in data.model_dump_json()


def test_a_masked_report_shows_no_picture(tmp_path: Path) -> None:
    assert html.fromstring(render_html(with_picture(tmp_path, mask=True), "zh")).xpath("//img") == []


def test_a_picture_that_cannot_be_drawn_stops_no_pdf(tmp_path: Path) -> None:
    skip_without_pdf()
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (2).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0broken"
    data = with_picture(tmp_path, content=head)
    assert "data:image/png" in render_html(data, "zh")
    assert render_pdf(data, "zh").startswith(b"%PDF")


def test_the_pdf_prints_the_picture(tmp_path: Path) -> None:
    skip_without_pdf()
    assert b"/Subtype/Image" in render_pdf(with_picture(tmp_path), "zh").replace(b" ", b"")


def test_word_shows_the_picture_in_the_cell_of_its_message(tmp_path: Path) -> None:
    document = docx.Document(io.BytesIO(render_report(with_picture(tmp_path), "zh")))
    shown = [c for t in document.tables for r in t.rows for c in r.cells if c._tc.xpath(".//pic:pic")]
    assert shown
    assert GIF in {p.blob for p in document.part.package.iter_parts()}
