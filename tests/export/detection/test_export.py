import json

import numpy as np
import pytest

from export.detection.job import prepare_detector
from export.settings import ExportSettings
from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import STRETCH_RULE, load_rgb, normalize, rule_sha256, stretch
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import InputError, LabelsError
from mobilenet_tf.tasks.detection import detection_agreement
from mobilenet_tf.tasks.post_processing import PostProcessing, detect
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.weights.detectors import load_detector
from tests.support.boxes import voc_set
from tests.support.commands import run_export
from tests.support.detectors import TINY, lively_detector

NAME = TINY.name


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run's folder with a detector of two classes: (the folder, the model)."""
    folder = tmp_path_factory.mktemp("run")
    model = lively_detector()
    model.save(folder / "best.keras")
    (folder / "labels.txt").write_text("cat\ncup\n")
    return folder, model


@pytest.fixture(scope="module")
def exports(trained, tmp_path_factory):
    """The folder of an export with post-processing, and the records that the command printed of it."""
    out = tmp_path_factory.mktemp("exports")
    arguments = ("--weights", trained[0], "--quant", "float32,float16,int8", "--num-calibration", 20)
    result = run_export(*arguments, "--output-dir", out, "--json", "--min-agreement", 0.5)
    assert result.exit_code == 0, result.output
    return out / NAME, json.loads(result.stdout)


@pytest.fixture(scope="module")
def image():
    return stretch(load_rgb(bundled_photos() / "cat.jpg"), TINY.res)


def of_keras(model, image):
    boxes, scores = (np.asarray(each)[0] for each in model(normalize(image[None])))
    return detect(boxes, scores, TINY.anchors(), PostProcessing())


def test_the_files_find_what_keras_finds(exports, trained, image):
    folder, records = exports
    expected = of_keras(trained[1], image)
    assert len(expected.above(0.3)) > 3
    for record, least in zip(records, (1.0, 0.95, 0.5), strict=True):
        found = DetectorModel(folder / f"{NAME}_{record['recipe']}.tflite").detect(image)
        assert detection_agreement([found], [expected], 0.3) >= least, record["recipe"]
        assert record["agreement"] >= least - 0.01
    float32 = DetectorModel(folder / f"{NAME}_float32.tflite").detect(image)
    # The same order of sums in both would give the same; see KERAS_LIMIT.
    np.testing.assert_allclose(float32.scores[:20], expected.scores[:20], atol=1e-3)


def test_an_exported_file_is_read_as_weights(exports, trained):
    folder, _ = exports
    weights = load_detector(str(folder / f"{NAME}_float32.tflite"))
    assert weights.spec == TINY
    for name in ("boxes0", "classes0", "boxes5", "classes5"):
        kernel, bias = weights.load().get_layer(name).get_weights()
        expected, expected_bias = trained[1].get_layer(name).get_weights()
        np.testing.assert_array_equal(kernel, expected)
        np.testing.assert_array_equal(bias, expected_bias)


def test_the_int8_file_takes_bytes_and_computes_with_integers(exports):
    folder, records = exports
    model = DetectorModel(folder / f"{NAME}_int8.tflite")
    assert model.session.input.dtype == np.int8
    assert records[-1]["float_ops"] == {"TFLite_Detection_PostProcess": 1}
    assert records[-1]["ops"]["DEQUANTIZE"] == 2
    assert model.labels == ["cat", "cup"]
    assert model.notes == []  # the file says all of itself


def test_the_outputs_are_named_and_in_the_usual_order(exports):
    from ai_edge_litert.interpreter import Interpreter

    folder, _ = exports
    interpreter = Interpreter(str(folder / f"{NAME}_int8.tflite"))
    signature = interpreter.get_signature_list()["serving_default"]
    assert signature["outputs"] == ["category", "location", "number of detections", "score"]
    interpreter.allocate_tensors()
    shapes = [details["shape"].tolist() for details in interpreter.get_output_details()]
    assert shapes == [[1, 100, 4], [1, 100], [1, 100], [1]]


def test_the_manifest_says_what_an_app_needs(exports):
    folder, _ = exports
    manifest = Manifest.read(folder / "manifest.json")
    assert (manifest.task, manifest.head, manifest.classes, manifest.res) == ("detection", "sigmoid", 2, 96)
    assert manifest.preprocessing == STRETCH_RULE
    assert manifest.preprocessing_sha256 == rule_sha256(STRETCH_RULE) != rule_sha256()
    assert manifest.detection.outputs == "detections"
    assert manifest.detection.anchors == []
    int8 = manifest.files[-1]
    assert [record.shape for record in int8.outputs] == [[1, 100, 4], [1, 100], [1, 100], [1]]
    assert int8.output == int8.outputs[0]
    assert json.loads((folder / "manifest.json").read_text())["preprocessing"]["kind"] == "stretch"


def test_golden_vectors_are_what_the_built_in_kernels_give(exports):
    folder, _ = exports
    entry = json.loads((folder / "golden" / "golden.json").read_text())[0]
    model = DetectorModel(folder / f"{NAME}_int8.tflite", delegate=False)
    given = entry["models"]["int8"]["input"]
    tensor = np.fromfile(folder / "golden" / given["file"], given["dtype"]).reshape(given["shape"])
    pixels = np.fromfile(folder / "golden" / entry["rgb"]["file"], np.uint8).reshape(entry["rgb"]["shape"])
    np.testing.assert_array_equal(stretch(load_rgb(folder / "golden" / entry["image"]), TINY.res), pixels)
    np.testing.assert_array_equal(model.tensor(pixels)[0], tensor)
    model.session.run(tensor[None])
    for record, output in zip(entry["models"]["int8"]["outputs"], model.session.get_all(), strict=True):
        expected = np.fromfile(folder / "golden" / record["file"], record["dtype"]).reshape(record["shape"])
        np.testing.assert_array_equal(output, expected)
    assert len(entry["models"]["int8"]["detections"]["scores"]) > 3


def test_raw_outputs_are_decoded_as_the_op_does(exports, trained, tmp_path, image):
    arguments = ("--weights", trained[0] / "best.keras", "--quant", "int8", "--num-calibration", 20, "--raw-outputs")
    result = run_export(*arguments, "--output-dir", tmp_path, "--min-agreement", 0.5)
    assert result.exit_code == 0, result.output
    raw = DetectorModel(tmp_path / NAME / f"{NAME}_int8.tflite").detect(image)
    with_op = DetectorModel(exports[0] / f"{NAME}_int8.tflite").detect(image)
    np.testing.assert_array_equal(raw.classes, with_op.classes)
    # The sigmoid in the file is XNNPACK's in both; of exp two libraries may differ by one step of float32.
    np.testing.assert_allclose(raw.scores, with_op.scores, rtol=1e-6)
    np.testing.assert_allclose(raw.boxes, with_op.boxes, rtol=1e-6, atol=1e-6)
    record = Manifest.read(tmp_path / NAME / "manifest.json").detection
    np.testing.assert_allclose(record.anchors, TINY.anchors(), rtol=1e-6)


def test_a_bound_on_the_drop_and_the_report_of_each_layer(trained, tmp_path):
    options = ("--quant", "int8", "--num-calibration", 20, "--min-agreement", 0.5, "--correction", "none")
    plain = run_export("--weights", trained[0], *options, "--output-dir", tmp_path / "plain", "--json")
    (before,) = json.loads(plain.stdout)
    drop = 100 * (1 - before["agreement"]) / 2
    options = (*options[:-2], "--max-drop", drop, "--quant-report", "--output-dir", tmp_path)
    done = run_export("--weights", trained[0], *options, "--json")
    assert done.exit_code == 0, done.output
    (record,) = json.loads(done.stdout)
    # The bound holds on half of the photos that are verified.
    assert before["agreement"] < record["agreement"]
    assert sum(record["float_ops"].values()) > 1
    notes = Manifest.read(tmp_path / NAME / "manifest.json").notes
    assert any(f"int8 with --max-drop {drop:g}: " in note and "ops compute in float" in note for note in notes)
    (report,) = json.loads((tmp_path / NAME / "quantization.json").read_text())["recipes"]
    assert report["steps"][-1] == "mixed precision"
    errors = [report["probability_error"][step] for step in report["steps"]]
    assert 0 < errors[-1] < errors[0] < 1
    assert [layer["name"] for layer in report["layers"]][-1] == "classes0"
    assert "after mixed precision" in (tmp_path / NAME / "quantization.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--max-drop", 1, "--quant", "float32"), "--max-drop is about the int8 file"),
        (("--quant-report", "--quant", "float16"), "--quant-report is about quantized files"),
        (("--per-tensor", "--quant", "int16x8"), "--per-tensor is for int8"),
        (("--drop-background",), "--drop-background is for classifiers"),
        (("--io", "float32"), "--io float32 is for classifiers"),
        (("--alpha", 0.5), "is a detector with --alpha 0.25; got 0.5"),
        (("--arch", "mobilenet_v1"), "is a detector with --arch ssd_mobilenet_v1; got mobilenet_v1"),
    ],
)
def test_options_that_a_detector_has_not_are_refused(trained, tmp_path, arguments, message):
    result = run_export("--weights", trained[0], *arguments, "--output-dir", tmp_path)
    assert result.exit_code == 2
    assert message in result.output.replace("\n", " ")
    assert not any(tmp_path.iterdir())


def test_a_drop_of_random_weights_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(InputError, match=r"random weights find none(.|\n)*give trained --weights"):
        prepare_detector(ExportSettings(weights="random", arch="ssd_mobilenet_v1", max_drop=1, output_dir=tmp_path))
    assert not any(tmp_path.iterdir())


def test_a_drop_needs_twenty_photos_that_do_not_calibrate(trained, tmp_path):
    voc_set(tmp_path / "photos", 24)  # a third of them calibrates
    arguments = ("--calibration", tmp_path / "photos", "--max-drop", 1, "--output-dir", tmp_path / "out")
    result = run_export("--weights", trained[0], *arguments)
    assert result.exit_code == 2
    assert "expected at least 20 photos that do not calibrate" in result.output
    assert "has 16." in " ".join(result.output.split())


def test_another_number_of_labels_is_refused(trained, tmp_path):
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")
    result = run_export("--weights", trained[0], "--labels", tmp_path / "labels.txt", "--output-dir", tmp_path / "out")
    assert result.exit_code == 2
    assert "expected 2 labels" in result.output


@pytest.mark.parametrize(
    ("lines", "labels"),
    [(("cat", "cup"), ["cat", "cup"]), (("Background", "cat", "cup"), ["cat", "cup"]), (("a", "cat", "cup"), None)],
)
def test_only_a_background_is_dropped_from_labels(tmp_path, trained, lines, labels):
    (tmp_path / "labels.txt").write_text("\n".join(lines))
    settings = ExportSettings(weights=str(trained[0]), labels=tmp_path / "labels.txt", num_calibration=5)
    if labels is not None:
        job = prepare_detector(settings)
        assert job.labels == labels
        assert any("'Background', stands for the background" in note for note in job.notes) == (len(lines) == 3)
        return
    with pytest.raises(LabelsError, match=r"expected 2 labels(.|\n)*has 3"):
        prepare_detector(settings)


def test_raw_outputs_are_of_detectors_only(tmp_path):
    result = run_export("--alpha", 0.25, "--raw-outputs", "--output-dir", tmp_path)
    assert result.exit_code == 2
    assert "--raw-outputs is for object detectors" in result.output


def test_there_are_no_bundled_weights_of_a_detector(tmp_path):
    result = run_export("--arch", "ssd_mobilenet_v1", "--output-dir", tmp_path)
    assert result.exit_code == 2
    assert "there are no bundled weights of ssd_mobilenet_v1" in result.output
