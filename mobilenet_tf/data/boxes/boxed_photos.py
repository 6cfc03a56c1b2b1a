"""Photos with boxes around the things in them, with random access."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.dataset import Int64, UInt64
from mobilenet_tf.data.photo_files import PhotoFiles
from mobilenet_tf.tasks.detection_score import TrueBoxes

__all__ = ["BoxedPhotos"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class BoxedPhotos(PhotoFiles):
    """n photos in files, with random access, safe to read from several threads.

    boxes:   of each photo (k, 4) as ymin, xmin, ymax, xmax: shares of the upright photo's height and width, 0 to 1.
    classes: of each photo (k,) class indices.
    ignored: of each photo (k,): whether neither finding nor missing a box counts.
    sizes:   (n, 2) height and width of the upright photos in pixels.
    digests: (n,) see dataset.Photos.
    """

    boxes: tuple[Float32, ...]
    classes: tuple[Int64, ...]
    ignored: tuple[NDArray[np.bool_], ...]
    sizes: Int64
    digests: UInt64

    def at(self, indices: Int64) -> "BoxedPhotos":
        """Those at `indices`, in that order."""
        chosen = indices.tolist()
        return BoxedPhotos(
            tuple(self.paths[index] for index in chosen),
            tuple(self.boxes[index] for index in chosen),
            tuple(self.classes[index] for index in chosen),
            tuple(self.ignored[index] for index in chosen),
            self.sizes[indices],
            self.digests[indices],
        )

    def true_boxes(self) -> list[TrueBoxes]:
        """What is on each photo, in order."""
        return [
            TrueBoxes(boxes, classes, ignored, (height, width))
            for boxes, classes, ignored, (height, width) in zip(
                self.boxes, self.classes, self.ignored, self.sizes.tolist(), strict=True
            )
        ]

    def strata(self, classes: int) -> Int64:
        """(n,) the class of each photo that the fewest photos show, by which a split keeps the share of each class;
        `classes` for photos without boxes.
        """
        photos_with, _ = self.counts(classes)
        rarest = [int(min(one, key=lambda label: photos_with[label])) if len(one) else classes for one in self.classes]
        return np.array(rarest, np.int64)

    def counts(self, classes: int) -> tuple[Int64, Int64]:
        """(the number of photos that show each class, the number of its boxes)."""
        boxes, photos = np.zeros(classes, np.int64), np.zeros(classes, np.int64)
        for one in self.classes:
            boxes += np.bincount(one, minlength=classes)
            photos[np.unique(one)] += 1
        return photos, boxes
