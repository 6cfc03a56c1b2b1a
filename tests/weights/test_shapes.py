import pytest

from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.shapes import expected_shapes, recognize

SPECS = [ModelSpec(name, 1.0, 32, 5) for name in ARCHITECTURES]


def shapes_of(spec):
    return [shape for _, shape in expected_shapes(spec)]


@pytest.mark.parametrize("spec", [ModelSpec(arch, 0.5, 32, 5) for arch in ("mobilenet_v1", "shufflenet_v1", "effnet")])
def test_shapes_are_those_of_the_keras_model(spec):
    assert shapes_of(spec) == [array.shape for array in build_model(spec).get_weights()]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_row_is_recognized_whatever_is_likely(spec):
    for likely in (ModelSpec(res=32), ModelSpec("effnet", 0.5, 32), spec):
        assert recognize(shapes_of(spec), likely) == spec


def test_the_order_of_the_shapes_does_not_matter():
    spec = ModelSpec("shufflenet_v1", 0.5, 32, 5)
    assert recognize(shapes_of(spec)[::-1], ModelSpec(res=32)) == spec


def test_a_network_with_as_many_arrays_is_named_if_none_fits():
    shapes = shapes_of(ModelSpec(alpha=0.5, res=32, classes=5))
    shapes[10] = (1, 1, 16, 33)
    assert recognize(shapes, ModelSpec(res=32)) == ModelSpec(alpha=0.5, res=32, classes=5)


def test_what_is_no_network_is_none():
    assert recognize([], ModelSpec()) is None
    assert recognize([(3, 3, 3, 8), (8,)], ModelSpec()) is None  # no classifier
    assert recognize([(3, 3, 3, 8), (8, 5), (5,)], ModelSpec()) is None  # no network is as short
