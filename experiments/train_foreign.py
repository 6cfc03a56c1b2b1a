"""Train a network of keras.applications from scratch, as somebody else might have: a model that is not of this project.

`python -m experiments.train_foreign PHOTOS --network mobilenet_v3_small --res 96 --output build/foreign/v3.keras`.
No ImageNet weights are needed. PHOTOS is what mobilenet-train takes; its validation photos choose nothing. The model
takes bytes and normalizes them in layers of its own. A training that was interrupted goes on where it was.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Photos
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.training.evaluation import EvaluationImages

NETWORKS: dict[str, Callable[..., Any]] = {
    "mobilenet_v3_small": keras.applications.MobileNetV3Small,
    "efficientnet_b0": keras.applications.EfficientNetB0,
}
BATCH = 32
MARGIN = 1.2  # photos are this much larger than the network's input, so that each epoch sees another crop
BATCH_NORM_MOMENTUM = 0.9  # Keras Applications set up to 0.999, whose averages a short training does not reach

UInt8 = NDArray[np.uint8]


def main(arguments: list[str]) -> None:
    """Train, print top-1 on the validation photos, and write the model and its class names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", help="what mobilenet-train takes")
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--res", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--output", type=Path, required=True, help="the .keras file")
    options = parser.parse_args(arguments)
    data = load_dataset(options.photos)
    model = network(options.network, options.res, len(data.classes))
    images, labels = loaded(data.train, round(options.res * MARGIN))
    fit(model, images, labels, options)
    images, labels = loaded(data.validation, options.res)
    found = model.predict(images.astype(np.float32), verbose=0).argmax(1)
    print(f"{options.network} at {options.res}: top-1 {np.mean(found == labels):.1%} of {len(labels)} photos")
    model.save(options.output)
    options.output.with_name("labels.txt").write_text("\n".join(data.classes) + "\n")


def network(name: str, res: int, classes: int) -> Any:
    """The network with random weights; its images are (n, res, res, 3) of 0 to 255."""
    model = NETWORKS[name](input_shape=(res, res, 3), weights=None, classes=classes)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = BATCH_NORM_MOMENTUM
    return model


def loaded(photos: Photos, res: int) -> tuple[UInt8, NDArray[np.int64]]:
    """All photos, (n, res, res, 3), and their classes."""
    batches = list(EvaluationImages(photos, res, cache_bytes=0))
    return np.concatenate([images for images, _ in batches]), np.concatenate([labels for _, labels in batches])


def fit(model: Any, images: UInt8, labels: NDArray[np.int64], options: argparse.Namespace) -> None:
    """Train on random crops, half of them mirrored."""

    def crop(image: Any, label: Any) -> tuple[Any, Any]:
        cropped = tf.image.random_flip_left_right(tf.image.random_crop(image, (options.res, options.res, 3)))
        return tf.cast(cropped, tf.float32), tf.one_hot(label, model.output_shape[-1])

    photos = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).map(crop)
    steps = options.epochs * (len(images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps, warmup_target=options.learning_rate, warmup_steps=100)
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.02), loss, metrics=["accuracy"])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = keras.callbacks.BackupAndRestore(str(options.output.with_suffix(".checkpoint")))
    batches = photos.batch(BATCH, drop_remainder=True).prefetch(2)
    model.fit(batches, epochs=options.epochs, verbose=2, callbacks=[checkpoint])


if __name__ == "__main__":
    main(sys.argv[1:])
