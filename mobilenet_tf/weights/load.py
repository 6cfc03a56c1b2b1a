"""Where weights come from: bundled, Keras Applications, random, or a file; checked against the spec they fill.

Whatever the source, weights end as one list of arrays in the order of `build_model(spec).get_weights()`:
kernel, gamma, beta, moving mean and moving variance of every convolution, then the classifier's kernel and bias.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import DEFAULT_ARCH, ModelSpec
from mobilenet_tf.tasks.classification import build_model

from . import readers as sources
from .readers import Arrays, Found
from .shapes import expected_shapes, recognize

if TYPE_CHECKING:
    import keras

__all__ = ["SOURCES", "Weights", "load_weights", "model_with"]

SOURCES = ("imagenet", "cifar10", "keras", "random")  # anything else is a file


@dataclass(frozen=True)
class Weights:
    """Weights ready for `build_model(spec)`.

    source:      imagenet, cifar10, keras, random or file.
    origin:      file name, sha256 and whatever else says where they came from; stands in the manifest.
    trained_res: the resolution they were trained at, where the source tells.
    background:  whether class 0 is the background row of Google's 1001-class models.
    imagenet:    whether the classes are the 1000 of ImageNet, in their usual order.
    notes:       what the person who uses them must be told.
    """

    source: str
    spec: ModelSpec
    arrays: Arrays
    origin: dict[str, Any] = field(default_factory=dict)
    trained_res: int | None = None
    background: bool = False
    imagenet: bool = False
    notes: tuple[str, ...] = ()


def load_weights(
    source: str,
    *,
    arch: str | None = None,
    alpha: float | None = None,
    res: int | None = None,
    classes: int | None = None,
    drop_background: bool = False,
    seed: int = 0,
) -> Weights:
    """Weights from `source`: `imagenet`, `cifar10`, `keras`, `random`, or the path of a file.

    What is left None is taken from the source (res: where it was trained, else 224; arch: if it tells, else
    mobilenet_v1); what is given is checked against it. Raises WeightsError, or SpecError for values no network has.
    """
    asked = ModelSpec(arch or DEFAULT_ARCH, 1.0 if alpha is None else alpha, res or 224, classes or 1000)
    found = _read(source, asked, alpha, seed)
    arrays, background = found.arrays, found.background
    if drop_background:
        arrays, background = _without_background(arrays, background, source), False
    spec = _checked_spec(arrays, source, _own_spec(arrays, source, found.named or asked), arch, alpha, classes)
    spec = replace(spec, res=res or found.res or 224)
    return Weights(
        source=source if source in SOURCES else "file",
        spec=spec,
        arrays=arrays,
        origin=found.origin,
        trained_res=found.res,
        background=background,
        imagenet=found.imagenet and spec.classes - background == 1000,
        notes=tuple(_notes(source, spec, found.res)),
    )


def _read(source: str, asked: ModelSpec, alpha: float | None, seed: int) -> Found:
    """What `source` holds; alpha None: the widest of what is bundled for CIFAR-10."""
    if source == "random":
        return sources.random(asked, seed)
    if source in ("imagenet", "keras") and asked.arch != "mobilenet_v1":
        raise WeightsError(
            f"--weights {source} is for mobilenet_v1; nobody publishes {asked.arch} for TensorFlow.\n"
            "Train it: --weights random; or give a file, or cifar10."
        )
    if source == "keras":
        return sources.keras_applications(asked.alpha, asked.res)
    if source == "cifar10":
        return sources.cifar10(asked.arch, alpha)
    if source == "imagenet":
        return sources.imagenet(asked.alpha)
    return sources.from_file(Path(source), asked)


def _notes(source: str, spec: ModelSpec, trained_res: int | None) -> Iterator[str]:
    if source == "random":
        yield "RANDOM weights: good for measuring latency and size only; its predictions mean nothing."
    if trained_res not in (None, spec.res):
        yield f"these weights were trained at {trained_res}x{trained_res}; at {spec.res} they may be less accurate."


def model_with(weights: Weights) -> "keras.Model":
    """The Keras model of `weights.spec`, filled: (n, res, res, 3) in [-1, 1] -> (n, classes) softmax."""
    model = build_model(weights.spec)
    model.set_weights(weights.arrays)
    return model


def _without_background(arrays: Arrays, background: bool, source: str) -> Arrays:
    if not background:
        raise WeightsError(
            f"--drop-background expects a classifier of 1001 rows with the background first; {source} has "
            f"{arrays[-1].shape[0]}.\nLeave the flag out."
        )
    return [*arrays[:-2], arrays[-2][:, 1:], arrays[-1][1:]]


def _own_spec(arrays: Arrays, source: str, likely: ModelSpec) -> ModelSpec:
    """The network that these arrays should fill. Raises WeightsError if there is none."""
    if len(arrays) < 2 or arrays[0].ndim != 4 or arrays[-2].ndim != 2:
        raise WeightsError(
            f"expected convolutions and a classifier; {source} holds {len(arrays)} arrays that are none."
        )
    own = recognize([array.shape for array in arrays], likely)
    if own is None:
        raise WeightsError(
            f"expected the weights of a {likely.arch} with its classifier ({len(expected_shapes(likely))} arrays); "
            f"{source} holds {len(arrays)}.\n"
            "Give a file of this project's, of Keras Applications', or a hosted .tflite; or another --arch."
        )
    return own


def _checked_spec(
    arrays: Arrays, source: str, own: ModelSpec, arch: str | None, alpha: float | None, classes: int | None
) -> ModelSpec:
    """`own`, if it is what was asked for and `arrays` fill it exactly. Raises WeightsError."""
    for option, asked, found in (("arch", arch, own.arch), ("alpha", alpha, own.alpha)):
        if asked not in (None, found):
            raise WeightsError(f"--{option} says {asked}; {source} holds {found}. Give that, or other weights.")
    if classes not in (None, own.classes):
        hint = " (one is the background row: try --drop-background)" if own.classes == (classes or 0) + 1 else ""
        raise WeightsError(f"--classes says {classes}; {source} has {own.classes} classes{hint}.")
    for (name, shape), array in zip(expected_shapes(own), arrays, strict=True):
        if array.shape != shape:
            raise WeightsError(
                f"{own.name} expects {shape} in {name}; {source} has {array.shape}.\n"
                "Give the --arch and --alpha that these weights were trained with."
            )
        if not np.isfinite(array).all():
            raise WeightsError(f"{source} holds NaN or infinite values in {name}: its training diverged.")
    return own
