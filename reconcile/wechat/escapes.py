"""Undoes exporters' replacements: entities, breaks, Markdown escapes, emoji pictures, letter spacing."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote

import polars as pl

from reconcile.patterns import lazy_pattern

_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&nbsp;", "\u00a0"), ("&amp;", "&"))  # fmt: skip
# An emoji's picture carries its name in brackets as alt, or bare as id.
_EMOJI_ALT = r"<img\b[^>]*\balt=\"([^\"]*)\"[^>]*>"
_EMOJI_ID = r"<img\b[^>]*\bid=\"([^\"]*)\" class=\"emoji_img\"[^>]*>"
_SPACED = lazy_pattern(r"\S(?: {1,3}\S)+")
_MARKDOWN = r"\\([\\`*_{}\[\]()<>#+\-.!|~\"'&$%^=:;,/?@])"


def unescape_html(text: pl.Expr) -> pl.Expr:
    """Entities of escaped text as characters; `&amp;` last, so that an entity typed as words stays."""
    for entity, character in _ENTITIES:
        text = text.str.replace_all(entity, character, literal=True)
    return text


def text_of_html(text: pl.Expr) -> pl.Expr:
    """The words of a bubble's HTML: line feeds, emoji names, no other tags, entities as characters."""
    plain = text.str.replace_all(r"<br ?/?>", "\n").str.replace_all(_EMOJI_ALT, "$1").str.replace_all(r"<[^<>]*>", "")
    return unescape_html(plain)


def emoji_names(text: pl.Expr) -> pl.Expr:
    """Pictures of emoji as typed `[name]`, without the blanks that some names have."""
    return (
        text.str.replace_all(_EMOJI_ID, "[$1]")
        .str.replace_all(r"\[白 眼\]", "[白眼]")
        .str.replace_all(r"\[玫 瑰\]", "[玫瑰]")
    )


def unescape_markdown(text: pl.Expr) -> pl.Expr:
    """Markdown text without the backslashes before its marks."""
    return text.str.replace_all(_MARKDOWN, "$1")


# Links and pictures of a page's bubble.
_ANCHOR = lazy_pattern(r"</?(?:a|img)(?:\s[^<>]*)?/?>", re.IGNORECASE)
# A Markdown link that shows its own address.
_LINKED = lazy_pattern(r"\[([^\n\[\]]+)\]\(\1\)|<(https?://[^<>\s]+)>")

# Characters that a url cannot contain are written as bytes.
_PERCENT = lazy_pattern(r"(?:%[0-9A-Fa-f]{2}){2,}")
# A backslash before a sign that needs none in a string literal: the sign was replaced afterwards. Literals between
# single quotes leave the double ones as they are.
_STRAY, _BARE_QUOTE = lazy_pattern(r"\\(?=[^\x00-\x7f]|')"), lazy_pattern(r'(?<!\\)"')


def written_out(text: str) -> Iterator[str]:
    """Texts that an escaped text may stand for, read as JSON string, CSV cell, page or Markdown.

    None of these readings loses anything, so a text equal to one of them has the same words. Yields nothing for a text
    without escapes.
    """
    if "\\" in text:
        with suppress(ValueError):
            yield json.loads('"' + _BARE_QUOTE.sub(r'\\"', _STRAY.sub("", text)) + '"')
    if '""' in text:
        yield text.replace('""', '"')
    if "<" in text:
        yield _ANCHOR.sub("", text)
    if _PERCENT.search(text):
        yield unquote(text, errors="ignore")
    if text.startswith("<![CDATA[") or "]]>" in text:
        yield re.sub(r"<!\[CDATA\[|\]\]>", "", text)
    if "](" in text or "<http" in text:
        yield _LINKED.sub(lambda m: m[1] or m[2], text)


def without_letter_spacing(text: str) -> str:
    """The text without single blanks where they part all its letters, as in text taken from a PDF.

    Figures alone may be several numbers.
    """
    if text[1:2] != " " or not _SPACED.fullmatch(text) or text.replace(" ", "").isdigit():
        return text
    return re.sub(r"(?<=\S) (?=\S)", "", text)
