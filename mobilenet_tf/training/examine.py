"""mobilenet-train --examine: what a run would find out about its photos, without training."""

import json
from dataclasses import asdict
from pathlib import Path

from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.examination import Side
from mobilenet_tf.data.examination_text import examination_page
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.progress import OnProgress

from .options import TrainOptions

__all__ = ["examination_as_json", "examination_as_text", "load_photos"]


def load_photos(options: TrainOptions, on_progress: OnProgress) -> Dataset:
    """The photos that these options train on. Raises DataError, see load_dataset."""
    return load_dataset(
        options.photos,
        validation=options.validation,
        validation_share=options.validation_share,
        seed=options.config.seed,
        ground_truth=options.ground_truth,
        labels=options.labels,
        on_progress=on_progress,
    )


def examination_as_text(data: Dataset, photos: str) -> str:
    """The examination for people. photos: what names are relative to."""
    return examination_page(data.examined(), Path(photos), data.skipped)


def examination_as_json(data: Dataset) -> str:
    """The examination as one JSON document."""
    found = data.examined()
    copies = [
        {
            "photos": group.names,
            "classes": group.classes,
            "exact": group.exact,
            "left_out": [name for name, side in zip(group.names, group.sides, strict=True) if side == Side.LEFT_OUT],
        }
        for group in found.copies
    ]
    content = {
        "photos": found.photos,
        "broken": found.broken,
        "classes": [asdict(one) for one in found.classes],
        "small_classes": found.small_classes,
        "copies": copies,
        "only_exact_copies": found.only_exact,
        "left_out": data.skipped,
        "notes": data.notes,
    }
    return json.dumps(content, indent=2)
