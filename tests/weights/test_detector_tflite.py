"""Detectors in .tflite files, made here layer by layer without tensors of any real size: only weights are read."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from flatbuffers import flexbuffers

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.anchors import ANCHORS_PER_CELL
from mobilenet_tf.tasks.post_processing import PostProcessing
from mobilenet_tf.tflite.detection_op import DETECTION_OP, op_options
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.tflite.model_builder import ModelBuilder
from mobilenet_tf.weights.detector_tflite import read_detector_tflite
from tests.support.detectors import TINY


@dataclass
class Written:
    """A file that is being written; kernels: of each layer as Keras has it."""

    build: ModelBuilder
    kernels: dict

    def layer(self, layer, source, columns=None):
        """Append a convolution -> its output. columns: outputs of each anchor, if they are more than the layer's."""
        rng = np.random.default_rng(len(self.kernels))
        shape = layer.kernel_shape
        kernel = rng.normal(size=shape if columns is None else (*shape[:3], columns)).astype(np.float32)
        self.kernels[layer.name] = kernel
        depthwise = shape[-1] == 1 and shape[-2] > 3
        stored = self.build.constant("kernel", np.moveaxis(kernel, -1, 0))
        bias = self.build.constant("bias", np.arange(kernel.shape[2 if depthwise else 3], dtype=np.float32))
        output = self.build.tensor(layer.name, "float32", (1, 1, 1, 1))
        name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        self.build.op(name, 1, [source, stored, bias], output)
        return output

    def joined(self, tensors, columns):
        """Append what makes one tensor of heads, as TensorFlow's converter does it."""
        rows = []
        for tensor in tensors:
            rows.append(self.build.tensor("rows", "float32", (1, 1, columns)))
            self.build.op("RESHAPE", 1, [tensor, self.build.constant("shape", np.int32([1, -1, columns]))], rows[-1])
        output = self.build.tensor("all", "float32", (1, len(tensors), columns))
        self.build.op("CONCATENATION", 1, rows, output)
        return output


def detector_file(path, classes, background, stated, *, anchors=None, options=None):
    """Write an SSD with so many classes, and what its post-processing states -> the kernels by the names of layers."""
    plan, build = replace(TINY, classes=classes).plan(), ModelBuilder("a detector")
    file, columns = Written(build, {}), classes + background
    image = source = build.tensor("image", "float32", (1, TINY.res, TINY.res, 3))
    heads = {layer.name for layer in (*plan.box_heads, *plan.class_heads)}
    outputs = {}
    for layer in plan.layers:
        if layer.weighted and layer.name not in heads:
            source = outputs[layer.name] = file.layer(layer, source)
    ends = []
    for layers, each in ((plan.box_heads, 4), (plan.class_heads, columns)):
        tensors = [
            file.layer(head, outputs[feature.name], anchors * each)
            for feature, head, anchors in zip(plan.features, layers, ANCHORS_PER_CELL, strict=True)
        ]
        ends.append(file.joined(tensors, each))
    scores = build.tensor("scores", "float32", (1, 6, columns))
    build.op("LOGISTIC", 1, [ends[1]], scores)
    given = {name: build.tensor(name, "float32", (1, 10)) for name in "abcd"}
    inputs = [ends[0], scores, build.constant("anchors", TINY.anchors() if anchors is None else anchors)]
    settings = options or op_options(stated, PostProcessing())
    build.custom_op(DETECTION_OP, inputs, [*given.values()], settings)
    path.write_bytes(pack(build.finish(image, given)))
    return file.kernels


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("classes", [1, 3, 4, 11])
def test_heads_are_told_by_what_the_post_processing_takes(tmp_path, classes, background):
    # Numbers of scores that are those of a box's corners, or those of COCO's ids and a background, say nothing.
    kernels = detector_file(tmp_path / "m.tflite", classes, background, classes)
    stored = read_detector_tflite(tmp_path / "m.tflite")
    assert stored.spec == replace(TINY, classes=classes)
    assert stored.background == background
    for number in range(6):
        np.testing.assert_array_equal(stored.arrays[f"boxes{number}"][0], kernels[f"boxes{number}"])
        written = kernels[f"classes{number}"]
        of_anchors = written.reshape(*written.shape[:3], -1, classes + background)[..., background:]
        np.testing.assert_array_equal(stored.arrays[f"classes{number}"][0], of_anchors.reshape(*written.shape[:3], -1))


@pytest.mark.parametrize("stated", [0, 3, 6])
def test_a_number_of_classes_that_the_scores_are_not_is_refused(tmp_path, stated):
    detector_file(tmp_path / "m.tflite", 5, False, stated)
    with pytest.raises(WeightsError, match="to say how many classes it has"):
        read_detector_tflite(tmp_path / "m.tflite")


def test_anchors_and_box_scales_that_no_detector_of_ours_has_are_refused(tmp_path):
    detector_file(tmp_path / "m.tflite", 2, False, 2, anchors=TINY.anchors() * np.float32([1, 1, 1, 1.5]))
    with pytest.raises(WeightsError, match=r"to have the anchors of TensorFlow's published SSDs"):
        read_detector_tflite(tmp_path / "m.tflite")
    other = flexbuffers.Loads(op_options(2, PostProcessing())) | {"h_scale": 10.0}
    detector_file(tmp_path / "m.tflite", 2, False, 2, options=bytes(flexbuffers.Dumps(other)))
    with pytest.raises(WeightsError, match=r"its post-processing divides by \(10.0, 10.0, 10.0, 5.0\)"):
        read_detector_tflite(tmp_path / "m.tflite")
    detector_file(tmp_path / "m.tflite", 2, False, 2, options=bytes(flexbuffers.Dumps(other | {"h_scale": "five"})))
    with pytest.raises(WeightsError, match="damaged"):
        read_detector_tflite(tmp_path / "m.tflite")


def test_a_detector_of_another_network_is_refused(tmp_path):
    detector_file(tmp_path / "m.tflite", 2, False, 2)
    model = parse((tmp_path / "m.tflite").read_bytes())
    model.subgraphs[0].operators.pop(1)
    (tmp_path / "m.tflite").write_bytes(pack(model))
    with pytest.raises(WeightsError, match=r"34 convolutions and 6 \+ 6 heads are those of none"):
        read_detector_tflite(tmp_path / "m.tflite")
