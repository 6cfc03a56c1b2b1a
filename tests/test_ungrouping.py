import numpy as np
import pytest
import tensorflow as tf
from test_mobilenet_v1 import lively

from mobilenet_tf.folding import fold
from mobilenet_tf.spec import ModelSpec
from mobilenet_tf.ungrouping import ungroup, ungrouped
from mobilenet_tf.zoo import build_model


def test_a_plain_kernel_does_what_the_grouped_one_does():
    rng = np.random.default_rng(0)
    kernel, x = (rng.normal(size=shape).astype(np.float32) for shape in ((1, 1, 4, 6), (1, 2, 2, 12)))
    plain = ungrouped(kernel, 12)
    assert np.count_nonzero(plain) == kernel.size
    # Sums of 4 products, the others being zeros.
    assert tf.nn.conv2d(x, plain, 1, "SAME").numpy() == pytest.approx(
        tf.nn.conv2d(x, kernel, 1, "SAME").numpy(), abs=1e-6
    )


@pytest.mark.parametrize("groups", [3, 8])
def test_the_function_stays_and_the_shuffles_go(groups):
    rng = np.random.default_rng(0)
    model = build_model(ModelSpec("shufflenet_v1", 1.0, 64, 5, groups=groups))
    model.set_weights(lively(model, rng))
    graph = fold(model)
    folded = ungroup(graph)
    assert sum(node.kind == "ChannelShuffle" for node in graph.nodes) == 15
    assert len(folded.nodes) == len(graph.nodes) - 15
    assert not any(node.kind == "ChannelShuffle" for node in folded.nodes)
    image = rng.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(graph(image))
    # The same products in another order, through 50 layers: some ulps of a softmax each.
    assert np.asarray(folded(image)) == pytest.approx(expected, abs=50 * 2**-23)


def test_a_graph_without_shuffles_stays(small_graph):
    assert ungroup(small_graph) is small_graph
