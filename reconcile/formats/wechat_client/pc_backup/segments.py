"""Containers of the PC client's backup: encrypted text segments as rows, checked against their tables.

Source of the layout and of the checks: anonymous5l/wcdb (wechat-databases 6).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from reconcile.intake.contract import Note, remarks, shorten_notes
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.kinds import split_android_type
from reconcile.wechat.protobuf import all_fields, message_of, text_in

BLOCK = 16
# A segment holds some hundred messages; a forged container may claim gigabytes.
MAX_SEGMENT_BYTES = 64 * 2**20
ROWS: dict[str, type[pl.DataType]] = {
    "locator": pl.String, "talker": pl.String, "from": pl.String, "to": pl.String, "content": pl.String, "source": pl.String, "base": pl.Int64,
    "sub": pl.Int64, "server_id": pl.Int64, "seconds": pl.Int64, "milliseconds": pl.Int64, "msg_id": pl.Int64, "sequence": pl.Int64,
    "status_code": pl.Int64, "flag": pl.Int64,
}  # fmt: skip
# Fields of a message: wrapped accounts and words, the message source as text, a buffer, and numbers that are never
# shown.
_WRAPPED, _SOURCE, _BUFFER, _NOT_SHOWN = (3, 4, 5), 8, 13, (2, 11, 12, 13)
# Three Chinese characters and what follows; numbers and media keys hardly ever contain such bytes.
_SPOKEN = lazy_pattern(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){3}[\x20-\xff]*")
_WORD = lazy_pattern(r"[\u4e00-\u9fff]{2,}|[^\W_]{4,}")


def read_segments(
    segments: pl.DataFrame, files: Mapping[str, tuple[str, Path]], key: str
) -> tuple[pl.DataFrame, dict[str, int], list[Note]]:
    """Every message of every text segment, in the order of file and offset.

    Args:
        segments: columns file, offset, length, talker, number of the table MsgSegments.
        files: container name in lower case -> (path inside the source, path).
        key: the backup key; its first 16 characters are the AES key.

    Returns:
        rows with the columns of ROWS; number of messages that the segments themselves state, by conversation; notes.
    """
    rows: list[tuple[object, ...]] = []
    stated: dict[str, int] = {}
    notes: list[Note] = []
    for segment in segments.sort("file", "offset").iter_rows(named=True):
        label, path = files.get(str(segment["file"]).lower(), ("", None))
        place = f"{label or segment['file']}#{segment['offset']}"
        if path is None:
            notes.append(Note(NoteCode.MEMBER_MISSING, place, str(segment["file"])[:200]))
            continue
        plain = _decrypt_segment(path, segment["offset"], segment["length"], key)
        told, found, strays, behind = (None, [], [], 0) if plain is None else _messages(plain)
        if told is None:
            # A segment begins with its number of messages; without it the beginning is broken and the rest partly
            # read at most.
            notes.append(Note(NoteCode.PART_UNREADABLE, place, f"segment of {segment['talker'] or '?'}, {segment['length']} bytes", said=True))  # fmt: skip
        if plain is None:
            continue
        rows.extend((f"{place}/{n}", segment["talker"], *row) for n, row in enumerate(found))
        notes += [Note(NoteCode.BROKEN_BODY, f"{place}/{n}", stray[:200]) for n, stray in enumerate(strays) if stray]
        if behind:
            notes.append(Note(NoteCode.PART_UNREADABLE, place, f"{behind} bytes of no message", said=True))  # fmt: skip
        stated[segment["talker"] or ""] = stated.get(segment["talker"] or "", 0) + (
            len(found) if told is None else told
        )
        if told is not None and told != len(found):
            notes.append(Note(NoteCode.COUNT_MISMATCH, place, f"{told} stated, {len(found)} held", said=True))
    return pl.DataFrame(rows, schema=ROWS, orient="row"), stated, notes


def cover_notes(chunks: pl.DataFrame, sizes: Mapping[str, tuple[str, int]]) -> list[Note]:
    """Notes where a container's chunks overlap, leave bytes over, exceed its end or split cipher blocks.

    `chunks` has columns file, offset, length; `sizes` is container name in lower case -> (path inside the source,
    bytes). A container without any chunk counts as left over as a whole.
    """
    notes: list[Note] = []
    by_file: dict[str, list[tuple[int, int]]] = {name: [] for name in sizes}
    for file, offset, length in chunks.select("file", "offset", "length").iter_rows():
        by_file.setdefault(str(file).lower(), []).append((offset or 0, length or 0))
    for name, spans in by_file.items():
        if name in sizes:
            notes += _span_notes(sizes[name][0], sorted(spans), sizes[name][1])
    odd = chunks.filter((pl.col("length") % BLOCK != 0) | (pl.col("length") < 0) | (pl.col("offset") < 0))
    return notes + (remarks(NoteCode.ODD_VALUE, "Length", "no whole number of cipher blocks", odd.height))


def media_notes(chunks: pl.DataFrame, media: pl.DataFrame, listed: pl.Series, label: str) -> list[Note]:
    """Media whose chunks do not add up to the stated length, and ids that one of the two tables lacks.

    `chunks`: media, length, total. `media`: name. `listed`: the names in MediaStr2ID. A padded last chunk may exceed the
    total by one cipher block.
    """
    sums = chunks.group_by("media").agg(pl.col("length").sum(), pl.col("total").max())
    short = sums.filter(~(pl.col("length") - pl.col("total")).is_between(0, BLOCK)).sort("media")
    notes = [
        Note(NoteCode.MEDIA_MISSING, f"{label}#MsgFileSegment/{m}", f"{length} of {total} bytes", said=True) for m, length, total in short.head(50).iter_rows()
    ]  # fmt: skip
    if short.height > len(notes):
        notes.append(Note(NoteCode.MEDIA_MISSING, "…", "", short.height - len(notes)))
    held, named = set(media["name"].drop_nulls()), set(listed.drop_nulls())
    for table, absent in (("MsgMedia", named - held), ("MediaStr2ID", held - named)):
        if absent and held and named:
            notes.append(Note(NoteCode.COUNT_MISMATCH, f"{label}#{table}", f"lacks {', '.join(sorted(absent)[:5])}"[:200], len(absent), said=True))  # fmt: skip
    return notes


def _span_notes(label: str, spans: list[tuple[int, int]], size: int) -> list[Note]:
    """Notes on gaps, overlaps and a cut end in the bytes that the segments cover."""
    notes, reached = [], 0
    for offset, length in spans:
        if offset > reached:
            notes += remarks(
                NoteCode.PART_UNREADABLE, f"{label}#{reached}", f"{offset - reached} bytes belong to no segment"
            )
        elif offset < reached:
            notes += remarks(
                NoteCode.ODD_VALUE, f"{label}#{offset}", f"overlaps the segment before by {reached - offset} bytes"
            )
        reached = max(reached, offset + length)
    if reached > size:
        notes += remarks(NoteCode.PART_UNREADABLE, f"{label}#{size}", f"cut short: {reached - size} bytes are missing")
    elif reached < size:
        notes += remarks(NoteCode.PART_UNREADABLE, f"{label}#{reached}", f"{size - reached} bytes belong to no segment")
    return shorten_notes(notes)


def _decrypt_segment(path: Path, offset: int | None, length: int | None, key: str) -> bytes | None:
    """The decrypted bytes of a segment; null where it is cut short or the key does not fit."""
    if offset is None or length is None or offset < 0 or not 0 < length <= MAX_SEGMENT_BYTES or length % BLOCK:
        return None
    # A position far beyond the end is an error of the system, not a short read.
    if offset > path.stat().st_size:
        return None
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(length)
    if len(data) != length:
        return None
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - only for stores with such bodies
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415 - as above

    # ECB is the client's choice, not ours: its backups cannot be read otherwise.
    decryptor = Cipher(algorithms.AES(key[:BLOCK].encode()), modes.ECB()).decryptor()  # noqa: S305
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        return unpadder.update(decryptor.update(data)) + unpadder.finalize()
    except ValueError:
        return None


def _messages(plain: bytes) -> tuple[int | None, list[tuple[object, ...]], list[str], int]:
    """BakChatMsgList: the stated count, the messages, texts without a column, and stray bytes."""
    told: int | None = None
    found, strays = [], []
    fields, rest = all_fields(plain)
    for number, value in fields:
        if number == 1 and isinstance(value, int):
            told = value
        elif number == 2 and isinstance(value, bytes):
            row, stray = _row(value)
            found.append(row)
            strays.append(stray)
        elif isinstance(value, bytes):
            rest += value
    return told, found, strays, len(rest)


def _row(item: bytes) -> tuple[tuple[object, ...], str]:
    """One BakChatMsgItem in the order of ROWS, and what of it is not read."""
    first: dict[int, int | bytes] = {}
    fields, rest = all_fields(item)
    unread = [rest] if rest else []
    for number, value in fields:
        known = number in first
        if isinstance(value, bytes) and (known or not _is_read(number, value)):
            is_known = number in _NOT_SHOWN and not (number == _BUFFER and _is_wrapped_text(value))
            unread += _SPOKEN.findall(value) if is_known else [value]
        first.setdefault(number, value)
    content = _nested_text_field(first, 5)
    base, sub = split_android_type(_signed_field(first, 1), content)
    row = (
        _nested_text_field(first, 3), _nested_text_field(first, 4), content, _text_field(first, 8), base, sub, _signed_field(first, 16),
        _signed_field(first, 7), _signed_field(first, 18), _signed_field(first, 9), _signed_field(first, 17), _signed_field(first, 6), _signed_field(first, 19),
    )  # fmt: skip
    return row, _stray(unread, row) if unread else ""


def _is_read(number: int, value: bytes) -> bool:
    """Whether the whole value fits a column: a text, or a message that holds one text and nothing else."""
    return _is_wrapped_text(value) if number in _WRAPPED else number == _SOURCE


def _is_wrapped_text(value: bytes) -> bool:
    """Whether the bytes are a message with one text field."""
    inner, rest = all_fields(value)
    return not rest and not inner[1:] and all(n == 1 and isinstance(v, bytes) for n, v in inner)


def _stray(unread: list[bytes], row: tuple[object, ...]) -> str:
    """The unread bytes as text where they hold a word that no text of the row has; else ''."""
    text = b" ".join(unread).decode("utf-8", "replace")
    shown = " ".join(v for v in row if isinstance(v, str))
    return text if any(w not in shown for w in _WORD.findall(text)) else ""


def _signed_field(fields: Mapping[int, int | bytes], number: int) -> int:
    """A whole number of 64 bits with its sign; 0 without one."""
    value = fields.get(number, 0)
    if not isinstance(value, int):
        return 0
    return value - 2**64 if value >= 2**63 else value


def _text_field(fields: Mapping[int, int | bytes], number: int) -> str:
    """Text of a field; empty without one."""
    value = fields.get(number, b"")
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _nested_text_field(fields: Mapping[int, int | bytes], number: int) -> str:
    """Text in field 1 of a nested message; empty without one."""
    value = fields.get(number, b"")
    return text_in(message_of(value), 1) if isinstance(value, bytes) else ""


def containers(files: Iterator[tuple[str, Path]]) -> dict[str, tuple[str, Path]]:
    """BAK_n_TEXT and BAK_n_MEDIA by name in lower case."""
    return {path.name.lower(): (label, path) for label, path in files if path.name.upper().startswith("BAK_")}
