import numpy as np
import pytest

from mobilenet_tf.quantization.keras_graph import graph_of
from tests.support.networks import lively_model


@pytest.mark.parametrize("arch", ["mobilenet_v1", "mobilenet_v1_conv", "mobilenet_v1_shallow"])
def test_the_folded_graph_gives_what_keras_gives(arch):
    rng = np.random.default_rng(0)
    model = lively_model(rng, arch)
    images = rng.uniform(-1, 1, (4, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(model(images, training=False))
    assert np.ptp(expected) > 0.1
    # Batch norm is applied before instead of after the sum: a few ulps in each of up to 28 layers.
    assert np.abs(np.asarray(graph_of(model)(images)) - expected).max() < 1e-5


def test_batch_norm_and_relu6_leave_no_node(small_graph):
    kinds = [node.kind for node in small_graph.nodes]
    assert kinds == ["conv", *["depthwise", "conv"] * 13, "MEAN", "dense", "SOFTMAX"]


def test_an_average_is_a_depthwise_convolution_that_does_not_learn():
    rng = np.random.default_rng(0)
    model = lively_model(rng, arch="shufflenet_v1")
    graph = graph_of(model)
    averages = [node for node in graph.nodes if node.kernel is not None and not node.learned]
    assert [node.name for node in averages] == [f"stage{stage}_1_pool" for stage in (2, 3, 4)]
    assert {node.kind for node in averages} == {"depthwise"}
    images = rng.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    # As above, through 50 layers.
    assert np.asarray(graph(images)) == pytest.approx(np.asarray(model(images, training=False)), abs=1e-5)
