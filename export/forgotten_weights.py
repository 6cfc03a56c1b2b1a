"""Notice that --weights was forgotten: the photos lie in folders of classes that the weights do not know."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.terminal import printable, shortened_list
from mobilenet_tf.weights.class_names import run_with_classes

from .calibration import ExportImages
from .network import Network

__all__ = ["forgotten_weights"]


def forgotten_weights(source: str, network: Network, images: ExportImages, runs: Path) -> str | None:
    """A sentence on what was probably meant; None if the photos may well be for these weights.

    Photos that lie in one folder, or of which some are of classes of the weights, tell nothing: any photos can
    calibrate. But folders that are the very classes of a network trained below `runs` were meant for that one.
    """
    if images.folder is None or network.source == "random" or network.head == "embedding":
        return None
    photos = list(dict.fromkeys((*images.calibration.photos, *images.verification.photos)))
    truth = true_classes(photos, ClassMatcher(network.labels, network.imagenet, network.background), images.folder)
    foreign = [photo for photo, index in zip(photos, truth.classes, strict=True) if index is None]
    are_all_foreign = len(foreign) == len(photos)
    fitting = _fitting_run(runs, _folders_by_depth(photos, images.folder))
    if network.source == "file" and (fitting is None or not are_all_foreign or _is_of_run(source, fitting)):
        return None  # who names a file of weights has not forgotten them
    # A folder without a letter in its name is a date or a number rather than a class.
    names = sorted({name for name in _names_of(foreign, images.folder) if any(map(str.isalpha, name))})
    if not foreign or (fitting is None and (not are_all_foreign or len(names) < 2)):
        return None
    listed = shortened_list([printable(name) for name in names or _names_of(foreign, images.folder)])
    said = f"the folders of {images.folder} ({listed}) are no classes of --weights {source}, which was exported."
    if fitting is not None:
        return f"{said}\nThey are those of a trained network. To export it: --weights {shlex.quote(str(fitting))}"
    return f"{said}\nIf you meant a network that you trained on these photos, give its best.keras by --weights."


def _folders_by_depth(photos: Sequence[Path], folder: Path) -> list[set[str]]:
    """The names of the folders that are one step below `folder`, two steps, ... on the way to each of the photos."""
    ways = [photo.relative_to(folder).parts[:-1] for photo in photos]
    deepest = max(map(len, ways), default=0)
    return [{way[depth] for way in ways if len(way) > depth} for depth in range(deepest)]


def _fitting_run(runs: Path, folders_by_depth: Sequence[set[str]]) -> Path | None:
    found = (run_with_classes(runs, names) for names in folders_by_depth if len(names) > 1)
    return next((run for run in found if run is not None), None)


def _is_of_run(source: str, run: Path) -> bool:
    """Whether the weights `source`, a file or the folder of a run, are those of the run with this file."""
    return run.parent.resolve() in (Path(source).resolve(), Path(source).resolve().parent)


def _names_of(photos: Sequence[Path], folder: Path) -> list[str]:
    """The names of the folders that these photos lie in, each once, sorted; not that of `folder` itself."""
    return sorted({photo.parent.name for photo in photos if photo.parent != folder})
