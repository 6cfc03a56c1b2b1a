"""The cells of the earth that a .tflite carries if its classes are such: a JSON file in the archive with its labels."""

from mobilenet_tf.contract.places import CELLS_FILE, PlaceCell, cells_from_json
from mobilenet_tf.errors import ModelError

from .metadata_reader import archived_text

__all__ = ["embedded_cells"]


def embedded_cells(model: bytes, classes: int, name: str = "the model") -> list[PlaceCell] | None:
    """The cell of each class; None if the classes are no cells. name: what errors call the model.

    Raises ModelError for cells that cannot be read, or of another number.
    """
    text = archived_text(model, CELLS_FILE, name)
    if text is None:
        return None
    cells = cells_from_json(text, f"{CELLS_FILE} in {name}")
    if len(cells) != classes:
        raise ModelError(
            f"expected a cell of the earth for each of the {classes} classes of {name}; its {CELLS_FILE} has "
            f"{len(cells)}.\nExport the model again."
        )
    return cells
