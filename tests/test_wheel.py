import sys

from tests.support.commands import ROOT, run_process

SCRIPT = """
import sys
import mobilenet_tf
assert mobilenet_tf.__file__.startswith(sys.argv[1]), mobilenet_tf.__file__
from export.cli import export
export(["--alpha", "0.25", "--res", "128", "--quant", "int8", "--output-dir", "out"], standalone_mode=False)
from mobilenet_tf import Classifier
from mobilenet_tf.data.photos import bundled_photos
model = "out/mobilenet_v1_a0.25_r128/mobilenet_v1_a0.25_r128_int8.tflite"
from mobilenet_tf.report.page import asset
assert asset("report.css") and asset("report.js")
print(Classifier(model).classify(bundled_photos() / "coffee.jpg").classes[0][0])
"""


def test_the_wheel_works_away_from_the_checkout(tmp_path):
    """Installed alone into a folder that comes first on the path; its dependencies are this environment's."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = run_process(*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("mobilenet_tf-*.whl")
    site = tmp_path / "site"
    assert run_process(*pip, "install", "--quiet", "--no-deps", "--target", site, wheel).returncode == 0
    done = run_process(sys.executable, "-c", SCRIPT, site, cwd=tmp_path, env={"PYTHONPATH": str(site)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "espresso"
