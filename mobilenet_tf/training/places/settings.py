"""What only the task of places has among the options."""

import re
from typing import Any

from mobilenet_tf.errors import InputError

__all__ = ["CELL_PHOTOS", "PLACES", "cell_photos"]

PLACES = "places"
CELL_PHOTOS = (10, 100)  # the fewest and the most photos of a cell
# Options that say the classes of photos, which are here the cells that their positions are in.
OF_CLASSES = ("ground_truth", "labels")


def cell_photos(given: str | None, task: str, options: dict[str, Any]) -> tuple[int, int]:
    """The fewest and the most photos of a cell, from `--cell-photos FEWEST:MOST`.

    Raises InputError for another text, for options that are not of this task, and for its own with another task.
    """
    if task != PLACES:
        if given is not None:
            raise InputError(f"--cell-photos: only places have this.\nLeave it out, or give --task {PLACES}.")
        return CELL_PHOTOS
    refused = [f"--{name.replace('_', '-')}" for name in OF_CLASSES if options.get(name) is not None]
    if refused:
        raise InputError(
            f"{', '.join(refused)}: the classes of --task {PLACES} are cells of the earth, by the GPS positions of the "
            "photos.\nLeave it out."
        )
    if given is None:
        return CELL_PHOTOS
    found = re.fullmatch(r"(\d{1,9}):(\d{1,9})", given.strip())
    fewest, most = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 2 <= fewest <= most:
        raise InputError(
            f"expected --cell-photos as FEWEST:MOST, like 10:100, with at least 2 photos of a cell; got {given!r}."
        )
    return fewest, most
