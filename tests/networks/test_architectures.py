import keras
import numpy as np
import pytest

from mobilenet_tf.networks.architectures import ARCHITECTURES, Architecture
from mobilenet_tf.networks.cost import layer_costs, totals
from mobilenet_tf.networks.layers import first_layer
from mobilenet_tf.networks.published import paper_totals, published_specs
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.load import load_weights, model_with


def plan(alpha, res):
    """A network of nobody's: a convolution, a depthwise one that is not named after its kind, and a residual."""
    width = int(24 * alpha)
    yield (first := first_layer("stem", "conv", res, width, kernel=(5, 5), strides=(4, 4), activation="relu"))
    yield (x := first.then("spread", "depthwise", kernel=(3, 3), activation="relu"))
    yield (x := x.then("mix", "pointwise", width))
    yield x.then("sum", "add", activation="relu", inputs=(first.name, x.name))


ROW = Architecture(
    "made_up_v7",
    plan,
    "Nobody 2031",
    widths=2.0,
    infer_alphas=lambda _, last: [last / 24],
    paper_totals={(1.0, 64): (0.6, 0.003)},
    top1={(1.0, 64): 12.5},
)


@pytest.fixture
def spec(monkeypatch):
    """A width of the made-up network, which a row of the table makes known."""
    monkeypatch.setitem(ARCHITECTURES, ROW.name, ROW)
    return ModelSpec("made_up_v7", 0.5, 64, 7)


def test_a_new_row_is_counted_named_and_printed(spec):
    assert ModelSpec.parse(spec.artefact("int8")) == (ModelSpec("made_up_v7", 0.5, 64), "int8")
    assert [cost.name for cost in layer_costs(spec)] == ["stem", "spread", "mix", "sum", "pool", "classifier"]
    assert totals(spec)[1] == build_model(spec).count_params()
    assert paper_totals(ModelSpec("made_up_v7", 1.0, 64)) == (0.6, 0.003)
    assert ModelSpec("made_up_v7", 1.0, 64) in published_specs()


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
def test_a_new_row_s_files_are_recognized(spec, tmp_path, suffix):
    """The files have another name than the network, and no option names it."""
    model = build_model(spec)
    renamed = keras.Model(model.inputs, model.outputs, name="model")
    path = tmp_path / f"model{suffix}"
    renamed.save_weights(path) if suffix == ".weights.h5" else renamed.save(path)
    weights = load_weights(str(path), res=64)
    assert weights.spec == spec
    image = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    np.testing.assert_array_equal(model_with(weights)(image, training=False), model(image, training=False))


def test_a_new_row_begins_with_random_weights(spec):
    assert load_weights("random", arch="made_up_v7", alpha=0.5, res=64, classes=7).spec == spec


@pytest.mark.parametrize("row", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_published_weights_are_of_widths_that_the_network_has(row):
    for source, pairs in row.weights.items():
        assert source in ("imagenet", "cifar10", "keras")
        for alpha, res in pairs:
            assert ModelSpec(row.name, alpha, res).name.startswith(row.name)
    assert (row.keras is None) == ("keras" not in row.weights)
