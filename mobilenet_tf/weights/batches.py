"""Run a model on many images, a few at once: this bounds the memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["run_in_batches"]

BATCH = 20  # images that are run at once

Float32 = NDArray[np.float32]


def run_in_batches(function: Callable[[Float32], Any], images: Float32) -> Float32:
    """What a function of images (n, res, res, 3) gives for all of them, as rows (n, outputs)."""
    batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
    return np.concatenate([np.asarray(function(batch), np.float32).reshape(len(batch), -1) for batch in batches])
