import numpy as np
import pytest

from mobilenet_tf.errors import SpecError
from mobilenet_tf.networks.cost import layer_cost
from mobilenet_tf.networks.detectors import DETECTORS, DetectorSpec, detector_named


def totals(spec):
    costs = [layer_cost(layer) for layer in spec.plan().layers]
    return sum(cost.mult_adds for cost in costs) / 1e6, sum(cost.parameters for cost in costs) / 1e6


PRINTED = [(row.name, *pair, *figures) for row in DETECTORS.values() for pair, figures in row.paper_totals.items()]


@pytest.mark.parametrize(("arch", "alpha", "res", "mult_adds", "parameters"), PRINTED)
def test_costs_are_the_papers(arch, alpha, res, mult_adds, parameters):
    """The papers round to two digits, and do not say whether of COCO they count 80 classes or 90: 6 % of parameters."""
    found = totals(DetectorSpec(arch, alpha, res))
    assert found[0] == pytest.approx(mult_adds, rel=0.04)
    assert found[1] == pytest.approx(parameters, rel=0.06)


def test_ssd_300_has_the_feature_maps_and_anchors_of_the_published_detectors():
    spec = DetectorSpec("ssd_mobilenet_v1", 0.75, 300)
    assert spec.plan().feature_sizes == [(19, 19), (10, 10), (5, 5), (3, 3), (2, 2), (1, 1)]
    assert [layer.out_channels for layer in spec.plan().features] == [384, 768, 384, 192, 192, 96]
    anchors = spec.anchors()
    assert anchors.shape == (1917, 4)
    # The first cell of the first map: a small square, then of scale 0.2 one lying and one standing.
    half = 0.5 / 19
    expected = [
        [half, half, 0.1, 0.1],
        [half, half, 0.2 / 2**0.5, 0.2 * 2**0.5],
        [half, half, 0.2 * 2**0.5, 0.2 / 2**0.5],
    ]
    np.testing.assert_allclose(anchors[:3], expected, rtol=1e-6)
    np.testing.assert_allclose(anchors[-6], [0.5, 0.5, 0.95, 0.95], rtol=1e-6)
    np.testing.assert_allclose(anchors[-1], [0.5, 0.5, 0.95**0.5, 0.95**0.5], rtol=1e-6)


@pytest.mark.parametrize("arch", DETECTORS)
def test_there_is_an_anchor_for_each_output(arch):
    spec = DetectorSpec(arch, 0.5, 132, 7)  # an odd size at stride 4
    plan = spec.plan()
    outputs = sum(head.out_size[0] * head.out_size[1] * head.out_channels for head in plan.box_heads)
    assert outputs == spec.anchors().size
    assert sum(h.out_size[0] * h.out_size[1] * h.out_channels for h in plan.class_heads) == len(spec.anchors()) * 7
    strides = [132 / layer.out_size[0] for layer in plan.features[:2]]
    assert strides == pytest.approx([132 / 9, 132 / 5])  # 16 and 32, of a size that they do not divide


def test_anchors_are_a_new_array_each_time():
    spec = DetectorSpec(res=96)
    spec.anchors()[:] = 0
    assert spec.anchors().min() > 0


def test_a_name_is_read_back():
    spec = DetectorSpec("ssdlite_mobilenet_v2", 0.75, 320, 3)
    assert spec.artefact("int8") == "ssdlite_mobilenet_v2_a0.75_r320_int8"
    assert DetectorSpec.parse("ssdlite_mobilenet_v2_a0.75_r320_raccoon_int8", 3) == (spec, "int8")
    assert detector_named("ssdlite_mobilenet_v2_a0_75_r320", 3) == spec
    assert detector_named("mobilenet_v2_a0.75_r320") is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"arch": "mobilenet_v1"}, "--arch to be one of ssd_mobilenet_v1"),
        ({"alpha": 1.1}, r"--alpha .* in \(0, 1\]; got 1.1"),
        ({"alpha": float("nan")}, "--alpha"),
        ({"res": 302}, "multiple of 4 from 96 to 1024; got 302"),
        ({"res": 64}, "got 64"),
        ({"classes": 0}, "classes; got 0"),
    ],
)
def test_what_is_no_detector_is_refused(fields, message):
    with pytest.raises(SpecError, match=message):
        DetectorSpec(**fields)
