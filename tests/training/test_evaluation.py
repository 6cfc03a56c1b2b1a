import keras
import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.training.evaluation import (
    BATCH,
    EvaluationImages,
    evaluate,
    image_batches,
    predictor_of,
    top1_of_model,
)
from tests.support.datasets import Pictures, scenes_of_several_sizes
from tests.support.networks import small_model


@pytest.fixture(scope="module")
def scenes():
    return scenes_of_several_sizes()


@pytest.mark.parametrize("cache_bytes", [0, 2**30])
def test_evaluation_gives_each_photo_once_by_the_rule(scenes, cache_bytes):
    many = Pictures(scenes.pixels * 21, tuple(range(105)))
    evaluation = EvaluationImages(many, 32, cache_bytes=cache_bytes)
    next(iter(evaluation))  # one that was not gone through to its end leaves no trace
    for _ in range(2):
        batches = list(evaluation)
        assert [len(labels) for _, labels in batches] == [BATCH, 5]
        np.testing.assert_array_equal(np.concatenate([labels for _, labels in batches]), np.arange(105))
        images = np.concatenate([images for images, _ in batches])
        expected = np.stack([preprocess(pixels, 32) for pixels in scenes.pixels])
        np.testing.assert_array_equal(images, np.tile(expected, (21, 1, 1, 1)))


def test_evaluation_reads_photos_in_full(tmp_path):
    """A reduced decoding is enough for training; the rule averages the pixels themselves."""
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.jpg")
    photos = FilePhotos((str(tmp_path / "noise.jpg"),), np.zeros(1, np.int64), np.zeros(1, np.uint64))
    ((images, _),) = EvaluationImages(photos, 32)
    np.testing.assert_array_equal(images[0], preprocess(load_rgb(tmp_path / "noise.jpg"), 32))
    assert (images[0] != preprocess(photos.read(0, 64), 32)).any()


def test_photos_to_learn_from_are_decoded_at_the_smallest_scale_that_has_two_pixels_for_each_of_the_result(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    paths = []
    for side in (588, 584):  # 7/8 of 147, a quarter of 588, hold two pixels for each of 64; a quarter of 584 is less
        Image.fromarray(noise[:side, :side]).save(tmp_path / f"{side}.jpg")
        paths.append(str(tmp_path / f"{side}.jpg"))
    photos = FilePhotos(tuple(paths), np.zeros(2, np.int64), np.zeros(2, np.uint64))
    ((images, _),) = EvaluationImages(photos, 64, exact=False)
    np.testing.assert_array_equal(images[0], preprocess(load_rgb(paths[0], 147), 64))
    np.testing.assert_array_equal(images[1], preprocess(load_rgb(paths[1], 292), 64))
    assert load_rgb(paths[0], 147).shape[0] == 147
    assert load_rgb(paths[1], 292).shape[0] == 292


def test_image_batches_are_evenly_spaced_photos_by_the_rule(scenes):
    (images,) = image_batches(scenes, 32, 3)
    expected = np.stack([preprocess(scenes.pixels[index], 32) for index in (0, 2, 4)])
    np.testing.assert_array_equal(images, expected)


def test_top_1_is_the_share_of_images_given_the_class_of_their_label(scenes):
    model = small_model()
    images = np.stack([preprocess(pixels, 32) for pixels in scenes.pixels])
    classes = np.asarray(model(normalize(images), training=False)).argmax(1)
    labels = [*classes[:3], *((classes[3:] + 1) % 3)]
    assert top1_of_model(model, EvaluationImages(Pictures(scenes.pixels, tuple(labels)), 32)) == 3 / 5


def test_an_evaluation_has_the_mean_cross_entropy_of_the_labels(scenes):
    model = small_model()
    images = EvaluationImages(Pictures(scenes.pixels * 21, tuple(index % 3 for index in range(105))), 32)
    probabilities = np.concatenate([np.asarray(model(normalize(batch), training=False)) for batch, _ in images])
    done = []
    evaluation = evaluate(predictor_of(model), images, done.append)
    expected = keras.losses.SparseCategoricalCrossentropy()(images.labels, probabilities)
    assert evaluation.loss == pytest.approx(float(expected), rel=1e-5)
    assert evaluation.top1 == top1_of_model(model, images)
    assert done == [BATCH, 105]


def test_the_loss_of_large_logits_is_finite():
    images = EvaluationImages(Pictures([np.zeros((32, 32, 3), np.uint8)] * 2, (0, 1)), 32)
    evaluation = evaluate(lambda _: np.array([[1e4, 0.0], [1e4, 0.0]]), images)
    assert (evaluation.top1, evaluation.loss) == (0.5, 5e3)
    assert evaluation.confidence.tolist() == [1, 1]


@pytest.mark.parametrize("cache_bytes", [0, 2**30])
def test_an_evaluation_has_the_answer_to_each_photo_and_its_probability(scenes, cache_bytes):
    model = small_model()
    images = EvaluationImages(Pictures(scenes.pixels * 21, tuple(index % 3 for index in range(105))), 32, cache_bytes)
    evaluation = evaluate(predictor_of(model), images)
    probabilities = np.concatenate([np.asarray(model(normalize(batch), training=False)) for batch, _ in images])
    np.testing.assert_array_equal(evaluation.predicted, probabilities.argmax(1))
    np.testing.assert_allclose(evaluation.confidence, probabilities.max(1), rtol=1e-5)
    np.testing.assert_array_equal(images.image(103), preprocess(scenes.pixels[3], 32))


def test_a_predictor_takes_any_resolution():
    predict = predictor_of(small_model())
    assert np.asarray(predict(np.zeros((2, 64, 64, 3), np.uint8))).shape == (2, 3)
