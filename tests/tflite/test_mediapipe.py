"""MediaPipe Tasks opens our files by their metadata alone. It needs NumPy 2, so it lives in an environment of its own:
`make venv-mediapipe`, or MEDIAPIPE_PYTHON names its interpreter."""

import json
import os
from pathlib import Path

import pytest

from mobilenet_tf.data.photos import bundled_photos
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
