import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.quantization.graph import Node
from mobilenet_tf.quantization.rounding import input_moments, round_with_gptq
from mobilenet_tf.quantization.scales import round_to_nearest


def layer(kind, kernel, strides=(1, 1), padding="SAME"):
    def linear(x, k, _):
        if kind == "depthwise":
            return tf.nn.depthwise_conv2d(x[0], k, (1, *strides, 1), padding)
        return tf.matmul(x[0], k) if kind == "dense" else tf.nn.conv2d(x[0], k, strides, padding)

    no_shape, no_options = (), None
    return Node("layer", "", (-1,), kind, no_shape, no_options, linear, kernel, strides=strides, padding=padding)


@pytest.fixture
def images():
    """Smooth images: neighbours and channels that go together, as in a network."""
    coarse = np.random.default_rng(0).normal(size=(20, 5, 5, 12)).astype(np.float32)
    smooth = np.asarray(tf.image.resize(coarse, (17, 17)))
    return smooth + smooth[..., ::-1] * 0.5


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("conv", (1, 1, 12, 20)), ("conv", (3, 3, 12, 6)), ("conv", (3, 3, 4, 6)), ("depthwise", (3, 3, 12, 1))],
)
@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_gptq_makes_up_for_its_errors(images, kind, shape, strides, padding):
    kernel = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    node = layer(kind, kernel, strides, padding)
    scale = np.full(12 if kind == "depthwise" else shape[-1], 0.2, np.float32)
    moments = input_moments(node, [images[:10], images[10:]], np.random.default_rng(0))
    levels = round_with_gptq(kernel, scale, moments)
    assert levels.shape == kernel.shape
    assert np.abs(levels).max() <= 127

    def error(rounded):
        difference = np.asarray(node.before_bias([images], rounded.astype(np.float32) * np.float32(0.2) - kernel))
        return difference.var((0, 1, 2)).mean()

    assert error(levels) < 0.8 * error(round_to_nearest(kernel, scale, kind))


def test_gptq_of_a_dense_layer():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(200, 6)) @ rng.normal(size=(6, 30))).astype(np.float32)
    kernel = rng.normal(size=(30, 10)).astype(np.float32)
    scale = np.full(10, 0.2, np.float32)
    node = layer("dense", kernel)
    levels = round_with_gptq(kernel, scale, input_moments(node, [x], rng))
    error = [
        (x @ (rounded * scale - kernel)).var(0).mean() for rounded in (levels, round_to_nearest(kernel, scale, "dense"))
    ]
    assert error[0] < 0.2 * error[1]


def test_weights_on_the_grid_stay_as_they_are(images):
    levels = np.random.default_rng(1).integers(-127, 128, (1, 1, 12, 8))
    kernel = levels.astype(np.float32) * np.float32(0.25)  # exact in float32
    moments = input_moments(layer("conv", kernel), [images], np.random.default_rng(0))
    rounded = round_with_gptq(kernel, np.full(8, 0.25, np.float32), moments)
    np.testing.assert_array_equal(rounded, levels)


@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
def test_the_moments_are_those_of_what_the_kernel_sees(images, strides):
    node = layer("conv", np.zeros((3, 3, 12, 1), np.float32), strides)
    found = input_moments(node, [images], np.random.default_rng(0))
    patches = tf.image.extract_patches(images, (1, 3, 3, 1), (1, *strides, 1), (1, 1, 1, 1), "SAME")
    expected = np.cov(np.asarray(patches, np.float64).reshape(-1, 108).T, bias=True)
    # Sums of some thousand float32 products of up to 10: a few ulps of the sum.
    np.testing.assert_allclose(found[0], expected, atol=1e-4)
