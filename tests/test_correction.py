import numpy as np
import pytest
from test_mobilenet_v1 import lively

from export.convert import convert, freeze
from export.correction import correct, grid_step, weight_scales
from export.flatbuffer import op_names, parse
from export.folding import fold
from export.inject import inject
from export.recipes import RECIPES
from export.verify import Runner, keras_outputs
from mobilenet_tf.errors import ModelError
from mobilenet_tf.spec import ModelSpec
from mobilenet_tf.zoo import build_model


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


@pytest.mark.parametrize(("recipe", "activations"), [("int8", "int8"), ("int16x8", "int16"), ("dynamic_int8", None)])
def test_corrected_outputs_are_nearer_to_the_float_models(
    small_job, small_model, small_graph, small_files, recipe, activations
):
    images = small_job.split.held_out.images[:60]
    reference = keras_outputs(small_model, images)
    plain = Runner(small_files[recipe]).outputs(images)
    layers = correct(small_graph, small_job.split.calibration.images, activations=activations)
    corrected = Runner(inject(small_files[recipe], layers)).outputs(images)
    error = [np.abs(outputs - reference).mean() for outputs in (plain, corrected)]
    assert error[1] < 0.7 * error[0]


@pytest.mark.parametrize("variant", ["conv", "shallow"])
def test_the_correction_works_on_the_other_networks(variant):
    model = build_model(ModelSpec(alpha=0.25, res=64, classes=9, variant=variant))
    rng = np.random.default_rng(0)
    model.set_weights(lively(model, rng))
    graph = fold(model)
    images = rng.integers(0, 256, (40, 64, 64, 3), dtype=np.uint8)
    plain = convert(frozen=freeze(graph), recipe=RECIPES["int8"], calibration=images[:20])
    corrected = inject(plain, correct(graph, images[:20]))
    reference = keras_outputs(model, images[20:])
    error = [np.abs(Runner(m).outputs(images[20:]) - reference).mean() for m in (plain, corrected)]
    assert error[1] < error[0]


def test_the_mean_of_every_channel_is_the_float_networks(small_graph, small_job):
    images = small_job.split.calibration.images[:20]
    first, node = correct(small_graph, images, activations=None)[0], small_graph.nodes[0]
    x = [(images.astype(np.float32) - 127.5) / 127.5]
    exact = np.asarray(node.linear(x, node.kernel) + node.bias)
    rounded = np.asarray(node.linear(x, first.real(node.kind)) + first.bias)
    # Means of 46,080 float32 values of up to 10: summed in float32, each off by a few ulps of 10.
    np.testing.assert_allclose(rounded.mean((0, 1, 2)), exact.mean((0, 1, 2)), atol=1e-4)


def test_the_file_holds_the_layers_numbers(small_graph, small_job, small_files):
    layers = correct(small_graph, small_job.split.calibration.images[:20])
    parsed = parse(inject(small_files["int8"], layers))
    graph = parsed.subgraphs[0]
    weighted = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
    ops = [op for op, name in zip(graph.operators, op_names(parsed), strict=True) if name in weighted]
    assert len(ops) == len(layers) == 28
    for op, layer in zip(ops, layers, strict=True):
        data, kernel, bias = (graph.tensors[index] for index in op.inputs)
        held = np.asarray(parsed.buffers[kernel.buffer].data, np.uint8).view(np.int8).reshape(kernel.shape)
        np.testing.assert_array_equal(held, np.moveaxis(layer.kernel, -1, 0))
        np.testing.assert_array_equal(kernel.quantization.scale, layer.scale)
        whole = np.asarray(parsed.buffers[bias.buffer].data, np.uint8).view(np.int32)
        step = data.quantization.scale[0] * layer.scale
        # Half a step of rounding, and the step itself a float32 product.
        assert (np.abs(whole * step - layer.bias) <= step * (0.5 + np.abs(whole) * 2**-22)).all()


def test_layers_of_another_network_are_refused(small_graph, small_job, small_files):
    layers = correct(small_graph, small_job.split.calibration.images[:10])
    with pytest.raises(ModelError, match="expected 27 ops"):
        inject(small_files["int8"], layers[1:])
    with pytest.raises(ModelError, match="does not fit"):
        inject(small_files["int8"], layers[::-1])
