"""Mails from an untrusted source: raw headers and decoded parts, without interpretation."""

import codecs
import email
import email.errors
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

# The library recurses into nested parts; a person's mail has three.
_MOST_BOUNDARIES = 100
_MOST_BEHIND = 5
# A mail with all pictures of a long chat has some hundred.
_MOST_PARTS = 2_000
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb"boundary=[ \t]*\"?([^\s\";]{1,200})")


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


def _parts_in(data: bytes) -> int:
    """How many parts begin, by the lines that part them."""
    return sum(data.count(b"\n--" + named) for named in {m[1] for m in _BOUNDARY.finditer(data)})


def _parsed(data: bytes) -> Message:
    """The mail as the library parses it; a single body is left whole.

    The library holds each line of a body by itself, which takes forty times the memory of blank lines.
    """
    end = _HEAD_END.search(data)
    if end is not None:
        head = email.message_from_bytes(data[: end.end()], policy=email.policy.compat32)
        if head.get_content_maintype() not in ("multipart", "message") and not head.defects:
            head.set_payload(data[end.end() :].decode("ascii", "surrogateescape"))
            return head
    return email.message_from_bytes(data, policy=email.policy.compat32)


def read_mail(data: bytes) -> Mail:
    """The mail in the bytes; one that is cut short gives the parts that are there. Never raises."""
    # With a byte order mark before it, the first header would not be recognised.
    data = data.removeprefix(codecs.BOM_UTF8)
    # The older policy keeps headers as they are; the newer one interprets them and fails on hostile ones.
    if data.count(b"boundary=") > _MOST_BOUNDARIES or _parts_in(data) > _MOST_PARTS:
        return Mail({}, ())
    message = _parsed(data)
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        # The library represents non-ASCII bytes as lone surrogates, which cannot be written.
        plain = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        headers.setdefault(name.lower(), plain.strip())
    parts = []
    is_cut = False
    for part in message.walk():
        is_cut |= any(isinstance(d, email.errors.CloseBoundaryNotFoundDefect) for d in part.defects)
        if part.is_multipart():
            # In an honest mail, nothing follows the closing line of the last part, or a line of a list server.
            is_cut |= len((part.epilogue or "").split()) > _MOST_BEHIND
            continue
        try:
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset() or ""
            content_type = part.get_content_type()
        except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
            continue
        if isinstance(payload, bytes):
            parts.append(MailPart(content_type, payload, charset))
    return Mail(headers, tuple(parts), is_cut)
