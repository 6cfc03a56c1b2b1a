"""The published SSD for COCO as it is."""

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.photos import bundled_photos, read_photo
from mobilenet_tf.tflite.detector import Detector


def plain_loop(path, pixels):
    """The outputs of an interpreter for pixels (300, 300, 3), as its documentation shows it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
    interpreter.invoke()
    return [interpreter.get_tensor(details["index"])[0] for details in interpreter.get_output_details()]


@pytest.mark.parametrize(("photo", "label"), [("cat", "cat"), ("coffee", "cup"), ("pagoda", None)])
def test_boxes_are_those_of_a_plain_loop(shared, photo, label):
    folder = shared / "models" / "coco_ssd"
    detector = Detector(folder / "detect.tflite", labels=folder / "COCO_labels.txt")
    # At the network's own size, so that a plain loop sees the same pixels.
    pixels = np.asarray(Image.fromarray(read_photo(bundled_photos() / f"{photo}.jpg")).resize((300, 300)))
    found = detector.detect(pixels, threshold=0)
    boxes, classes, scores, count = plain_loop(folder / "detect.tflite", pixels)
    assert len(found.objects) == count == 10
    np.testing.assert_array_equal(np.float32([one.box for one in found.objects]), boxes)
    np.testing.assert_array_equal([one.class_id for one in found.objects], classes)
    np.testing.assert_array_equal(np.float32([one.score for one in found.objects]), scores)
    if label is not None:
        assert found.objects[0].label == label
