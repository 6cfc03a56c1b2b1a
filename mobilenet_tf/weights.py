"""Where weights come from: bundled, Keras Applications, random, or a file; checked against the spec they fill.

Whatever the source, weights end as one list of arrays in the order of `build_model(spec).get_weights()`:
kernel, gamma, beta, moving mean and moving variance of every convolution, then the classifier's kernel and bias.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import weights_sources as sources
from .errors import WeightsError
from .spec import ARCHS, ModelSpec
from .weights_sources import VARIANT_OF, Arrays, infer_alpha
from .zoo import build_model, plan

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
    groups: int = 0,
    drop_background: bool = False,
    seed: int = 0,
) -> Weights:
    """Weights from `source`: `imagenet`, `cifar10`, `keras`, `random`, or the path of a file.

    What is left None is taken from the source (res: where it was trained, else 224; arch: where it tells, else
    mobilenet_v1); what is given is checked against it. Raises WeightsError, or SpecError for values no network has.
    """
    asked = ModelSpec(arch or ARCHS[0], 1.0 if alpha is None else alpha, res or 224, classes or 1000, groups=groups)
    if source == "random":
        found = sources.random(asked, seed)
    elif source in ("imagenet", "keras") and asked.arch != "mobilenet_v1":
        raise WeightsError(
            f"--weights {source} is for mobilenet_v1; nobody publishes {asked.arch} for TensorFlow.\n"
            "Train it: --weights random; or give a file, or cifar10."
        )
    elif source == "keras":
        found = sources.keras_applications(asked.alpha, asked.res)
    elif source == "cifar10":
        found = sources.bundled_cifar10(asked.arch, alpha, groups)
    elif source == "imagenet":
        found = sources.bundled(asked.alpha)
    else:
        found = sources.from_file(Path(source), asked)
    arrays, background = found.arrays, found.background
    if drop_background:
        arrays, background = _without_background(arrays, background, source), False
    own = _own_spec(arrays, source, found.named or asked, alpha)
    spec = _checked_spec(arrays, source, own, arch, alpha, groups, classes)
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


def expected_shapes(spec: ModelSpec) -> list[tuple[str, tuple[int, ...]]]:
    """(layer name, shape) of every array of `spec`, in order."""
    shapes: list[tuple[str, tuple[int, ...]]] = []
    channels = 3
    for layer in plan(spec):
        if layer.weighted:
            shapes += [(layer.name, layer.kernel_shape), *[(layer.name, (layer.out_channels,))] * 4]
        channels = layer.out_channels
    return [*shapes, ("classifier", (channels, spec.classes)), ("classifier", (spec.classes,))]


def _without_background(arrays: Arrays, background: bool, source: str) -> Arrays:
    if not background:
        raise WeightsError(
            f"--drop-background expects a classifier of 1001 rows with the background first; {source} has "
            f"{arrays[-1].shape[0]}.\nLeave the flag out."
        )
    return [*arrays[:-2], arrays[-2][:, 1:], arrays[-1][1:]]


def _own_spec(arrays: Arrays, source: str, told: ModelSpec, alpha: float | None) -> ModelSpec:
    """The network that these arrays should fill: as their file tells or the person asked, the rest by their shapes."""
    if len(arrays) < 2 or arrays[0].ndim != 4 or arrays[-2].ndim != 2:
        raise WeightsError(
            f"expected convolutions and a classifier; {source} holds {len(arrays)} arrays that are none."
        )
    classes = arrays[-1].shape[0]
    if told.arch != "mobilenet_v1":
        return replace(told, classes=classes)
    variant = VARIANT_OF.get(len(arrays))
    if variant is None:
        raise WeightsError(
            f"expected the weights of a MobileNet V1 with its classifier (137 arrays); {source} holds {len(arrays)}.\n"
            "Give a file of this project's, of Keras Applications', or a hosted .tflite; or another --arch."
        )
    own = infer_alpha(arrays[0].shape[3], arrays[-2].shape[0])
    return ModelSpec("mobilenet_v1", own if alpha is None else alpha, told.res, classes, variant)


def _checked_spec(
    arrays: Arrays,
    source: str,
    own: ModelSpec,
    arch: str | None,
    alpha: float | None,
    groups: int,
    classes: int | None,
) -> ModelSpec:
    """`own`, where it is what was asked for and `arrays` fill it exactly. Raises WeightsError."""
    for option, wanted, found in (
        ("arch", arch, own.arch),
        ("alpha", alpha, own.alpha),
        ("groups", groups, own.groups),
    ):
        if wanted and wanted != found:
            raise WeightsError(f"--{option} says {wanted}; {source} holds {found}. Give that, or other weights.")
    if classes not in (None, own.classes):
        hint = " (one is the background row: try --drop-background)" if own.classes == (classes or 0) + 1 else ""
        raise WeightsError(f"--classes says {classes}; {source} has {own.classes} classes{hint}.")
    shapes = expected_shapes(own)
    if len(shapes) != len(arrays):
        raise WeightsError(f"{own.name} has {len(shapes)} arrays; {source} holds {len(arrays)}: another network's.")
    for (name, shape), array in zip(shapes, arrays, strict=True):
        if array.shape != shape:
            raise WeightsError(
                f"--alpha {own.alpha:g} expects {shape} in {name}; {source} has {array.shape}.\n{_hint(arrays, own)}"
            )
        if not np.isfinite(array).all():
            raise WeightsError(f"{source} holds NaN or infinite values in {name}: its training diverged.")
    return own


def _hint(arrays: Arrays, own: ModelSpec) -> str:
    if own.arch != "mobilenet_v1":
        return "Give the --alpha and --groups that these weights were trained with."
    looks = infer_alpha(arrays[0].shape[3], arrays[-2].shape[0])
    return f"It looks like --alpha {looks:g}: give that, or other weights."
