"""`make bench-hosted`: the files of this project beside Google's hosted ones, on a folder of ImageNet photos.

The folder holds Google's files and imagenet_sample/images/<wnid>_<name>.JPEG. The photos are of the training
split: compare the columns, do not quote the accuracies.
"""

import sys
import time
from pathlib import Path

import numpy as np

from experiments.bundle_imagenet import HOSTED
from experiments.plain_converter import plain_file
from export.calibration import load_images
from export.convert import convert
from export.recipes import RECIPES
from export.source import keras_scores
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.file_writer import write_integer
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tasks.classification import agreement
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.weights.load import load_weights, model_with


def main(data: Path) -> None:
    """Print, for each hosted file, top-1 and agreement of the float32 made from the bundled and from the hosted."""
    photos = find_photos(data / "imagenet_sample" / "images").paths
    ground_truth = true_classes(photos, ClassMatcher(imagenet_labels(), imagenet=True))
    known = np.array([-1 if index is None else index for index in ground_truth.classes])
    print(f"{len(photos)} photos; float32 files made by this project, in ai-edge-litert")
    for spec, (file, _) in HOSTED.items():
        images = np.stack([preprocess(load_rgb(photo), spec.res) for photo in photos])
        hosted = ImageModel(data / "weights" / file, threads=2).predict(images)
        top1 = np.mean(hosted[:, 1:].argmax(1) == known)
        print(f"{file}: top-1 {top1:.1%}")
        for source in ("imagenet", str(data / file)):
            weights = load_weights(source, arch=spec.arch, alpha=spec.alpha)
            graph = graph_of(model_with(weights))
            model = convert(graph, RECIPES["float32"], images[:0])
            ours = ImageModel.from_bytes(model, threads=2).predict(images)
            theirs = hosted if weights.background else hosted[:, 1:]
            same = np.mean(ours.argmax(1) == theirs.argmax(1))
            top1 = np.mean(ours.argmax(1) - weights.background == known)
            difference = np.abs(ours - theirs).max()
            name = "bundled" if source == "imagenet" else "the same file"
            print(f"  ours from {name:<14} top-1 {top1:.1%}, agreement {same:.1%}, softmax within {difference:.1e}")
        print_int8(spec, data)


def print_int8(spec: ModelSpec, data: Path) -> None:
    """Agreement of int8 with float on photos that did not calibrate: plain converter, and corrected."""
    weights = load_weights("imagenet", arch=spec.arch, alpha=spec.alpha)
    model = model_with(weights)
    graph = graph_of(model)
    split = load_images(data / "imagenet_sample" / "images", res=weights.spec.res)
    reference = keras_scores(model, split.verification.images)
    calibrations = {"100 of the photos": split, "the bundled photos": load_images(None, res=weights.spec.res)}
    for name, calibration in calibrations.items():
        images = calibration.calibration.images
        plain = plain_file(model, images)
        start = time.perf_counter()
        corrected = pack(write_integer(correct(graph, images), "int8", name))
        seconds = time.perf_counter() - start
        agreements = [
            agreement(ImageModel.from_bytes(m, threads=2).predict(split.verification.images), reference)
            for m in (plain, corrected)
        ]
        print(
            f"  int8 from bundled, calibrated on {name}: plain converter {agreements[0]:.1%}, "
            f"--correction fast {agreements[1]:.1%} ({seconds:.1f} s), of {len(reference)} held out"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
