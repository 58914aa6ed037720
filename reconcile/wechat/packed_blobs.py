"""What WeChat's clients pack into blobs: compressed bodies, Windows' BytesExtra, rooms' member lists."""

from collections.abc import Iterator
from dataclasses import dataclass

import lz4.block
import polars as pl
import zstandard

from reconcile.container_errors import PLIST_ERRORS
from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern
from reconcile.wechat.protobuf import all_fields, fields_of, message_of, nested, packed_numbers, text_in

plistlib = lazy_module("plistlib")

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
LEAST_ID = 2**31
_UNKNOWN = 2**64 - 2
_SMALL_BODY = 64 * 2**10
_BODY_RATIO = 100
_ID_DEPTH = 3
_TEXT_DEPTH = 6
_PLIST = b"bplist00"
_LEAST_LZ4 = 0xF0
# Without these bytes there is no Chinese text, and nothing needs to be unpacked.
_WIDE = lazy_pattern(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_CONTROL = lazy_pattern(rb"[\x00-\x08\x0e-\x1f]")
# Packed bytes hardly ever contain three Chinese characters by chance.
_HAN_RUN = lazy_pattern(r"[\u4e00-\u9fff]{3,}")
_UUID_TEXT = r"<uuid>(?:<!\[CDATA\[)?([!-;=?-\\^-~]{8,80})"
_UUID = lazy_pattern(_UUID_TEXT.encode())
# Field 3 of BytesExtra is {1: kind, 2: text}; these bytes are kind 1 and the tag of its text.
_SENDER_ITEM = b"\x08\x01\x12"
_DECOMPRESSOR = zstandard.ZstdDecompressor()


@dataclass(frozen=True, slots=True)
class RoomMember:
    """One member of a room: account, name in the room ('' = none), inviter ('' = not stated)."""

    id: str
    name: str = ""
    inviter: str = ""


def unpack_zstd(data: bytes, limit: int) -> bytes | None:
    """One zstd frame unpacked; None where it is broken or larger than `limit`.

    Plain bytes come back as they are.
    """
    if not data.startswith(ZSTD_MAGIC):
        return data
    most = _credible_size(data, limit)
    try:
        if 0 < (stated := zstandard.get_frame_parameters(data).content_size) < _UNKNOWN:
            return _DECOMPRESSOR.decompress(data) if stated <= most else None
        with _DECOMPRESSOR.stream_reader(data) as stream:
            unpacked = stream.read(most + 1)
    except (zstandard.ZstdError, MemoryError):
        return None
    return unpacked if len(unpacked) <= most else None


def _credible_size(data: bytes, limit: int) -> int:
    """The largest unpacked size that is accepted for these packed bytes."""
    # Bodies pack 20 to 1 at best, a bomb thousands to 1, and a store has room for many bombs.
    return min(limit, max(_SMALL_BODY, _BODY_RATIO * len(data)))


def unpack_lz4(data: bytes, limit: int) -> bytes | None:
    """One raw LZ4 block unpacked, without trailing NULs; None where it is broken or too large.

    The block states no size (pywx assumes 256 times, wcmsg 1024 times its length), so growing sizes are tried.
    """
    size = max(8 * len(data), 4096)
    most = _credible_size(data, limit)
    while True:
        try:
            return lz4.block.decompress(data, uncompressed_size=min(size, most)).rstrip(b"\x00")  # type: ignore[no-any-return]
        except lz4.block.LZ4BlockError:
            if size >= most:
                return None
            size *= 8


def plain_text(data: bytes | None) -> str | None:
    """Bytes as text: UTF-8, odd bytes replaced; None for None."""
    return None if data is None else data.decode("utf-8", "replace")


def unpacked_text(data: bytes, limit: int) -> str | None:
    """A body that a client may have packed with zstd or LZ4, or left plain; None where it is neither."""
    if data.startswith(ZSTD_MAGIC):
        return plain_text(unpack_zstd(data, limit))
    if data.lstrip()[:1] in (b"<", b"") or b"\n<" in data[:160]:
        return plain_text(data)
    return plain_text(unpack_lz4(data, limit))


def bytes_extra(data: bytes) -> dict[int, str]:
    """Windows' BytesExtra as type -> text (chatlog bytesextra.proto).

    1 sender, 3 thumbnail path, 4 file path, 7 `<msgsource>`.
    """
    found: dict[int, str] = {}
    for number, value in fields_of(data):
        if number == 3 and isinstance(value, bytes):
            item = message_of(value)
            kind = item.get(1, [0])[0]
            if isinstance(kind, int):
                found.setdefault(kind, text_in(item, 2))
    return found


def uuids_in(blobs: pl.Series) -> pl.Series:
    """`sec_msg_node/uuid` of the `<msgsource>` in each text or blob, as native id; null if absent."""
    if blobs.dtype == pl.Binary:
        search = _UUID.search
        found = [m[1] if b and (m := search(b)) else None for b in blobs.to_list()]
        bare = pl.Series(blobs.name, found, dtype=pl.Binary).cast(pl.String)
    else:
        bare = blobs.str.extract(_UUID_TEXT)
    return (pl.lit("uuid:") + pl.lit(bare)).pipe(pl.select).to_series().rename(blobs.name)


def group_senders(extras: pl.Series) -> list[str | None]:
    """The sender in each BytesExtra (item 1), without the device suffix after the colon; None if absent.

    The item is searched for where its two length bytes agree, which costs a tenth of walking the blob. Only other blobs
    are walked.
    """
    return [None if e is None else (_quick_sender(e) or None) for e in extras.to_list()]


def _quick_sender(extra: bytes) -> str:
    """The sender in a BytesExtra without its device suffix; '' for none."""
    at = extra.find(_SENDER_ITEM)
    if at < 0:
        return ""
    start, outer, inner = at + 4, extra[at - 1], extra[at + 3] if len(extra) > at + 3 else 255
    if at >= 2 and extra[at - 2] == 0x1A and outer == inner + 4 and inner < 128 and len(extra) >= start + inner:
        value = extra[start : start + inner].decode("utf-8", "replace")
    else:
        value = bytes_extra(extra).get(1, "")
    return value.partition(":")[0]


def room_members(data: bytes) -> list[RoomMember]:
    """Members in RoomData, repeated field 1: account, name, state, inviter (chatlog roomdata.proto)."""
    found = []
    for member in nested(message_of(data), 1):
        account = text_in(member, 1)
        if account and account.isprintable():
            found.append(RoomMember(account, text_in(member, 2), text_in(member, 4)))
    return found


def server_ids_in(data: bytes, depth: int = 0) -> list[int]:
    """Server ids in nested or packed fields: whole numbers of 31 bits and more, each once, in order.

    For blobs of undocumented layout (Android's checkmsgid.ini: three day buckets of ids, wechat-databases 5.3). Days
    and counts are smaller numbers and drop out.
    """
    found: dict[int, None] = {}
    for _, value in fields_of(data):
        if isinstance(value, int):
            numbers = [value]
        elif depth < _ID_DEPTH and (inner := server_ids_in(value, depth + 1)):
            numbers = inner
        else:
            numbers = packed_numbers(value)
        found |= dict.fromkeys(n for n in numbers if LEAST_ID <= n < 2**63)
    return list(found)


def texts_in(data: bytes, limit: int) -> Iterator[str]:
    """The texts in a cell of bytes: all plain text, and of packed content the texts beyond ASCII.

    Packed content: zstd, LZ4, protobuf, an iPhone's archive.
    """
    data = unpack_zstd(data, limit) or b""
    text = _decode_if_text(data)
    if text is not None:
        yield text
        return
    if data.startswith(_PLIST):
        found = _texts_in_plist(data)
    elif data[0] >= _LEAST_LZ4 and (whole := unpack_lz4(data, limit)):
        found = iter([whole.decode("utf-8", "replace")])
    else:
        found = _texts_in_fields(data, 0) if _WIDE.search(data) else iter(())
    # Packed cells hold any number of paths, keys and digests, which are ASCII.
    yield from (t for t in found if not t.isascii())


def _decode_if_text(data: bytes) -> str | None:
    """Bytes that are a text and nothing else."""
    try:
        return None if _CONTROL.search(data) else data.decode()
    except UnicodeDecodeError:
        return None


def _texts_in_fields(data: bytes, depth: int) -> Iterator[str]:
    """The texts in protobuf fields; of other bytes, only what must be Chinese."""
    fields, rest = all_fields(data) if depth < _TEXT_DEPTH else ([], data)
    if rest:
        yield from _HAN_RUN.findall(data.decode("utf-8", "replace"))
        return
    for _, value in fields:
        if isinstance(value, bytes):
            yield from [text] if (text := _decode_if_text(value)) is not None else _texts_in_fields(value, depth + 1)


def _texts_in_plist(data: bytes) -> Iterator[str]:
    """Every text in an iPhone's archive, at any depth."""
    try:
        left: list[object] = [plistlib.loads(data, fmt=plistlib.FMT_BINARY)]
    except PLIST_ERRORS:
        return
    # An archive may hold one list in many places, even inside itself.
    seen = set[int]()
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            left += value.values() if isinstance(value, dict) else value
