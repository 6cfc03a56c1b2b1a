import importlib.util
import json

import pytest
from click.testing import CliRunner

from mobilenet_tf import Classifier
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import ImagesError, ModelError
from mobilenet_tf.tflite.cli import classify
from tests.support.commands import run_export, run_process


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    root = tmp_path_factory.mktemp("classifier")
    result = run_export("--alpha", "0.5", "--res", "160", "--quant", "int8", "--output-dir", root)
    assert result.exit_code == 0, result.output
    return root / "mobilenet_v1_a0.50_r160" / "mobilenet_v1_a0.50_r160_int8.tflite"


def test_it_names_the_cat_and_the_coffee(model):
    classifier = Classifier(model)
    for photo, label in (("cat", "cat"), ("coffee", "espresso")):
        prediction = classifier.classify(bundled_photos() / f"{photo}.jpg", top=3)
        (name, score), *rest = prediction.classes
        assert label in name
        assert score > 0.5 > rest[0][1] >= rest[1][1]
        assert prediction.inference_ms > 0


def test_tflite_runtime_names_them_too(model):
    """In a process of its own, as people run it: with TensorFlow in the same process tflite-runtime fails to load."""
    if importlib.util.find_spec("tflite_runtime") is None:
        pytest.skip("tflite-runtime is not installed: it has wheels for some versions of Python only")
    photo = bundled_photos() / "coffee.jpg"
    done = run_process("mobilenet-classify", "--backend", "tflite-runtime", model, photo)
    assert done.returncode == 0, done.stderr
    assert "on tflite-runtime 2.14.0" in done.stdout
    assert "espresso" in done.stdout


def test_the_command_prints_a_line_a_photo(model):
    result = CliRunner().invoke(classify, [str(model), str(bundled_photos() / "cat.jpg")])
    assert result.exit_code == 0, result.output
    head, line = result.stdout.splitlines()
    assert head.startswith(f"{model.name} on ai-edge-litert 2.3")
    assert line.startswith("cat.jpg")
    assert "Egyptian cat" in line


def test_json_is_one_document(model):
    result = CliRunner().invoke(classify, [str(model), str(bundled_photos()), "--json", "--top", "1"])
    assert len(json.loads(result.stdout)) == len(list(bundled_photos().glob("*.jpg")))


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"\x1c\0\0\0TFL3 and nothing else")
    for path in (tmp_path / "none.tflite", tmp_path / "x.tflite"):
        with pytest.raises(ModelError):
            Classifier(path)


def test_a_picture_that_cannot_be_read_is_refused(model, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"")
    with pytest.raises(ImagesError, match="cannot read"):
        Classifier(model).classify(tmp_path / "x.jpg")
    result = CliRunner().invoke(classify, [str(model), str(tmp_path / "none.jpg")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_model_without_labels_is_refused(shared):
    with pytest.raises(ModelError, match="carries no labels"):
        Classifier(shared / "weights" / "mobilenet_v1_0.25_128_quant.tflite")
