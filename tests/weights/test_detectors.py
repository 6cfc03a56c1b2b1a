import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, stretch
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.detection import build_model, detection_agreement
from mobilenet_tf.tasks.post_processing import PostProcessing, detect
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.weights.detectors import arrays_of, detector_in, fill_layers, load_detector
from tests.support.detectors import TINY, lively_detector
from tests.support.networks import lively_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("detector") / "best.keras"
    model = lively_detector()
    model.save(path)
    return path, model


def test_a_saved_detector_says_which_it_is(saved):
    path, model = saved
    assert detector_in(str(path)) == "keras"
    weights = load_detector(str(path))
    assert weights.spec == TINY
    assert weights.parameters == model.count_params()
    for array, expected in zip(weights.load().get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(array, expected)


def test_another_model_is_no_detector(tmp_path):
    lively_model(np.random.default_rng(0), res=32).save(tmp_path / "classifier.keras")
    assert detector_in(str(tmp_path / "classifier.keras")) is None
    with pytest.raises(WeightsError, match="expected --weights to be random or a detector's file"):
        load_detector(str(tmp_path / "classifier.keras"))


def test_options_are_checked_against_the_file(saved):
    with pytest.raises(SpecError, match="--res 96; got 300"):
        load_detector(str(saved[0]), res=300)


def test_the_backbone_of_a_classifier_fills_a_detector():
    classifier = lively_model(np.random.default_rng(1), alpha=0.25, res=96, classes=5)
    detector = build_model(TINY)
    before = {layer.name: layer.get_weights() for layer in detector.layers}
    done = fill_layers(detector, arrays_of(classifier, TINY.backbone()))
    assert done == [layer.name for layer in TINY.backbone() if layer.weighted]
    kernel, bn = (detector.get_layer(name).get_weights() for name in ("block13_pointwise", "block13_pointwise_bn"))
    np.testing.assert_array_equal(kernel[0], classifier.get_layer("block13_pointwise").get_weights()[0])
    np.testing.assert_array_equal(bn, classifier.get_layer("block13_pointwise_bn").get_weights())
    for name in ("extra2_reduce", "classes0"):
        np.testing.assert_array_equal(detector.get_layer(name).get_weights()[0], before[name][0])


def test_heads_of_other_classes_stay_as_they_are():
    source, target = lively_detector(), build_model(DetectorSpec(TINY.arch, TINY.alpha, TINY.res, 3))
    done = fill_layers(target, arrays_of(source, list(TINY.plan().layers)))
    assert "boxes0" in done
    assert "classes0" not in done
    assert len(done) == len([layer for layer in TINY.plan().layers if layer.weighted]) - 6


def test_the_published_detector_for_coco_is_read_in_float(shared):
    path = shared / "models" / "coco_ssd" / "detect.tflite"
    weights = load_detector(str(path))
    assert weights.spec == DetectorSpec("ssd_mobilenet_v1", 0.75, 300, 90)
    image = stretch(load_rgb(bundled_photos() / "coffee.jpg"), 300)
    boxes, scores = (np.asarray(each)[0] for each in weights.load()(normalize(image[None])))
    # As its own post-processing chooses them: one class for each anchor, ten at most.
    chosen = PostProcessing(score_threshold=1e-8, per_class=False, most=10)
    found = detect(boxes, scores, weights.spec.anchors(), chosen)
    of_file = DetectorModel(path).detect(image)
    assert found.classes[0] == of_file.classes[0] == 46  # cup
    assert detection_agreement([found], [of_file], 0.5) == 1
    # 8-bit activations: the scores have steps of 1/256, and the logits steps of 0.05.
    assert abs(float(found.scores[0] - of_file.scores[0])) < 0.05
