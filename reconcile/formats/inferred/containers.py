"""Which container a file is, by its content, and the frames of text fields that it holds."""

import re
from pathlib import Path

from reconcile.errors import UnreadableSource
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.from_html import html_fields
from reconcile.formats.inferred.from_json import json_fields
from reconcile.formats.inferred.from_table import markdown_fields, table_fields
from reconcile.formats.inferred.from_text import text_fields
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import BOOK_SUFFIXES, TEXT_SUFFIXES
from reconcile.intake.text.decode import head_text

_MARKUP = re.compile(
    r"(?is)^\s*(?:<!doctype html|<html|<!--|<(?:div|table|ul|ol|body|section|p|article|meta|head)[\s>])"
)
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4", ".mp3", ".amr", ".silk", ".pdf", ".docx")


def fields_of(source: Source, file: Path) -> list[Fields]:
    """The lists of rows of one file. Raises as the containers do."""
    suffix = file.suffix.lower()
    text = head_text(source, file).lstrip("\ufeff")
    if suffix in BOOK_SUFFIXES and not _MARKUP.match(text):
        return table_fields(source, file)
    if suffix in _PICTURES or not text.strip():
        return []
    begin = text.lstrip()
    if begin[:1] in "[{" or re.match(r"(?:var|const|let)\s+\w+\s*=", begin):
        try:
            return json_fields(source, file)
        except UnreadableSource:
            if suffix in (".json", ".jsonl", ".ndjson"):
                raise
    if _MARKUP.match(text) or suffix in (".html", ".htm", *BOOK_SUFFIXES):
        return html_fields(source, file)
    if suffix in TEXT_SUFFIXES:
        return table_fields(source, file)
    # A text may hold a table or lines that begin messages; the scorer decides which reads better.
    tables = markdown_fields(source, file)
    return tables or [*text_fields(source, file), *_table_in_text(source, file, text)]


def _table_in_text(source: Source, file: Path, text: str) -> list[Fields]:
    lines = [line for line in text.split("\n")[:40] if line.strip()]
    return (
        table_fields(source, file)
        if len(lines) > 1 and any(all(s in line for line in lines[:20]) for s in "\t|;,")
        else []
    )
