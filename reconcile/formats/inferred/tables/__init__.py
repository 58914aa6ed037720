"""Rows of tables: CSV, spreadsheets, SQL dumps and SQLite."""
