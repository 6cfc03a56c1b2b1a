"""Shared fixtures: tiny real models, the bundled photos, and the reference data where it lies."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared():
    if not SHARED.is_dir():
        pytest.skip("the reference data is not beside the project (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def small_job():
    """The bundled alpha 0.25 at 96: everything that stands before the conversion, read once."""
    from export.job import Options, prepare
    from export.recipes import RECIPES

    return prepare(Options(recipes=list(RECIPES.values())), 0.25, 96)


@pytest.fixture(scope="session")
def small_model(small_job):
    from mobilenet_tf.weights import model_with

    return model_with(small_job.weights)


@pytest.fixture(scope="session")
def small_graph(small_model):
    from mobilenet_tf.folding import fold

    return fold(small_model)


@pytest.fixture(scope="session")
def small_frozen(small_graph):
    from export.convert import freeze

    return freeze(small_graph)


@pytest.fixture(scope="session")
def small_files(small_job, small_frozen):
    """Recipe name -> the plain converter's bytes."""
    from export.convert import convert
    from export.recipes import RECIPES

    calibration = small_job.split.calibration.images
    return {
        name: convert(frozen=small_frozen, recipe=recipe, calibration=calibration) for name, recipe in RECIPES.items()
    }


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """One real export by the command, float32 and int8 of alpha 0.25 at 96: (its folder, the result)."""
    root = tmp_path_factory.mktemp("exported")
    result = run_export("--alpha", "0.25", "--res", "96", "--output-dir", root)
    assert result.exit_code == 0, result.output
    return root / "mobilenet_v1_a0.25_r96", result


def run_export(*arguments):
    from export.cli import export

    return CliRunner().invoke(export, [str(argument) for argument in arguments])


def run_process(command, *arguments, env=None, cwd=None, timeout=300, **options):
    """Run a command (one of ours, or a path) as a process of its own, with what it prints captured."""
    path = Path(sys.executable).with_name(command) if "/" not in command else command
    environment = os.environ | (env or {})
    words = [str(path), *map(str, arguments)]
    return subprocess.run(words, env=environment, cwd=cwd, capture_output=True, text=True, timeout=timeout, **options)


def images_in(folder, count, *, size=(48, 40), seed=0):
    """Write `count` different small JPEGs."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in range(count):
        coarse = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize(size).save(folder / f"photo_{index:03d}.jpg")
    return folder


@pytest.fixture(scope="session")
def adb_box():
    """Real devices (see adbd_box.py) behind an adb server of their own, which adb then finds by the environment."""
    import adbd_box

    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(adbd_box.running_box())
        except OSError as error:
            pytest.skip(f"no adbd to test with: {error}")
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("ADB_SERVER_SOCKET", server)
        patch.delenv("ANDROID_SERIAL", raising=False)
        yield adbd_box
