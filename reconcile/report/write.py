"""Writes a finished report in every requested form; the only module of this package that writes files."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from reconcile.errors import UsageError
from reconcile.report.model import ReportData
from reconcile.settings import ReportLimits
from reconcile.wording import Lang

# A writer returns the files of its form by name, and loads its library only when called.
Writer = Callable[[ReportData, Lang], Mapping[str, bytes]]


def limits_for(forms: Collection[str]) -> ReportLimits:
    """How much these forms print: a page lists fewer discrepancies than the documents."""
    usual = ReportLimits()
    return ReportLimits(discrepancy_rows=usual.discrepancies_on_page) if set(forms) <= {"html", "pdf"} else usual


def write_reports(data: ReportData, folder: Path, lang: Lang, forms: Collection[str]) -> list[Path]:
    """Writes the forms into the folder and returns the paths, in the order of `FORMS`.

    Forms: html (report.html), docx (report.docx, discrepancies.docx and evidence_list.docx), xlsx (findings.xlsx), pdf (report.pdf),
    csv (findings.csv), json (findings.json), case (case.jsonld).

    Raises:
        UsageError: a form is unknown.
        MissingExtra: a form needs a part of the package that is not installed.
    """
    unknown = sorted(set(forms) - set(FORMS))
    if unknown:
        raise UsageError("--report", f"unknown form of report: {', '.join(unknown)}; known are {', '.join(FORMS)}")
    paths = []
    for form in FORMS:
        if form in forms:
            for name, content in _WRITERS[form](data, lang).items():
                (folder / name).write_bytes(content)
                paths.append(folder / name)
    return paths


def _html_files(data: ReportData, lang: Lang) -> dict[str, bytes]:
    from reconcile.report.html import render_html  # noqa: PLC0415

    return {"report.html": render_html(data, lang).encode()}


def _docx_files(data: ReportData, lang: Lang) -> dict[str, bytes]:
    from reconcile.report.docx_lists import render_discrepancies, render_evidence_list  # noqa: PLC0415
    from reconcile.report.docx_report import render_report  # noqa: PLC0415

    return {
        "report.docx": render_report(data, lang),
        "discrepancies.docx": render_discrepancies(data, lang),
        "evidence_list.docx": render_evidence_list(data, lang),
    }


def _xlsx_files(data: ReportData, lang: Lang) -> dict[str, bytes]:
    from reconcile.report.xlsx import render_xlsx  # noqa: PLC0415

    return {"findings.xlsx": render_xlsx(data, lang)}


def _pdf_files(data: ReportData, lang: Lang) -> dict[str, bytes]:
    from reconcile.report.pdf import render_pdf  # noqa: PLC0415

    return {"report.pdf": render_pdf(data, lang)}


def _csv_files(data: ReportData, _: Lang) -> dict[str, bytes]:
    from reconcile.report.tables import findings_csv  # noqa: PLC0415

    return {"findings.csv": findings_csv(data)}


def _json_files(data: ReportData, _: Lang) -> dict[str, bytes]:
    return {"findings.json": data.model_dump_json(indent=1).encode()}


def _case_uco_files(data: ReportData, _: Lang) -> dict[str, bytes]:
    from reconcile.report.case_uco import render_case  # noqa: PLC0415

    return {"case.jsonld": render_case(data)}


_WRITERS: dict[str, Writer] = {
    "html": _html_files,
    "docx": _docx_files,
    "xlsx": _xlsx_files,
    "pdf": _pdf_files,
    "csv": _csv_files,
    "json": _json_files,
    "case": _case_uco_files,
}
FORMS = tuple(_WRITERS)
# Every file of the report forms, in writing order.
REPORTS = (
    "report.html", "report.docx", "discrepancies.docx", "evidence_list.docx", "findings.xlsx", "report.pdf", "findings.csv", "findings.json", "case.jsonld",
)  # fmt: skip
