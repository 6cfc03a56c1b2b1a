"""The description of a network of anybody's, made from the model in its file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.contract.labels import BACKGROUND
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import foreign_arch
from mobilenet_tf.tflite.metadata_reader import embedded_thresholds

from .calibration import load_images
from .foreign_labels import IMAGENET, WITH_BACKGROUND, cells_in, found_labels, labels_of_outputs, refuse_labels
from .network import Network
from .normalization import LabelledImages, choose_normalization
from .owner import Owner
from .owner_source import OwnerClassifier, read_classifier
from .settings import ExportSettings
from .source_kind import converted_from, hash_of

__all__ = ["foreign_network"]


def foreign_network(owner: Owner, settings: ExportSettings) -> Network:
    """The description of the network in a file, which is exported as it is.

    Raises WeightsError for options that say something else than the file, ModelError for a network that is no
    classifier, or gives no vector if that is asked for, or that has an op that is not known, InputError if nothing says
    how its input is normalized, and LabelsError for labels that do not fit its outputs.
    """
    path = owner.path
    labels, about_labels = found_labels(path, settings.labels)
    read = read_classifier(
        owner,
        lambda graph: choose_normalization(
            owner, graph, settings.normalization, lambda: _labelled_images(settings, owner.res, labels)
        ),
        len(labels) if labels else None,
        task=settings.task,
        allow_float_ops=settings.reads_float_ops,
    )
    of_task = (
        _of_embedding(settings, is_cut=read.is_cut) if read.head == "embedding" else _of_classes(path, read, labels)
    )
    _check_options(settings, path, read.outputs)
    arch = foreign_arch(path.name if path.is_dir() else path.stem) + ("_embedding" if read.is_cut else "")
    notes = () if read.head == "embedding" else tuple(about_labels)
    return Network(
        name=f"{arch}_r{owner.res}",
        arch=arch,
        alpha=None,
        res=owner.res,
        source="file",
        outputs=read.outputs,
        parameters=read.parameters,
        load=lambda: read.source,
        head=read.head,
        normalization=read.normalization,
        origin={"file": path.name, "sha256": hash_of(path)},
        trained_res=owner.res,
        converted_from=converted_from(path, exact=owner.exact),
        **of_task | {"notes": (*owner.notes, *read.notes, *notes, *of_task["notes"])},
    )


def _of_classes(path: Path, read: OwnerClassifier, labels: list[str] | None) -> dict[str, Any]:
    """What Network says of classes or tags. labels: those that were found."""
    labels, notes = labels_of_outputs(labels, read.outputs, str(path))
    return {
        "labels": labels,
        "thresholds": _thresholds(path, len(labels)) if read.head == "sigmoid" else None,
        "background": labels[0] == BACKGROUND and len(labels) == WITH_BACKGROUND,
        "imagenet": len(labels) in (IMAGENET, WITH_BACKGROUND),
        "cells": cells_in(path, len(labels)),
        "notes": tuple(notes),
    }


def _of_embedding(settings: ExportSettings, *, is_cut: bool) -> dict[str, Any]:
    """What Network says of a vector, whose parts have no names. Raises InputError if they are given some; names of the
    classes that a classifier is cut before (`is_cut`) say that it is one.
    """
    if not is_cut:
        refuse_labels(settings)
    notes = (
        () if settings.task else ("it ends in a vector of length 1 and has no labels: it is exported as an embedding.",)
    )
    return {"labels": [], "notes": notes}


def _thresholds(path: Path, tags: int) -> tuple[float, ...] | None:
    """Those that a .tflite of ours has for its tags; None if the file has none."""
    return embedded_thresholds(path.read_bytes(), tags) if path.is_file() else None


def _labelled_images(settings: ExportSettings, res: int, labels: Sequence[str] | None) -> LabelledImages | None:
    """Photos of known classes, by which a guess can be judged; None if there are none."""
    if labels is None or settings.calibration is None:
        return None
    images = load_images(settings.calibration, res=res, seed=settings.seed, allow_skipped=True).verification
    truth = true_classes(images.photos, ClassMatcher(labels), settings.calibration)
    known = [place for place, index in enumerate(truth.classes) if index is not None]
    if not known:
        return None
    classes = np.array([truth.classes[place] for place in known], np.int64)
    return LabelledImages(images.images[known], classes, str(settings.calibration))


def _check_options(settings: ExportSettings, path: Path, classes: int) -> None:
    """Raise WeightsError if an option says something else than the file."""
    for option, given in (("--arch", settings.arch), ("--alpha", settings.alpha)):
        if given is not None:
            raise WeightsError(
                f"{option} {given} is for this project's own networks; {path} is another network, which is exported as "
                f"it is.\nLeave {option} out."
            )
    if settings.classes not in (None, classes):
        raise WeightsError(f"--classes says {settings.classes}; {path} has {classes} classes.")
    if settings.drop_background:
        raise WeightsError(
            f"--drop-background is for MobileNet V1; {path} is another network, which is exported with all its "
            f"{classes} classes.\nLeave the flag out: the first label says what its first class is."
        )
