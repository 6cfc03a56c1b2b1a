"""What an export says about the photos that its weights were trained on and validated with."""

import hashlib

from mobilenet_tf.contract.manifest import SPLIT_FILE, SplitRecord
from mobilenet_tf.data.split import Split

__all__ = ["split_record", "training_text"]


def split_record(split: Split | None) -> SplitRecord | None:
    """The record of the split.json of an export; None if the weights carry no split."""
    if split is None:
        return None
    sha256 = hashlib.sha256(split.to_json().encode()).hexdigest()
    return SplitRecord(SPLIT_FILE, sha256, split.dataset, split.epochs, len(split.train), len(split.validation))


def training_text(split: Split | None) -> str:
    """What a file says of itself beside its recipe: on which photos it was trained, if that is known."""
    record = split_record(split)
    return "" if record is None else record.describe()
