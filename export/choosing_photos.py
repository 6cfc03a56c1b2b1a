"""The photos by which --max-drop chooses the ops that stay float."""

from pathlib import Path

import numpy as np

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import InputError

from .calibration import ExportImages, ImageSet
from .decoding import Decoder
from .network import Network
from .settings import ExportSettings

__all__ = ["choosing_photos", "photos_to_choose_by"]

# Half of them find the ops, the others measure the drop: with fewer than these, one percent is a single photo.
FEWEST, MOST = 200, 1000
LEAST = 20  # that anything can be measured on
WITHOUT_BEST_CLASS = {"sigmoid": "tags, of which several may be right", "embedding": "a vector, which has no classes"}


def choosing_photos(
    settings: ExportSettings, network: Network, images: ExportImages
) -> tuple[ImageSet | None, tuple[str, ...]]:
    """(photos that did not calibrate, None without --max-drop; notes on them).

    They do not verify either, unless the folder has too few others. Raises InputError if --max-drop has no use.
    """
    if settings.max_drop is not None and network.head in WITHOUT_BEST_CLASS:
        raise InputError(
            "--max-drop counts photos that get another best class; the outputs of this network are "
            f"{WITHOUT_BEST_CLASS[network.head]}.\nLeave it out."
        )
    place = bundled_photos("cifar10" if network.source == "cifar10" else "imagenet")
    return photos_to_choose_by(settings, images, Decoder(network.res), place)


def photos_to_choose_by(
    settings: ExportSettings,
    images: ExportImages,
    decoder: Decoder,
    bundled: Path,
    sizes: tuple[int, int] = (FEWEST, MOST),
) -> tuple[ImageSet | None, tuple[str, ...]]:
    """See choosing_photos. bundled: the folder if the settings name none. sizes: the fewest photos, and the most."""
    if settings.max_drop is None:
        return None, ()
    if not any(recipe.name == "int8" for recipe in settings.recipes):
        raise InputError("--max-drop is about the int8 file; --quant names none. Add int8 to it.")
    fewest, most = sizes
    used, place = {*images.calibration.photos, *images.verification.photos}, images.folder or bundled
    paths, _ = without_copies(find_photos(place).paths, PhotoDigests())
    others = [path for path in paths if path not in used]
    np.random.default_rng(settings.seed).shuffle(others)  # type: ignore[arg-type]
    decoded = decoder.decode(others, most) if len(others) >= fewest else []
    if len(decoded) < fewest:
        if len(images.verification.images) < LEAST:
            raise InputError(
                f"expected at least {LEAST} photos that do not calibrate, to choose the ops of --max-drop by; {place} "
                f"has {len(images.verification.images)}.\nGive a folder with more, or a smaller --num-calibration."
            )
        note = (
            f"--max-drop: the photos that choose the ops also verify the files: {place} has fewer than {fewest} others."
        )
        return images.verification, (note,)
    return ImageSet(np.stack([image for _, image in decoded]), tuple(path for path, _ in decoded)), ()
