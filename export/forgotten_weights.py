"""Notice that --weights was forgotten: the photos lie in folders of classes that the weights do not know."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.weights.class_names import folders_foreign_to, run_with_classes
from mobilenet_tf.weights.load import Weights

from .calibration import ExportImages

__all__ = ["forgotten_weights"]

LISTED = 4  # folders


def forgotten_weights(
    source: str, weights: Weights, labels: Sequence[str], images: ExportImages, runs: Path
) -> str | None:
    """A sentence on what was probably meant; None if the photos may well be for these weights.

    Photos that lie in one folder, or in folders of which some are classes of the weights, tell nothing: any photos can
    calibrate. But folders that are the very classes of a network trained below `runs` were meant for that one.
    """
    if images.folder is None or weights.source == "random":
        return None
    photos = (*images.calibration.photos, *images.verification.photos)
    folders = sorted({photo.parent.name for photo in photos if photo.parent != images.folder})
    if len(folders) < 2:
        return None
    synonyms = [name for label in labels for name in label.split(",")] if weights.imagenet else []
    foreign = folders_foreign_to([*labels, *synonyms], folders, wnids=weights.imagenet)
    fitting = run_with_classes(runs, folders) if weights.source != "file" else None
    if not foreign or (fitting is None and len(foreign) < len(folders)):
        return None
    listed = ", ".join(foreign[:LISTED]) + (", ..." if len(foreign) > LISTED else "")
    said = f"the folders of {images.folder} ({listed}) are no classes of --weights {source}, which was exported."
    if fitting is not None:
        return f"{said}\nThey are those of a trained network. To export it: --weights {shlex.quote(str(fitting))}"
    return f"{said}\nIf you meant a network that you trained on these photos, give its best.keras by --weights."
