"""The error for a file of another network than those that mobilenet-info lists: what it is, and who takes it."""

from pathlib import Path

from mobilenet_tf.errors import WeightsError

from .hdf5_file import hdf5_attributes

__all__ = ["another_network", "holds_model"]

WHOLE = "mobilenet-export takes it as it is. To train it further, do that in the program that made it, and export that."
ALONE = (
    "mobilenet-export takes weights alone of those networks of Keras Applications that docs/export.md names. Of any "
    "other, save the whole model where it was made, and export that: model.save('model.keras')."
)


def another_network(path: Path, named: str | None = None) -> WeightsError:
    """The error for the file, or the folder of a SavedModel, at `path`.

    named: what the names of its layers tell, in words; None if they tell nothing.
    """
    what = "another network" if holds_model(path) else "the weights alone of another network"
    of_layers = f" (by the names of its layers: {named})" if named else ""
    return WeightsError(
        f"{path} holds {what} than those that mobilenet-info lists{of_layers}: mobilenet-train trains these alone.\n"
        f"{WHOLE if holds_model(path) else ALONE}"
    )


def holds_model(path: Path) -> bool:
    """Whether a file describes a model, and does not only hold its weights, as `.weights.h5` does."""
    if path.is_dir():
        return True
    with path.open("rb") as file:
        if file.read(4) != b"\x89HDF":
            return True
    try:
        with hdf5_attributes(path) as attributes:
            return "model_config" in attributes
    except OSError:  # a damaged file: its reader says so
        return False
