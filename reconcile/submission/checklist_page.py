"""The checklist as HTML and JSON; the template only places what is worded here."""

from dataclasses import dataclass
from typing import Any

import orjson

from reconcile.submission.checklist_model import ChecklistData, ChecklistRow, FileRef, Remark, Status
from reconcile.submission.pages import render_page
from reconcile.wording import Lang, say

SHOWN_FILES = 6
# Left out where nothing is stated; other empty facts are to be completed.
_OPTIONAL = ("cause", "third_party")


@dataclass(frozen=True, slots=True)
class RowText:
    """One row in words."""

    number: int
    title: str
    need: str
    kind: str
    status: str
    status_code: str
    seen: tuple[str, ...]
    lacks: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    who: str
    note: str
    basis: str


def to_html(data: ChecklistData, lang: Lang) -> str:
    """One file without network, for the screen and for A4 paper."""
    return render_page(
        "checklist.html",
        "checklist",
        lang,
        data=data,
        facts=[(code, value) for code, value in data.facts.items() if value or code not in _OPTIONAL],
        summary=_summary_lines(data, lang),
        is_whole=not any(data.count(s, required=True) for s in (Status.MISSING, Status.UNCLEAR)),
        to_do=_to_do(data, lang),
        rows=[_row_text(r, lang) for r in data.rows],
        files=[_file_cells(f, lang) for r in data.rows for f in r.files],
    )


def to_json(data: ChecklistData) -> bytes:
    """The data with codes, and every row's words in both languages."""
    value: dict[str, Any] = data.model_dump(mode="json")
    for row, judged in zip(value["rows"], data.rows, strict=True):
        row["words"] = {lang: _row_words(judged, lang) for lang in ("zh", "en")}
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _summary_lines(data: ChecklistData, lang: Lang) -> tuple[str, ...]:
    required = {str(s): data.count(s, required=True) for s in Status}
    other = {str(s): data.count(s, required=False) for s in Status}
    return (
        say("checklist.summary", lang, required=sum(required.values()), **required),
        say("checklist.summary_conditional", lang, conditional=sum(other.values()), **other),
    )


def _to_do(data: ChecklistData, lang: Lang) -> tuple[str, ...]:
    """The required rows that are missing or unclear, with what each lacks."""
    lines = [
        f"{r.number}. {say(f'checklist.row_{r.number:02d}', lang)}" + (f"（{'；'.join(found)}）" if found and lang == "zh" else f" ({'; '.join(found)})" if found else "")
        for r in data.rows
        if r.required and r.status in (Status.MISSING, Status.UNCLEAR)
        for found in [_remark_texts("lacks", r.lacks if r.status is Status.UNCLEAR else (), lang)]
    ]  # fmt: skip
    return tuple(lines) or (say("checklist.nothing_to_do", lang),)


def _row_text(row: ChecklistRow, lang: Lang) -> RowText:
    return RowText(
        number=row.number,
        title=say(f"checklist.row_{row.number:02d}", lang),
        need=say(f"checklist.need_{row.number:02d}", lang),
        kind=say("checklist.required" if row.required else "checklist.conditional", lang),
        status=say(f"checklist.status_{row.status}", lang),
        status_code=str(row.status),
        seen=_remark_texts("seen", row.seen, lang),
        lacks=_remark_texts("lacks", row.lacks, lang),
        files=_file_names(row, lang),
        who="\n".join(p for p in (row.by, row.when) if p),
        note=row.note,
        basis=say(f"checklist.basis_{row.number:02d}", lang),
    )


def _row_words(row: ChecklistRow, lang: Lang) -> dict[str, Any]:
    """The row's texts for the JSON form."""
    text = _row_text(row, lang)
    return {k: getattr(text, k) for k in ("title", "need", "kind", "status", "seen", "lacks", "basis")}


def _remark_texts(kind: str, remarks: tuple[Remark, ...], lang: Lang) -> tuple[str, ...]:
    return tuple(say(f"checklist.{kind}_{r.code}", lang, **r.values) for r in remarks)


def _file_names(row: ChecklistRow, lang: Lang) -> tuple[tuple[str, str], ...]:
    """The names of a row's files with the start of their SHA-256, up to SHOWN_FILES."""
    shown = [(f.path.rsplit("/", 1)[-1], f.sha256[:12] or say("checklist.file_absent", lang)) for f in row.files]
    if len(shown) > SHOWN_FILES:
        return (*shown[:SHOWN_FILES], (say("checklist.more_files", lang, count=len(shown)), ""))
    return tuple(shown)


def _file_cells(file: FileRef, lang: Lang) -> tuple[str, str, str, str, str]:
    if file.size is None:
        return (file.path, say("checklist.file_absent", lang), "", "", "")
    return (file.path, f"{file.size:,}", file.modified_at[:19].replace("T", " "), file.sha256, file.sm3)
