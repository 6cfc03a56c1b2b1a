import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf.benchmark.android.device_result import result_from_device
from mobilenet_tf.benchmark.cli import benchmark
from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.contract.preprocessing import STRETCH_RULE
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.errors import InputError, LabelsError
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.report.text import markdown_report
from mobilenet_tf.results.records import Result
from mobilenet_tf.tasks.post_processing import PostProcessing
from mobilenet_tf.tflite.flatbuffer import pack
from tests.support.detectors import TINY, lively_detector
from tests.tflite.test_detector import BOXES, model_of_boxes

SETTINGS = {"runs": 3, "warmup": 1, "min_seconds": 0.0}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A detector that finds the three BOXES, of the classes a, b and c, whatever the photo."""
    folder = tmp_path_factory.mktemp("detector")
    (folder / "detector.tflite").write_bytes(pack(model_of_boxes()))
    (folder / "labels.txt").write_text("a\nb\nc\n")
    return folder / "detector.tflite"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Four photos of 200 x 100; on each the first two of BOXES, but on the last the second is of class c."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    lines = ["file,label,x1,y1,x2,y2"]
    for number in range(4):
        Image.fromarray(rng.integers(0, 256, (100, 200, 3), np.uint8)).save(folder / f"{number}.png")
        for (top, left, bottom, right), label in zip(BOXES[:2], ("A", "c" if number == 3 else "b"), strict=True):
            corners = (f"{end:.0f}" for end in (left * 200, top * 100, right * 200, bottom * 100))
            lines.append(f"{number}.png,{label},{','.join(corners)}")
    (folder / "boxes.csv").write_text("\n".join(lines))
    return folder


def measured(model, photos, **settings):
    labels = model.with_name("labels.txt")
    return measure(model, MeasurementSettings(images=photos, labels=labels, **SETTINGS | settings))


def test_the_scores_are_those_of_the_boxes(model, photos):
    result = measured(model, photos)
    scores = result.detection
    assert result.accuracy is None
    assert (scores.images, scores.boxes) == (4, 8)
    # Of class a all four are found; of b the three, and then a fourth that is none; of c the box is elsewhere.
    assert scores.per_class == {"a": pytest.approx(1), "b": pytest.approx(1), "c": pytest.approx(0)}
    assert scores.ap50 == pytest.approx(2 / 3)
    assert scores.boxes_per_class == {"a": 4, "b": 3, "c": 1}
    assert result.preprocessing == STRETCH_RULE
    assert Result.from_json(result.to_json()) == result


def test_each_stage_is_timed(model, photos):
    stages = measured(model, photos).stages_ms
    assert min(stages.load, stages.preprocess, stages.inference, stages.postprocess) > 0


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """The file of a detector with layers."""
    from export.convert import written
    from export.recipes import RECIPES
    from export.settings import ExportSettings
    from mobilenet_tf.quantization.detection_end import detection_graph

    path = tmp_path_factory.mktemp("network") / f"{TINY.name}_float32.tflite"
    graph = detection_graph(lively_detector(), TINY, PostProcessing(), "detections")
    path.write_bytes(pack(written(graph, RECIPES["float32"], ExportSettings(), None)))
    return path


def test_memory_ops_load_and_xnnpack_are_measured_as_those_of_classifiers(network):
    result = measure(network, MeasurementSettings(profile=True, sustained=0.05, **SETTINGS))
    assert result.peak_memory_bytes > network.stat().st_size  # the process holds the file, and much besides
    types = [op.type for op in result.ops]
    assert types[-1] == "CUSTOM"
    assert types.count("CONV_2D") > 13  # of V1 13, and those of the heads
    assert len(result.sustained) >= 1
    assert result.xnnpack == "part"
    (note,) = (note for note in result.notes if note.startswith("XNNPACK left "))
    assert "TFLite_Detection_PostProcess" in note
    assert (result.model.arch, result.model.recipe, result.model.classes) == ("ssd_mobilenet_v1", "float32", 2)
    assert result.model.parameters == totals(TINY)[1]


def test_a_detector_without_photos_is_timed_alone(model):
    result = measure(model, MeasurementSettings(**SETTINGS))
    assert result.detection is None
    assert result.model.res == 8


def test_boxes_of_other_classes_only_are_refused(model, photos, tmp_path):
    (tmp_path / "labels.txt").write_text("x\ny\nz\n")
    with pytest.raises(LabelsError, match="expected boxes of classes that the model knows"):
        measure(model, MeasurementSettings(images=photos, labels=tmp_path / "labels.txt", **SETTINGS))


def test_options_of_classifiers_are_refused(model, photos):
    with pytest.raises(InputError, match="--ground-truth is for classifiers"):
        measured(model, photos, ground_truth=Path("list.txt"))


def test_the_command_prints_ap50_and_map(model, photos, tmp_path):
    arguments = [model, "--images", photos, "--labels", model.with_name("labels.txt"), "--runs", 3, "--warmup", 1]
    options = [*arguments, "--output-dir", tmp_path, "--min-seconds", 0]
    result = CliRunner().invoke(benchmark, [str(one) for one in options])
    assert result.exit_code == 0, result.output
    assert "66.7%" in result.stdout
    assert "AP50 and COCO's mAP on 4 photos with 8 boxes" in " ".join(result.stdout.split())
    again = CliRunner().invoke(benchmark, [str(one) for one in [*options, "--json"]])
    (document,) = json.loads(again.stdout)
    assert document["detection"]["ap50"] == pytest.approx(2 / 3)
    assert document["top1"] is None


def test_the_report_has_columns_for_detectors_alone(model, photos):
    result = measured(model, photos)
    header, _, row = markdown_report([result]).splitlines()[4:7]
    cells = dict(zip(header.split(" | "), row.split(" | "), strict=True))
    assert (cells["AP50"], cells["mAP"]) == ("66.7%", "66.7%")
    without = markdown_report([replace(result, detection=None)])
    assert "AP50" not in without


def test_a_detector_is_not_measured_on_a_device(model):
    with pytest.raises(InputError, match="is an object detector, which is measured on this computer only"):
        result_from_device(model, MeasurementSettings(**SETTINGS), "", "cpu", None, PhotoDigests(), ignore_progress)
