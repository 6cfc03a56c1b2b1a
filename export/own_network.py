"""The description of a network of ours: bundled, random, or in a file whose model is one of ours."""

from collections.abc import Callable
from pathlib import Path

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights, load_weights

from .foreign_labels import cells_in, refuse_labels
from .network import Network
from .settings import ExportSettings
from .source import Source, features_of, source_of_weights

__all__ = ["own_network", "own_weights"]


def own_weights(settings: ExportSettings) -> Weights:
    """The weights of a network of ours. Raises WeightsError or SpecError if they are those of no such network."""
    return load_weights(
        settings.weights,
        arch=settings.arch,
        alpha=settings.alpha,
        res=settings.res,
        classes=settings.classes,
        drop_background=settings.drop_background,
        seed=settings.seed,
    )


def own_network(
    settings: ExportSettings,
    weights: Weights,
    file: Path | None = None,
    load: Callable[[], Source] | None = None,
    notes: tuple[str, ...] = (),
    converted_from: str | None = None,
) -> Network:
    """The description of a network of ours.

    file:  that of the weights; None if they came from no file.
    load:  the float model, if the file holds one; None to build it from the weights.
    notes: on the file.
    """
    spec = weights.spec
    head: Head = "embedding" if settings.task == "embedding" else weights.head
    is_cut = head != weights.head
    labels, about_labels = _labels(settings, weights, head)
    return Network(
        name=_name(weights, file, is_cut=is_cut),
        arch=spec.arch,
        alpha=spec.alpha,
        res=spec.res,
        labels=labels,
        source=weights.source,
        outputs=features_of(weights) if is_cut else spec.classes,
        parameters=sum(array.size for array in weights.arrays),
        load=load or (lambda: source_of_weights(weights, features=is_cut)),
        head=head,
        thresholds=weights.thresholds if head == "sigmoid" else None,
        origin=weights.origin,
        trained_res=weights.trained_res,
        background=weights.background and not is_cut,
        imagenet=weights.imagenet and not is_cut,
        split=weights.split,
        converted_from=converted_from,
        notes=(*weights.notes, *notes, *about_labels, *([_about_cut(weights)] if is_cut else [])),
        cells=() if head == "embedding" else _cells(weights, file, len(labels)),
    )


def _labels(settings: ExportSettings, weights: Weights, head: Head) -> tuple[list[str], list[str]]:
    """(the labels, none of an embedding; notes on them). Raises InputError or LabelsError."""
    if head == "embedding":
        refuse_labels(settings)
        return [], []
    labels, note = labels_for(weights, settings.labels or labels_beside(weights, settings.weights))
    return labels, [note] if note else []


def _cells(weights: Weights, file: Path | None, classes: int) -> tuple[PlaceCell, ...]:
    return weights.split.cells if weights.split else cells_in(file, classes)


def _about_cut(weights: Weights) -> str:
    return (
        f"{weights.spec.name} is a classifier; the exported files give what its layer of classes takes, "
        f"{features_of(weights)} features, as a vector of length 1."
    )


def _name(weights: Weights, file: Path | None, *, is_cut: bool) -> str:
    """The name of the network, and of the data set if the weights say on which they were trained.

    is_cut: whether it ends before the layer of its classes.
    """
    embedding = "embedding" if is_cut else ""
    if weights.split is None:
        return weights.spec.trained_on(embedding)
    # mobilenet-train --quantize writes a run of its own for the same photos, whose folder ends so.
    quantized = "_quantized" if file and file.resolve().parent.name.endswith("_quantized") else ""
    return weights.spec.trained_on("_".join(filter(None, (weights.split.dataset + quantized, embedding))))
