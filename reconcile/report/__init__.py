"""The report: one frozen ReportData, and a renderer for each form."""

from reconcile.report.build import build_report, with_hashes
from reconcile.report.inputs import Decided, ExportSummary, RunFacts
from reconcile.report.model import ReportData
from reconcile.report.write import FORMS, REPORTS, limits_for, write_reports

__all__ = [
    "FORMS",
    "REPORTS",
    "Decided",
    "ExportSummary",
    "ReportData",
    "RunFacts",
    "build_report",
    "limits_for",
    "with_hashes",
    "write_reports",
]
