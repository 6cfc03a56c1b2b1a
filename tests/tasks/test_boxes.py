import numpy as np
import pytest

from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.boxes import anchor_corners, areas, clipped, decode, encode, overlaps

BOXES = np.float32([[0.1, 0.2, 0.5, 0.4], [0, 0, 1, 1], [0.3, 0.3, 0.31, 0.9]])


def test_an_encoded_box_is_decoded_again():
    anchors = DetectorSpec(res=96).anchors()
    for box in BOXES:
        encoded = encode(np.broadcast_to(box, anchors.shape), anchors)
        # Encodings up to 300 in float32 (24 bits) are rounded by 1e-5; anchors are 1 at most, divided by 10.
        np.testing.assert_allclose(decode(encoded, anchors), np.broadcast_to(box, anchors.shape), atol=5e-6)


def test_the_box_of_an_anchor_is_encoded_as_zeros():
    anchors = DetectorSpec(res=96).anchors()
    np.testing.assert_allclose(encode(anchor_corners(anchors), anchors), 0, atol=1e-5)


def test_encodings_are_the_papers_times_the_scales():
    anchor, box = np.float32([[0.5, 0.5, 0.2, 0.4]]), np.float32([[0.5, 0.4, 0.9, 0.8]])
    np.testing.assert_allclose(encode(box, anchor), [[10 * 0.2 / 0.2, 10 * 0.1 / 0.4, 5 * np.log(2), 0]], atol=1e-5)


def test_a_box_without_sides_gets_finite_encodings():
    encoded = encode(np.float32([[0.5, 0.5, 0.5, 0.5]]), np.float32([[0.5, 0.5, 1, 1]]))
    assert np.isfinite(encoded).all()


def test_overlaps_are_intersection_over_union():
    others = np.float32([[0.1, 0.2, 0.5, 0.3], [0.6, 0.6, 0.7, 0.7], [0.2, 0.2, 0.2, 0.9]])
    found = overlaps(BOXES, others)
    assert found.shape == (3, 3)
    assert found.dtype == np.float32
    assert found[0].tolist() == pytest.approx([0.5, 0, 0])
    assert found[1].tolist() == pytest.approx([0.04, 0.01, 0])
    assert overlaps(BOXES[:0], others).shape == (0, 3)


def test_areas_and_what_is_inside_the_photo():
    assert areas(np.float32([[0, 0, 0.5, 0.5], [0.5, 0, 0.2, 1]])).tolist() == [0.25, 0]
    assert clipped(np.float32([[-1, 0.5, 0.5, 2]])).tolist() == [[0, 0.5, 0.5, 1]]
