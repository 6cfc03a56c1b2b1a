"""What is exported, in words and numbers, whether it is a network of ours or anybody's."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.data.split import Split
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION

from .source import Source

__all__ = ["Network"]


@dataclass(frozen=True)
class Network:
    """A network that gives one row of numbers, a classifier or an embedding, and is exported.

    name:        of the export's folder, and the beginning of its files' names.
    arch, alpha: of a network of ours; of any other its file's name, cleaned, and None.
    labels:      the names of its classes, or of its tags if `head` is sigmoid; none of an embedding.
    outputs:     how many scores its files give, or parts of a vector.
    source:      imagenet, cifar10, keras, random or file.
    parameters:  how many numbers its weights are.
    load:        the float model itself, which takes seconds to make.
    normalization: what the network expects the bytes of photos to become.
    origin, trained_res, background, imagenet, split: as those of weights/load.Weights.
    converted_from: what the file is, in words; None if the weights came from no file.
    notes:       what the person should know.
    cells:       of the classes, if these are cells of the earth.
    thresholds:  of tags, from which score on each is true; None if it is not known.
    """

    name: str
    arch: str
    alpha: float | None
    res: int
    labels: list[str]
    source: str
    outputs: int
    parameters: int
    load: Callable[[], Source]
    head: Head = "softmax"
    normalization: Normalization = OUR_NORMALIZATION
    origin: dict[str, Any] = field(default_factory=dict)
    trained_res: int | None = None
    background: bool = False
    imagenet: bool = False
    split: Split | None = None
    converted_from: str | None = None
    notes: tuple[str, ...] = ()
    cells: tuple[PlaceCell, ...] = ()
    thresholds: tuple[float, ...] | None = None
