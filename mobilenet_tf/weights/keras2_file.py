"""Read the whole model in a file that Keras 2 wrote, `.h5` or `.keras`. TensorFlow is loaded when a file is read."""

import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mobilenet_tf.errors import WeightsError

from .model_description import check_size, model_description

if TYPE_CHECKING:
    import keras

__all__ = ["read_keras2"]

MAX_WEIGHTS = 2**32  # bytes


def read_keras2(path: Path, res: int | None = None) -> "keras.Model":
    """The model in a Keras 2 file that holds a whole model.

    res: the resolution of its images, if the file leaves it open.
    Raises WeightsError for a layer that cannot be rebuilt; OSError, KeyError or ValueError for a damaged file.
    """
    import h5py

    from .keras2_graph import keras2_model
    from .keras2_weights import fill_from_archive, fill_from_groups

    config = model_description(path)
    if config is None:
        raise WeightsError(f"{path} holds weights only, and not the model that they belong to.")
    model = keras2_model(config, str(path), res)
    if not model.built:
        model.build((None, res, res, 3))
    if not zipfile.is_zipfile(path):
        with h5py.File(path) as file:
            fill_from_groups(model, file, str(path))
        return model
    with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        weights = Path(folder) / "model.weights.h5"
        check_size(archive, weights.name, MAX_WEIGHTS)
        with archive.open(weights.name) as member, weights.open("wb") as copy:
            shutil.copyfileobj(member, copy)
        with h5py.File(weights) as file:
            fill_from_archive(model, config, file, str(path))
    return model
