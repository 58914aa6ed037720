"""Turns files into pictures: image files and PDF pages."""

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image, UnidentifiedImageError

from reconcile.errors import LimitExceeded, UnreadableSource

MOST_PIXELS = 200_000_000  # a screenshot rolled up to a hundred screens stays under this
DRAWN_DPI = 200
LEAST_WIDTH = 240  # narrower images in a PDF are logos and stamps

Picture = np.ndarray[Any, np.dtype[np.uint8]]


def load_image(path: Path) -> Picture:
    """An image file as blue-green-red bytes. Raises UnreadableSource, LimitExceeded."""
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise LimitExceeded(
                    path, f"{path}: {image.width:,} × {image.height:,} pixels; cut the picture in parts"
                )
            return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableSource(path, f"{path}: not readable as a picture ({str(error)[:80]})") from None


def pictures_of(page: Any) -> list[Picture]:
    """The images on a page, left to right and top to bottom, else the page as drawn."""
    return _pictures_on_page(page) or [_render_page(page)]


def _pictures_on_page(page: Any) -> list[Picture]:
    """The images of a page, by rows from the top, without logos and stamps."""
    found = []
    for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, _, _, top = item.get_bounds() if hasattr(item, "get_bounds") else item.get_pos()
        try:
            bitmap = item.get_bitmap(render=False)
            picture = _with_three_channels(bitmap.to_numpy())
        except pypdfium2.PdfiumError:
            continue
        if picture.shape[1] >= LEAST_WIDTH and picture.shape[0] >= LEAST_WIDTH and picture.size < 3 * MOST_PIXELS:
            found.append((round(-top / 50), left, picture))
    found.sort(key=lambda f: f[:2])
    return [p for _, _, p in found]


def _render_page(page: Any) -> Picture:
    """The page drawn at DRAWN_DPI, or smaller to stay under MOST_PIXELS."""
    scale = min(DRAWN_DPI / 72, (MOST_PIXELS / max(1.0, page.get_width() * page.get_height())) ** 0.5)
    return _with_three_channels(page.render(scale=scale).to_numpy())


def _with_three_channels(array: Any) -> Picture:
    """The picture with three channels; grey is repeated, transparency dropped."""
    if array.ndim == 2:
        array = np.stack([array] * 3, axis=2)
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    return np.ascontiguousarray(array[:, :, :3])
