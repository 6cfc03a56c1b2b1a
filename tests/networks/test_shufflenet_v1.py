import keras
import numpy as np
import pytest

from mobilenet_tf.networks.builder import ChannelShuffle, ZeroPaddedAverage
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.shufflenet_v1 import GROUPS, plan
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model


def layers(**options):
    return {layer.name: layer for layer in plan(1.0, res=64, **options)}


def test_channels_are_dealt_out_among_the_groups():
    x = np.arange(2 * 3 * 1 * 6, dtype=np.float32).reshape(2, 3, 1, 6)
    dealt = np.asarray(ChannelShuffle(3)(x))
    assert dealt[0, 0, 0].tolist() == [0, 2, 4, 1, 3, 5]  # of groups 01, 23, 45 each gives its first, then its second
    by_five_axes = x.reshape(2, 3, 1, 3, 2).transpose(0, 1, 2, 4, 3).reshape(x.shape)
    assert np.array_equal(dealt, by_five_axes)


def test_any_size_is_shuffled_alike():
    shuffle, rng = ChannelShuffle(2), np.random.default_rng(0)
    image = keras.Input((None, None, 4))
    model = keras.Model(image, shuffle(image))
    x = rng.normal(size=(2, 5, 3, 4)).astype(np.float32)
    assert np.array_equal(np.asarray(model(x)), x[..., [0, 2, 1, 3]])


def test_an_average_counts_the_zeros_of_its_padding():
    x = np.random.default_rng(0).normal(size=(2, 6, 4, 3)).astype(np.float32)
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))
    expected = np.stack(
        [[padded[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].mean((1, 2)) for j in range(2)] for i in range(3)]
    )
    found = np.asarray(ZeroPaddedAverage((3, 3), (2, 2))(x))
    assert found.transpose(1, 2, 0, 3) == pytest.approx(expected, abs=9 * 2**-23)  # nine terms, each of a few ulps


@pytest.mark.parametrize("groups", GROUPS)
def test_stages_have_the_papers_units_and_channels(groups):
    found = layers(groups=groups)
    ends = [layer for name, layer in found.items() if name.endswith(("_add", "_concat"))]
    assert [layer.type for layer in ends] == ["concat", *["add"] * 3, "concat", *["add"] * 7, "concat", *["add"] * 3]
    assert [end.out_channels for end in ends if end.type == "concat"] == [GROUPS[groups] << stage for stage in range(3)]
    assert [end.out_size for end in ends if end.type == "concat"] == [(8, 8), (4, 4), (2, 2)]


def test_the_first_pointwise_convolution_of_stage_2_is_not_grouped():
    found = layers(groups=3)
    pointwise = [layer for layer in found.values() if layer.type == "pointwise"]
    assert [layer.groups for layer in pointwise] == [1, *[3] * 31]
    assert "stage2_1_shuffle" not in found
    assert sum(layer.type == "shuffle" for layer in found.values()) == 15
    assert not any(layer.type == "shuffle" for layer in layers(groups=1).values())


def test_a_bottleneck_is_a_quarter_and_a_stride_of_2_joins_the_pooled_input():
    found = layers()
    assert (found["stage3_2_reduce"].out_channels, found["stage3_2_expand"].out_channels) == (120, 480)
    assert found["stage3_1_concat"].inputs == ("stage3_1_pool", "stage3_1_expand")
    assert found["stage3_1_pool"].inputs == ("stage2_4_add",)
    assert found["stage3_1_expand"].out_channels == 480 - 240
    assert found["stage3_2_add"].inputs == ("stage3_1_concat", "stage3_2_expand")


def test_one_unit_of_stride_1_is_figure_2b():
    """The unit's own layers, called by hand in the order of the figure."""
    model = build_model(ModelSpec("shufflenet_v1", 0.5, 64, 5))
    rng = np.random.default_rng(0)
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, w.shape).astype(np.float32) * rng.choice([-1, 1]) ** (w.ndim > 1)
            for w in map(np.asarray, model.get_weights())
        ]
    )
    probe = keras.Model(
        model.input, [model.get_layer(name).output for name in ("stage2_1_concat", "stage2_2_add_relu")]
    )
    x, expected = (np.asarray(y) for y in probe(rng.uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)))

    def then(y, *names):
        for name in names:
            y = model.get_layer(f"stage2_2_{name}")(y)
        return np.asarray(y)

    y = np.maximum(then(x, "reduce", "reduce_bn"), 0)
    y = y.reshape(*y.shape[:3], 3, -1).swapaxes(3, 4).reshape(y.shape)
    y = then(y, "depthwise", "depthwise_bn", "expand", "expand_bn")
    # Sums of some 40 float32 products: their order is the same, so that only fused operations may differ, by some ulps.
    assert np.maximum(x + y, 0) == pytest.approx(expected, rel=1e-5, abs=1e-5 * float(np.abs(expected).max()))


def test_megviis_own_code_has_as_many_parameters():
    assert totals(ModelSpec("shufflenet_v1"))[1] / 1e6 == pytest.approx(1.9, abs=0.05)
