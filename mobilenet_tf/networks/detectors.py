"""The table of detectors, and DetectorSpec, which says which one is meant. TensorFlow-free."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mobilenet_tf.errors import SpecError

from .anchors import anchors
from .architectures import ARCHITECTURES, Architecture
from .layers import Layer
from .spec import MOST_CLASSES, SpecNames, parts_of_name
from .ssd import SsdPlan, plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["COCO_CLASSES", "DEFAULT_DETECTOR", "DETECTORS", "DetectorArchitecture", "DetectorSpec", "detector_named"]

DEFAULT_DETECTOR = "ssd_mobilenet_v1"
COCO_CLASSES = 90  # the ids of COCO's 80 classes go to 90, and TensorFlow's detectors have an output for each id
LEAST_RES, MOST_RES = 96, 1024
Totals = Mapping[tuple[float, int], tuple[float, float]]


@dataclass(frozen=True)
class DetectorArchitecture:
    """One row: a head over a network.

    backbone:     the name of the network in networks/architectures.py.
    lite:         SSDLite: depthwise separable extra layers and heads.
    paper:        authors and year of the paper.
    usual_res:    the resolution of the paper, which is the one if none is given.
    paper_totals: (alpha, res) -> (Mult-Adds, parameters) in millions, as the paper prints them for COCO.
    """

    name: str
    backbone: str
    lite: bool
    paper: str
    usual_res: int = 320
    paper_totals: Totals = field(default_factory=dict)

    @property
    def network(self) -> Architecture:
        """The row of the backbone."""
        return ARCHITECTURES[self.backbone]


DETECTORS: Mapping[str, DetectorArchitecture] = {
    row.name: row
    for row in (
        DetectorArchitecture(
            DEFAULT_DETECTOR, "mobilenet_v1", False, "Howard et al. 2017", 300, {(1.0, 300): (1200, 6.8)}
        ),
        DetectorArchitecture("ssd_mobilenet_v2", "mobilenet_v2", False, "Sandler et al. 2018", 300),
        DetectorArchitecture("ssdlite_mobilenet_v1", "mobilenet_v1", True, "Howard et al. 2019"),
        DetectorArchitecture(
            "ssdlite_mobilenet_v2", "mobilenet_v2", True, "Sandler et al. 2018", 320, {(1.0, 320): (800, 4.3)}
        ),
        DetectorArchitecture(
            "ssdlite_mobilenet_v3_large",
            "mobilenet_v3_large",
            True,
            "Howard et al. 2019",
            320,
            {(1.0, 320): (620, 4.97)},
        ),
        DetectorArchitecture(
            "ssdlite_mobilenet_v3_small",
            "mobilenet_v3_small",
            True,
            "Howard et al. 2019",
            320,
            {(1.0, 320): (210, 2.49)},
        ),
    )
}


@dataclass(frozen=True)
class DetectorSpec(SpecNames):
    """A detector: architecture, width multiplier, input resolution, number of classes.

    arch:    a name of DETECTORS.
    alpha:   width multiplier of the backbone and of the extra layers: one that the backbone has.
    res:     input height and width in pixels, a multiple of 4 from LEAST_RES to MOST_RES.
    classes: number of classes, without the background, for which there is no output.

    Raises SpecError if a value describes no detector.
    """

    arch: str = DEFAULT_DETECTOR
    alpha: float = 1.0
    res: int = 300
    classes: int = COCO_CLASSES

    def __post_init__(self) -> None:
        if self.arch not in DETECTORS:
            raise SpecError(f"expected --arch to be one of {', '.join(DETECTORS)}; got {self.arch!r}.")
        network = self.architecture.network
        if not (math.isfinite(self.alpha) and network.has_width(self.alpha)):
            raise SpecError(
                f"expected --alpha (the width multiplier) of {self.arch} in (0, {network.widths:g}]; "
                f"got {self.alpha:g}."
            )
        if self.res % 4 or not LEAST_RES <= self.res <= MOST_RES:
            raise SpecError(
                f"expected --res (the input resolution) of {self.arch} to be a multiple of 4 from {LEAST_RES} to "
                f"{MOST_RES}; got {self.res}.\nUsual are 192 to 512; the paper has {self.architecture.usual_res}."
            )
        if not 1 <= self.classes <= MOST_CLASSES:
            raise SpecError(f"expected 1 to {MOST_CLASSES:,} classes; got {self.classes}.")

    @property
    def architecture(self) -> DetectorArchitecture:
        """The row of the table."""
        return DETECTORS[self.arch]

    def backbone(self) -> list[Layer]:
        """The layers of the network below it, all those of its plan for this resolution."""
        return list(self.architecture.network.plan(self.alpha, self.res))

    def plan(self) -> SsdPlan:
        """All layers of the detector."""
        return plan(self.backbone(), self.alpha, self.classes, self.architecture.lite)

    def anchors(self) -> "NDArray[np.float32]":
        """Its anchors, (n, 4) as (ycenter, xcenter, height, width), shares of the photo's sides, in the order of its
        outputs.
        """
        return anchors(self.plan().feature_sizes)

    @staticmethod
    def parse(name: str, classes: int = COCO_CLASSES) -> tuple["DetectorSpec", str | None]:
        """The spec and the recipe (None if absent) that a name like ssd_mobilenet_v1_a0.50_r300_int8 stands for.

        Raises SpecError.
        """
        parts = parts_of_name(name)
        if parts is None or parts[0] not in DETECTORS:
            raise SpecError(f"expected a name like ssd_mobilenet_v1_a0.50_r300_int8; got {name!r}.")
        return DetectorSpec(*parts[:3], classes), parts[3]


def detector_named(name: str, classes: int = COCO_CLASSES) -> DetectorSpec | None:
    """The detector that a model of ours is named after; None for the name of any other model."""
    try:
        return DetectorSpec.parse(name, classes)[0]
    except SpecError:
        return None
