"""The photos by which --max-drop chooses the ops that stay float."""

import numpy as np

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import InputError

from .calibration import ExportImages, ImageSet
from .decoding import Decoder
from .network import Network
from .settings import ExportSettings

__all__ = ["choosing_photos"]

# Half of them find the ops, the others measure the drop: with fewer than these, one percent is a single photo.
FEWEST, MOST = 200, 1000
WITHOUT_BEST_CLASS = {"sigmoid": "tags, of which several may be right", "embedding": "a vector, which has no classes"}


def choosing_photos(
    settings: ExportSettings, network: Network, images: ExportImages
) -> tuple[ImageSet | None, tuple[str, ...]]:
    """(photos that did not calibrate, None without --max-drop; notes on them).

    They do not verify either, unless the folder has too few others. Raises InputError if --max-drop has no use.
    """
    if settings.max_drop is None:
        return None, ()
    if not any(recipe.name == "int8" for recipe in settings.recipes):
        raise InputError("--max-drop is about the int8 file; --quant names none. Add int8 to it.")
    if network.head in WITHOUT_BEST_CLASS:
        raise InputError(
            "--max-drop counts photos that get another best class; the outputs of this network are "
            f"{WITHOUT_BEST_CLASS[network.head]}.\nLeave it out."
        )
    used = {*images.calibration.photos, *images.verification.photos}
    place = images.folder or bundled_photos("cifar10" if network.source == "cifar10" else "imagenet")
    paths, _ = without_copies(find_photos(place).paths, PhotoDigests())
    others = [path for path in paths if path not in used]
    np.random.default_rng(settings.seed).shuffle(others)  # type: ignore[arg-type]
    decoded = Decoder(network.res).decode(others, MOST) if len(others) >= FEWEST else []
    if len(decoded) < FEWEST:
        note = (
            f"--max-drop: the photos that choose the ops also verify the files: {place} has fewer than {FEWEST} others."
        )
        return images.verification, (note,)
    return ImageSet(np.stack([image for _, image in decoded]), tuple(path for path, _ in decoded)), ()
