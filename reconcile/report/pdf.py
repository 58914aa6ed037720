"""Renders report.pdf for a court (PDF/A, A4 with binding margin, contents, page X of Y) with typst.

typst is an optional dependency.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from functools import cache, partial
from importlib.resources import files
from typing import Any

from reconcile.errors import MissingExtra
from reconcile.report.html import TAGS, render_html
from reconcile.report.model import ReportData
from reconcile.report.outline import Block, Table, outline_of, widths_of
from reconcile.report.visible import token
from reconcile.report.words import text_of
from reconcile.version import install_command
from reconcile.wording import Lang

# Chinese font families; the first installed one is used. Courts use Song type.
_BODY = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "Songti SC", "STSong", "SimSun", "NSimSun")
_HEAD = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Heiti SC", "SimHei", "Microsoft YaHei", "DengXian",
)  # fmt: skip
CHINESE_FONTS = (*_BODY, *_HEAD)
_MONO = ("DejaVu Sans Mono", "Noto Sans Mono", "Consolas", "Menlo")


def render_pdf(data: ReportData, lang: Lang) -> bytes:
    """The bytes of report.pdf; equal reports and fonts give equal bytes.

    Raises:
        MissingExtra: typst or a Chinese font is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - an extra, and slow to load
    except (ImportError, OSError) as error:
        raise MissingExtra(
            "pdf", f"PDF reports need typst ({error}); install it with: {install_command('pdf')}"
        ) from None
    outline = outline_of(render_html(data, lang))
    try:
        return _compile_pdf(typst, data, lang, [_block_as_data(block) for block in outline])
    except typst.TypstError:
        # A picture from the material may be broken; then the report is made without pictures.
        return _compile_pdf(typst, data, lang, [_block_as_data(block, pictures=False) for block in outline])


def _compile_pdf(typst: Any, data: ReportData, lang: Lang, blocks: list[dict[str, Any]]) -> bytes:
    """The bytes of the PDF; the checksum of its content is printed in it."""
    fonts = _chosen_fonts(lang)
    content = {"blocks": blocks, "title": text_of("report.title", lang), "case": data.case, "lang": lang}
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    report = content | fonts | {
        "region": TAGS[lang].partition("-")[2].lower() or "gb",
        "hash": digest,
        "hash_label": text_of("front.content_hash", lang, hash="").strip(),
        "page_of": text_of("front.page_of", lang),
        "date": _date(data),
    }  # fmt: skip
    report_json = showable(
        json.dumps(report, ensure_ascii=False), dict.fromkeys(f for names in fonts.values() for f in names)
    )
    template = (files(__package__) / "templates" / "report.typ").read_bytes()
    return bytes(typst.compile(template, sys_inputs={"report": report_json}, pdf_standards=["a-2a"]))


def _chosen_fonts(lang: Lang) -> dict[str, list[str]]:
    """The installed fonts for text, headings and code. Raises MissingExtra without a Chinese font."""
    known = installed_font_families()
    body, head, mono = ([f for f in wanted if f in known] for wanted in (_BODY, _HEAD, _MONO))
    chinese = body or head
    if not chinese:
        raise MissingExtra(
            "pdf", "PDF reports need a Chinese font, and none is installed; install Noto Serif CJK SC or Source Han Serif SC"
        )  # fmt: skip
    first = ["Libertinus Serif"] if lang == "en" else []
    return {
        "body_fonts": [*first, *chinese],
        "head_fonts": head or chinese,
        "mono_fonts": [*mono, "DejaVu Sans Mono", *chinese],
    }


@cache
def installed_font_families() -> frozenset[str]:
    """The font families that typst finds on this machine."""
    import typst  # noqa: PLC0415 - as above

    return frozenset(typst.Fonts().families())


def _block_as_data(block: Block, *, pictures: bool = True) -> dict[str, Any]:
    """A block as plain data, with the name of its type."""
    plain = partial(_plain_dict, pictures=pictures)
    values: dict[str, Any] = {"type": type(block).__name__} | asdict(block, dict_factory=plain)
    if isinstance(block, Table):
        values["widths"] = widths_of(block)
        # The widths contain the shares. Left out, they do not change the checksum printed on the page.
        del values["shares"]
    return values


def _plain_dict(pairs: list[tuple[str, Any]], *, pictures: bool) -> dict[str, Any]:
    """The fields of a block as typst reads them; a `dict_factory` for `asdict`."""
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key == "image":
            out |= {"picture": list(base64.b64decode(value))} if value and pictures else {}
        elif key == "runs":
            out[key] = [{"text": run.text, "mark": run.mark} for run in value]
        else:
            out["payment" if key == "is_payment" else key] = value
    return out


def _date(data: ReportData) -> dict[str, int]:
    """The date that PDF/A requires: the stated date of the report, or the latest one in the material."""
    stated = [dict(data.cover).get("reported"), *(s.exported_at or s.last_at for s in data.sides)]
    for text in (stated[0], max((t for t in stated[1:] if t), default=None)):
        try:
            found = date.fromisoformat((text or "")[:10])
        except ValueError:
            continue
        return {"year": found.year, "month": found.month, "day": found.day}
    return {"year": 2000, "month": 1, "day": 1}


# Characters that need no font.
_REGULAR, _ASCII = 400, 0x7F
_BLANK = {"\n", " ", "\u3000", "\u200b"}


def showable(text: str, families: Iterable[str]) -> str:
    """The text with every character that no font has replaced by its code point."""
    lacking = {c for c in set(text) - _BLANK if ord(c) > _ASCII} - _covered(tuple(families), frozenset(text))
    return text.translate({ord(c): token(c) for c in lacking}) if lacking else text


def _covered(families: tuple[str, ...], wanted: frozenset[str]) -> set[str]:
    """The wanted characters that some font has; fonts are opened only while one is missing."""
    import typst  # noqa: PLC0415 - an extra, and slow to load

    places = {f.family: (f.path, f.index) for f in typst.Fonts().fonts() if f.path and f.weight == _REGULAR}
    found: set[str] = set()
    for family in families:
        missing = {c for c in wanted - found if ord(c) > _ASCII}
        if missing and family in places:
            found |= missing & _characters_in(*places[family])
    return found


@cache
def _characters_in(path: str, index: int) -> frozenset[str]:
    """The characters that a font file can draw; none for a damaged file."""
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - as above

    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(map(chr, font.getBestCmap() or {}))
    except (OSError, TTLibError):
        return frozenset()
