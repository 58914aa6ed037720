"""The checklist as HTML, DOCX and JSON; templates only place what `page_of` has worded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from reconcile.submission.checklist_model import ChecklistData, ChecklistRow, FileRef, Remark, Status
from reconcile.submission.paper import Cell, Paper, render_template
from reconcile.wording import Lang, say

SHOWN_FILES = 6


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


@dataclass(frozen=True, slots=True)
class Page:
    """The whole checklist in words; nothing is left for a template to decide."""

    lang: Lang
    title: str
    subtitle: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    notice: str
    summary: tuple[str, ...]
    to_do_title: str
    to_do: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[RowText, ...]
    files_title: str
    file_columns: tuple[str, ...]
    files: tuple[tuple[str, str, str, str, str], ...]
    files_none: str
    signatures: tuple[str, ...]
    signatures_title: str
    note_label: str


def page_of(data: ChecklistData, lang: Lang) -> Page:
    """Every text of the checklist, in one language."""
    return Page(
        lang=lang,
        title=say("checklist.title", lang),
        subtitle=say("checklist.subtitle", lang),
        heading=f"{data.title} · {say('checklist.made_on', lang)} {data.made_on}",
        facts=tuple((say(f"checklist.fact_{k}", lang), v or "—") for k, v in data.facts.items()),
        notice=say("checklist.notice", lang),
        summary=_summary(data, lang),
        to_do_title=say("checklist.to_do", lang),
        to_do=_to_do(data, lang),
        columns=tuple(say(f"checklist.column_{c}", lang) for c in ("number", "item", "status", "found", "files", "who", "basis")),
        rows=tuple(_row(r, lang) for r in data.rows),
        files_title=say("checklist.files_title", lang),
        file_columns=(*(say(f"checklist.column_{c}", lang) for c in ("file", "size", "modified")), "SHA-256", "SM3"),
        files=tuple(_file(f, lang) for r in data.rows for f in r.files),
        files_none=say("checklist.files_none", lang),
        signatures=tuple(say(f"checklist.sign_{s}", lang) for s in ("giver", "receiver", "date")),
        signatures_title=say("checklist.sign_title", lang),
        note_label=say("checklist.note", lang),
    )  # fmt: skip


def to_html(data: ChecklistData, lang: Lang) -> str:
    """One file without network, for the screen and for A4 paper."""
    return render_template("checklist.html", page=page_of(data, lang))


def to_json(data: ChecklistData) -> bytes:
    """The data with codes, and every row's words in both languages."""
    value: dict[str, Any] = data.model_dump(mode="json")
    for row, judged in zip(value["rows"], data.rows, strict=True):
        row["words"] = {lang: _words(judged, lang) for lang in ("zh", "en")}
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def to_docx(data: ChecklistData, lang: Lang, path: Path) -> None:
    """A Word document that can be edited and signed, A4 across."""
    page = page_of(data, lang)
    paper = Paper(lang, landscape=True)
    paper.title(page.title, page.heading)
    paper.facts(page.facts)
    paper.small(page.notice)
    for line in page.summary:
        paper.strong(line)
    paper.heading(page.to_do_title)
    paper.bullets(page.to_do)
    paper.heading(page.title)
    paper.table(page.columns, [_cells(r, page) for r in page.rows], (0.9, 6.2, 1.5, 5.6, 4.3, 2.6, 4.6))
    paper.heading(page.files_title)
    if page.files:
        paper.table(page.file_columns, [[Cell(c, small=True) for c in f] for f in page.files], (7.2, 2.0, 3.0, 6.7, 6.7), mono=(3, 4))  # fmt: skip
    else:
        paper.text(page.files_none)
    paper.heading(page.signatures_title)
    paper.signatures(page.signatures)
    paper.save(path)


def _cells(row: RowText, page: Page) -> list[Cell]:
    found = [*row.seen, *(f"✗ {x}" for x in row.lacks)]
    note = [f"{page.note_label}：{row.note}"] if row.note else []
    return [
        Cell(str(row.number)),
        Cell("\n".join([row.need]), strong=f"{row.title}（{row.kind}）"),
        Cell("", strong=row.status, shade={"missing": "F3D4D0", "unclear": "F9EBC8"}.get(row.status_code)),
        Cell("\n".join([*found, *note]), small=True),
        Cell("\n".join(f"{name}\n  {value}" if value else name for name, value in row.files), small=True),
        Cell(row.who, small=True),
        Cell(row.basis, small=True),
    ]


def _summary(data: ChecklistData, lang: Lang) -> tuple[str, ...]:
    required = {str(s): data.count(s, required=True) for s in Status}
    other = {str(s): data.count(s, required=False) for s in Status}
    return (
        say("checklist.summary", lang, required=sum(required.values()), **required),
        say("checklist.summary_conditional", lang, conditional=sum(other.values()), **other),
    )


def _to_do(data: ChecklistData, lang: Lang) -> tuple[str, ...]:
    lines = [
        f"{r.number}. {say(f'checklist.row_{r.number:02d}', lang)}" + (f"（{'；'.join(found)}）" if found and lang == "zh" else f" ({'; '.join(found)})" if found else "")
        for r in data.rows
        if r.required and r.status in (Status.MISSING, Status.UNCLEAR)
        for found in [_remarks("lacks", r.lacks if r.status is Status.UNCLEAR else (), lang)]
    ]  # fmt: skip
    return tuple(lines) or (say("checklist.nothing_to_do", lang),)


def _row(row: ChecklistRow, lang: Lang) -> RowText:
    return RowText(
        number=row.number,
        title=say(f"checklist.row_{row.number:02d}", lang),
        need=say(f"checklist.need_{row.number:02d}", lang),
        kind=say("checklist.required" if row.required else "checklist.conditional", lang),
        status=say(f"checklist.status_{row.status}", lang),
        status_code=str(row.status),
        seen=_remarks("seen", row.seen, lang),
        lacks=_remarks("lacks", row.lacks, lang),
        files=_file_names(row, lang),
        who="\n".join(p for p in (row.by, row.when) if p),
        note=row.note,
        basis=say(f"checklist.basis_{row.number:02d}", lang),
    )


def _words(row: ChecklistRow, lang: Lang) -> dict[str, Any]:
    text = _row(row, lang)
    return {k: getattr(text, k) for k in ("title", "need", "kind", "status", "seen", "lacks", "basis")}


def _remarks(kind: str, remarks: tuple[Remark, ...], lang: Lang) -> tuple[str, ...]:
    return tuple(say(f"checklist.{kind}_{r.code}", lang, **r.values) for r in remarks)


def _file_names(row: ChecklistRow, lang: Lang) -> tuple[tuple[str, str], ...]:
    shown = [(f.path.rsplit("/", 1)[-1], f.sha256[:12] or say("checklist.file_absent", lang)) for f in row.files]
    if len(shown) > SHOWN_FILES:
        return (*shown[:SHOWN_FILES], (say("checklist.more_files", lang, count=len(shown)), ""))
    return tuple(shown)


def _file(file: FileRef, lang: Lang) -> tuple[str, str, str, str, str]:
    if file.size is None:
        return (file.path, say("checklist.file_absent", lang), "", "", "")
    return (file.path, f"{file.size:,}", file.modified_at[:19].replace("T", " "), file.sha256, file.sm3)
