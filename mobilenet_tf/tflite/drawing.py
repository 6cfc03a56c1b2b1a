"""Photos with the objects on them drawn: a box in the colour of its class, with its label and score."""

import colorsys
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import replace_file

from .detector import DetectedObject

__all__ = ["check_folder", "colour_of", "draw_all", "drawn"]

QUALITY = 92  # of the JPEG files
GOLDEN = 0.618034  # of the circle of hues, from one class to the next: neighbours differ most


def colour_of(class_id: int) -> tuple[int, int, int]:
    """The colour of a class, RGB from 0 to 255: bright, and another one for each of the first dozens."""
    red, green, blue = colorsys.hsv_to_rgb((class_id * GOLDEN) % 1, 0.9, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def drawn(photo: Image.Image, objects: Sequence[DetectedObject]) -> Image.Image:
    """A copy of an upright photo with boxes; the best object is drawn last, over the others."""
    image = photo.convert("RGB")
    canvas = ImageDraw.Draw(image)
    short = min(image.size)
    line, font = max(2, short // 200), ImageFont.load_default(max(12, short // 28))
    for found in reversed(objects):
        left, top, right, bottom = found.pixels(*image.size)
        colour = colour_of(found.class_id)
        canvas.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline=colour, width=line)
        text = f"{found.label} {found.score:.0%}"
        _, _, width, height = canvas.textbbox((0, 0), text, font=font)
        place = left, max(0, top - height - line)
        canvas.rectangle((*place, place[0] + width + 2 * line, place[1] + height + line), fill=colour)
        canvas.text((place[0] + line, place[1]), text, fill="black", font=font)
    return image


def check_folder(folder: Path, photos: Sequence[Path], *, overwrite: bool) -> None:
    """Raise OutputError for a folder that cannot take the photos, and without `overwrite` for names that exist."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"expected --draw to be a folder; {folder} is a file.")
    existing = [path for path in _targets(folder, photos).values() if path.exists()]
    if existing and not overwrite:
        raise OutputError(
            f"{existing[0]} exists already{f', and {len(existing) - 1} more' if len(existing) > 1 else ''}.\n"
            "Give another folder to --draw, or --overwrite."
        )


def draw_all(folder: Path, objects: Mapping[Path, Sequence[DetectedObject]]) -> None:
    """Write each photo with its objects into a folder, as <name>.jpg. Raises OutputError."""
    targets = _targets(folder, [*objects])
    for path, found in objects.items():
        with photo_memory():
            image = drawn(Image.fromarray(read_photo(path)), found)
        try:
            with replace_file(targets[path]) as partial:
                image.save(partial, quality=QUALITY)
        except OSError as error:
            raise OutputError(
                f"cannot write {targets[path]}: {error.strerror or error}.\nGive another folder to --draw."
            ) from error


def _targets(folder: Path, photos: Sequence[Path]) -> dict[Path, Path]:
    """Where each photo is written: photos of one name in several folders are numbered."""
    names: dict[Path, Path] = {}
    used: set[str] = set()
    for path in photos:
        name, number = path.stem, 1
        while name.lower() in used:
            number += 1
            name = f"{path.stem}_{number}"
        used.add(name.lower())
        names[path] = folder / f"{name}.jpg"
    return names
