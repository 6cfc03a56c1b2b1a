import numpy as np
import pytest
import tensorflow as tf

from experiments.plain_converter import plain_file
from export.convert import GraphForms, convert, written
from export.recipes import RECIPES
from export.settings import ExportSettings
from export.source import keras_scores
from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.quantization.correction import correct, logit_range, quantize_uncorrected
from mobilenet_tf.quantization.equalization import equalize
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function, graph_of
from mobilenet_tf.quantization.ranges import fake_quantize, shares_scale
from mobilenet_tf.quantization.ungroup import ungroup
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.networks import lively_model


def file_of(quantized, recipe="int8"):
    """The bytes of a quantized network's file."""
    settings = ExportSettings(per_tensor=quantized.per_tensor)
    return pack(written(quantized.graph, RECIPES[recipe], settings, quantized))


def scores_of(model, images):
    return ImageModel.from_bytes(model).predict(images)


@pytest.mark.parametrize(("recipe", "activations"), [("int8", "int8"), ("int16x8", "int16"), ("dynamic_int8", None)])
def test_corrected_outputs_are_nearer_to_the_float_models(
    small_job, small_model, small_graph, small_files, recipe, activations
):
    images = small_job.images.verification.images[:60]
    reference = keras_scores(small_model, images)
    plain = scores_of(small_files[recipe], images)
    quantized = correct(small_graph, small_job.images.calibration.images, activations=activations)
    corrected = scores_of(file_of(quantized, recipe), images)
    error = [np.abs(outputs - reference).mean() for outputs in (plain, corrected)]
    assert error[1] < 0.7 * error[0]


@pytest.mark.parametrize("arch", ["mobilenet_v1_conv", "mobilenet_v1_shallow"])
def test_the_correction_works_on_the_other_variants(arch):
    rng = np.random.default_rng(0)
    model = lively_model(rng, arch)
    graph = graph_of(model)
    images = rng.integers(0, 256, (40, 64, 64, 3), dtype=np.uint8)
    plain = convert(graph, RECIPES["int8"], images[:20])
    corrected = file_of(correct(graph, images[:20]))
    reference = keras_scores(model, images[20:])
    error = [np.abs(scores_of(m, images[20:]) - reference).mean() for m in (plain, corrected)]
    assert error[1] < error[0]


def many_classes(end):
    """A network of 60 classes, most of which a photo is surely none of. end: logits (1, 1, 1, 60) -> probabilities."""
    rng = np.random.default_rng(0)
    kernel, classes = (tf.constant(rng.normal(size=s).astype(np.float32)) for s in ((3, 3, 3, 16), (1, 1, 16, 60)))

    def network(image):
        features = tf.nn.relu6(tf.nn.conv2d(image, kernel, 2, "SAME"))
        pooled = tf.reduce_mean(features, (1, 2), keepdims=True)
        return end(tf.nn.conv2d(3 * pooled, classes, 1, "VALID"))

    return read_graph(convert_function(network, (16, 16, 3)))


ENDS = {
    "reshaped": lambda x: tf.nn.softmax(tf.reshape(x, (1, 60))),
    "squeezed": lambda x: tf.nn.softmax(tf.squeeze(x, (1, 2))),
    "pooled": lambda x: tf.nn.softmax(tf.reshape(tf.nn.avg_pool2d(x, 1, 1, "VALID"), (1, 60))),
    "of one pixel": tf.nn.softmax,
}


@pytest.mark.parametrize("end", ENDS)
def test_the_file_has_the_probabilities_of_the_simulation_whatever_is_between_logits_and_softmax(end):
    """The logits' range is narrower than what was observed: ops that only pass them on must have the same."""
    graph = many_classes(ENDS[end])
    images = np.random.default_rng(1).integers(0, 256, (60, 4, 4, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)
    quantized = correct(graph, images)
    for index, node in enumerate(graph.nodes):
        if shares_scale(node):
            assert quantized.ranges[index] == quantized.ranges[node.inputs[0]]
    *_, (_, simulated) = quantized.outputs(graph.normalize(images))
    found = scores_of(file_of(quantized), images)
    # Roundings that fall the other way move a logit by a step of about 0.1, and a probability by a tenth of itself.
    assert np.abs(found - np.asarray(simulated).reshape(60, -1)).mean() < 0.1 * np.asarray(simulated).mean()
    if end in ("reshaped", "squeezed"):
        assert quantized.ranges[graph.logits][0] > quantize_uncorrected(graph, images).ranges[graph.logits][0]


def cifar10_photos(res, step):
    return np.stack([preprocess(load_rgb(path), res) for path in find_photos(bundled_photos("cifar10")).paths[::step]])


@pytest.mark.slow
@pytest.mark.parametrize("per_tensor", [False, True])
@pytest.mark.parametrize(("arch", "res"), [("shufflenet_v1", 160), ("effnet", 32)])
def test_the_correction_works_on_the_other_networks(arch, res, per_tensor):
    """Residual additions, concatenations and pools included, on trained weights and photos they were not trained on."""
    model = model_with(load_weights("cifar10", arch=arch, res=res))
    photos = cifar10_photos(res, step=2)
    images, held_out = photos[::3], np.delete(photos, np.s_[::3], axis=0)
    graph = ungroup(graph_of(model))
    target = equalize(graph, images)[0] if per_tensor else graph
    plain = convert(target, RECIPES["int8"], images, ExportSettings(per_tensor=per_tensor))
    quantized = correct(target, images, per_tensor=per_tensor)
    reference = keras_scores(model, held_out)
    ran = scores_of(file_of(quantized), held_out)
    assert np.abs(ran - reference).mean() < np.abs(scores_of(plain, held_out) - reference).mean()
    *_, (_, simulated) = quantized.outputs(normalize(held_out))
    # The interpreter and the simulation round the same numbers; if one falls the other way, a few outputs move by
    # some of their 256 steps. Those of another photo differ by tens of them.
    assert np.abs(ran - simulated).mean() < 2 / 256
    assert np.abs(ran - np.asarray(simulated)[::-1]).mean() > 20 / 256


def test_the_mean_of_every_channel_is_the_float_networks(small_graph, small_job):
    images = small_job.images.calibration.images[:20]
    first, node = correct(small_graph, images, activations=None).layers[0], small_graph.nodes[0]
    x = [(images.astype(np.float32) - 127.5) / 127.5]
    exact = np.asarray(node.before_bias(x, node.kernel) + node.bias)
    rounded = np.asarray(node.before_bias(x, first.real(node.kind)) + first.bias)
    # Means of 46,080 float32 values of up to 10: summed in float32, each off by a few ulps of 10.
    np.testing.assert_allclose(rounded.mean((0, 1, 2)), exact.mean((0, 1, 2)), atol=1e-4)


def test_one_image_far_from_all_others_does_not_shift_the_biases():
    """29 grey images, and a white one whose error is a hundred times theirs: a mean over all would be a third of it."""
    graph = many_classes(ENDS["reshaped"])
    images = np.random.default_rng(1).integers(126, 130, (30, 16, 16, 3), dtype=np.uint8)
    images[3] = np.random.default_rng(2).integers(250, 256, (16, 16, 3), dtype=np.uint8)
    first, node = correct(graph, images, activations=None).layers[0], graph.nodes[0]
    x = [graph.normalize(images)]
    exact, rounded = (
        node.before_bias(x, node.kernel) + node.bias,
        node.before_bias(x, first.real(node.kind)) + first.bias,
    )
    errors = np.asarray(rounded - exact).mean((1, 2))
    grey = np.delete(errors, 3, 0)
    # The white image counts as three deviations of the others, of which it is a thirtieth.
    assert (np.abs(grey.mean(0)) < 0.2 * grey.std(0)).all()
    assert np.abs(errors[3]).mean() > 30 * grey.std(0).mean()


def test_the_file_holds_the_layers_numbers(small_graph, small_job):
    quantized = correct(small_graph, small_job.images.calibration.images[:20])
    layers, parsed = quantized.layers, parse(file_of(quantized))
    graph = parsed.subgraphs[0]
    ops = weighted_ops(parsed)
    assert len(ops) == len(layers) == 28
    for op, layer in zip(ops, layers, strict=True):
        data, kernel, bias = (graph.tensors[index] for index in op.inputs)
        held = held_in(parsed, kernel, np.int8).reshape(kernel.shape)
        np.testing.assert_array_equal(held, np.moveaxis(layer.kernel, -1, 0))
        np.testing.assert_array_equal(kernel.quantization.scale, layer.scale)
        whole = held_in(parsed, bias, np.int32)
        step = data.quantization.scale[0] * layer.scale
        # Half a step of rounding, and the step itself a float32 product.
        assert (np.abs(whole * step - layer.bias) <= step * (0.5 + np.abs(whole) * 2**-22)).all()


def weighted_ops(parsed):
    names = zip(parsed.subgraphs[0].operators, op_names(parsed), strict=True)
    return [op for op, name in names if name in {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}]


def held_in(parsed, tensor, dtype):
    return np.asarray(parsed.buffers[tensor.buffer].data, np.uint8).view(dtype)


def test_one_scale_for_each_kernel_is_made_usable(small_job, small_graph, small_model):
    calibration, images = small_job.images.calibration.images, small_job.images.verification.images[:60]
    reference = keras_scores(small_model, images)
    plain = convert(small_graph, RECIPES["int8"], calibration, ExportSettings(per_tensor=True))
    target, _ = equalize(small_graph, calibration)
    corrected = file_of(correct(target, calibration, per_tensor=True))
    error = [np.abs(scores_of(m, images) - reference).mean() for m in (plain, corrected)]
    assert error[1] < 0.5 * error[0]
    assert op_names(parse(corrected)) == op_names(parse(plain))
    kernels = [t for t in parse(corrected).subgraphs[0].tensors if t.buffer and t.quantization and len(t.shape) == 4]
    assert {len(t.quantization.scale) for t in kernels} == {1}


def test_the_logits_are_stored_within_the_chosen_range(small_graph, small_job):
    quantized = correct(small_graph, small_job.images.calibration.images[:20])
    model = parse(file_of(quantized))
    graph = model.subgraphs[0]
    softmax = graph.operators[op_names(model).index("SOFTMAX")]
    held = graph.tensors[softmax.inputs[0]].quantization
    low, high = quantized.ranges[quantized.graph.logits]
    # A scale is a float32 quotient; the zero point is a whole number of steps.
    assert held.scale[0] * 255 == pytest.approx(high - low, rel=2**-22)
    assert (-128 - held.zeroPoint[0]) * held.scale[0] == pytest.approx(low, abs=0.5 * held.scale[0])


def test_the_range_of_logits_leaves_out_what_softmax_does_not_see():
    rng = np.random.default_rng(0)
    logits = rng.normal(-20, 1, (40, 50)).astype(np.float32)
    logits[np.arange(40), rng.integers(50, size=40)] = rng.uniform(3, 9, 40)
    logits[np.arange(40), rng.integers(50, size=40)] = rng.uniform(3, 9, 40)
    low, high = logit_range(logits, logits)
    assert high == logits.max()
    # Below -12 a logit's share of the softmax is under 50 e^-15 beside the least of the largest.
    assert -12 < low <= 0

    def error(limits):
        def softmax(x):
            powers = np.exp(np.asarray(x, np.float64))
            return powers / powers.sum(1, keepdims=True)

        return np.abs(softmax(fake_quantize(logits, limits, "int8")) - softmax(logits)).mean()

    assert error((low, high)) < 0.8 * error((logits.min(), high))


def test_the_range_of_logits_leaves_out_how_far_the_largest_is_above_all_others():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (40, 5)).astype(np.float32)
    largest = logits.max()
    logits[0] = (300, 0, 0, 0, 0)
    # Of 10 and four times 0 the softmax is (1, 0, 0, 0, 0) but for 2e-4.
    assert largest <= logit_range(logits, logits)[1] < 20
    # What the quantized network has cut already needs no more either.
    assert largest <= logit_range(logits, np.minimum(logits, 9))[1] <= 9


def test_the_range_of_what_was_a_sigmoid_ends_where_its_output_no_longer_changes():
    z = np.linspace(-30, 40, 71, dtype=np.float32)
    low, high = logit_range(*2 * [np.stack([0 * z, z], 1)])
    assert high == 6.24
    assert -6.24 <= low < -4
    # With another first logit both may be large at once, and must stay apart.
    assert logit_range(*2 * [np.stack([z - 1, z], 1)])[1] == 40


@pytest.mark.parametrize("recipe", ["dynamic_int8", "int16x8"])
def test_weights_alone_in_int8_are_rounded_with_gptq(recipe):
    """Grouped convolutions included: files whose activations stay float keep them."""
    photos = cifar10_photos(96, step=6)
    images, held_out = photos[::2], normalize(photos[1::2])
    recipe = RECIPES[recipe]
    model = model_with(load_weights("cifar10", arch="shufflenet_v1", res=96))
    graph = GraphForms(graph_of(model)).for_recipe(recipe)
    plain = quantize_uncorrected(graph, images, activations=recipe.activations_dtype)
    corrected = correct(graph, images, activations=recipe.activations_dtype)
    exact = graph.compared_among(graph.walk(held_out))
    error = [np.abs(graph.compared_among(q.outputs(held_out)) - exact).mean() for q in (plain, corrected)]
    assert error[1] < 0.7 * error[0]


def test_images_that_cannot_calibrate_are_refused(small_graph):
    with pytest.raises(ImagesError, match="all of one colour"):
        correct(small_graph, np.zeros((12, 96, 96, 3), np.uint8))


def test_the_simulation_gives_what_the_interpreter_gives(small_graph, small_job):
    images = small_job.images.calibration.images
    quantized = correct(small_graph, images)
    *_, (_, simulated) = quantized.outputs((images[:20].astype(np.float32) - 127.5) / 127.5)
    ran = scores_of(file_of(quantized), images[:20])
    # A rounding that falls the other way in one of 28 layers changes few logits by a step, 0.15 or so here: a tenth of
    # a probability near one half at the very most. The mean over 1000 classes is far below a step of the output.
    assert np.abs(ran - simulated).max() < 0.1
    assert np.abs(ran - simulated).mean() < 0.1 / 256


def test_without_a_correction_levels_are_the_converters(small_model, small_graph, small_job):
    images = small_job.images.calibration.images
    quantized = quantize_uncorrected(small_graph, images)
    parsed = parse(plain_file(small_model, images[:20]))
    graph = parsed.subgraphs[0]
    for op, layer in zip(weighted_ops(parsed), quantized.layers, strict=True):
        kernel = graph.tensors[op.inputs[1]]
        held = held_in(parsed, kernel, np.int8).reshape(kernel.shape)
        # Ties between two levels may be broken either way; weights of a former grid have many.
        assert np.abs(held - np.moveaxis(layer.kernel, -1, 0).astype(int)).max() <= 1
        assert (held == np.moveaxis(layer.kernel, -1, 0)).mean() > 0.9
