"""The GPS position in a photo's EXIF data."""

import math
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

__all__ = ["Position", "position_in", "position_of"]

Position = tuple[float, float]  # latitude and longitude in degrees; north and east are positive
NOWHERE = 1e-6  # degrees


def position_of(image: Image.Image) -> Position | None:
    """Where an opened photo was taken; None if its EXIF data do not say it. Raises ValueError, see position_in."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    except Exception as error:  # Pillow raises errors of many kinds on damaged EXIF data
        raise ValueError("its EXIF data cannot be read") from error
    return position_in(gps)


def position_in(gps: Mapping[int, Any]) -> Position | None:
    """The position in the GPS tags of EXIF (2.32, section 4.6.6); None if there is none.

    Raises ValueError, which says why, if a part of it is missing, or if it cannot be: beyond the poles or beyond 180
    degrees, or latitude 0 and longitude 0, which cameras write before they have received a position.
    """
    tags = ExifTags.GPS
    if tags.GPSLatitude not in gps and tags.GPSLongitude not in gps:
        return None
    latitude = _degrees(gps, tags.GPSLatitude, tags.GPSLatitudeRef, "NS", 90)
    longitude = _degrees(gps, tags.GPSLongitude, tags.GPSLongitudeRef, "EW", 180)
    if abs(latitude) < NOWHERE and abs(longitude) < NOWHERE:
        raise ValueError("its position is 0, 0, which cameras write before they have received one")
    return latitude, longitude


def _degrees(gps: Mapping[int, Any], tag: ExifTags.GPS, ref: ExifTags.GPS, letters: str, limit: int) -> float:
    """Signed degrees. letters: the two values of `ref`, of which the second makes them negative."""
    for needed in (tag, ref):
        if needed not in gps:
            raise ValueError(f"its EXIF data have no {needed.name}")
    side = gps[ref].decode("ascii", "replace") if isinstance(gps[ref], bytes) else str(gps[ref])
    side = side.strip("\0 ").upper()
    if len(side) != 1 or side not in letters:
        raise ValueError(f"its {ref.name} is {side[:10]!r}, neither {letters[0]} nor {letters[1]}")
    degrees, minutes, seconds = _numbers(gps[tag], tag.name)
    found = degrees + minutes / 60 + seconds / 3600
    # Some programs round 59.9999 seconds to 60.
    if min(degrees, minutes, seconds) < 0 or max(minutes, seconds) > 60 or found > limit:
        raise ValueError(f"its {tag.name} is impossible: {degrees:g} degrees, {minutes:g} minutes, {seconds:g} seconds")
    return -found if side == letters[1] else found


def _numbers(value: Any, name: str) -> tuple[float, float, float]:
    """Degrees, minutes and seconds, of which the last may be missing."""
    parts = value if isinstance(value, tuple | list) else (value,)
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        numbers = []
    if not 1 <= len(numbers) <= 3 or not all(map(math.isfinite, numbers)):
        raise ValueError(f"its {name} holds no degrees, minutes and seconds")
    degrees, minutes, seconds = (*numbers, 0.0, 0.0)[:3]
    return degrees, minutes, seconds
