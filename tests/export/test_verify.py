from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from export.compared import Reference
from export.quantize import QuantizedFile
from export.recipes import RECIPES
from export.source import keras_scores
from export.verify import KERAS_LIMIT, median_latency_ms, verify
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.errors import CheckError
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.image_model import ImageModel


@pytest.fixture(scope="module")
def keras(small_job, small_model):
    images = small_job.images.verification.images[:100]
    return Reference(images, keras_scores(small_model, images), [None] * 100)


def verified(model, reference, recipe="int8", min_agreement=0.0, labels=None):
    file = QuantizedFile(model, parse(model), ImageModel.from_bytes(model), "none")
    return verify(file, RECIPES[recipe], reference, labels or imagenet_labels(), min_agreement)


def test_float32_is_keras_within_the_limit(small_files, keras):
    check, _ = verified(small_files["float32"], keras, "float32", min_agreement=1.0)
    assert check.max_abs_error < KERAS_LIMIT
    assert check.agreement == 1
    assert check.max_step_error is None


def test_errors_are_counted_in_steps_of_the_output(small_files, keras):
    check, scores = verified(small_files["int8"], keras)
    difference = np.abs(scores - keras.scores)
    assert check.output.scale == 1 / 256
    assert check.max_step_error == pytest.approx(difference.max() * 256)
    assert check.mean_step_error == pytest.approx(difference.mean() * 256)
    assert check.agreement == np.mean(scores.argmax(1) == keras.scores.argmax(1)) < 1


def test_the_change_is_that_of_the_best_class_in_probability(small_files, keras):
    check, scores = verified(small_files["int8"], keras)
    best = keras.scores.argmax(1)
    change = sorted(
        abs(float(row[index]) - float(exact[index]))
        for row, exact, index in zip(scores, keras.scores, best, strict=True)
    )
    found = check.probability_change
    assert found.max == pytest.approx(change[-1])
    assert found.mean == pytest.approx(sum(change) / 100)
    assert change[-3] <= found.p99 <= change[-1]


def test_accuracy_counts_only_images_whose_class_is_known(small_files, keras):
    _, scores = verified(small_files["int8"], keras)
    known = replace(keras, ground_truth=[int(scores[0].argmax()), int(scores[1].argmin()), *[None] * 98])
    assert verified(small_files["int8"], known)[0].accuracy == 0.5


def test_too_little_agreement_is_named(small_files, keras):
    with pytest.raises(CheckError, match=r"int8 agrees with the float model on \d\d\.\d% of 100 held-out images"):
        verified(small_files["int8"], keras, min_agreement=1.0)


def test_a_float_file_that_is_not_keras_is_named(small_files, keras):
    with pytest.raises(CheckError, match="differs from the original"):
        verified(small_files["float32"], replace(keras, scores=np.roll(keras.scores, 1, axis=1)), "float32")


def test_a_float_op_in_an_integer_file_is_named(small_files, keras):
    with pytest.raises(CheckError, match=r"every op should be integer; CONV_2D, .* computes in float"):
        verified(small_files["dynamic_int8"], keras, "int8")


def test_labels_that_do_not_fit_the_output_are_named(small_files, keras):
    with pytest.raises(CheckError, match="the output has 1000 classes, but there are 3 labels"):
        verified(small_files["int8"], keras, labels=["a", "b", "c"])


def test_an_input_that_takes_no_camera_bytes_is_named(small_files, keras):
    model = parse(small_files["int8"])
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].quantization.scale = np.float32([0.01])
    with pytest.raises(CheckError, match=r"the contract is steps of 1/127\.5"):
        verified(pack(model), keras)


def test_latency_is_a_time(small_files, keras):
    assert 0 < median_latency_ms(ImageModel.from_bytes(small_files["int8"]), keras.images[0]) < 1000


def test_only_the_named_ops_of_an_integer_file_may_compute_in_float(small_files, keras):
    model = parse(small_files["float32"])
    ops = Counter(op_names(model))
    file = QuantizedFile(b"", model, ImageModel.from_bytes(small_files["float32"]), "none", float_ops=ops)
    verify(file, RECIPES["int8"], keras, imagenet_labels(), 0.0)
    fewer = replace(file, float_ops=ops - Counter(["SOFTMAX", "CONV_2D"]))
    with pytest.raises(
        CheckError, match=r"every op but CONV_2D \(13 times\).* should be integer; CONV_2D, SOFTMAX comp"
    ):
        verify(fewer, RECIPES["int8"], keras, imagenet_labels(), 0.0)
