"""Bodies as stores keep them: text, zstd, or hex or base64 of either.

As in WeChatDataAnalysis routers/sns.py.
"""

import base64
import binascii

from reconcile.patterns import lazy_pattern
from reconcile.wechat.packed_blobs import ZSTD_MAGIC, unpack_zstd

_HEX = lazy_pattern(rb"^(?:[0-9a-fA-F]{2})+$")
_BASE64 = lazy_pattern(rb"^[A-Za-z0-9+/\r\n]+={0,2}\s*$")


def body_text(blob: bytes | None, limit: int) -> str:
    """The text of a stored body; '' for none. A body that cannot be unwrapped comes back as it is."""
    data = blob or b""
    # The last byte of a packed body may equal a blank.
    if not data.startswith(ZSTD_MAGIC):
        data = data.strip(b"\x00 \r\n\t")
    if not data or data[:1] == b"<":
        return data.decode("utf-8", "replace")
    plain = _opened(data, limit)
    if plain is None:
        for unwrapped in (_decode_hex(data), _decode_base64(data)):
            plain = plain or (_opened(unwrapped, limit) if unwrapped else None)
    return (plain or data).decode("utf-8", "replace")


def _opened(data: bytes, limit: int) -> bytes | None:
    """XML as it is, a zstd frame unpacked; None for anything else."""
    if data.startswith(ZSTD_MAGIC):
        return unpack_zstd(data, limit)
    return data if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" else None


def _decode_hex(data: bytes) -> bytes | None:
    """The bytes that hexadecimal digits stand for; null for anything else."""
    return bytes.fromhex(data.decode()) if _HEX.match(data) else None


def _decode_base64(data: bytes) -> bytes | None:
    """The bytes that Base64 stands for; null for anything else."""
    if not _BASE64.match(data):
        return None
    try:
        return base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        return None
