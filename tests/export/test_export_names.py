"""The names of an export: that of its data set, and folders and files whose names are not UTF-8."""

import dataclasses
import hashlib

import numpy as np
import pytest

from mobilenet_tf.contract.manifest import SPLIT_FILE, Manifest, SplitRecord
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.data.split import Split
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.commands import images_in, run_export, run_process


def test_names_that_are_not_utf_8_are_read_and_written(tmp_path):
    folder = tmp_path / "ph\udcff otos"
    for seed, name in enumerate(("c\udce9t", "ship")):
        images_in(folder / name, 10, seed=seed)
    (folder / "ship" / "photo_000.jpg").rename(folder / "ship" / "x\udcfe.jpg")
    (tmp_path / "l\udcff.txt").write_text("dog, brown\ndog, black\n")
    done = run_process(
        "mobilenet-export", "--weights", "random", "--alpha", "0.25", "--res", "32", "--classes", "2", "--quant",
        "int8", "--correction", "none", "--calibration", folder.name, "--labels", "l\udcff.txt",
        "--output-dir", "o\udcfft", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Written: o\\xfft/mobilenet_v1_a0.25_r32/" in done.stdout
    written = tmp_path / "o\udcfft" / "mobilenet_v1_a0.25_r32"
    assert (written / "labels.txt").read_text() == "dog, brown\ndog, black\n"
    assert Manifest.read(written / "manifest.json").calibration.folder == "ph\\xff otos"


@pytest.mark.slow
def test_an_export_bears_the_name_of_the_data_set_and_its_split(tmp_path):
    from mobilenet_tf.training.kept_models import save_model
    from tests.support.networks import lively_model

    model = lively_model(np.random.default_rng(1), res=32, classes=2)
    for seed, label in enumerate(("cat", "dog")):
        images_in(tmp_path / "photos" / label, 15, seed=seed)
    digests = [photo_digest(path.read_bytes()) for path in sorted(tmp_path.glob("photos/*/*"))]
    split = Split("My Pets", 4, frozenset(digests[10:]), frozenset(digests[:10]), 0.5, 10)
    for name in ("My Pets", "My Pets_quantized"):
        (tmp_path / name).mkdir()
        save_model(model, tmp_path / name / "best.keras", split)
        (tmp_path / name / "labels.txt").write_text("cat\ndog\n")
        result = run_export(
            "--weights", tmp_path / name, "--calibration", tmp_path / "photos", "--quant", "int8",
            "--correction", "none", "--min-agreement", "0", "--output-dir", tmp_path / "out",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["mobilenet_v1_a0.25_r32_My_Pets", "mobilenet_v1_a0.25_r32_My_Pets_quantized"]
    folder = tmp_path / "out" / names[0]
    manifest = Manifest.read(folder / "manifest.json")
    assert (manifest.name, manifest.files[0].path) == (names[0], f"{names[0]}_int8.tflite")
    assert Split.from_json((folder / manifest.split.file).read_text()) == split
    assert hashlib.sha256((folder / manifest.split.file).read_bytes()).hexdigest() == manifest.split.sha256
    assert (manifest.split.dataset, manifest.split.train, manifest.split.validation) == ("My Pets", 20, 10)
    assert (manifest.verification.accuracy_photos, manifest.verification.accuracy_trained) == (10, 0)
    # The accuracy is that of the file on the validation photos, which are ten cats.
    file = ImageModel(folder / manifest.files[0].path, min_classes=2)
    assert SplitRecord.from_description(file.description, SPLIT_FILE) == dataclasses.replace(manifest.split, epochs=1)
    assert "; trained on 20 photos of My Pets, validated on 10; split sha256 " in file.description
    images = [preprocess(read_photo(path), 32) for path in sorted(tmp_path.glob("photos/cat/*"))[:10]]
    assert manifest.files[0].accuracy == np.mean([file.predict(image[None])[0].argmax() == 0 for image in images])
