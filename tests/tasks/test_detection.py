import numpy as np
import pytest

from mobilenet_tf.networks.detectors import DETECTORS, DetectorSpec
from mobilenet_tf.tasks.detection import build_model, detection_agreement, logits_model, matched
from mobilenet_tf.tasks.post_processing import Detections, PostProcessing, detect, no_detections


def detections(*rows):
    boxes, scores, classes = zip(*rows, strict=True)
    return Detections(np.float32(boxes), np.float32(scores), np.int64(classes))


A, NEAR_A, B = (0, 0, 0.5, 0.5), (0, 0, 0.5, 0.4), (0.5, 0.5, 1, 1)  # A and NEAR_A overlap by 0.8


def test_the_model_gives_an_encoding_and_scores_for_each_anchor():
    spec = DetectorSpec("ssd_mobilenet_v1", 0.25, 96, 3)
    model = build_model(spec)
    boxes, scores = model(np.zeros((2, 96, 96, 3), np.float32))
    assert boxes.shape == (2, len(spec.anchors()), 4)
    assert scores.shape == (2, len(spec.anchors()), 3)
    assert model.name == "ssd_mobilenet_v1_a0_25_r96"
    # Nothing is known yet: each class has the first score. The features of a black photo move it a little.
    assert float(np.mean(scores)) == pytest.approx(0.01, abs=0.003)
    same, logits = logits_model(model)(np.zeros((2, 96, 96, 3), np.float32))
    np.testing.assert_array_equal(same, boxes)
    np.testing.assert_allclose(1 / (1 + np.exp(-np.array(logits))), scores, atol=1e-6)


def test_the_planned_parameters_are_those_of_the_model():
    from mobilenet_tf.networks.cost import layer_cost

    spec = DetectorSpec("ssdlite_mobilenet_v3_small", 0.35, 96, 2)
    planned = sum(layer_cost(layer).parameters for layer in spec.plan().layers)
    assert build_model(spec).count_params() == planned


def test_boxes_of_one_class_suppress_each_other():
    anchors = np.float32([[0.25, 0.25, 0.5, 0.5], [0.25, 0.2, 0.5, 0.4], [0.75, 0.75, 0.5, 0.5]])
    encodings = np.zeros((3, 4), np.float32)
    scores = np.float32([[0.9, 0.1], [0.8, 0.3], [0.005, 0.4]])
    per_class = detect(encodings, scores, anchors, PostProcessing(iou_threshold=0.7, per_class=True))
    assert per_class.scores.tolist() == pytest.approx([0.9, 0.4, 0.3])
    assert per_class.classes.tolist() == [0, 1, 1]
    np.testing.assert_allclose(per_class.boxes, [A, B, NEAR_A], atol=1e-6)
    together = detect(encodings, scores, anchors, PostProcessing(iou_threshold=0.7, per_class=False))
    assert together.classes.tolist() == [0, 1]
    assert len(detect(encodings, scores, anchors, PostProcessing(iou_threshold=0.7, most=1))) == 1
    assert len(detect(encodings, scores, anchors, PostProcessing(score_threshold=1.0))) == 0


def test_boxes_are_matched_once_and_only_within_a_class():
    found = detections((A, 0.9, 0), (NEAR_A, 0.8, 0), (B, 0.7, 1))
    assert matched(found, detections((A, 0.5, 0), (B, 0.5, 0))) == [(0, 0)]
    assert matched(found, found) == [(0, 0), (1, 1), (2, 2)]
    assert matched(found, no_detections()) == matched(no_detections(), found) == []


def test_the_agreement_counts_boxes_of_both():
    first, second = detections((A, 0.9, 0), (B, 0.7, 1)), detections((NEAR_A, 0.6, 0))
    assert detection_agreement([first], [first], 0.5) == 1
    assert detection_agreement([first], [second], 0.5) == pytest.approx(2 / 3)
    assert detection_agreement([no_detections()], [no_detections()], 0.5) == 1
    # Just below the threshold in one of both: the same object.
    assert detection_agreement([first], [detections((A, 0.49, 0), (B, 0.7, 1))], 0.5) == 1


def test_every_detector_has_a_backbone_of_the_table():
    assert {row.network.name for row in DETECTORS.values()} <= {
        "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
    }  # fmt: skip
