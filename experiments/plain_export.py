"""The baseline of `make bench-export`: an ordinary script that makes a float and an int8 .tflite."""

import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

ALPHA, RES = 0.5, 160


def main(photos: Path, target: Path) -> None:
    """Build keras.applications.MobileNet, convert it to float32, then to int8 with 100 images made of `photos`."""
    model = keras.applications.MobileNet(input_shape=(RES, RES, 3), alpha=ALPHA, weights=None)
    (target / "float32.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())

    files = sorted(photos.glob("*.jpg"))
    images = [np.asarray(Image.open(files[i % len(files)]).resize((RES, RES)), np.float32) for i in range(100)]

    def representative():  # type: ignore[no-untyped-def]
        for image in images:
            yield [(image[None] - 127.5) / 127.5]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (target / "int8.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
