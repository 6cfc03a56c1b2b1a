"""Class names as a line of text shows them."""

from collections import Counter
from collections.abc import Sequence

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.terminal import printable

__all__ = ["short_names"]


def short_names(labels: Sequence[str]) -> dict[str, str]:
    """Label -> how it is printed, on one line.

    ImageNet's labels are lists of synonyms, of which the first is enough if no other label begins with it. Labels of
    others may have commas too, which separate no synonyms, and stay whole, in quotes: `"dog, brown"`.
    """
    synonyms = {*imagenet_labels()}
    names = {label: label.partition(",")[0] if label in synonyms else label for label in labels}
    used = Counter(names.values())
    return {label: _quoted(printable(label if used[name] > 1 else name)) for label, name in names.items()}


def _quoted(name: str) -> str:
    """A name with a comma in quotes, because names are listed with commas between them."""
    return f'"{name}"' if "," in name else name
