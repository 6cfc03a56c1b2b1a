from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.errors import ModelError
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.boxes import encode
from mobilenet_tf.tasks.post_processing import PostProcessing, detect
from mobilenet_tf.tflite.classifier import Classifier
from mobilenet_tf.tflite.detector import Detector
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.flatbuffer import pack
from tests.support.detectors import constant_detector, four_outputs, reordered

ANCHORS = DetectorSpec(res=96).anchors()
IMAGE = np.zeros((8, 8, 3), np.uint8)
BOXES = np.float32([[0.1, 0.2, 0.6, 0.7], [0.5, 0.5, 0.9, 0.8], [0, 0, 0.2, 0.3]])


def random_heads(seed, classes):
    """Encodings and scores of all anchors: many boxes overlap."""
    rng = np.random.default_rng(seed)
    encodings = rng.normal(0, 2, (len(ANCHORS), 4)).astype(np.float32)
    return encodings, rng.uniform(0, 1, (len(ANCHORS), classes)).astype(np.float32) ** 3


def written(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("levels", [16, 2**20])  # with many equal scores, as integer files have them, and with few
@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize(
    "chosen",
    [
        PostProcessing(),
        PostProcessing(per_class=True),
        PostProcessing(score_threshold=0.5, iou_threshold=0.3, most=7),
    ],
)
def test_the_op_and_numpy_detect_the_same(chosen, background, levels):
    encodings, scores = random_heads(1, 4)
    scores = (np.rint(scores * levels) / levels).astype(np.float32)
    content = pack(constant_detector(encodings, scores, ANCHORS, chosen, background=background))
    found = DetectorModel(Path("m.tflite"), content).detect(IMAGE)
    expected = detect(encodings, scores[:, background:], ANCHORS, chosen)
    assert len(found) == len(expected) > 0
    np.testing.assert_array_equal(found.classes, expected.classes)
    np.testing.assert_array_equal(found.scores, expected.scores)
    # Both round a float64 once: of exp the two libraries may differ by one step of float32.
    np.testing.assert_allclose(found.boxes, expected.boxes, rtol=1e-6, atol=1e-6)


def model_of_boxes(labels=3, **options):
    """A detector of the three BOXES, of the classes 0, 1 and 2."""
    encodings = np.zeros((len(ANCHORS), 4), np.float32)
    encodings[:3] = encode(BOXES, ANCHORS[:3])
    scores = np.zeros((len(ANCHORS), labels), np.float32)
    scores[[0, 1, 2], [0, 1, 2]] = 0.9, 0.8, 0.7
    return constant_detector(encodings, scores, ANCHORS, **options)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_the_outputs_of_the_op_are_found_in_any_order(tmp_path, order):
    path = written(tmp_path / "m.tflite", reordered(model_of_boxes(), order))
    found = Detector(path).detect(IMAGE)
    assert [one.class_id for one in found.objects] == [0, 1, 2]
    np.testing.assert_allclose([one.box for one in found.objects], BOXES, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_exports_find_every_class_on_any_number_of_threads(tmp_path, threads):
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes())), threads=threads)
    assert {one.class_id for one in detector.detect(IMAGE).objects} == {0, 1, 2}
    assert not any("threads" in note for note in detector.notes)


@pytest.mark.parametrize(("threads", "lost"), [(1, set()), (2, {2}), (3, set())])
def test_a_class_that_the_op_loses_on_several_threads_is_named(tmp_path, threads, lost):
    chosen = PostProcessing(per_class=True)
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes(chosen=chosen))), threads=threads)
    assert {one.class_id for one in detector.detect(IMAGE).objects} == {0, 1, 2} - lost
    assert [f"class {number}," in note for note in detector.notes for number in lost if "threads" in note] == [
        True for _ in lost
    ]


def test_threshold_and_number_of_objects(tmp_path):
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes())))
    assert [round(one.score, 4) for one in detector.detect(IMAGE, threshold=0.75).objects] == [0.9, 0.8]
    assert [one.class_id for one in detector.detect(IMAGE, most=1).objects] == [0]
    assert "carries no labels" in detector.notes[-1]
    assert detector.detect(IMAGE).objects[1].label == "class 1"


@pytest.mark.parametrize("lines", [["a", "b", "c"], ["background", "a", "b", "c"], ["???", "a", "b", "c"]])
def test_labels_with_and_without_a_background(tmp_path, lines):
    (tmp_path / "labels.txt").write_text("\n".join(lines))
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes())), labels=tmp_path / "labels.txt")
    assert detector.labels == ["a", "b", "c"]
    assert any("stands for the background" in note for note in detector.notes) == (len(lines) == 4)


def test_another_number_of_labels_is_refused(tmp_path):
    (tmp_path / "labels.txt").write_text("a\nb")
    path = written(tmp_path / "m.tflite", pack(model_of_boxes()))
    with pytest.raises(ModelError, match=r"expected 3 labels, one for each class of m\.tflite"):
        Detector(path, labels=tmp_path / "labels.txt")


def test_too_many_labels_are_refused_also_if_the_first_is_a_background(tmp_path):
    (tmp_path / "labels.txt").write_text("background\na\nb\nc\nd")
    path = written(tmp_path / "m.tflite", pack(model_of_boxes()))
    with pytest.raises(ModelError, match=r"expected 3 labels(.|\n)*got 5"):
        Detector(path, labels=tmp_path / "labels.txt")


def test_a_class_that_is_called_as_a_background_stays_if_the_number_is_right(tmp_path):
    (tmp_path / "labels.txt").write_text("none\nb\nc")
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes())), labels=tmp_path / "labels.txt")
    assert detector.labels == ["none", "b", "c"]


NAMES = [
    "StatefulPartitionedCall:0",
    "StatefulPartitionedCall:1",
    "StatefulPartitionedCall:2",
    "StatefulPartitionedCall:3",
]


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (NAMES, (0, 1, 2, 3)),  # boxes, classes, scores, count, as TensorFlow 1 orders them
        (NAMES[::-1], (2, 0, 3, 1)),  # as TensorFlow 2 numbers and orders them: scores, boxes, count, classes
        (["a", "b", "c", "d"], (2, 0, 3, 1)),  # only the values tell
    ],
)
def test_outputs_without_the_op_are_told_apart(tmp_path, names, order):
    content = four_outputs(BOXES, [2, 0, 1], [0.875, 0.75, 0.5], 3, names, order)
    detector = Detector(written(tmp_path / "m.tflite", content), mean=127.5, std=127.5)
    found = detector.detect(IMAGE).objects
    assert [(one.class_id, one.score) for one in found] == [(2, 0.875), (0, 0.75), (1, 0.5)]
    np.testing.assert_array_equal([one.box for one in found], BOXES.tolist())
    assert any("told apart by their shapes" in note for note in detector.notes)


def test_only_as_many_as_the_count_says_are_found(tmp_path):
    content = four_outputs(BOXES, [2, 0, 1], [0.875, 0.75, 0.5], 1, NAMES, (0, 1, 2, 3))
    assert len(Detector(written(tmp_path / "m.tflite", content)).detect(IMAGE, 0).objects) == 1


@pytest.mark.parametrize(("count", "found"), [(-1, 0), (99, 3)])
def test_a_count_that_cannot_be_is_no_crash(tmp_path, count, found):
    content = four_outputs(BOXES, [2, 0, 1], [0.875, 0.75, 0.5], count, NAMES, (0, 1, 2, 3))
    assert len(Detector(written(tmp_path / "m.tflite", content)).detect(IMAGE, 0).objects) == found


def test_a_box_in_pixels_of_the_photo(tmp_path):
    detector = Detector(written(tmp_path / "m.tflite", pack(model_of_boxes())))
    found = detector.detect(Image.new("RGB", (200, 100)))
    assert (found.width, found.height) == (200, 100)
    assert found.objects[0].pixels(200, 100) == (40, 10, 140, 60)


def test_a_detector_is_no_classifier_and_a_classifier_no_detector(tmp_path, exported):
    path = written(tmp_path / "m.tflite", pack(model_of_boxes()))
    with pytest.raises(ModelError, match=r"it is an object detector(.|\n)*Use mobilenet-detect"):
        Classifier(path)
    folder, _ = exported
    with pytest.raises(ModelError, match=r"one row of 1000 scores, as classifiers do(.|\n)*Use mobilenet-classify"):
        Detector(next(folder.glob("*_int8.tflite")))


@pytest.mark.parametrize(("place", "count"), [(0, 3), (1, 3), (None, float("nan"))])
def test_what_is_no_number_is_refused(tmp_path, place, count):
    boxes, classes = BOXES.copy(), [2, 0, 1]
    if place == 0:
        boxes[0, 0] = np.nan
    elif place == 1:
        classes[1] = np.inf
    content = four_outputs(boxes, classes, [0.875, 0.75, 0.5], count, NAMES, (0, 1, 2, 3))
    with pytest.raises(ModelError, match="expected finite boxes and scores"):
        Detector(written(tmp_path / "m.tflite", content)).detect(IMAGE)
