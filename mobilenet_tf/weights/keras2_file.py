"""Read the whole model in a file that Keras 2 wrote, `.h5` or `.keras`. TensorFlow is loaded when a file is read."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from mobilenet_tf.errors import WeightsError

from .described_size import check_layer_count, weights_as_stored
from .hdf5_file import open_hdf5, stored_numbers, weights_in_archive
from .model_description import model_description

if TYPE_CHECKING:
    import keras

__all__ = ["read_keras2"]


def read_keras2(path: Path, res: int | None = None) -> "keras.Model":
    """The model in a Keras 2 file that holds a whole model.

    res: the resolution of its images, if the file leaves it open.
    Raises WeightsError for a layer that cannot be rebuilt; OSError, KeyError or ValueError for a damaged file.
    """
    from .keras2_graph import keras2_model
    from .keras2_weights import fill_from_archive, fill_from_groups

    config = model_description(path)
    if config is None:
        raise WeightsError(f"{path} holds weights only, and not the model that they belong to.")
    check_layer_count(config, str(path))
    with weights_as_stored(str(path), stored_numbers(path)):
        model = keras2_model(config, str(path), res)
        if not model.built:
            model.build((None, res, res, 3))
    if not zipfile.is_zipfile(path):
        with open_hdf5(path) as file:
            fill_from_groups(model, file, str(path))
        return model
    with weights_in_archive(path) as file:
        fill_from_archive(model, config, file, str(path))
    return model
