"""The clients' own databases: opened without a trace, read in whole columns, brought to one form."""
