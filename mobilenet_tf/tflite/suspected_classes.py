"""Whether outputs that nothing shows to be scores of classes look like them all the same. No NumPy."""

import re
from collections.abc import Iterable

__all__ = ["suspected_classes"]

# Numbers of classes of published networks, which are no usual numbers of dimensions.
KNOWN_COUNTS = {
    1000: "as many as ImageNet has classes",
    1001: "as many as ImageNet has classes, with a background",
    21841: "as many as ImageNet-21k has classes",
    21843: "as many as ImageNet-21k has classes",
}
# What the layer of the classes is called by Keras Applications, by TensorFlow's slim and by usual code.
NAMES = re.compile(r"(conv_)?(logits?|predictions?|preds|class(es|ifier|ification)?|scores?)(_?\d+)?", re.IGNORECASE)
PARTS = re.compile(r"[/;:.]")


def suspected_classes(outputs: int, names: Iterable[str]) -> str | None:
    """Why so many outputs of a layer without an activation are probably scores of classes, in words that stand after
    them; None if nothing says so.

    names: of that layer and of what is behind it, or of tensors, which hold them.
    """
    if outputs in KNOWN_COUNTS:
        return KNOWN_COUNTS[outputs]
    parts = (part for name in names for part in PARTS.split(name))
    named = next((part for part in parts if NAMES.fullmatch(part)), None)
    return None if named is None else f'of a layer called "{named}"'
