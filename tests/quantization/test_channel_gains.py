import numpy as np
import pytest

from mobilenet_tf.quantization.best_correction import adapt
from mobilenet_tf.quantization.channel_gains import rescaled, shared_channels
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.divergence import Divergence
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.ranges import observed_ranges
from mobilenet_tf.quantization.sensitivity import BINS, NodeStatistics, best_range, measured
from tests.support.quantized import coarse_images, small_classifier


@pytest.fixture(scope="module")
def graph():
    """A network with a residual connection whose channels are of very different size."""
    return graph_of(small_classifier(residual=True, uneven=True))


@pytest.fixture(scope="module")
def statistics(graph):
    images = coarse_images(30)
    return measured(graph, images, observed_ranges(graph, images))


def test_what_is_added_and_averaged_shares_its_channels_and_logits_have_no_gains(graph):
    groups = shared_channels(graph)
    add = next(index for index, node in enumerate(graph.nodes) if node.op == "ADD")
    mean = next(index for index, node in enumerate(graph.nodes) if node.op == "MEAN")
    assert {groups[source] for source in graph.nodes[add].inputs} == {groups[add]}
    assert groups[graph.nodes[mean].inputs[0]] == groups[mean]
    assert graph.logits not in groups
    assert len(graph.nodes) - 1 not in groups


def test_gains_leave_the_function_as_it_is_and_the_int8_network_is_nearer_to_it(graph, statistics):
    images = coarse_images(30)
    other = rescaled(graph, statistics)
    # Weights and activations are rounded to float32 at another size: some ulps of a probability.
    np.testing.assert_allclose(other(graph.normalize(images)), graph(graph.normalize(images)), rtol=1e-3, atol=1e-6)
    divergence = Divergence(graph, images, range(30))
    before, after = divergence(correct(graph, images)), divergence(correct(other, images))
    assert after.mean() < 0.7 * before.mean()


def test_the_sensitivity_foretells_the_divergence_that_an_error_causes(graph, statistics):
    """A small random error of each value of an output: its mean divergence is that of the diagonal."""
    images, place = graph.normalize(coarse_images(30)), 2
    rng = np.random.default_rng(0)
    exact = np.asarray(graph(images), np.float64)
    size = 2e-4  # a hundredth of the quietest channel: a larger one changes which ReLUs let values through
    found = []
    for _ in range(20):
        values = {-1: images}
        for index, node in enumerate(graph.nodes):
            x = node([values[source] for source in node.inputs])
            values[index] = x + size * rng.choice([-1.0, 1.0], x.shape).astype(np.float32) if index == place else x
        moved = np.asarray(values[len(graph.nodes) - 1], np.float64)
        # Float32 probabilities do not sum to exactly 1, which the last two terms make up for.
        found.append((exact * np.log(exact / moved) - exact + moved).sum(1).mean())
    expected = 0.5 * size**2 * statistics[place].sensitivity.sum()
    # Means of 20 and of 3 draws for 30 images, of squares: their standard error is about 0.1 of the mean.
    assert np.mean(found) == pytest.approx(expected, rel=0.25)


def statistics_of(weights):
    one = np.ones(1)
    return NodeStatistics(0 * one, 10 * one, one, one, np.linspace(0, 10, BINS + 1), weights)


def test_a_range_leaves_out_a_value_that_matters_little():
    weights = np.zeros((1, BINS))
    weights[:, :100] = 1.0
    weights[:, -1] = 1e-9
    low, high = best_range(statistics_of(weights), gives_up=False)
    assert low == 0
    filled = 10 * 100 / BINS
    assert filled <= high < 1.1 * filled  # the next smaller share that is tried has 0.91 of each
    weights[:, -1] = 1.0
    assert best_range(statistics_of(weights), gives_up=False)[1] > 9.5


def test_a_few_images_far_beyond_all_others_are_given_up_and_no_more():
    weights = np.zeros((20, BINS))
    weights[:, : BINS // 10] = 1.0
    weights[:1, -1] = 1.0
    assert best_range(statistics_of(weights), gives_up=True)[1] == pytest.approx(1, rel=0.1)
    assert best_range(statistics_of(weights), gives_up=False)[1] > 9
    weights[:10, -1] = 1.0
    assert best_range(statistics_of(weights), gives_up=True)[1] > 9


def test_a_network_is_adapted_only_if_the_photos_gain(graph):
    images = coarse_images(30)
    start = correct(graph, images)
    adapted = adapt(start, graph, images, range(30))
    assert adapted.kept == "GPTQ rounding and gains of channels"
    assert adapted.after < 0.7 * adapted.before
    again = adapt(adapted.quantized, graph, images, range(30))
    assert again.after <= again.before
    assert again.quantized is adapted.quantized or again.kept
