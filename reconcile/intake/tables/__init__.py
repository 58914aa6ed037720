"""Tables: CSV, spreadsheets, Parquet."""
