"""Reports of made-up findings."""

from functools import cache

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
