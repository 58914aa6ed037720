"""Rows of mails, in a mailbox file or a file each, as programs write that keep messages as mails."""

import re
from collections.abc import Sequence
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path

import polars as pl

from reconcile.errors import LimitExceeded
from reconcile.formats.inferred.fields import Fields
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.mail import Mail, read_mail

# Separator of the mails in a mailbox: a line with an address and a time above the first header field.
_PART = re.compile(rb"(?m)^From [^\r\n]*[0-9]{2}:[0-9]{2}[^\r\n]*\r?\n(?=[!-9;-~]+:)")
_QUOTED = re.compile(r"(?m)^>(>*From )")
_HEADS = ("from", "to", "date", "subject")
_MOST_BYTES = 2**28
MAIL, LEAST_MAILS = ".eml", 3


def is_mailbox(head: str) -> bool:
    """Whether a file that begins like this holds mails one after another."""
    return _PART.match(head.encode("utf-8", "replace")) is not None


def mailbox_fields(source: Source, file: Path) -> list[Fields]:
    """The mails of a mailbox as rows; [] for fewer than three."""
    if file.stat().st_size > _MOST_BYTES:
        raise LimitExceeded(source.path, f"{file}: more than {_MOST_BYTES:,} bytes of mail; split the mailbox")
    data = file.read_bytes()
    starts = [(m.start(), m.end()) for m in _PART.finditer(data)]
    if len(starts) < LEAST_MAILS:
        return []
    ends = [s for s, _ in starts[1:]] + [len(data)]
    mails = [read_mail(data[begin:end]) for (_, begin), end in zip(starts, ends, strict=True)]
    name = source.relative(file)
    labels = [f"mail {i}" for i in range(1, len(mails) + 1)]
    return [Fields(_frame_of_mails(mails, labels), name, f"{name}#")]


def mail_files_fields(source: Source, files: Sequence[Path]) -> list[Fields]:
    """The mails of a folder with a file for each as rows, by their names.

    Raises LimitExceeded for more bytes than a mailbox may have.
    """
    if sum(f.stat().st_size for f in files) > _MOST_BYTES:
        raise LimitExceeded(source.path, f"{source.path}: more than {_MOST_BYTES:,} bytes of mail; split the mailbox")
    names = [source.relative(f) for f in files]
    frame = _frame_of_mails([read_mail(f.read_bytes()) for f in files], [f"{n}#mail" for n in names])
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
    """The first plain text of a mail without the quoting of the mailbox; None where it has none."""
    part = next((p for p in mail.parts if p.content_type == "text/plain"), None)
    if part is None:
        return None
    try:
        text = part.data.decode(part.charset or "utf-8", "replace")
    except LookupError:
        text = part.data.decode("utf-8", "replace")
    return _QUOTED.sub(r"\1", text.replace("\r\n", "\n")).strip("\n") or None
