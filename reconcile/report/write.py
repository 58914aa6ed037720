"""Writes a finished report in every form asked for. The one place of this folder that touches files."""

from collections.abc import Callable, Collection
from pathlib import Path

from reconcile.errors import UsageError
from reconcile.report.model import ReportData
from reconcile.wording import Lang

FORMS = ("html", "json")


def write_reports(data: ReportData, folder: Path, lang: Lang, forms: Collection[str]) -> list[Path]:
    """Writes the forms into the folder and returns the paths, in the order of `FORMS`.

    Forms: html (report.html), json (findings.json).

    Raises:
        UsageError: a form is unknown.
        MissingExtra: a form needs a part of the package that is not installed.
    """
    unknown = sorted(set(forms) - set(FORMS))
    if unknown:
        raise UsageError("--reports", f"unknown form of report: {', '.join(unknown)}; known are {', '.join(FORMS)}")
    return [_WRITERS[form](data, folder, lang) for form in FORMS if form in forms]


def _html(data: ReportData, folder: Path, lang: Lang) -> Path:
    from reconcile.report.html import render_html  # noqa: PLC0415 - the template library is loaded only when asked for

    return _write(folder / "report.html", render_html(data, lang).encode())


def _json(data: ReportData, folder: Path, _: Lang) -> Path:
    return _write(folder / "findings.json", data.model_dump_json(indent=1).encode())


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


_WRITERS: dict[str, Callable[[ReportData, Path, Lang], Path]] = {"html": _html, "json": _json}
