import keras
import pytest

from mobilenet_tf.networks.cost import layer_costs, totals
from mobilenet_tf.networks.mobilenet_v2 import plan
from mobilenet_tf.networks.spec import ModelSpec
from tests.support.parity import assert_same_function


# Every width and every resolution: the width changes the layers' sizes, the resolution their padding.
@pytest.mark.parametrize(("alpha", "res"), [(0.35, 96), (0.5, 128), (0.75, 160), (1.0, 192), (1.3, 32), (1.4, 224)])
def test_same_output_and_parameters_as_keras_applications(alpha, res):
    theirs = keras.applications.MobileNetV2((res, res, 3), alpha, weights=None, classifier_activation=None)
    assert_same_function(theirs, ModelSpec("mobilenet_v2", alpha, res))


def test_the_stages_are_table_2():
    found = [layer for layer in plan(1.0, 224) if layer.name.endswith("_project")]
    channels = [layer.out_channels for layer in found]
    assert channels == [16, *[24] * 2, *[32] * 3, *[64] * 4, *[96] * 3, *[160] * 3, 320]
    sizes = [layer.out_size[0] for layer in found]
    assert sizes == [112, *[56] * 2, *[28] * 3, *[14] * 7, *[7] * 4]
    assert sum(layer.type == "add" for layer in plan(1.0, 224)) == 10


@pytest.mark.parametrize(("alpha", "last"), [(0.35, 1280), (1.0, 1280), (1.4, 1792)])
def test_the_last_layer_is_not_thinned_below_1(alpha, last):
    assert list(plan(alpha, 224))[-1].out_channels == last


@pytest.mark.parametrize(("alpha", "printed"), [(0.35, 1.66), (0.5, 1.95), (0.75, 2.61), (1.0, 3.47), (1.4, 6.06)])
def test_kernels_are_as_many_as_the_reference_prints(alpha, printed):
    """Google's table of checkpoints counts kernels alone, for 1001 classes, in millions with two decimals."""
    spec = ModelSpec("mobilenet_v2", alpha, 224, 1001)
    channels = sum(cost.output_shape[-1] for cost in layer_costs(spec) if cost.type not in ("add", "pool", "dense"))
    kernels = totals(spec)[1] - 4 * channels - 1001  # without batch norm and the classifier's bias
    # Half of the last decimal, and one in a hundred of it for what the table counts differently.
    assert kernels / 1e6 == pytest.approx(printed, abs=0.015)
