import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.quantization.equalization import equalize
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.scales import channel_ranges
from tests.support.networks import lively_model


@pytest.mark.parametrize("arch", ["mobilenet_v1", "mobilenet_v1_conv", "mobilenet_v1_shallow"])
def test_the_function_is_unchanged(arch):
    rng = np.random.default_rng(0)
    model = lively_model(rng, arch)
    graph = graph_of(model)
    images = rng.integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)
    equalized, skipped = equalize(graph, images)
    # The last before the pool: what takes its output has no weights.
    assert skipped == [[node.name for node in graph.nodes if node.kernel is not None][-2]]
    assert any(
        (a.kernel != b.kernel).any() for a, b in zip(graph.nodes, equalized.nodes, strict=True) if a.kernel is not None
    )
    exact, found = np.asarray(graph(normalize(images))), np.asarray(equalized(normalize(images)))
    assert np.ptp(exact) > 0.1
    # Each of up to 28 layers rounds its weights once more: a few float32 ulps a layer.
    assert np.abs(found - exact).max() < 1e-4


def test_the_channels_of_depthwise_kernels_come_closer(small_graph, small_job):
    equalized, _ = equalize(small_graph, small_job.images.calibration.images)

    def spread(graph):
        ranges = [channel_ranges(node.kernel, node.kind) for node in graph.nodes if node.kind == "depthwise"]
        return np.mean([np.log(r[r > 0].max() / np.median(r[r > 0])) for r in ranges])

    assert spread(equalized) < 0.8 * spread(small_graph)


def test_a_channel_at_the_ceiling_is_left_alone(small_graph, small_job):
    images = small_job.images.calibration.images[:20]
    equalized, _ = equalize(small_graph, images)
    first = np.asarray(small_graph.nodes[0]([normalize(images)]))
    at_ceiling = first.max((0, 1, 2)) >= 6
    assert at_ceiling.any()
    before, after = small_graph.nodes[0].kernel, equalized.nodes[0].kernel
    np.testing.assert_array_equal(before[..., at_ceiling], after[..., at_ceiling])
    assert np.asarray(equalized.nodes[0]([normalize(images)])).max() <= 6
