"""What the training of a detector begins with: a backbone's weights, those of a whole detector, or random ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import SpecError
from mobilenet_tf.networks.detectors import DEFAULT_DETECTOR, DETECTORS, DetectorSpec
from mobilenet_tf.weights.arrays import Arrays
from mobilenet_tf.weights.detectors import arrays_of, detector_in, load_detector
from mobilenet_tf.weights.load import SOURCES, Weights, load_weights, model_with

__all__ = ["DetectorStart", "read_start"]

BACKBONE_RES = 224  # weights are the same at every resolution


@dataclass(frozen=True)
class DetectorStart:
    """source, origin, notes, split: as of Weights.

    arrays: gives the arrays of layers by their names, see fill_layers; takes seconds, and loads TensorFlow.
    """

    source: str
    spec: DetectorSpec
    arrays: Callable[[], Mapping[str, Arrays]]
    origin: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    split: Split | None = None


def read_start(source: str, *, arch: str | None, alpha: float | None, res: int | None, seed: int) -> DetectorStart:
    """What `source` gives to a detector: `random`, weights of a classifier (a bundled one's name or a file), which
    become the backbone's, or the file of a detector, of which all fitting layers are taken.

    arch: of a detector, or of the network below it; None: that of the source. Raises WeightsError, or SpecError for
    values that no detector has.
    """
    name = None if arch is None else detector_name(arch)
    if source == "random":
        found = load_detector(source, arch=name, alpha=alpha, res=res, seed=seed)
        return DetectorStart(source, found.spec, dict, {"seed": seed}, found.notes)
    if source not in SOURCES and detector_in(source) is not None:
        found = load_detector(source, arch=name, alpha=alpha)
        spec = DetectorSpec(found.spec.arch, found.spec.alpha, res or found.spec.res, found.spec.classes)

        def of_detector() -> Mapping[str, Arrays]:
            return arrays_of(found.load(), list(found.spec.plan().layers))

        return DetectorStart("file", spec, of_detector, found.origin, found.notes, found.split)
    wanted = None if name is None else DETECTORS[name].backbone
    if wanted is None and source in SOURCES:
        wanted = DETECTORS[DEFAULT_DETECTOR].backbone
    weights = load_weights(source, arch=wanted, alpha=alpha, res=BACKBONE_RES, seed=seed)
    row = DETECTORS[name or detector_name(weights.spec.arch)]
    spec = DetectorSpec(row.name, weights.spec.alpha, res or row.usual_res)
    return DetectorStart(weights.source, spec, lambda: _of_backbone(weights, spec), weights.origin, (), weights.split)


def detector_name(arch: str) -> str:
    """The detector that is meant: one of the table, or that over a network of this name: SSD over MobileNet V1 and
    SSDLite over the others, as their papers have them. Raises SpecError if there is none.
    """
    if arch in DETECTORS:
        return arch
    over = [row.name for row in DETECTORS.values() if row.backbone == arch]
    lite = [name for name in over if DETECTORS[name].lite]
    if not over:
        backbones = ", ".join(dict.fromkeys(row.backbone for row in DETECTORS.values()))
        raise SpecError(
            f"expected --arch of a detector: {', '.join(DETECTORS)}, or of a network below one: {backbones}; "
            f"got {arch}."
        )
    return DEFAULT_DETECTOR if DEFAULT_DETECTOR in over else (lite or over)[0]


def _of_backbone(weights: Weights, spec: DetectorSpec) -> Mapping[str, Arrays]:
    names = {layer.name for layer in spec.backbone()}
    layers = [layer for layer in weights.spec.plan() if layer.name in names]
    return arrays_of(model_with(weights), layers)
