from dataclasses import replace

import numpy as np
import pytest

from mobilenet_tf.quantization.linear import in_places
from mobilenet_tf.quantization.ops import OPS
from mobilenet_tf.quantization.simpler_ops import PlainOp, simpler

X = np.random.default_rng(0).uniform(0.1, 4, (2, 3, 3, 4)).astype(np.float32)
CHANNELS = np.array([0.5, 2, -3, 0.7], np.float32)
KEPT = {"never_negative": False}


def computed(op):
    inputs = in_places([X] * len(op.inputs), op.constants)
    return np.asarray(OPS[op.op].compute(op.options, inputs, X.shape))


@pytest.mark.parametrize(
    ("op", "constants", "expected", "kernel"),
    [
        ("NEG", {}, -X, "MUL"),
        ("SQUARE", {}, X * X, "MUL"),
        ("DIV", {1: CHANNELS}, X / CHANNELS, "MUL"),
        ("POW", {1: np.array(2, np.float32)}, X**2, "MUL"),
        ("POW", {1: np.array(-0.5, np.float32)}, X**-0.5, "RSQRT"),
        ("POW", {1: np.array(0.5, np.float32)}, X**0.5, "SQRT"),
    ],
)
def test_another_op_computes_the_same(op, constants, expected, kernel):
    found = simpler(PlainOp(op, (0,), constants, None), **KEPT)
    assert found.op == kernel
    # An ulp of the reciprocal, and one of the product.
    np.testing.assert_allclose(computed(found), expected, rtol=2**-22)


def test_what_no_kernel_computes_stays():
    for op in (PlainOp("DIV", (0, 1), {}, None), PlainOp("POW", (0,), {1: np.array(1.7, np.float32)}, None)):
        assert simpler(op, **KEPT) == op


def test_padding_with_another_value_is_padding_with_zeros_if_no_window_sees_the_difference():
    edges = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
    lowest = PlainOp("PADV2", (0,), {1: edges, 2: np.array(-np.inf, np.float32)}, None)
    zeros = replace(lowest, constants={1: edges, 2: np.array(0, np.float32)})
    assert simpler(zeros, **KEPT).op == "PAD"
    assert simpler(lowest, never_negative=True, windows=[(3, 3)]).op == "PAD"
    assert simpler(lowest, never_negative=True).op == "PADV2"


def test_padding_that_is_never_the_largest_is_that_of_repeated_pixels_if_each_window_holds_them():
    edges = np.array([[0, 0], [1, 1], [0, 2], [0, 0]], np.int32)
    lowest = PlainOp("PADV2", (0,), {1: edges, 2: np.array(-np.inf, np.float32)}, None)
    assert simpler(lowest, never_negative=False, windows=[(2, 4), (3, 5)]).op == "MIRROR_PAD"
    assert simpler(lowest, never_negative=False, windows=[(2, 4), (3, 3)]).op == "PADV2"
    assert simpler(lowest, never_negative=False).op == "PADV2"
