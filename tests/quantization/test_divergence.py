from dataclasses import replace

import numpy as np
import pytest

from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.divergence import VIEWS, Divergence, is_gain, random_views
from mobilenet_tf.quantization.keras_graph import graph_of
from tests.support.quantized import coarse_images, small_classifier


@pytest.fixture(scope="module")
def graph():
    return graph_of(small_classifier())


def test_the_divergence_is_that_of_the_softmaxes_on_the_views_of_a_photo(graph):
    images = coarse_images(6)
    quantized = correct(graph, images)
    divergence = Divergence(graph, images, range(6))
    last = quantized.layers[-1]
    moved = np.zeros_like(last.bias)
    moved[0] = 1.0
    worse = replace(quantized, layers=(*quantized.layers[:-1], replace(last, bias=last.bias + moved)))
    assert divergence(quantized).shape == (6,)
    assert (divergence(quantized) >= -1e-6).all()
    assert (divergence(worse) > divergence(quantized)).all()


def test_the_agreement_is_the_share_of_views_with_floats_best_class(graph):
    divergence = Divergence(graph, coarse_images(6), range(6))
    quantized = correct(graph, coarse_images(6))
    last = quantized.layers[-1]
    always_the_third = replace(last, bias=last.bias + np.float32(100) * (np.arange(10) == 3))
    other = replace(quantized, layers=(*quantized.layers[:-1], always_the_third), ranges={**quantized.ranges})
    wide = {**other.ranges, graph.logits: (-10.0, 200.0)}
    (divergences, agreement), (_, of_third) = (
        divergence.compare(one) for one in (quantized, replace(other, ranges=wide))
    )
    np.testing.assert_array_equal(divergences, divergence(quantized))
    assert agreement > 0.9
    best = np.concatenate([np.asarray(graph(graph.normalize(v))).argmax(1) for v in divergence._views])
    assert of_third == (best == 3).mean()


def test_a_photo_counts_once_however_many_images_are_from_it(graph):
    images = coarse_images(6)
    quantized = correct(graph, images)
    of_images, of_photos = (Divergence(graph, images, photos)(quantized) for photos in (range(6), "aabbcc"))
    np.testing.assert_allclose(of_photos, of_images.reshape(3, 2).mean(1), rtol=1e-4, atol=1e-7)


def test_a_gain_is_two_standard_errors_of_the_square_roots():
    distances = np.full(100, 1.0, np.float32)
    spread = np.tile([-0.1, 0.1], 50).astype(np.float32)  # standard error 0.01
    assert is_gain(distances**2, (distances - 0.025 + spread) ** 2)
    assert not is_gain(distances**2, (distances - 0.015 + spread) ** 2)
    assert not is_gain(distances, distances)
    assert not is_gain(distances[:1], distances[:1] / 2)  # of a single photo nothing can be said


def test_a_gain_at_all_photos_is_seen_though_one_has_most_of_the_divergence():
    before = np.full(30, 0.01, np.float32)
    before[0] = 1.0
    after = 0.64 * before
    differences = before - after
    assert differences.mean() < 2 * differences.std(ddof=1) / np.sqrt(30)  # not seen without square roots
    assert is_gain(before, after)


def test_many_small_gains_do_not_make_up_for_a_large_loss():
    before, after = np.full(100, 1e-2, np.float32), np.full(100, 4e-3, np.float32)
    after[0] = 1.0
    assert not is_gain(before, after)
    distances = np.sqrt(before) - np.sqrt(after)
    assert distances.mean() > 2 * distances.std(ddof=1) / 10  # the distances alone would say so


def test_random_views_are_images_that_differ():
    images = coarse_images(4)
    rng = np.random.default_rng(0)
    views = [random_views(images, rng) for _ in range(VIEWS)]
    assert all(view.shape == images.shape and view.dtype == np.uint8 for view in views)
    assert len({view.tobytes() for view in views}) == VIEWS
