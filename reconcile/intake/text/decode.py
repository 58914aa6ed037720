"""Text files decoded: UTF-8, UTF-16 with mark, else an old encoding that fits, with a note."""

import codecs
from pathlib import Path

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.text.encodings import fitting_encoding, is_chinese
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

BOM = b"\xef\xbb\xbf"
# A UTF-8 file with a few broken bytes stays UTF-8; a GBK file read as UTF-8 breaks at nearly every character.
_BROKEN_SHARE = 0.02
_OTHER_ENDS = ("\r", "\u2028", "\u2029", "\x85", "\x0b")
_BEYOND_ASCII = lazy_pattern(r"[^\x00-\x7f]")
_FEED = lazy_pattern(r"[\r\n]")
# A name of an encoding in the head of a page or of XML; those of one byte a character.
_CHARSET, _LOOK = (
    lazy_pattern(rb"(?i)(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,100}?encoding)\s*=\s*[\"']?([\w-]{2,20})"),
    2_048,
)
_ONE_BYTE = ("cp125", "iso8859", "koi8", "cp866", "mac")
MAX_TEXT_BYTES = 4 * 2**30


def read_text(source: Source, file: Path) -> tuple[str, list[Note]]:
    """The file's text without byte order mark, and notes on encoding.

    Raises UnreadableSource for binary content, LimitExceeded for a file beyond MAX_TEXT_BYTES.
    """
    name = source.relative(file)
    try:
        if file.stat().st_size > MAX_TEXT_BYTES:
            raise LimitExceeded(source.path, f"{file}: text of more than {MAX_TEXT_BYTES:,} bytes; split the export")
        data = file.read_bytes()
    except OSError as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read ({error.strerror or error})") from None
    return decode(source, name, data)


def decode(source: Source, name: str, data: bytes) -> tuple[str, list[Note]]:
    """Text of the bytes without byte order mark, and notes on the encoding; raises as `read_text`."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
        notes = [Note(NoteCode.ENCODING_GUESSED, name, "utf-16")]
        # An extra or missing byte shifts all that follows, and most of it still decodes to some character.
        if broken := max(text.count("\ufffd"), len(data) % 2):
            notes.append(Note(NoteCode.PART_UNREADABLE, name, "bytes that are no UTF-16", broken, said=True))
        return text, notes
    data = data.removeprefix(BOM)
    if b"\x00" in data[:4096]:
        raise UnreadableSource(source.path, f"{source.path}: {name} holds binary content; expected text")
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # Where not one letter beyond ASCII is UTF-8, none is broken: the file is of another encoding.
    is_utf = len(_BEYOND_ASCII.findall(text)) > broken
    if is_utf and broken <= max(3, _BROKEN_SHARE * sum(b >= 0x80 for b in data[:200_000])):
        return text, [Note(NoteCode.PART_UNREADABLE, name, "bytes that are no UTF-8", broken, said=True)]
    if (told := old_encoding(data)) != "gb18030":
        return data.decode(told, "replace"), [Note(NoteCode.ENCODING_GUESSED, name, told)]
    try:
        return data.decode("gb18030"), [Note(NoteCode.ENCODING_GUESSED, name, "gb18030")]
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
        if not is_chinese(data):
            message = f"{source.path}: {name} is written in an encoding that is not known here; save it as UTF-8 and name that file"
            raise UnreadableSource(source.path, message) from None
        return text, [
            Note(NoteCode.ENCODING_GUESSED, name, "gb18030"),
            Note(NoteCode.PART_UNREADABLE, name, "bytes that are no GB 18030", text.count("\ufffd"), said=True),
        ]


def old_encoding(data: bytes) -> str:
    """The encoding of bytes that are no UTF: the one that is stated or fits, else GB 18030."""
    return _declared(data) or fitting_encoding(data)


def _declared(data: bytes) -> str | None:
    """The encoding that a page or XML names and that reads all of it; None for GBK and UTF."""
    found = _CHARSET.search(data[:_LOOK])
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
        return name if name.startswith(_ONE_BYTE) and data.decode(name) is not None else None
    except (LookupError, UnicodeDecodeError):
        return None


def with_line_feeds(text: str) -> str:
    """The text with line feeds, where it only has carriage returns or Unicode line separators."""
    if "\n\r" in text and not _FEED.search(text.replace("\n\r", "")):
        return text.replace("\n\r", "\n")
    if "\n" in text:
        return text
    end = next((e for e in _OTHER_ENDS if e in text), None)
    return text if end is None else text.replace(end, "\n")


def head_text(source: Source, file: Path) -> str:
    """The beginning of a file as text for recognition; '' for binary content. Never raises."""
    head = source.head(file)
    text = source.texts.get(head)
    if text is None:
        text = with_line_feeds(_decoded_head(head.removeprefix(BOM)))
        if source.has_room(len(head)):
            source.texts[head] = text
    return text


def _decoded_head(head: bytes) -> str:
    """Text of a file's beginning; empty where it is binary."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "ignore")
    if b"\x00" in head:
        return ""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A head may end inside a character.
        if error.start > len(head) - 4:
            return head.decode("utf-8", "ignore")
        return head.decode(old_encoding(head), "ignore")
