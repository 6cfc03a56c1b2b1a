"""Shared fixtures: tiny real models, the bundled photos, and the reference data if it is there."""

import contextlib
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Several tests run at once: the threads of NumPy's OpenBLAS would spend their time waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.pop("COLUMNS", None)  # tables would fit it, if whoever runs the tests has exported it

import pytest

from tests.support import skips
from tests.support.commands import ROOT, run_export

# The reference weights and photos, which CONTRIBUTING.md lists. experiments/Makefile has the same default.
HOSTED = Path(os.environ.get("HOSTED", ROOT.parent / "shared" / "data")).resolve()


def pytest_addoption(parser):
    parser.addoption(
        "--allowed-skips", metavar="FILE", help="Fail if a test is skipped for a reason FILE does not list."
    )


def pytest_collection_modifyitems(items):
    """Files with slow tests first: at the end all processes have something short to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """End with status 1 if a test was skipped for a reason that --allowed-skips does not list."""
    file, reporter = (
        session.config.getoption("--allowed-skips"),
        session.config.pluginmanager.get_plugin("terminalreporter"),
    )
    if file is None or reporter is None or hasattr(session.config, "workerinput"):
        return  # not asked for, or one of xdist's workers: the first process has the reports of all
    unexpected = skips.unexpected(reporter.stats.get("skipped", []), skips.read_allowed(Path(file)))
    if unexpected:
        reporter.write_line("")
        reporter.write_line(f"Skipped for a reason that {file} does not list:", red=True)
        for line in unexpected:
            reporter.write_line(line, red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared():
    if not HOSTED.is_dir():
        pytest.skip("the reference data is not there: set HOSTED to its folder")
    return HOSTED


@pytest.fixture(scope="session")
def small_job():
    """The bundled alpha 0.25 at 96: the input of an export, read once."""
    from export.job import prepare
    from export.recipes import RECIPES
    from export.settings import ExportSettings

    return prepare(ExportSettings(tuple(RECIPES.values()), alpha=0.25, res=96))


@pytest.fixture(scope="session")
def small_model():
    from mobilenet_tf.weights.load import load_weights, model_with

    return model_with(load_weights("imagenet", alpha=0.25, res=96))


@pytest.fixture(scope="session")
def small_graph(small_model):
    from mobilenet_tf.quantization.keras_graph import graph_of

    return graph_of(small_model)


@pytest.fixture(scope="session")
def small_files(small_job, small_graph):
    """Recipe name -> the bytes of its file without correction."""
    from export.convert import convert
    from export.recipes import RECIPES

    calibration = small_job.images.calibration.images
    return {name: convert(small_graph, recipe, calibration) for name, recipe in RECIPES.items()}


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """One real export by the command, float32 and int8 of alpha 0.25 at 96: (its folder, the result)."""
    root = tmp_path_factory.mktemp("exported")
    result = run_export("--alpha", "0.25", "--res", "96", "--output-dir", root)
    assert result.exit_code == 0, result.output
    return root / "mobilenet_v1_a0.25_r96", result


@pytest.fixture(scope="session")
def adb_box():
    """Real devices (see adbd_box.py) behind an adb server of their own, which adb then finds by the environment."""
    from tests.support import adbd_box

    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(adbd_box.running_box())
        except OSError as error:
            pytest.skip(f"no adbd to test with: {error}")
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("ADB_SERVER_SOCKET", server)
        patch.delenv("ANDROID_SERIAL", raising=False)
        yield adbd_box
