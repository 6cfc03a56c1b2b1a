import numpy as np
import pytest

from mobilenet_tf.quantization.scales import grid_step, round_to_nearest, tensor_scale, weight_scales


def test_a_grid_is_found_and_kept():
    step = np.float32(0.0123)
    levels = np.random.default_rng(0).integers(-90, 160, (1, 1, 6, 16))
    kernel = levels.astype(np.float32) * step
    # The step is a quotient of float32 products: two ulps.
    assert grid_step(kernel) == pytest.approx(step, rel=2**-22)
    scale = weight_scales(kernel, "conv")
    fits = np.abs(levels).max((0, 1, 2)) <= 127
    assert fits.any()
    assert not fits.all()
    np.testing.assert_array_equal(np.rint(kernel / scale)[..., fits], levels[..., fits])
    assert (np.abs(np.rint(kernel / scale)) <= 127).all()


def test_ordinary_weights_have_no_grid():
    kernel = np.random.default_rng(0).normal(size=(1, 1, 32, 32)).astype(np.float32)
    assert grid_step(kernel) is None
    np.testing.assert_array_equal(weight_scales(kernel, "conv"), np.abs(kernel).max((0, 1, 2)) / np.float32(127))


def test_a_channel_of_zeros_has_a_scale():
    assert weight_scales(np.zeros((3, 3, 1, 4), np.float32), "depthwise").tolist() == [1] * 1


def test_a_tensor_scale_clips_a_channel_that_does_not_count():
    kernel = np.random.default_rng(0).normal(size=(1, 1, 16, 8)).astype(np.float32)
    kernel[..., 0] *= 40
    counts = np.array([0, 1, 1, 1, 1, 1, 1, 1])

    def error(scale):
        rounded = round_to_nearest(kernel, scale, "conv") * scale
        return float((np.square(rounded - kernel).sum((0, 1, 2)) * counts).sum())

    scale = tensor_scale(kernel, "conv", error)
    assert len(set(scale.tolist())) == 1
    assert scale[0] == pytest.approx(0.15 * np.abs(kernel).max() / 127)
    # If that channel counts, no channel is clipped.
    counts[0] = 1
    assert tensor_scale(kernel, "conv", error)[0] == pytest.approx(np.abs(kernel).max() / 127)
