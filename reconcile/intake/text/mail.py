"""Mails from an untrusted source: raw headers and decoded parts, without interpretation."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from reconcile.patterns import lazy_pattern

# A person's mail has three levels of parts; what lies deeper is left as it is.
_MOST_LEVELS = 20
_MOST_BEHIND = 5
# A mail with all pictures of a long chat has some hundred, a saved page a few thousand.
_MOST_PARTS = 10_000
# Longer than any head that a mail program writes.
_LONGEST_HEAD = 1_000_000
_HEAD_END = lazy_pattern(rb"\r?\n\r?\n")
_BLANK = lazy_pattern(rb"\r?\n")
_PARSER = BytesParser()


@dataclass(frozen=True, slots=True)
class MailPart:
    """One leaf of a mail: its content type, its bytes as decoded, and the charset it names ('' = none)."""

    content_type: str
    data: bytes
    charset: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail's headers by lower-case name (the first of each) and its leaf parts in order.

    `is_cut`: it ends before its last part does, or continues behind it.
    """

    headers: dict[str, str]
    parts: tuple[MailPart, ...]
    is_cut: bool = False

    def sent_at(self) -> datetime | None:
        """The instant of the Date header; None where it is absent, odd or without a zone."""
        try:
            stamp = parsedate_to_datetime(self.headers.get("date", ""))
        except (TypeError, ValueError, OverflowError, IndexError):
            return None
        return stamp if stamp.tzinfo is not None else None


def read_mail(data: bytes) -> Mail:
    """The mail in the bytes; one that is cut short gives the parts that are there. Never raises."""
    # With a byte order mark before it, the first header would not be recognised.
    data = data.removeprefix(codecs.BOM_UTF8)
    headers: dict[str, str] = {}
    for name, value in _head(data, 0, len(data))[0].raw_items():
        # The library represents non-ASCII bytes as lone surrogates, which cannot be written.
        plain = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        headers.setdefault(name.lower(), plain.strip())
    parts: list[MailPart] = []
    is_cut = False
    for found in _leaves(data, 0, len(data)):
        if found is None:
            is_cut = True
        elif len(parts) == _MOST_PARTS:
            return Mail({}, ())
        else:
            parts.append(found)
    return Mail(headers, tuple(parts), is_cut)


def _head(data: bytes, at: int, end: int) -> tuple[Message, int]:
    """The headers of what lies between two positions, and where its body begins."""
    if blank := _BLANK.match(data, at, end):
        return Message(), blank.end()
    found = _HEAD_END.search(data, at, min(end, at + _LONGEST_HEAD))
    stop = found.end() if found else min(end, at + _LONGEST_HEAD)
    # The library has the headers alone: of a body it holds each line by itself, forty times the memory of blank lines.
    message = _PARSER.parsebytes(data[at:stop], headersonly=True)
    # The body begins already where a line is no header.
    return message, stop - len(message.get_payload())


def _leaves(data: bytes, at: int, end: int, level: int = 0) -> Iterator[MailPart | None]:
    """The parts without parts of their own, in order; None where a part is cut, or goes on behind its end."""
    message, at = _head(data, at, end)
    kind = message.get_content_maintype()
    boundary = message.get_boundary() if kind == "multipart" else None
    spans, behind = _spans(data, at, end, boundary) if boundary is not None and level < _MOST_LEVELS else ([], end)
    if spans:
        for first, last in spans:
            yield from _leaves(data, first, last, level + 1)
        # In an honest mail, nothing follows the closing line of the last part, or a line of a list server.
        if behind is None or len(data[behind:end].split(None, _MOST_BEHIND)) > _MOST_BEHIND:
            yield None
    elif kind == "message" and level < _MOST_LEVELS:
        yield from _leaves(data, at, end, level + 1)
    elif part := _decoded(message, data[at:end]):
        yield part


def _spans(data: bytes, at: int, end: int, boundary: str) -> tuple[list[tuple[int, int]], int | None]:
    """Where each part lies, and the position behind the closing line; None where there is none."""
    line = re.compile(b"--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    spans: list[tuple[int, int]] = []
    start = None
    for m in line.finditer(data, at, end):
        if m.start() > at and data[m.start() - 1] != ord("\n"):
            continue
        # Two boundaries with nothing between them hold no part.
        if start is not None and m.start() > start:
            spans.append((start, _without_line_end(data, start, m.start())))
        if m[1] or len(spans) > _MOST_PARTS:
            return spans, m.end()
        start = m.end()
    if start is not None:
        spans.append((start, _without_line_end(data, start, end)))
    return spans, None


def _without_line_end(data: bytes, start: int, end: int) -> int:
    """The end of a part: the line end before a boundary belongs to the boundary."""
    if data.endswith(b"\n", start, end):
        return end - 1 - data.endswith(b"\r\n", start, end)
    return end


def _decoded(message: Message, body: bytes) -> MailPart | None:
    """The decoded part of a mail; null where it cannot be decoded."""
    # The library decodes base64 and uuencode line by line, each held by itself.
    encoding = str(message.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "base64":
        body = body.translate(None, b"\r\n")
    elif encoding.endswith(("uuencode", "uue")):
        del message["content-transfer-encoding"]
    message.set_payload(body.decode("ascii", "surrogateescape"))
    try:
        data = message.get_payload(decode=True)
        charset, content_type = message.get_content_charset() or "", message.get_content_type()
    except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
        return None
    return MailPart(content_type, data, charset) if isinstance(data, bytes) else None
