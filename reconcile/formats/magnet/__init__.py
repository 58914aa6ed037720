"""Magnet AXIOM: reports as XML, CSV or spreadsheet."""
