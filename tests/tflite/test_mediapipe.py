"""MediaPipe Tasks opens our files by their metadata alone. It needs NumPy 2, so it lives in an environment of its own:
`make venv-mediapipe`, or MEDIAPIPE_PYTHON names its interpreter."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tflite.detector import Detector
from mobilenet_tf.tflite.embedder import Embedder
from tests.support.commands import ROOT, run_export, run_process

SCRIPT = """
import json, sys
import mediapipe
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
options = vision.ImageClassifierOptions(base_options=tasks.BaseOptions(model_asset_path=sys.argv[1]), max_results=1)
with vision.ImageClassifier.create_from_options(options) as classifier:
    results = [classifier.classify(mediapipe.Image.create_from_file(photo)) for photo in sys.argv[2:]]
print(json.dumps([result.classifications[0].categories[0].category_name for result in results]))
"""


DETECT = """
import json, sys
import mediapipe
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
base = tasks.BaseOptions(model_asset_path=sys.argv[1])
options = vision.ObjectDetectorOptions(base_options=base, max_results=1, score_threshold=0.3)
with vision.ObjectDetector.create_from_options(options) as detector:
    found = detector.detect(mediapipe.Image.create_from_file(sys.argv[2])).detections[0]
box = found.bounding_box
print(json.dumps([found.categories[0].category_name, [box.origin_x, box.origin_y, box.width, box.height]]))
"""


EMBED = """
import json, sys
import mediapipe
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
base = tasks.BaseOptions(model_asset_path=sys.argv[1])
with vision.ImageEmbedder.create_from_options(vision.ImageEmbedderOptions(base_options=base)) as embedder:
    found = [embedder.embed(mediapipe.Image.create_from_file(photo)).embeddings[0] for photo in sys.argv[2:]]
print(json.dumps([one.embedding.tolist() for one in found]))
"""


@pytest.fixture(scope="module")
def mediapipe_python():
    python = Path(os.environ.get("MEDIAPIPE_PYTHON", ROOT / ".venv-mediapipe" / "bin" / "python"))
    if not python.exists():
        pytest.skip(f"MediaPipe is not installed: {python} does not exist; `make venv-mediapipe` makes it")
    return str(python)


@pytest.mark.parametrize("io", ["float32", "uint8"])
def test_mediapipe_names_the_cat_and_the_coffee(mediapipe_python, tmp_path, io):
    recipe = "float32" if io == "float32" else "int8"
    size = [] if io == "float32" else ["--alpha", "0.5"]  # float32: the default export, without any flag
    result = run_export(*size, "--quant", recipe, "--io", io, "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    (model,) = tmp_path.glob(f"*/*_{recipe}.tflite")
    alone = model.rename(tmp_path / "alone.tflite")
    photos = [bundled_photos() / name for name in ("cat.jpg", "coffee.jpg")]
    done = run_process(mediapipe_python, "-c", SCRIPT, alone, *photos)
    assert done.returncode == 0, done.stderr
    cat, coffee = json.loads(done.stdout.splitlines()[-1])
    assert cat in ("tabby, tabby cat", "tiger cat", "Egyptian cat")  # ImageNet's three classes of house cat
    assert coffee == "espresso"


def test_mediapipe_gives_the_vectors_of_an_embedding(mediapipe_python, tmp_path):
    options = ("--alpha", "0.25", "--res", "128", "--quant", "int8", "--io", "uint8", "--output-dir", tmp_path)
    result = run_export("--task", "embedding", *options)
    assert result.exit_code == 0, result.output
    (model,) = tmp_path.glob("*/*_int8.tflite")
    photos = [bundled_photos() / name for name in ("cat.jpg", "coffee.jpg")]
    done = run_process(mediapipe_python, "-c", EMBED, model.rename(tmp_path / "alone.tflite"), *photos)
    assert done.returncode == 0, done.stderr
    embedder = Embedder(tmp_path / "alone.tflite")
    for vector, photo in zip(json.loads(done.stdout.splitlines()[-1]), photos, strict=True):
        # MediaPipe stretches the whole photo, without a crop, by another rule: the vectors are near, not the same.
        assert embedder.similarity(np.array(vector), photo) > 0.8


def test_mediapipe_finds_the_cup_with_a_detector(mediapipe_python, shared, tmp_path):
    folder, photo = shared / "models" / "coco_ssd", bundled_photos() / "coffee.jpg"
    arguments = ("--weights", folder / "detect.tflite", "--labels", folder / "COCO_labels.txt", "--quant", "float16")
    result = run_export(*arguments, "--num-calibration", 60, "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    (model,) = tmp_path.glob("*/*_float16.tflite")
    done = run_process(mediapipe_python, "-c", DETECT, model.rename(tmp_path / "alone.tflite"), photo)
    assert done.returncode == 0, done.stderr
    label, (left, top, width, height) = json.loads(done.stdout.splitlines()[-1])
    found = Detector(tmp_path / "alone.tflite").detect(photo).objects[0]
    assert label == found.label == "cup"
    # MediaPipe resizes photos by another rule.
    expected = found.pixels(432, 288)
    assert np.abs(np.array([left, top, left + width, top + height]) - expected).max() < 8
