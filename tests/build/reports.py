"""Reports of made-up findings."""

from functools import cache

import pytest

from reconcile.report.build import build_report
from reconcile.report.html import render_html
from reconcile.report.model import ReportData
from reconcile.settings import ReportLimits
from reconcile.wording import Lang
from tests.build.findings import build_findings, build_run, build_summaries


@cache
def report(*, mask: bool = False, limits: ReportLimits | None = None) -> ReportData:
    """The report of the made-up findings."""
    return build_report(build_findings(), *build_summaries(), build_run(), mask=mask, limits=limits)


@cache
def page(lang: Lang = "zh") -> str:
    """That report as an HTML page."""
    return render_html(report(), lang)


def skip_without_pdf() -> None:
    """Skips the test where no PDF can be made: no extra `pdf`, or no Chinese font on this machine."""
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    from reconcile.report.pdf import CHINESE_FONTS, installed_font_families

    if installed_font_families().isdisjoint(CHINESE_FONTS):
        pytest.skip("no Chinese font is installed, such as Noto Serif CJK SC")
