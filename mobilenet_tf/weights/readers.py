"""Readers of each source of weights, each giving the arrays in Keras order. TensorFlow is loaded only where needed."""

import hashlib
import os
import zipfile
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model

from . import bundled_cifar10, bundled_imagenet
from .shapes import recognize
from .tflite import Convolution, read_tflite

__all__ = [
    "Arrays",
    "Found",
    "cifar10",
    "from_file",
    "identity_batch_norm",
    "imagenet",
    "keras_applications",
    "random",
]

Arrays = list[NDArray[np.float32]]

BN_EPSILON = 1e-3  # Keras's default, and the checkpoints'
KERAS_ALPHAS, KERAS_RESOLUTIONS = (0.25, 0.5, 0.75, 1.0), (128, 160, 192, 224)


@dataclass(frozen=True)
class Found:
    """What a source holds, before it is checked against the flags."""

    arrays: Arrays
    res: int | None = None
    background: bool = False
    imagenet: bool = False
    origin: dict[str, Any] = field(default_factory=dict)
    named: ModelSpec | None = None  # what the file says itself


def random(spec: ModelSpec, seed: int) -> Found:
    """Seeded random weights: right for latency, meaningless for accuracy."""
    import keras

    keras.utils.set_random_seed(seed)
    return Found(build_model(spec).get_weights(), imagenet=spec.classes == 1000, origin={"seed": seed})


def imagenet(alpha: float) -> Found:
    """The bundled ImageNet weights of this width."""
    if alpha not in bundled_imagenet.BUNDLED:
        widths = ", ".join(f"{a:g}" for a in bundled_imagenet.BUNDLED)
        raise WeightsError(
            f"ImageNet weights are bundled for --alpha {widths}; none for {alpha:g}.\n"
            "Take one of these, give a file (--weights FILE), or --weights random to measure latency."
        )
    file = bundled_imagenet.asset_name(alpha)
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / "weights" / file) as path:
        stored = bundled_imagenet.read(path)
    origin = {"file": file, "sha256": stored.sha256, "published_as": stored.published_as}
    return Found(keras_arrays(stored.convolutions), stored.res, imagenet=True, origin=origin)


def cifar10(arch: str, alpha: float | None) -> Found:
    """The bundled weights that were trained here on CIFAR-10; alpha None: the widest of `arch`."""
    of_arch = [spec for spec in bundled_cifar10.NETWORKS if spec.arch == arch]
    fitting = [spec for spec in of_arch if alpha in (None, spec.alpha)]
    if not fitting:
        widths = " and ".join(f"{spec.alpha:g}" for spec in of_arch)
        have = f"{arch} are bundled for --alpha {widths} only" if of_arch else f"{arch} are not bundled"
        raise WeightsError(
            f"CIFAR-10 weights of {have}.\n"
            f"Bundled: {', '.join(spec.name for spec in bundled_cifar10.NETWORKS)}; or train others: "
            "mobilenet-train cifar10 --weights random."
        )
    spec = fitting[-1]
    file = bundled_cifar10.asset_name(spec)
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / "weights" / file) as path:
        arrays, sha256 = bundled_cifar10.read(path), sha256_of(path)
    return Found(arrays, spec.res, origin={"file": file, "sha256": sha256}, named=spec)


def keras_applications(alpha: float, res: int) -> Found:
    """Keras Applications' own ImageNet weights, from its cache or by its download."""
    if alpha not in KERAS_ALPHAS or res not in KERAS_RESOLUTIONS:
        raise WeightsError(
            f"--weights keras exists for alpha {KERAS_ALPHAS} at res {KERAS_RESOLUTIONS}; got {alpha:g}/{res}.\n"
            "Take one of these pairs, or --weights imagenet, which serves any resolution."
        )
    import keras

    width = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}[alpha]
    file = f"mobilenet_{width}_{res}_tf.h5"
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / file
    try:
        model = keras.applications.MobileNet(input_shape=(res, res, 3), alpha=alpha, weights="imagenet")
    except Exception as error:  # urllib's, socket's, h5py's or Keras's, by where it failed
        state = "is damaged: delete it" if cache.exists() else "is not there and could not be downloaded"
        raise WeightsError(
            f"--weights keras: {cache} {state} ({type(error).__name__}).\n"
            "With a network it downloads by itself; without, put that file there by hand, or use --weights imagenet."
        ) from error
    origin = {"file": file, "sha256": sha256_of(cache)}
    return Found(_flat_classifier(model.get_weights()), res, imagenet=True, origin=origin)


def from_file(path: Path, asked: ModelSpec) -> Found:
    """A `.keras` or `.weights.h5` of ours, a Keras Applications `.h5`, or a MobileNet V1 `.tflite`; told by content.

    asked: the network that a `.weights.h5`, which does not tell its own, may hold.
    """
    if not path.is_file():
        raise WeightsError(
            f"expected --weights to be imagenet, cifar10, keras, random or a file; {path} does not exist."
        )
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:8] == b"TFL3":
        found = _from_tflite(path)
    elif head[:4] == b"\x89HDF":
        found = _from_hdf5(path, asked)
    elif head[:2] == b"PK":
        found = _from_keras_archive(path)
    else:
        raise WeightsError(
            f"{path} holds no weights: expected a .keras, .weights.h5, .h5 or .tflite file.\n"
            "Compare its size and sha256 with the original's; a web page saved under that name is a common cause."
        )
    origin = {"file": path.name, "sha256": sha256_of(path)}
    return replace(found, origin=origin)


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity_batch_norm(bias: NDArray[np.float32]) -> Arrays:
    """Gamma, beta, mean and variance of a batch norm that changes nothing but adds `bias` (channels,)."""
    one = np.ones_like(bias)
    return [one * np.float32(np.sqrt(1 + BN_EPSILON)), bias, np.zeros_like(bias), one]


def keras_arrays(convolutions: list[Convolution]) -> Arrays:
    """Folded convolutions -> arrays in Keras order, with a batch norm that changes nothing but adds the bias."""
    arrays: Arrays = []
    for convolution in convolutions[:-1]:
        kernel, bias = convolution.kernel.real(), convolution.bias.real()
        # TFLite's (1, h, w, c) and (out, h, w, in) -> Keras's (h, w, c, 1) and (h, w, in, out).
        arrays.append(np.moveaxis(kernel, 0, -1))
        arrays += identity_batch_norm(bias)
    last = convolutions[-1]
    kernel = last.kernel.real()
    return [*arrays, kernel.reshape(kernel.shape[0], -1).T, last.bias.real()]


def _from_tflite(path: Path) -> Found:
    res, convolutions = read_tflite(path)
    if len(convolutions) < 2:
        raise WeightsError(f"expected a MobileNet V1; {path} holds {len(convolutions)} convolutions.")
    arrays = keras_arrays(convolutions)
    rows = arrays[-1].shape[0]
    return Found(arrays, res, background=rows == 1001, imagenet=rows in (1000, 1001))


def _from_hdf5(path: Path, asked: ModelSpec) -> Found:
    import h5py

    try:
        with h5py.File(path) as file:
            legacy = file.get("model_weights", file)
            if "layer_names" in legacy.attrs:
                arrays = [
                    np.asarray(legacy[layer][name], np.float32)
                    for layer in legacy.attrs["layer_names"]
                    for name in legacy[layer].attrs["weight_names"]
                ]
                rows = arrays[-1].shape[0] if arrays else 0
                return Found(_flat_classifier(arrays), imagenet=rows == 1000)
            sizes = [item.shape for item in _datasets(file)]
        return Found(_load_into_model(path, sizes, asked))
    except (OSError, KeyError, ValueError) as error:
        raise _unreadable(path, error) from error


def _datasets(group: Any) -> list[Any]:
    import h5py

    found: list[Any] = []
    group.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found


def _load_into_model(path: Path, shapes: list[tuple[int, ...]], asked: ModelSpec) -> Arrays:
    """Keras 3's `.weights.h5` names its arrays by the model's layers, so it is read by a model of the same shape."""
    spec = recognize(shapes, asked)
    if spec is None:
        raise ValueError(f"it holds no {asked.arch} with a classifier")
    model = build_model(spec)
    model.load_weights(path)
    arrays: Arrays = model.get_weights()
    return arrays


def _from_keras_archive(path: Path) -> Found:
    import keras

    from mobilenet_tf.networks import builder  # noqa: F401  (it registers our own layers)

    try:
        model = keras.models.load_model(path, compile=False)
        res = model.input_shape[1]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from error
    return Found(_flat_classifier(model.get_weights()), res, named=_named(model.name))


def _named(name: str) -> ModelSpec | None:
    """What our own models are named after."""
    try:
        return ModelSpec.parse(name)[0]
    except SpecError:
        return None


def _flat_classifier(arrays: Arrays) -> Arrays:
    """Keras Applications keeps the classifier as a 1x1 convolution; ours is dense: (1, 1, in, out) -> (in, out)."""
    if len(arrays) < 2 or arrays[-2].ndim != 4:
        return arrays
    kernel: NDArray[np.float32] = arrays[-2]
    return [*arrays[:-2], kernel.reshape(kernel.shape[-2:]), arrays[-1]]


def _unreadable(path: Path, error: Exception) -> WeightsError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return WeightsError(
        f"cannot read weights from {path}: {reason[:120]}\n"
        "Expected a .keras or .weights.h5 of this project, a Keras Applications .h5, or a hosted .tflite, complete."
    )
