"""Where weights come from: bundled, Keras Applications, random, or a file; checked against the spec they fill.

Whatever the source, weights end as one list of arrays in the order of `build_model(spec).get_weights()`:
kernel, gamma, beta, moving mean and moving variance of every convolution, then the classifier's kernel and bias.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.spec import DEFAULT_ARCH, ModelSpec
from mobilenet_tf.tasks.classification import build_model, class_count, has_classifier, split_classifier

from .another_network import another_network
from .arrays import Arrays, SourceWeights, sha256_of
from .bundled_cifar10 import read_bundled_cifar10
from .bundled_imagenet import read_bundled_imagenet
from .file_kinds import note_on_folder, unread_kind, weights_file
from .keras_applications import read_keras_applications
from .keras_file import is_keras_archive, read_hdf5, read_keras_archive
from .shapes import expected_shapes, recognize
from .tflite_file import read_tflite

if TYPE_CHECKING:
    import keras

__all__ = ["SOURCES", "Weights", "load_weights", "model_with"]

SOURCES = ("imagenet", "cifar10", "keras", "random")  # anything else is a file


@dataclass(frozen=True)
class Weights:
    """Weights ready for `build_model(spec)`.

    source:      imagenet, cifar10, keras, random or file.
    origin:      file name, sha256 and whatever else says where they came from; the manifest repeats it.
    trained_res: the resolution they were trained at, if the source says it.
    background:  whether class 0 is the background row of Google's 1001-class models.
    imagenet:    whether the classes are the 1000 of ImageNet, in their usual order.
    notes:       what the person who uses them must know.
    split:       the photos that they were trained on and validated with; None if the source does not say it.
    head:        softmax over classes; sigmoid: tags; or embedding, of which spec.classes is the number of parts.
    thresholds:  of tags, from which score on each is true; None if the source does not say it.
    """

    source: str
    spec: ModelSpec
    arrays: Arrays
    origin: dict[str, Any] = field(default_factory=dict)
    trained_res: int | None = None
    background: bool = False
    imagenet: bool = False
    notes: tuple[str, ...] = ()
    split: Split | None = None
    head: Head = "softmax"
    thresholds: tuple[float, ...] | None = None


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

    A value that is None is taken from the source (res: where it was trained, else 224; arch: if the source names it,
    else mobilenet_v1); a value that is given is checked against it. Raises WeightsError, or SpecError for values that
    no network has.
    """
    requested = ModelSpec(arch or DEFAULT_ARCH, 1.0 if alpha is None else alpha, res or 224, classes or 1000)
    read = _read(source, requested, alpha, seed)
    if drop_background:
        read = _without_background(read, source)
    spec = _recognized(read, source, read.spec or requested)
    _check_options(source, spec, arch, alpha, classes)
    _check_arrays(source, spec, read.arrays)
    spec = replace(spec, res=res or read.trained_res or 224)
    return Weights(
        source=source if source in SOURCES else "file",
        spec=spec,
        arrays=read.arrays,
        origin=read.origin,
        trained_res=read.trained_res,
        background=read.background,
        imagenet=read.imagenet and spec.classes - read.background == 1000,
        notes=(*_notes(source, spec, read.trained_res), *read.notes),
        split=read.split,
        head=read.head,
        thresholds=read.thresholds if len(read.thresholds or ()) == spec.classes else None,
    )


def model_with(weights: Weights) -> "keras.Model":
    """The Keras model of `weights.spec`, filled: (n, res, res, 3) in [-1, 1] -> (n, classes), see build_model."""
    model = build_model(weights.spec, weights.head)
    model.set_weights(weights.arrays)
    return model


def _read(source: str, requested: ModelSpec, alpha: float | None, seed: int) -> SourceWeights:
    """What `source` holds. alpha: that of the command line; None: the largest width that is bundled for CIFAR-10."""
    match source:
        case "random":
            return _random(requested, seed)
        case "cifar10":
            return read_bundled_cifar10(requested.arch, alpha)
        case "imagenet":
            _check_published(source, requested.arch)
            return read_bundled_imagenet(requested.arch, requested.alpha)
        case "keras":
            _check_published(source, requested.arch)
            return read_keras_applications(requested)
        case _:
            return _read_file(source, requested)


def _random(spec: ModelSpec, seed: int) -> SourceWeights:
    """Seeded random weights: right for latency, meaningless for accuracy."""
    from mobilenet_tf.keras_loader import keras

    keras.utils.set_random_seed(seed)
    return SourceWeights(build_model(spec).get_weights(), imagenet=spec.classes == 1000, origin={"seed": seed})


def _check_published(source: str, arch: str) -> None:
    weights = ARCHITECTURES[arch].weights
    if source in weights:
        return
    published = ", ".join(row.name for row in ARCHITECTURES.values() if source in row.weights)
    if "keras" in weights:
        raise WeightsError(
            f"--weights {source} is for {published}; no weights of {arch} are bundled.\n"
            "Take --weights keras, which Keras downloads if there is a network; --weights random, to measure latency "
            "or to train from nothing; or a file."
        )
    others = "".join(f", or {other}" for other in weights)
    raise WeightsError(
        f"--weights {source} is for {published}; nobody publishes {arch} for TensorFlow.\n"
        f"Train it: --weights random; or give a file{others}."
    )


def _read_file(source: str, requested: ModelSpec) -> SourceWeights:
    """A `.keras`, `.weights.h5`, `.h5` or `.tflite` file, whose kind is recognized by its first bytes, not its name; or
    the folder of a training run, which stands for its best.keras.
    """
    path = weights_file(source, SOURCES)
    if path.is_dir():
        raise WeightsError(
            f"{path} is the folder of a TensorFlow SavedModel, whose weights mobilenet-train does not read.\n"
            "mobilenet-export takes it as it is. To train a network that mobilenet-info lists, give its .keras file."
        )
    try:
        with path.open("rb") as file:
            head = file.read(8)
        read = _read_kind(path, head, requested)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}.\nCheck its permissions.") from error
    notes = read.notes if path == Path(source) else (note_on_folder(source, path), *read.notes)
    return replace(read, origin={"file": path.name, "sha256": sha256_of(path)}, notes=notes)


def _read_kind(path: Path, head: bytes, requested: ModelSpec) -> SourceWeights:
    """The weights of a file that begins with the bytes `head`. Raises OSError or WeightsError."""
    if head[4:8] == b"TFL3":
        return read_tflite(path)
    if head[:4] == b"\x89HDF":
        return read_hdf5(path, requested)
    if head[:2] == b"PK" and is_keras_archive(path):
        return read_keras_archive(path)
    raise WeightsError(unread_kind(path))


def _without_background(read: SourceWeights, source: str) -> SourceWeights:
    if not read.background:
        raise WeightsError(
            f"--drop-background expects a classifier of 1001 rows with the background first; {source} has "
            f"{class_count(read.arrays)}.\nLeave the flag out."
        )
    trunk, (kernel, bias) = split_classifier(read.arrays)
    return replace(read, arrays=[*trunk, kernel[:, 1:], bias[1:]], background=False)


def _recognized(read: SourceWeights, source: str, likely: ModelSpec) -> ModelSpec:
    """The network that the arrays should fill. Raises WeightsError if there is none."""
    arrays = read.arrays
    if read.network is not None and recognize([array.shape for array in arrays], likely) is None:
        raise another_network(weights_file(source), read.network)
    if has_classifier(arrays) and arrays[0].ndim != 4:  # as of a Normalization before the first convolution
        raise another_network(weights_file(source))
    if not has_classifier(arrays):
        raise WeightsError(
            f"expected convolutions and a classifier; {source} holds {len(arrays)} arrays that are none."
        )
    spec = recognize([array.shape for array in arrays], likely)
    if spec is None:
        raise another_network(weights_file(source))
    return spec


def _check_options(source: str, spec: ModelSpec, arch: str | None, alpha: float | None, classes: int | None) -> None:
    """Raises WeightsError if the options name another network than `spec`, which the source holds."""
    for option, given, held in (("arch", arch, spec.arch), ("alpha", alpha, spec.alpha)):
        if given not in (None, held):
            raise WeightsError(f"--{option} says {given}; {source} holds {held}. Give that, or other weights.")
    if classes not in (None, spec.classes):
        hint = " (one is the background row: try --drop-background)" if spec.classes == (classes or 0) + 1 else ""
        raise WeightsError(f"--classes says {classes}; {source} has {spec.classes} classes{hint}.")


def _check_arrays(source: str, spec: ModelSpec, arrays: Arrays) -> None:
    """Raises WeightsError if `arrays` do not fill `spec` exactly with finite numbers."""
    for (name, shape), array in zip(expected_shapes(spec), arrays, strict=True):
        if array.shape != shape:
            raise WeightsError(_misfit(source, spec, arrays, f"{shape} in {name}; {source} has {array.shape}"))
        if not np.isfinite(array).all():
            raise WeightsError(f"{source} holds NaN or infinite values in {name}: its training diverged.")


def _misfit(source: str, spec: ModelSpec, arrays: Arrays, difference: str) -> str:
    """Why `arrays`, as many as `spec` has, do not fill it. difference: the first shape that differs."""
    if sorted(array.shape for array in arrays) == sorted(shape for _, shape in expected_shapes(spec)):
        return (
            f"{source} has the arrays of a {spec.arch} of alpha {spec.alpha:g} in another order, and under names "
            "that do not tell it.\n"
            "Open it with the Keras that wrote it, and save the whole model: model.save('model.keras')."
        )
    return (
        f"{source} is none of the networks that mobilenet-info lists, or not the one that --arch and --alpha name: the "
        f"most similar,\n{spec.name}, expects {difference}.\n"
        "mobilenet-export takes the whole model of any network: a .keras, .h5 or .tflite file, or a SavedModel."
    )


def _notes(source: str, spec: ModelSpec, trained_res: int | None) -> Iterator[str]:
    if source == "random":
        yield "RANDOM weights: good for measuring latency and size only; its predictions mean nothing."
    if trained_res not in (None, spec.res):
        yield f"these weights were trained at {trained_res}x{trained_res}; at {spec.res} they may be less accurate."
