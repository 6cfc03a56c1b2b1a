import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.ungroup import ungroup, ungrouped
from mobilenet_tf.tasks.classification import build_model
from tests.support.networks import lively


def test_a_plain_kernel_does_what_the_grouped_one_does():
    rng = np.random.default_rng(0)
    kernel, x = (rng.normal(size=shape).astype(np.float32) for shape in ((1, 1, 4, 6), (1, 2, 2, 12)))
    plain = ungrouped(kernel, 12)
    assert np.count_nonzero(plain) == kernel.size
    # Sums of 4 products, the others being zeros.
    assert tf.nn.conv2d(x, plain, 1, "SAME").numpy() == pytest.approx(
        tf.nn.conv2d(x, kernel, 1, "SAME").numpy(), abs=1e-6
    )


@pytest.mark.parametrize("arch", ["shufflenet_v1", "shufflenet_v1_g8"])
def test_the_function_stays_and_the_shuffles_go(arch):
    rng = np.random.default_rng(0)
    model = build_model(ModelSpec(arch, 1.0, 64, 5))
    model.set_weights(lively(model, rng))
    graph = graph_of(model)
    folded = ungroup(graph)
    # A shuffle is two reshapes and a transpose.
    assert sum(node.op == "TRANSPOSE" for node in graph.nodes) == 15
    assert len(folded.nodes) == len(graph.nodes) - 3 * 15
    assert not any(node.op in ("TRANSPOSE", "RESHAPE") for node in folded.nodes)
    image = rng.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(graph(image))
    # The same products in another order, through 50 layers: some ulps of a softmax each.
    assert np.asarray(folded(image)) == pytest.approx(expected, abs=50 * 2**-23)


def test_a_graph_without_shuffles_stays(small_graph):
    assert ungroup(small_graph) is small_graph
