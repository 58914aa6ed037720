"""Undoes exporters' replacements: entities, breaks, Markdown escapes, emoji pictures, letter spacing."""

import html
import json
import re
import unicodedata
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


# A character by its number as in programs: `\u{1f602}` or the two halves `\ud83d\ude02`; a line end by a letter; a
# sign by itself. Characters by their bytes in UTF-8: `\xe2\x80\x99`, `\342\200\231`, `%E2%80%99` and `=E2=80=99`.
_ESCAPE = lazy_pattern(
    r"(?P<bytes>(?:\\x[0-9A-Fa-f]{2})+|(?:\\[23][0-7]{2})+|(?:[%=][89A-Fa-f][0-9A-Fa-f])+)"
    r"|\\(?:u\{(?P<point>[0-9A-Fa-f]{1,6})\}|u(?P<high>[Dd][89ABab][0-9A-Fa-f]{2})\\u(?P<low>[Dd][C-Fc-f][0-9A-Fa-f]{2})|u(?P<unit>[0-9A-Fa-f]{4})"
    r"|(?P<end>r\\n|n|r)(?![A-Za-z])|(?P<mark>[\\`*_{}\[\]()#+\-.!|<>~\"'/&]))"
)
_BYTE_MARK = lazy_pattern(r"\\x|[\\%=]")


def _escaped_character(found: re.Match[str]) -> str:
    """The characters that an escape stands for; an invalid one stays."""
    if mark := found["mark"]:
        return mark
    if found["end"]:
        return "\n"
    if run := found["bytes"]:
        base = 8 if run[:2] in ("\\2", "\\3") else 16
        try:
            return bytes(int(number, base) for number in _BYTE_MARK.split(run)[1:]).decode()
        except UnicodeDecodeError:
            return run
    if found["high"]:
        return (bytes.fromhex(found["high"]) + bytes.fromhex(found["low"])).decode("utf-16-be")
    point = int(found["point"] or found["unit"], 16)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else found.group()


# The mark-up of a page around words: blocks, which are lines of their own, and styles. Links stay unless they show their
# own address, since it says more than their words.
_BLOCK, _STYLE = "p|div|li|ul|ol|pre|blockquote", "b|i|u|s|em|strong|del|code|span|font"
_BLOCK_TAG, _STYLE_TAG = (lazy_pattern(rf"</?(?:{t})(?:\s[^<>]*)?>", re.IGNORECASE) for t in (_BLOCK, _STYLE))
_CLOSING_TAG = lazy_pattern(rf"</(?:{_BLOCK}|{_STYLE}|a)>", re.IGNORECASE)
_SHOWN_LINK = lazy_pattern(r'<a\s(?:[^<>]*\s)?href="([^"<>]+)"[^<>]*>\1</a>', re.IGNORECASE)


# An emoji by its code points.
_DRAWN = lazy_pattern(r'<span class="emoji emoji((?:[0-9a-f]{4,5})(?:[-_]?[0-9a-f]{4,5})*)"></span>')


def _without_markup(text: str) -> str:
    """The words of a page's element; the text itself where nothing else is in it."""
    drawn = _DRAWN.sub(lambda m: "".join(chr(int(c, 16)) for c in re.findall(r"[0-9a-f]{4,5}", m[1])), text)
    bare = _SHOWN_LINK.sub(r"\1", _STYLE_TAG.sub("", drawn))
    return re.sub(r"\n\s*", "\n", _BLOCK_TAG.sub("\n", bare)).strip() or text


# A character that a workbook cannot hold as it is (ECMA-376 part 1, 22.9.2.19), and what a word processor stores of a link
# before the words that it shows for it (17.16.5.25).
_OF_CELL = lazy_pattern(r"_x([0-9A-Fa-f]{4})_")
_FIELD = lazy_pattern(r'\s?\bHYPERLINK (?:\\[a-z] ?)?"[^"\n]{1,2000}"(?: \\[a-z](?: "[^"\n]{0,200}")?)*\s?(?=\S)')


def _stored_character(found: re.Match[str]) -> str:
    """The character that a cell stores by its number; control characters are nothing."""
    sign = chr(int(found[1], 16))
    if unicodedata.category(sign) == "Cs":
        return found[0]
    return "" if sign < " " and sign not in "\t\n\r" else sign


def unescape(text: str) -> str:
    """The text with escapes of pages, programs, Markdown and office files undone, at most two layers."""
    if "_x" in text:
        text = _OF_CELL.sub(_stored_character, text)
    if "HYPERLINK" in text:
        text = _FIELD.sub(" ", text)
    for _ in range(2):
        if "&" not in text:
            break
        text = html.unescape(text)
    text = text.replace("<br/>", "\n").replace("<br>", "\n").replace("<br />", "\n")
    if "</" in text and _CLOSING_TAG.search(text):
        text = _without_markup(text)
    return _ESCAPE.sub(_escaped_character, text) if any(mark in text for mark in "\\%=") else text
