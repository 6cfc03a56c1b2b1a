"""What the network in a teacher's file takes: what the file says, what a person says, or what is guessed."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.spec import spec_named
from mobilenet_tf.tflite.given_input import BYTES, Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.tflite.metadata_reader import read_normalization
from mobilenet_tf.weights.applications_input import AsTrained, input_by_names
from mobilenet_tf.weights.foreign_tflite import ForeignFile

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["input_of", "known_of_tflite", "normalized", "refuse_range"]

LARGEST_DIFFERENCE = 1.01  # steps of a byte: 0 may stand for 127.5 or for the whole number above; 0.01 is rounding


def refuse_range(
    path: Path, given: Normalization | None, own: Normalization | None, *, takes_integers: bool = False
) -> None:
    """Raise InputError for a --teacher-range that differs from what is known of the teacher's input, by more than a
    step of a byte: integers stand for values from -1 to 127/128, for example, where a person says -1..1.

    takes_integers: whether the file takes 8-bit integers, which its own scale makes values of: 0..255 says that too.
    """
    if given is None or own is None or _is_same(given, own) or (takes_integers and given == BYTES):
        return
    raise InputError(
        f"--teacher-range: {path} takes {own}, as it says itself; something else is given.\nLeave the option out."
    )


def _is_same(given: Normalization, own: Normalization) -> bool:
    """Whether the bytes 0 and 255 become the same values by both, but for a step of a byte."""
    differences = np.abs(np.array(given.limits) - np.array(own.limits))  # (2, 1 or the channels)
    return bool((differences * np.array(own.std) <= LARGEST_DIFFERENCE).all())


def known_of_tflite(file: ForeignFile, path: Path, graph: "Graph") -> Normalization | None:
    """What bytes become by the metadata of a .tflite, by the integers that it takes or by its first layers; None if
    nothing says it.
    """
    from mobilenet_tf.quantization.prologue import normalization_by_graph

    if file.takes_bytes:
        return BYTES
    by_integers = None if graph.normalization == OUR_NORMALIZATION else graph.normalization
    return read_normalization(path.read_bytes()) or by_integers or normalization_by_graph(graph)


def input_of(path: Path, says: Normalization | None, names: Collection[str]) -> tuple[AsTrained, tuple[str, ...]]:
    """How images are given to the network in a file: as it says, or as its layers' names do; and notes on guesses."""
    if says is not None:
        return AsTrained("", says), ()
    if any(map(spec_named, names)):
        return AsTrained("", OUR_NORMALIZATION), ()
    named = input_by_names(names)
    start = f"{path.name} does not say how its input is normalized"
    if named is not None:
        note = f"{start}; it is given images as the {named.family} of Keras Applications, which has its layers' names."
        return named, (note,)
    guess = (
        f"{start}: values from -1 to 1 are guessed. If it takes others, its vectors say little: give --teacher-range "
        "0..1 or 0..255."
    )
    return AsTrained("", OUR_NORMALIZATION), (guess,)


def normalized(images: Any, normalization: Normalization, takes_bgr: bool = False) -> Any:
    """Images (n, res, res, 3) in [-1, 1] -> as a network takes them."""
    mean, std = (np.array(values, np.float32) for values in (normalization.mean, normalization.std))
    if normalization != OUR_NORMALIZATION:
        images = (images * np.float32(OUR_NORMALIZATION.std[0]) + np.float32(OUR_NORMALIZATION.mean[0]) - mean) / std
    return images[..., ::-1] if takes_bgr else images
