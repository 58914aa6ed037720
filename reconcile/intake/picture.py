"""Type and size of a picture by its first bytes; nothing else is served as a picture.

Forms: PNG (ISO/IEC 15948, IHDR first), JPEG (ITU T.81, start-of-frame marker), GIF89a, WebP (RFC 9649).
"""

from dataclasses import dataclass

MAX_PIXELS = 60_000_000
"""Above any phone camera's pictures; what claims more could stop the browser."""


@dataclass(frozen=True, slots=True)
class PictureHead:
    """Type for the browser, width and height in pixels."""

    media_type: str
    width: int
    height: int

    @property
    def is_showable(self) -> bool:
        """Whether a browser can be asked to draw it."""
        return 0 < self.width * self.height <= MAX_PIXELS


def picture_head(content: bytes) -> PictureHead | None:
    """The head of a PNG, JPEG, GIF or WebP; None for everything else, SVG above all."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return _head_of_sizes("image/png", content[16:24], 4, "big")
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return _head_of_sizes("image/gif", content[6:10], 2, "little")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_head(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg_head(content)
    return None


def _head_of_sizes(media_type: str, field: bytes, width: int, order: str) -> PictureHead | None:
    """Width and height from two numbers of width bytes; null where the field is too short."""
    if len(field) < 2 * width:
        return None
    big = order == "big"
    first = int.from_bytes(field[:width], "big" if big else "little")
    second = int.from_bytes(field[width : 2 * width], "big" if big else "little")
    return PictureHead(media_type, first, second)


def _webp_head(content: bytes) -> PictureHead | None:
    """Width and height of a WebP picture; null where it is cut short."""
    form = content[12:16]
    if form == b"VP8X" and len(content) >= 30:
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return PictureHead("image/webp", width, height)
    if form == b"VP8L" and len(content) >= 25:
        bits = int.from_bytes(content[21:25], "little")
        return PictureHead("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if form == b"VP8 " and len(content) >= 30:
        width, height = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return PictureHead("image/webp", width, height)
    return None


def _jpeg_head(content: bytes) -> PictureHead | None:
    """Width and height of a JPEG picture; null where its frame is missing."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(content[i : i + 2], "big") for i in (at + 5, at + 7))
            return PictureHead("image/jpeg", width, height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
