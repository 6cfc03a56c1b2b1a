"""The values of --mean, --std and --input-range as a normalization. No NumPy."""

from collections.abc import Sequence

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import GivenInput, Normalization, normalization_of_range

__all__ = ["given_normalization"]


def given_normalization(
    mean: Sequence[float] | None, std: Sequence[float] | None, input_range: str | None
) -> Normalization | None:
    """What a person says that bytes become; None if nothing was said.

    input_range: `0..1`, `-1..1` or `0..255`: the values that the bytes 0 and 255 become.
    Raises InputError for values that normalize nothing, or if both ways are used.
    """
    if input_range is None:
        return GivenInput.of(mean, std).normalization
    if mean is not None or std is not None:
        raise InputError("expected --input-range, or --mean and --std; got both. They say the same: leave one out.")
    return normalization_of_range(input_range, "--input-range")
