"""Pictures and sounds of printed messages, if the compared export is at hand and they are small."""

import base64
import struct
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Any

from reconcile.intake.media import Shelf, files_stated, fits
from reconcile.intake.picture import picture_head
from reconcile.report.pieces import Media
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Kind, Side

# The longer side of a picture that is too large for a page. At the first one a photographed page can still be read.
_REDUCED_PIXELS = (1280, 900, 600)
# What the picture library raises for a broken file is not one kind of error.
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, ArithmeticError, LookupError, TypeError)
_PICTURES, _SOUNDS = (str(Kind.IMAGE), str(Kind.STICKER)), (str(Kind.VOICE),)


class MediaBox:
    """Finds the files of printed messages; `open_shelf` returns None where a side's files are not at hand."""

    def __init__(self, open_shelf: Callable[[Side], Shelf | None], limits: ReportLimits) -> None:
        self._shelf = cache(open_shelf)
        self._limits, self._left = limits, limits.media_bytes

    def of(self, side: Side, row: Mapping[str, Any]) -> Media | None:
        """The media of a message; None where its file is missing, unlike the stated hash, or too large."""
        kind = row["kind"]
        most = self._limits.picture_bytes if kind in _PICTURES else self._limits.sound_bytes if kind in _SOUNDS else 0
        shelf = self._shelf(side) if most else None
        if shelf is None:
            return None
        for name in files_stated(shelf, row):
            content = shelf.read(name)
            if content is None or not fits(content, row["media_hash"]):
                continue
            media_type = _picture_type(content) if kind in _PICTURES else sound_type(content)
            original = 0
            if media_type is not None and kind in _PICTURES and len(content) > most:
                media_type, content, original = "image/jpeg", reduced(content, most) or content, len(content)
            if media_type is not None and len(content) <= min(most, self._left):
                self._left -= len(content)
                data = base64.b64encode(content).decode("ascii")
                return Media(media_type=media_type, data=data, original_bytes=original)
        return None


def reduced(content: bytes, most: int) -> bytes | None:
    """A picture as a JPEG of at most `most` bytes; None where it cannot be drawn or stays larger.

    One version of the picture library always gives the same bytes.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - only where a picture is too large for a page

    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            picture.draft("RGB", (_REDUCED_PIXELS[0], _REDUCED_PIXELS[0]))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        for pixels in _REDUCED_PIXELS:
            out = BytesIO()
            upright.thumbnail((pixels, pixels))
            upright.save(out, "JPEG", quality=70)
            if out.tell() <= most:
                return out.getvalue()
    except (*_BROKEN, Image.DecompressionBombError):
        return None
    return None


def _picture_type(content: bytes) -> str | None:
    """The media type of a picture that browsers can show; None for others."""
    head = picture_head(content)
    return head.media_type if head is not None and head.is_showable else None


def sound_type(content: bytes) -> str | None:
    """The media type of a sound that browsers can play, by its first bytes; None for others (SILK, AMR)."""
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav"
    if content[:4] == b"OggS":
        return "audio/ogg"
    return "audio/mp4" if content[4:8] == b"ftyp" and content[8:11] == b"M4A" else None
