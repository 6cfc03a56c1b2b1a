"""Made-up records of training runs."""

import dataclasses

import numpy as np

from mobilenet_tf.data.examination import ClassCounts, Copies, Examination, Side
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.results.training_record import (
    RECORD_VERSION,
    ExaminedPhotos,
    PhotoAnswers,
    TrainedEpoch,
    TrainingRecord,
)

CLASSES = ["daisy", "rose", "tulip"]


def examined(classes=CLASSES, *, copies=3):
    """An examination: the last class is small, each picture that has copies has two, the first in two classes."""
    counts = [
        ClassCounts(name, 100, 25, left_out=1, tiny=2, grey=3, rotated=number) for number, name in enumerate(classes)
    ]
    counts[-1] = dataclasses.replace(counts[-1], train=15)
    pairs = tuple(
        Copies(
            (f"{classes[0]}/{number}.jpg", f"{classes[number == 0]}/copy {number}.jpg"),
            (classes[0], classes[number == 0]),
            (Side.VALIDATION, Side.LEFT_OUT),
            exact=number == 1,
        )
        for number in range(copies)
    )
    return ExaminedPhotos(Examination(tuple(counts), pairs, broken=1), ["photos/x.jpg is left out. Mend it."])


def training(name="mobilenet_v1_a0.25_r128_flowers", *, classes=CLASSES, photos=60, epochs=4, seed=0, **changes):
    """A run whose last class has no photo to validate with; any field of TrainingRecord by keyword."""
    rng = np.random.default_rng(seed)
    true = np.sort(rng.integers(0, max(1, len(classes) - 1), photos))
    given = np.where(rng.random(photos) < 0.7, true, rng.integers(0, len(classes), photos))
    confidence = np.round(rng.uniform(1 / len(classes), 1, photos), 6)
    wrong = [index for index in range(photos) if given[index] != true[index]]
    answers = PhotoAnswers(
        epoch=epochs - 1,
        folder="photos/flowers/validation",
        names=[f"{classes[index]}/{number:03d}.jpg" for number, index in enumerate(true)],
        true=true.tolist(),
        predicted=given.tolist(),
        confidence=confidence.tolist(),
        thumbnails={
            str(index): thumbnail_text(rng.integers(0, 256, (6, 6, 3), np.uint8).repeat(16, 0).repeat(16, 1))
            for index in wrong[:48]
        },
    )
    top1 = float((true == given).mean())
    history = [
        TrainedEpoch(
            epoch, 128, epoch <= 1, 2 / epoch, top1, top1 - 0.05 * abs(epochs - 1 - epoch), 1.5 / epoch, top1 / 2
        )
        for epoch in range(1, epochs + 1)
    ]
    record = TrainingRecord(
        schema_version=RECORD_VERSION,
        name=name,
        dataset="flowers",
        classes=list(classes),
        train_photos=[100] * len(classes),
        epochs=epochs,
        averaged=True,
        settings={"epochs": epochs, "optimizer": "rmsprop", "seed": seed, "rate": 0.001},
        history=history,
        kept_epoch=epochs - 1,
        chosen_from=epochs,
        validation_sha256="ab" * 32,
        answers=answers,
        examined=examined(classes) if len(classes) > 1 else None,
    )
    return dataclasses.replace(record, **changes)


def write_run(folder, record):
    """The folder of a run, with its record."""
    folder.mkdir(parents=True)
    (folder / "training.json").write_text(record.to_json(), encoding="utf-8")
    return folder
