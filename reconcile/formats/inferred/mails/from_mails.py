"""Rows of mails, in a mailbox file or a file each, as programs write that keep messages as mails."""

from collections.abc import Sequence
from dataclasses import replace
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reconcile.errors import LimitExceeded
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mails.talks_in_mails import talk_fields
from reconcile.formats.inferred.tables.tables_in_words import tables_in_words
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import split_lines
from reconcile.intake.text.mail import Mail, MailPart, read_mail
from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern

if TYPE_CHECKING:
    from reconcile.formats.inferred.pages import from_html
else:
    from_html = lazy_module("reconcile.formats.inferred.pages.from_html")


# Separator of the mails in a mailbox: a line with an address and a time above the first header field.
_PART = lazy_pattern(rb"(?m)^From [^\r\n]*[0-9]{2}:[0-9]{2}[^\r\n]*\r?\n(?=[!-9;-~]+:)")
_QUOTED = lazy_pattern(r"(?m)^>(>*From )")
_HEADS = ("from", "to", "date", "subject")
_MOST_BYTES = 2**28
MAIL, LEAST_MAILS = ".eml", 3


def is_mailbox(head: str) -> bool:
    """Whether a file that begins like this holds mails one after another."""
    return _PART.match(head.encode("utf-8", "replace")) is not None


def mailbox_fields(source: Source, file: Path) -> list[Fields]:
    """The messages of talks in the mails of a mailbox, else three mails or more as rows."""
    if file.stat().st_size > _MOST_BYTES:
        raise LimitExceeded(source.path, f"{file}: more than {_MOST_BYTES:,} bytes of mail; split the mailbox")
    data = file.read_bytes()
    starts = [(m.start(), m.end()) for m in _PART.finditer(data)]
    ends = [s for s, _ in starts[1:]] + [len(data)]
    mails = [read_mail(data[begin:end]) for (_, begin), end in zip(starts, ends, strict=True)]
    name = source.relative(file)
    labels = [f"mail {i}" for i in range(1, len(mails) + 1)]
    if (talks := talk_fields(mails, [_words_of(m) for m in mails], name, labels)) or len(mails) < LEAST_MAILS:
        return talks
    return [Fields(_frame_of_mails(mails, labels), name, f"{name}#")]


def mails_in_files(source: Source) -> list[Path]:
    """The mails of a folder with a file for each, which make one list of rows; [] of fewer than three."""
    mails = [f for f in source.files if f.suffix.lower() == MAIL]
    return mails if len(mails) >= LEAST_MAILS else []


def mail_fields(source: Source, file: Path) -> list[Fields]:
    """The messages of the talk in a single mail; [] where it is none, such as a saved page."""
    mail = read_mail(file.read_bytes())
    if "to" not in mail.headers:
        return []
    words, name = _words_of(mail), source.relative(file)
    table, _ = tables_in_words(split_lines(words or ""), name, "mail line ")
    return table or talk_fields([mail], [words], name, ["mail"])


def mail_files_fields(source: Source, files: Sequence[Path]) -> list[Fields]:
    """The mails of a folder with a file for each as rows, by their names.

    Raises LimitExceeded for more bytes than a mailbox may have.
    """
    if sum(f.stat().st_size for f in files) > _MOST_BYTES:
        raise LimitExceeded(source.path, f"{source.path}: more than {_MOST_BYTES:,} bytes of mail; split the mailbox")
    names = [source.relative(f) for f in files]
    mails, labels = [read_mail(f.read_bytes()) for f in files], [f"{n}#mail" for n in names]
    if talks := talk_fields(mails, [_words_of(m) for m in mails], names[0], labels):
        return [replace(f, label="") for f in talks]
    frame = _frame_of_mails(mails, labels)
    return [Fields(frame, names[0], "")]


def _frame_of_mails(mails: Sequence[Mail], labels: Sequence[str]) -> pl.DataFrame:
    """A row for each mail, with its headings and body."""
    columns = {h: [_decoded(m.headers.get(h)) for m in mails] for h in _HEADS}
    senders = [parseaddr(s or "") for s in columns["from"]]
    columns["from"] = [address or shown or None for shown, address in senders]
    columns["from_name"] = [shown or None for shown, _ in senders]
    columns["to"] = [parseaddr(to or "")[1] or to if "," not in (to or "") else to for to in columns["to"]]
    return pl.DataFrame({ROW: labels, **columns, "body": [_words_of(m) for m in mails]}).with_columns(
        pl.all().cast(pl.String)
    )


def _decoded(header: str | None) -> str | None:
    """A field of a head without its encoding; as it stands where that is broken."""
    if not header:
        return None
    try:
        return str(make_header(decode_header(header)))
    except (MessageError, LookupError, UnicodeError, ValueError):
        return header


def _words_of(mail: Mail) -> str | None:
    """The first plain text of a mail, else its page as lines, without the quoting of the mailbox."""
    for kind, read in (("text/plain", str), ("text/html", from_html.words_of_page)):
        part = next((p for p in mail.parts if p.content_type == kind), None)
        if part is not None:
            return _QUOTED.sub(r"\1", read(_text_of(part)).replace("\r\n", "\n")).strip("\n") or None
    return None


def _text_of(part: MailPart) -> str:
    try:
        return part.data.decode(part.charset or "utf-8", "replace")
    except LookupError:
        return part.data.decode("utf-8", "replace")
