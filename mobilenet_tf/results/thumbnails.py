"""Small pictures of photos, as text that a JSON record and a page can hold."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["THUMBNAIL_SIDE", "thumbnail_text"]

THUMBNAIL_SIDE = 128  # pixels, of the longer side
QUALITY = 75  # of the JPEG: some 4 kB


def thumbnail_text(pixels: NDArray[np.uint8], side: int = THUMBNAIL_SIDE) -> str:
    """Pixels (height, width, 3) RGB as a JPEG in base64, reduced to `side`; small ones are not enlarged."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
