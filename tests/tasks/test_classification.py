import numpy as np
import pytest

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import (
    agreement,
    best_class,
    best_classes,
    build_model,
    class_count,
    correct_predictions,
    describe_output,
    has_classifier,
    losses,
    soft_labels,
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


def test_the_loss_is_the_cross_entropy_with_the_label_or_also_with_the_teacher():
    logits, labels = np.float32([[0, 0], [0, np.log(3)]]), np.int64([0, 1])
    hard = np.log([2, 4 / 3])
    # Logarithms of float32 numbers around 1: an ulp of 1 each, of which three are added.
    ulps = 3 * 2**-23
    np.testing.assert_allclose(losses(logits, labels), hard, atol=ulps)
    soft = soft_labels(np.float32([[0, np.log(81)], [0, 0]]), temperature=2)
    np.testing.assert_allclose(soft, [[0.1, 0.9], [0.5, 0.5]], atol=ulps)
    # At temperature 2 the second photo's softmax is that of (0, log(3) / 2): its cross entropy with a half each.
    softened = np.array([np.log(2), np.log(1 + np.sqrt(3)) - np.log(3) / 4])
    expected = 0.25 * hard + 0.75 * 4 * softened
    found = losses(logits, labels, soft, temperature=2, teacher_weight=0.75)
    np.testing.assert_allclose(found, expected, atol=4 * ulps)


def test_the_score_while_training_is_one_for_each_photo_of_its_class():
    assert np.asarray(correct_predictions(SCORES, np.int64([1, 1, 2]))).tolist() == [1, 0, 1]


def test_the_classifier_is_found_at_the_end_of_a_models_arrays():
    arrays = build_model(ModelSpec("effnet", 0.25, 32, 5)).get_weights()
    assert class_count(arrays) == 5
    assert has_classifier(arrays)
    assert not has_classifier(arrays[:-2])
    assert class_count([]) is None


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
