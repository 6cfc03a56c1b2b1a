"""What the bytes of photos must become for the model in anybody's file: by the file, by its names, or as given."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.spec import spec_named
from mobilenet_tf.tflite.given_input import BYTES, ZERO_TO_ONE, Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.weights.applications_input import IMAGENET, input_by_names

from .owner import Owner

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["ChosenInput", "LabelledImages", "choose_normalization"]

# What is worth a try, each by the options that say it.
CANDIDATES = {
    "--input-range -1..1": OUR_NORMALIZATION,
    "--input-range 0..1": ZERO_TO_ONE,
    "--input-range 0..255": BYTES,
    "--mean 123.675,116.28,103.53 --std 58.395,57.12,57.375": IMAGENET,
}
MOST_PHOTOS = 100

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class LabelledImages:
    """Preprocessed photos, uint8 (n, res, res, 3), and the class of each, (n,).

    where: the folder that they are from.
    """

    images: UInt8
    classes: NDArray[np.int64]
    where: str


@dataclass(frozen=True)
class ChosenInput:
    """How the bytes of photos become what the model in a file takes.

    normalization: of red, green and blue.
    takes_bgr:     whether the model takes the channels in the order of blue, green and red.
    notes:         what was assumed, in words.
    """

    normalization: Normalization
    takes_bgr: bool = False
    notes: tuple[str, ...] = ()

    def values(self, images: UInt8) -> Float32:
        """Preprocessed photos (n, res, res, 3) as Owner.run takes them."""
        values = normalize(images, self.normalization.mean, self.normalization.std)
        return np.ascontiguousarray(values[..., ::-1]) if self.takes_bgr else values

    def graph(self, graph: "Graph") -> "Graph":
        """The graph of the model, for images as `graph.normalize` makes them: arithmetic before its first layer and the
        order of channels are in its normalization and in that layer.
        """
        from mobilenet_tf.quantization.prologue import without_prologue

        return without_prologue(replace(graph, normalization=self.normalization), takes_bgr=self.takes_bgr)


def choose_normalization(
    owner: Owner,
    graph: "Graph",
    given: Normalization | None = None,
    labelled: Callable[[], LabelledImages | None] = lambda: None,
) -> ChosenInput:
    """What bytes become for the model in a file: as given, as the file says, or as the names of its layers say.

    graph:    that of owner.content.
    given:    by --input-range, or by --mean and --std. A model that rescales its input itself does so after that.
    labelled: photos of known classes, asked for only if an error must say how each guess does on them.
    Raises InputError if nothing says it: a guess would give wrong answers that look right.
    """
    from mobilenet_tf.quantization.prologue import normalization_by_graph

    says = owner.normalization or normalization_by_graph(graph)
    name = owner.path.name
    if owner.takes_bytes and given not in (None, BYTES):
        raise InputError(
            f"{name} takes the bytes of photos as they are, as integers: it cannot take {given.range}.\n"
            "Leave out --input-range, --mean and --std: what it makes of the bytes is inside it."
        )
    if given is not None:
        replaced = f"{name} says that its input is {says}; {given} is used, as given."
        return ChosenInput(given, notes=(replaced,) if says not in (None, given) else ())
    if says is not None:
        return ChosenInput(says)
    if any(map(spec_named, owner.names)):
        return ChosenInput(OUR_NORMALIZATION)
    named = input_by_names(owner.names)
    if named is not None:
        order = " of blue, green and red in this order" if named.takes_bgr else ""
        assumed = (
            f"{name} does not say how its input is normalized. Its layers have the names of Keras Applications' "
            f"{named.family}, which is trained on {named.normalization.range}{order}; that is assumed. If it is wrong, "
            "give --input-range, or --mean and --std."
        )
        return ChosenInput(named.normalization, named.takes_bgr, (assumed,))
    raise InputError(_nothing_says(owner, graph, labelled()))


def _nothing_says(owner: Owner, graph: "Graph", labelled: LabelledImages | None) -> str:
    first = (
        f"{owner.path} does not say how its input is normalized, and no name in it shows it: give what it was trained "
        f"on, by --input-range 0..1, -1..1 or 0..255, or by --mean and --std.\n"
    )
    if labelled is None:
        return first + (
            "If you do not know it, give --calibration a folder with a folder of photos for each of its classes: this "
            "message then says how many of them it knows with each."
        )
    shares = {option: _share_known(owner, graph, each, labelled) for option, each in CANDIDATES.items()}
    ranked = sorted(shares, key=lambda option: -shares[option])
    listed = "; ".join(f"{shares[option]:.0%} with {option}" for option in ranked)
    count = min(MOST_PHOTOS, len(labelled.classes))
    return first + f"Of {count} photos of {labelled.where} it knows {listed}."


def _share_known(owner: Owner, graph: "Graph", normalization: Normalization, labelled: LabelledImages) -> float:
    """The share of photos whose class has the highest score, if bytes become this."""
    from mobilenet_tf.quantization.head import with_classes

    outputs = owner.run(ChosenInput(normalization).values(labelled.images[:MOST_PHOTOS]))
    scores = with_classes(graph, str(owner.path)).scores_of(outputs)
    return float(np.mean(scores.argmax(1) == labelled.classes[:MOST_PHOTOS]))
