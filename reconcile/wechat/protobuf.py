"""Protobuf without a schema, for the few nested fields in WeChat's blobs.

Broken bytes yield what precedes the break.
"""

import struct
from collections.abc import Generator

# More fields than any blob of the client has; longer ones are cut.
MAX_FIELDS = 100_000


def fields_of(data: bytes) -> Generator[tuple[int, int | bytes], None, int]:
    """Field numbers and values in order; returns where the last field ends. Never raises.

    Ints for varint and fixed fields, bytes for length-delimited ones.
    """
    position, whole, end = 0, 0, len(data)
    for _ in range(MAX_FIELDS):
        if position >= end:
            break
        tag, position = _varint(data, position)
        value: int | bytes
        wire = tag & 7
        if position < 0 or tag >> 3 == 0:
            break
        if wire == 0:
            value, position = _varint(data, position)
            if position < 0:
                break
        elif wire == 2:
            size, position = _varint(data, position)
            if position < 0 or position + size > end:
                break
            value, position = data[position : position + size], position + size
        elif wire in (1, 5):
            width = 8 if wire == 1 else 4
            if position + width > end:
                break
            value, position = int.from_bytes(data[position : position + width], "little"), position + width
        else:
            break
        whole = position
        yield tag >> 3, value
    return whole


def all_fields(data: bytes) -> tuple[list[tuple[int, int | bytes]], bytes]:
    """Every field in order, and the bytes behind the last one that can be read."""
    fields, found = fields_of(data), list[tuple[int, int | bytes]]()
    while True:
        try:
            found.append(next(fields))
        except StopIteration as end:
            return found, data[end.value :]


def message_of(data: bytes) -> dict[int, list[int | bytes]]:
    """Field number -> every value, in order."""
    found: dict[int, list[int | bytes]] = {}
    for number, value in fields_of(data):
        found.setdefault(number, []).append(value)
    return found


def text_in(message: dict[int, list[int | bytes]], number: int) -> str:
    """The first value of a field as UTF-8 text; '' if absent."""
    value = message.get(number, [b""])[0]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def int_in(message: dict[int, list[int | bytes]], number: int) -> int | None:
    """The first value of a field as a whole number; None if absent."""
    value = message.get(number, [None])[0]
    return value if isinstance(value, int) else None


def real_in(message: dict[int, list[int | bytes]], number: int) -> float | None:
    """The first value of a fixed-width field as a float; None where there is none.

    Fixed-width fields arrive as whole numbers; one that fits 32 bits is read as a float, a larger one as a double.
    """
    value = message.get(number, [None])[0]
    if not isinstance(value, int):
        return None
    narrow = value < 2**32
    real = struct.unpack("<f" if narrow else "<d", value.to_bytes(4 if narrow else 8, "little"))[0]
    return float(real) if abs(real) < 1e15 else None


def nested(message: dict[int, list[int | bytes]], number: int) -> list[dict[int, list[int | bytes]]]:
    """Every value of a field, each taken as a message."""
    return [message_of(v) for v in message.get(number, []) if isinstance(v, bytes)]


def packed_numbers(data: bytes) -> list[int]:
    """The numbers of a packed repeated field; [] where the bytes are anything else."""
    found: list[int] = []
    position = 0
    while position < len(data) and len(found) < MAX_FIELDS:
        value, position = _varint(data, position)
        if position < 0:
            return []
        found.append(value)
    return found


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Value and next position; -1 where the bytes end or the number is too long.

    Bits beyond 64 are dropped.
    """
    value = shift = 0
    for at in range(position, min(position + 10, len(data))):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value % 2**64, at + 1
        shift += 7
    return 0, -1
