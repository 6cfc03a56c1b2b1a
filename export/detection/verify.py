"""Every file of a detector against the float model, as it was made: its detections, ops, dtypes and labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from export.made_file import FileCheck
from export.quantize import QuantizedFile
from export.recipes import Recipe
from export.verify import BOUNDARY_OPS, check_agreement, check_input, ops_of
from mobilenet_tf.contract.detection_record import BoxScore
from mobilenet_tf.errors import CheckError
from mobilenet_tf.tasks.detection import AGREEMENT_SCORE, NEAR, detection_agreement, matched
from mobilenet_tf.tasks.detection_score import DetectionScore
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.terminal import counted_list
from mobilenet_tf.tflite.detection_op import DETECTION_OP
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.interpreter import TensorInfo

from .known_boxes import KnownBoxes

__all__ = ["DetectorCheck", "DetectorReference", "verify_detector"]

# Keras and TFLite sum in different orders: about 1e-5 was seen in a score; a wrong layer gives 1e-2 and more.
KERAS_LIMIT = 1e-3
FLOAT_AGREEMENT = 0.999  # of float32: a box that is at a threshold of the post-processing may differ
END_OPS = {"LOGISTIC", "CUSTOM"}  # what ends each file computes in float

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class DetectorReference:
    """What the float model, as it was made, detects on preprocessed images (n, res, res, 3).

    known, score: the photos whose boxes are known, and its score on them; None if those of no photo are.
    """

    images: UInt8
    detections: Sequence[Detections]
    known: KnownBoxes | None
    score: DetectionScore | None


@dataclass(frozen=True)
class DetectorCheck(FileCheck):
    """What verification found in one file of a detector.

    objects:       how many objects the float model finds on the photos, with a score of AGREEMENT_SCORE or more.
    agreement:     see tasks.detection.detection_agreement, at this score.
    max_abs_error: largest difference of the score of an object that both find.
    mean_overlap:  of the boxes of objects that both find; 1 if there are none.
    box_score:     on the photos whose boxes are known; None if those of no photo are.
    """

    outputs: list[TensorInfo]
    objects: int
    mean_overlap: float
    box_score: BoxScore | None


def verify_detector(
    file: QuantizedFile, recipe: Recipe, reference: DetectorReference, min_agreement: float
) -> DetectorCheck:
    """Verify one file against what the float model detects.

    min_agreement: the least agreement that passes, from 0 to 1. Raises CheckError, which says what failed.
    """
    model = file.model
    assert isinstance(model, DetectorModel)
    ops = _check_ops(recipe, file)
    check_input(recipe, model.session.input)
    found = [model.detect(image) for image in reference.images]
    expected = reference.detections
    errors, overlap = _differences(found, expected)
    check = DetectorCheck(
        ops=ops,
        input=model.session.input,
        outputs=model.session.outputs,
        images=len(reference.images),
        objects=sum(len(one.above(AGREEMENT_SCORE)) for one in expected),
        agreement=detection_agreement(found, expected, AGREEMENT_SCORE),
        max_abs_error=float(max(errors, default=0.0)),
        mean_overlap=overlap,
        box_score=_box_score(found, reference),
    )
    _check_agreement(recipe, check, min_agreement)
    return check


def _box_score(found: Sequence[Detections], reference: DetectorReference) -> BoxScore | None:
    known, expected = reference.known, reference.score
    if known is None or expected is None:
        return None
    score = known.score(found)
    return BoxScore(known.boxes, score.ap50, score.ap, expected.ap50 - score.ap50, expected.ap - score.ap)


def _differences(found: Sequence[Detections], reference: Sequence[Detections]) -> tuple[list[float], float]:
    """(The differences of the scores, the mean overlap of the boxes) of the objects that both find."""
    from mobilenet_tf.tasks.boxes import overlaps

    errors: list[float] = []
    shared: list[float] = []
    for one, other in zip(found, reference, strict=True):
        one = one.above(AGREEMENT_SCORE)
        for first, second in matched(one, other.above(AGREEMENT_SCORE - NEAR)):
            errors.append(abs(float(one.scores[first] - other.scores[second])))
            shared.append(float(overlaps(one.boxes[[first]], other.boxes[[second]])[0, 0]))
    return errors, float(np.mean(shared)) if shared else 1.0


def _check_ops(recipe: Recipe, file: QuantizedFile) -> dict[str, int]:
    """Check that of an integer file no ops but its last ones compute in float -> how often it has each op."""
    allowed = {name: count for name, count in file.float_ops.items() if name != DETECTION_OP}
    ops, unexpected = ops_of(recipe, file, allowed, BOUNDARY_OPS | END_OPS)
    if unexpected:
        raise CheckError(
            f"{recipe.name}: every op but the last should be integer; {counted_list(unexpected)} computes in float."
        )
    return ops


def _check_agreement(recipe: Recipe, check: DetectorCheck, min_agreement: float) -> None:
    exact = check.agreement >= FLOAT_AGREEMENT and check.max_abs_error <= KERAS_LIMIT
    if recipe.name == "float32" and not exact:
        raise CheckError(
            f"float32 finds {check.agreement:.2%} of the objects of the original, with scores that differ by up to "
            f"{check.max_abs_error:.1e}; {FLOAT_AGREEMENT:.1%} and {KERAS_LIMIT:g} are asked for.\n"
            "The conversion is wrong; please report it with the model."
        )
    check_agreement(recipe, check, min_agreement, f"of the objects on {check.images} held-out photos")
