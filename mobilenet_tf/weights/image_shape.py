"""Whether the ends of a model of anybody's are those of a classifier of one image."""

from collections.abc import Sequence

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import MOST_RES

__all__ = ["check_scores", "resolution"]

Shape = Sequence[int | None]


def resolution(source: str, shape: Shape, res: int | None) -> int:
    """The resolution, in pixels, of a model that takes images of `shape`, the axis of the batch included.

    shape: (n, res, res, 3) or (n, 3, res, res); None or a negative number for a size that is left open.
    res:   what a person gave for a size that is left open; None for nothing.
    Raises WeightsError for another shape, and if a size is left open and `res` is None, or taken and another one.
    """
    sizes = [size if size is not None and size > 0 else None for size in shape]
    if len(sizes) != 4 or 3 not in (sizes[3], sizes[1]):
        raise WeightsError(
            f"expected a model that takes photos in RGB, (1, res, res, 3); {source} takes {_text(sizes)}.\n"
            "Models of grey images, of other inputs and of image sequences are not exported."
        )
    sides = sizes[1:3] if sizes[3] == 3 else sizes[2:]
    known = {side for side in sides if side is not None}
    if len(known) > 1:
        raise WeightsError(
            f"expected a model of square images; {source} takes {_text(sizes)}.\n"
            "Photos are cropped to squares here: rebuild the model for square images."
        )
    if not known and res is None:
        raise WeightsError(
            f"{source} takes images of any size, {_text(sizes)}: give --res N, the resolution in pixels that it was "
            "trained at."
        )
    held = known.pop() if known else res
    assert held is not None
    if res not in (None, held):
        raise WeightsError(f"{source} takes images of {held}x{held}; got --res {res}. Leave it out.")
    if held > MOST_RES:
        raise WeightsError(
            f"expected a model of images of at most {MOST_RES}x{MOST_RES}; {source} would take {held}x{held}.\n"
            "Larger ones fill the memory: give a smaller --res, or rebuild the model for smaller images."
        )
    return held


def check_scores(source: str, shape: Shape) -> None:
    """Raise WeightsError unless an output of `shape`, the axis of the batch included, is one row of scores."""
    sizes = [size for size in shape[1:] if size != 1]
    if len(shape) < 2 or len(sizes) > 1:
        raise WeightsError(
            f"expected a classifier, which gives one row of scores, (1, classes); {source} gives {_text(shape)}, as "
            "the base of a network does, or a detector.\n"
            "Give the whole classifier, with its pooling and its last layer; for --task embedding, up to the pooling."
        )


def _text(shape: Shape) -> str:
    return f"({', '.join('any' if size is None or size < 0 else str(size) for size in shape)})"
