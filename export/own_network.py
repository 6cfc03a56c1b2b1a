"""The description of a network of ours: bundled, random, or in a file whose model is one of ours."""

from collections.abc import Callable
from pathlib import Path

from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights, load_weights

from .foreign_labels import cells_in
from .network import Network
from .settings import ExportSettings
from .source import Source, source_of_weights

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
    labels, note = labels_for(weights, settings.labels or labels_beside(weights, settings.weights))
    return Network(
        name=_name(weights, file),
        arch=spec.arch,
        alpha=spec.alpha,
        res=spec.res,
        labels=labels,
        source=weights.source,
        parameters=sum(array.size for array in weights.arrays),
        load=load or (lambda: source_of_weights(weights)),
        head=weights.head,
        thresholds=weights.thresholds,
        origin=weights.origin,
        trained_res=weights.trained_res,
        background=weights.background,
        imagenet=weights.imagenet,
        split=weights.split,
        converted_from=converted_from,
        notes=(*weights.notes, *notes, *([note] if note else [])),
        cells=weights.split.cells if weights.split else cells_in(file, len(labels)),
    )


def _name(weights: Weights, file: Path | None) -> str:
    """The name of the network, and of the data set if the weights say on which they were trained."""
    if weights.split is None:
        return weights.spec.name
    # mobilenet-train --quantize writes a run of its own for the same photos, whose folder ends so.
    quantized = "_quantized" if file and file.resolve().parent.name.endswith("_quantized") else ""
    return weights.spec.trained_on(weights.split.dataset + quantized)
