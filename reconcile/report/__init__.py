"""One frozen ReportData, and the forms it is printed in."""
