"""Vectors of photos with a .tflite file, and how alike two photos are by them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.errors import InputError
from mobilenet_tf.tasks.embeddings import cosines

from .embedding_model import EmbeddingModel
from .given_input import GivenInput
from .given_photo import Photo, pixels_of
from .model_file import model_file

__all__ = ["Embedder"]

Float32 = NDArray[np.float32]


class Embedder:
    """A .tflite that gives one vector for a photo: an embedding, or features of anybody's extractor.

    model:      the file, or a folder with one .tflite file, such as an export of one recipe; `path` is the file.
    mean, std, res: as for Classifier.

    `dimensions` is how many numbers a vector has. `notes` say what was assumed because the file does not say it, and if
    its vectors get their length of 1 here.
    Raises ModelError if the file gives no vector, or is a classifier, and InputError for a mean, std or res that cannot
    be.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        backend: str = "auto",
        threads: int = 1,
        mean: float | Iterable[float] | None = None,
        std: float | Iterable[float] | None = None,
        res: int | None = None,
    ) -> None:
        (self.path, notes), given = model_file(Path(model)), GivenInput.of(mean, std, res)
        self._model = EmbeddingModel(self.path, backend=backend, threads=threads, given=given)
        self.backend, self.res = self._model.session.backend, self._model.res
        self.dimensions = self._model.dimensions
        self.notes = [*notes, *self._model.notes]

    def embed(self, photo: Photo) -> Float32:
        """The vector of a photo, float32 (dimensions,), of length 1; zeros if the network gives zeros alone.

        photo: a path, a PIL image, or pixels: uint8 (height, width, 3), RGB.
        Raises ImagesError for a photo that cannot be read, or an array of another dtype or shape, and ModelError if a
        value is no finite number.
        """
        return self.embed_timed(photo)[0]

    def embed_timed(self, photo: Photo) -> tuple[Float32, float]:
        """As embed, with the time of the inference alone in ms."""
        with photo_memory():
            pixels = preprocess(pixels_of(photo), self.res)
        model, session = self._model, self._model.session
        session.set(model.tensor(pixels))
        elapsed = session.time_invoke()
        return model.vector(session.get()), elapsed

    def similarity(self, one: Photo | NDArray[Any], other: Photo | NDArray[Any]) -> float:
        """The cosine between two photos, from -1 to 1; 1 is as alike as can be.

        Each is a photo as for `embed`, or the vector that `embed` returned of one. Raises as `embed`, and InputError
        for a vector of another number of dimensions, or with what is no finite number.
        """
        return float(cosines(self._vector_of(one)[None], self._vector_of(other)[None])[0, 0])

    def _vector_of(self, photo: Photo | NDArray[Any]) -> NDArray[Any]:
        if not isinstance(photo, np.ndarray) or photo.ndim != 1:
            return self.embed(photo)
        if len(photo) != self.dimensions:
            raise InputError(
                f"expected a vector of {self.dimensions} numbers, as {self.path} gives it; got {len(photo)}.\n"
                "Compare vectors of one model alone."
            )
        if photo.dtype.kind not in "fiu" or not np.isfinite(photo).all():
            raise InputError("expected a vector of finite numbers, as embed returns them; got others.")
        return photo
