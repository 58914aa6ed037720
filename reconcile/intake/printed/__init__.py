"""Printed pages: the paragraphs and tables of PDF files."""
