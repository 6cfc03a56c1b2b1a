"""The wheel away from the checkout: beside this environment's packages, and alone with its own dependencies."""

import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from mobilenet_tf.data.photos import bundled_photos
from tests.support.commands import ROOT, run_process
from tests.support.results_sample import sample, write_results

pytestmark = pytest.mark.slow

PIP = ("-m", "pip", "--disable-pip-version-check")
NO_NETWORK = re.compile("NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError")
NOT_OURS = {"pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence"}  # of an empty environment
LARGEST_BASE_BYTES = 155e6  # 17 MB of them are bundled weights
SCRIPT = """
import sys
import mobilenet_tf
assert mobilenet_tf.__file__.startswith(sys.argv[1]), mobilenet_tf.__file__
from export.cli import export
export(["--alpha", "0.25", "--res", "128", "--quant", "int8", "--output-dir", "out"], standalone_mode=False)
from mobilenet_tf import Classifier
from mobilenet_tf.data.photos import bundled_photos
model = "out/mobilenet_v1_a0.25_r128/mobilenet_v1_a0.25_r128_int8.tflite"
from mobilenet_tf.report.document import asset
assert asset("report.css") and asset("report.js")
print(Classifier(model).classify(bundled_photos() / "coffee.jpg").classes[0][0])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    built = run_process(sys.executable, *PIP, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("mobilenet_tf-*.whl")
    return path


@pytest.fixture(scope="module")
def base(wheel, tmp_path_factory):
    """Runs a program of an environment that has the wheel and what it depends on, without any extra.

    With the oldest LiteRT that pyproject.toml allows, which is also the smallest: all other tests run with the newest.
    """
    folder = tmp_path_factory.mktemp("base")
    made = run_process(sys.executable, "-m", "venv", folder / "venv")
    assert made.returncode == 0, made.stderr

    def run(program, *arguments):
        environment = {"PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
        return run_process(f"{folder}/venv/bin/{program}", *arguments, cwd=folder, env=environment, timeout=900)

    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (oldest,) = (re.match(r"ai-edge-litert>=([\d.]+)", line)[1] for line in dependencies if "litert" in line)
    installed = run("python", *PIP, "install", "--quiet", wheel, f"ai-edge-litert=={oldest}")
    if installed.returncode != 0 and NO_NETWORK.search(installed.stderr):
        pytest.skip("the package index cannot be reached")
    assert installed.returncode == 0, installed.stderr
    return run


def bytes_of(site):
    """(all that is installed in a folder of packages, in bytes; the same for each package)."""
    sizes = {}
    for path in site.rglob("*"):
        package = re.split(r"[-.]", path.relative_to(site).parts[0])[0]
        if path.is_file() and package not in NOT_OURS:
            sizes[package] = sizes.get(package, 0) + path.stat().st_size
    return sum(sizes.values()), sizes


def test_it_holds_the_packages_their_licences_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"mobilenet_tf", "export"}
    assert {"mobilenet_tf/py.typed", "export/py.typed", "mobilenet_tf/assets/NOTICE"} <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert "License-Expression: Apache-2.0" in metadata


def test_it_works_beside_this_environment_s_packages(wheel, tmp_path):
    """Installed alone into a folder that comes first on the path."""
    site = tmp_path / "site"
    installed = run_process(sys.executable, *PIP, "install", "--quiet", "--no-deps", "--target", site, wheel)
    assert installed.returncode == 0, installed.stderr
    done = run_process(sys.executable, "-c", SCRIPT, site, cwd=tmp_path, env={"PYTHONPATH": str(site)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "espresso"


def test_the_base_installation_is_small_and_complete(base):
    checked = base("python", *PIP, "check")
    assert checked.returncode == 0, checked.stdout
    site = base("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    total, sizes = bytes_of(Path(site))
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    print(f"base installation: {total / 1e6:.1f} MB:", *(f"{name} {size / 1e6:.1f}" for name, size in largest))
    assert not {"tensorflow", "keras", "plotly", "matplotlib"} & set(sizes)
    assert total < LARGEST_BASE_BYTES


def test_the_base_installation_classifies_and_measures_an_export(base, exported):
    model = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    classified = base("mobilenet-classify", model, bundled_photos() / "coffee.jpg", "--top", "1", "--json")
    assert classified.returncode == 0, classified.stderr
    ((best,),) = (photo["classes"] for photo in json.loads(classified.stdout))
    assert best["label"] == "espresso"
    measured = base(
        "mobilenet-benchmark", model, "--runs", "5", "--min-seconds", "0", "--output-dir", "results", "--json"
    )
    assert measured.returncode == 0, measured.stderr
    assert json.loads(measured.stdout)[0]["latency_ms"]["p50"] > 0
    shown = base("mobilenet-info", "--alpha", "0.25")
    assert shown.returncode == 0, shown.stderr
    assert "41.0 M Mult-Adds" in shown.stdout
    table = base("mobilenet-report", "results", "--markdown")
    assert table.returncode == 0, table.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["mobilenet-train", "cifar10"], "train"),
        (["mobilenet-export", "--alpha", "0.25"], "train"),
        (["mobilenet-export", "--weights", "keras"], "train"),
        (["mobilenet-benchmark", "MODEL", "--backend", "tf.lite"], "train"),
        (["mobilenet-classify", "MODEL", "--backend", "tflite-runtime"], "tflite-runtime"),
        (["mobilenet-report", "RESULTS", "-o", "page.html"], "report"),
    ],
    ids=" ".join,
)
def test_a_command_that_lacks_an_extra_names_it(base, exported, tmp_path, command, extra):
    write_results(tmp_path, [sample()])
    places = {"MODEL": exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite", "RESULTS": tmp_path}
    done = base(*(places.get(word, word) for word in command))
    assert done.returncode == 2
    assert f"pip install 'mobilenet-tf[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
