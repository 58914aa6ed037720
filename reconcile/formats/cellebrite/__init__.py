"""Cellebrite: UFED reports as XML, spreadsheet or text."""
