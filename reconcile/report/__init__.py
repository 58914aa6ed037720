"""One frozen ReportData, and the forms it is printed in."""

from reconcile.report.build import build_report
from reconcile.report.model import Decided, ExportSummary, ReportData, RunFacts
from reconcile.report.write import FORMS, write_reports

__all__ = ["FORMS", "Decided", "ExportSummary", "ReportData", "RunFacts", "build_report", "write_reports"]
