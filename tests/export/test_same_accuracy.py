"""What an export says of its accuracy is what the benchmark of its file says of the same folder."""

import json
import shutil

import numpy as np
import pytest

from mobilenet_tf.benchmark.cli import benchmark
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.split import Split
from tests.support.commands import images_in, run_export

TRAINED, VALIDATION, UNKNOWN, COPIES = 30, 3, 4, 5  # photos of each of two classes


def photos_and_split(folder, *, trained):
    """Photos of two classes, with copies of validation photos, and the split of a run on some of them."""
    sides = ([], [])
    for seed, name in enumerate(("cat", "dog")):
        paths = sorted(images_in(folder / name, TRAINED + VALIDATION + UNKNOWN, seed=seed).iterdir())
        for side, some in zip(sides, (paths[:trained], paths[trained : trained + VALIDATION]), strict=True):
            side += [photo_digest(path.read_bytes()) for path in some]
        for number in range(COPIES):
            shutil.copy(paths[trained + number % VALIDATION], folder / name / f"copy_{number}.jpg")
    return Split("pets", 4, *map(frozenset, sides), 0.5, 2 * VALIDATION)


@pytest.mark.parametrize(
    ("trained", "unknown", "counted"), [(TRAINED, True, 2 * (VALIDATION + UNKNOWN)), (TRAINED, False, 6)]
)
def test_both_commands_count_the_same_photos_and_say_the_same_top_1(trained, unknown, counted, tmp_path, capfd):
    from click.testing import CliRunner

    from mobilenet_tf.training.kept_models import save_model
    from tests.support.networks import lively_model

    split = photos_and_split(tmp_path / "photos", trained=trained)
    if not unknown:
        for path in tmp_path.glob("photos/*/photo_*.jpg"):
            if photo_digest(path.read_bytes()) not in split.train | split.validation:
                path.unlink()
    (tmp_path / "run").mkdir()
    save_model(lively_model(np.random.default_rng(1), res=32, classes=2), tmp_path / "run" / "best.keras", split)
    (tmp_path / "run" / "labels.txt").write_text("cat\ndog\n")
    done = run_export(
        "--weights", tmp_path / "run", "--calibration", tmp_path / "photos", "--quant", "float32", "--json",
        "--output-dir", tmp_path / "out",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (exported,) = json.loads(done.stdout)
    arguments = ["--images", tmp_path / "photos", "--runs", 1, "--min-seconds", 0, "--json"]
    arguments += ["--output-dir", tmp_path / "results", exported["path"]]
    measured = CliRunner().invoke(benchmark, [str(argument) for argument in arguments])
    assert measured.exit_code == 0, measured.output
    (result,) = json.loads(measured.stdout)
    assert (exported["accuracy_photos"], exported["accuracy_trained"]) == (counted, 0)
    assert (result["images"], result["accuracy"]["trained_measured"]) == (counted, 0)
    assert result["top1"] == pytest.approx(exported["accuracy"], abs=1e-9)
    assert "10 of the" in capfd.readouterr().err
