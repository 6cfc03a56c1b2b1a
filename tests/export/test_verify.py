import numpy as np
import pytest

from export.recipes import RECIPES
from export.verify import KERAS_LIMIT, check, keras_outputs, median_latency_ms
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.errors import CheckError
from mobilenet_tf.tflite.flatbuffer import pack, parse


@pytest.fixture(scope="module")
def held_out(small_job, small_model):
    images = small_job.split.held_out.images[:100]
    return images, keras_outputs(small_model, images)


def verify(model, held_out, recipe="int8", min_agreement=0.0, labels=None, truth=None):
    images, reference = held_out
    return check(
        model,
        recipe=RECIPES[recipe],
        images=images,
        reference=reference,
        truth=truth or [None] * len(images),
        labels=labels or imagenet_labels(),
        min_agreement=min_agreement,
    )


def test_float32_is_keras_within_the_limit(small_files, held_out):
    found, _ = verify(small_files["float32"], held_out, "float32", min_agreement=1.0)
    assert found.max_abs_error < KERAS_LIMIT
    assert found.agreement == 1
    assert found.max_step_error is None


def test_errors_are_counted_in_steps_of_the_output(small_files, held_out):
    found, outputs = verify(small_files["int8"], held_out)
    difference = np.abs(outputs - held_out[1])
    assert found.output.scale == 1 / 256
    assert found.max_step_error == pytest.approx(difference.max() * 256)
    assert found.mean_step_error == pytest.approx(difference.mean() * 256)
    assert found.agreement == np.mean(outputs.argmax(1) == held_out[1].argmax(1)) < 1


def test_accuracy_counts_only_images_whose_class_is_known(small_files, held_out):
    _, outputs = verify(small_files["int8"], held_out)
    truth = [int(outputs[0].argmax()), int(outputs[1].argmin()), *[None] * 98]
    assert verify(small_files["int8"], held_out, truth=truth)[0].accuracy == 0.5


def test_too_little_agreement_is_named(small_files, held_out):
    with pytest.raises(CheckError, match=r"int8 agrees with the float model on \d\d\.\d% of 100 held-out images"):
        verify(small_files["int8"], held_out, min_agreement=1.0)


def test_a_float_file_that_is_not_keras_is_named(small_files, held_out):
    images, reference = held_out
    with pytest.raises(CheckError, match="differs from Keras"):
        verify(small_files["float32"], (images, np.roll(reference, 1, axis=1)), "float32")


def test_a_float_op_in_an_integer_file_is_named(small_files, held_out):
    with pytest.raises(CheckError, match=r"every op should be integer; CONV_2D, .* computes in float"):
        verify(small_files["dynamic_int8"], held_out, "int8")


def test_labels_that_do_not_fit_the_output_are_named(small_files, held_out):
    with pytest.raises(CheckError, match="the output has 1000 classes, but there are 3 labels"):
        verify(small_files["int8"], held_out, labels=["a", "b", "c"])


def test_an_input_that_takes_no_camera_bytes_is_named(small_files, held_out):
    model = parse(small_files["int8"])
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].quantization.scale = np.float32([0.01])
    with pytest.raises(CheckError, match=r"the contract is steps of 1/127\.5"):
        verify(pack(model), held_out)


def test_latency_is_a_time(small_files, held_out):
    assert 0 < median_latency_ms(small_files["int8"], held_out[0][0]) < 1000
