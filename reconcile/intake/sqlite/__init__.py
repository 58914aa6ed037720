"""The clients' own databases: opened without a trace, read in whole columns, their rows and side tables brought into one form."""
