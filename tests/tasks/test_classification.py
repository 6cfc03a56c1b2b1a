import numpy as np
import pytest

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import (
    agreement,
    best_class,
    best_classes,
    build_model,
    describe_output,
    top1,
)

SCORES = np.float32([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.2, 0.6]])


def test_the_head_is_a_pool_a_dense_layer_and_a_softmax():
    model = build_model(ModelSpec("mobilenet_v1", 0.25, 32, 5))
    assert [layer.name for layer in model.layers[-3:]] == ["pool", "classifier", "softmax"]
    outputs = np.asarray(model(np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)))
    assert outputs.shape == (2, 5)
    # Sums of 5 float32 values of at most 1: each off by half an ulp.
    np.testing.assert_allclose(outputs.sum(1), 1, atol=5 * 2**-24)


def test_the_best_classes_come_first_and_of_equal_ones_the_first():
    assert best_classes(SCORES[0], ["a", "b", "c"], 2) == [("b", pytest.approx(0.7)), ("c", pytest.approx(0.2))]
    assert [label for label, _ in best_classes(SCORES[2], ["a", "b", "c"], 3)] == ["c", "a", "b"]
    assert len(best_classes(SCORES[0], ["a", "b", "c"], 10)) == 3


def test_the_best_class_of_a_files_own_integers():
    assert best_class(np.int8([-128, 3, 3])) == 1


def test_agreement_is_the_share_of_equal_best_classes():
    assert agreement(SCORES, SCORES) == 1
    assert agreement(SCORES, SCORES[:, ::-1]) == pytest.approx(1 / 3)


def test_top1_counts_only_photos_whose_class_is_known():
    assert top1(SCORES, [1, 1, None]) == 0.5
    assert top1(SCORES, [1, 0, 2]) == 1
    assert top1(SCORES, [None, None, None]) is None


def test_the_output_is_described_with_its_number_of_classes():
    output = describe_output(10)
    assert output.description == "softmax over 10 classes"
    assert (output.smallest, output.largest) == (0, 1)
