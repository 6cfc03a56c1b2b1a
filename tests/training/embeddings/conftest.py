"""Photos of three colours, in a folder for each and in one for all, and an extractor that tells colours apart."""

import keras
import numpy as np
import pytest
from PIL import Image

from tests.support.tflite_files import converted

COLOURS = {"blue": (30, 30, 190), "green": (30, 190, 30), "red": (190, 30, 30)}


def coloured_photo(path, name, rng):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.integers(0, 60, (48, 48, 3)) + np.array(COLOURS[name])
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def extractor(*, dimensions=6, res=40, scale=1 / 127.5, offset=-1.0):
    """A network of anybody's: it rescales bytes itself, and gives the mean of a convolution."""
    image = keras.Input((res, res, 3))
    x = keras.layers.Rescaling(scale, offset)(image)
    kernel = keras.initializers.RandomNormal(stddev=0.5, seed=1)
    x = keras.layers.Conv2D(dimensions, 3, 2, activation="tanh", kernel_initializer=kernel)(x)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))


@pytest.fixture(scope="package")
def coloured(tmp_path_factory):
    """A folder with `set`, which has a folder for each colour, `plain` without any, and two files of one teacher."""
    root = tmp_path_factory.mktemp("embeddings")
    rng = np.random.default_rng(0)
    for number in range(30):
        name = [*COLOURS][number % 3]
        coloured_photo(root / "set" / name / f"{number:02}.png", name, rng)
        if number < 15:
            coloured_photo(root / "plain" / f"{number:02}.png", name, rng)
    model = extractor()
    model.save(root / "extractor.keras")
    (root / "extractor.tflite").write_bytes(converted(model))
    return root
