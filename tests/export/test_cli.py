import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.commands import contents_of, images_in, run_export, run_process

NAME = "mobilenet_v1_a0.25_r96"
SMALL = ("--alpha", "0.25", "--res", "96", "--quant", "int8")


def test_the_folder_holds_all_that_belongs_to_the_export(exported):
    names = sorted(path.name for path in exported[0].iterdir())
    assert names == ["golden", "labels.txt", "manifest.json", f"{NAME}_float32.tflite", f"{NAME}_int8.tflite"]
    assert (exported[0] / "labels.txt").read_text().splitlines() == imagenet_labels()


def test_the_summary_is_one_table(exported):
    lines = exported[1].stdout.splitlines()
    assert lines[0].split() == ["recipe", "size", "ops", "agreement", "prob.", "latency"]  # no photo has a known class
    assert lines[2].startswith("float32 ")
    assert "100.0%" in lines[2]
    assert lines[3].startswith("int8 ")
    assert re.search(r"^Agreement: same best class as float on \d+ photos \(200 crops\) that", exported[1].stdout, re.M)
    assert all(len(line) <= 80 for line in lines[:4])
    assert re.search(r" ±\d+\.\d% ", lines[3])
    assert f"Written: {exported[0]}/" in lines


def test_two_exports_with_one_seed_are_byte_identical(exported, tmp_path):
    result = run_export("--alpha", "0.25", "--res", "96", "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    assert contents_of(tmp_path / NAME) == contents_of(exported[0])


@pytest.mark.slow
def test_one_scale_for_each_kernel_with_a_report(tmp_path, capfd):
    options = ("--per-tensor", "--quant-report", "--min-agreement", "0.8")
    result = run_export(*SMALL, *options, "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    assert "block13_pointwise" in capfd.readouterr().err  # what equalization skips is said
    report = json.loads((tmp_path / NAME / "quantization.json").read_text())
    (int8,) = report["recipes"]
    assert (int8["recipe"], int8["correction"], int8["per_tensor"]) == ("int8", "fast", True)
    assert len(int8["layers"]) == 28
    page = (tmp_path / NAME / "quantization.html").read_text()
    assert all(layer["name"] in page for layer in int8["layers"])
    (record,) = json.loads((tmp_path / NAME / "manifest.json").read_text())["files"]
    assert record["per_tensor"] is True
    assert record["correction"] == "fast"


def test_json_is_one_document_on_standard_output_and_nothing_else(tmp_path):
    done = run_process("mobilenet-export", *SMALL, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads(done.stdout)
    assert set(entry) == {
        "name", "path", "recipe", "size_bytes", "ops", "float_ops", "slow_ops", "agreement", "probability_change",
        "accuracy", "accuracy_photos", "accuracy_trained", "latency_ms", "manifest", "correction", "head", "mean",
        "std", "max_step_error",
    }  # fmt: skip
    assert entry["name"] == f"{NAME}_int8"
    assert (tmp_path / entry["path"]).stat().st_size == entry["size_bytes"]
    assert (tmp_path / entry["manifest"]).exists()
    # Two notes for the person, and not a word of TensorFlow's.
    assert all(line.startswith("Note: ") for line in done.stderr.splitlines())
    assert "trained at 128x128" in done.stderr
    assert "your own (--calibration DIR) are better" in done.stderr


@pytest.mark.slow
def test_a_grid_is_exported(tmp_path):
    result = run_export(
        "--alpha", "0.25,0.5", "--res", "32,64", "--weights", "random", "--quant", "int8", "--correction", "none",
        "--output-dir", tmp_path,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"mobilenet_v1_a{alpha}_r{res}" for alpha in ("0.25", "0.50") for res in (32, 64)]


def test_a_size_that_is_given_twice_is_one_export(tmp_path):
    """Fault: the second one found the folder of the first and failed, or was made again."""
    sizes = ("--alpha", "0.25,0.250", "--res", "32,32", "--weights", "random", "--quant", "float32")
    result = run_export(*sizes, "--output-dir", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    assert [file["name"] for file in json.loads(result.stdout)] == ["mobilenet_v1_a0.25_r32_float32"]
    assert [path.name for path in tmp_path.iterdir()] == ["mobilenet_v1_a0.25_r32"]


def test_random_weights_are_said_loudly_in_the_manifest(tmp_path, capfd):
    result = run_export(*SMALL, "--weights", "random", "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    assert "RANDOM weights" in capfd.readouterr().err
    manifest = json.loads((tmp_path / NAME / "manifest.json").read_text())
    assert manifest["weights"]["source"] == "random"
    assert any("RANDOM weights" in note for note in manifest["notes"])


def test_a_trained_model_with_its_own_labels_and_photos(tmp_path):
    from tests.support.networks import lively_model

    model = lively_model(np.random.default_rng(1), classes=3)
    model.save(tmp_path / "best.keras")
    (tmp_path / "labels.txt").write_text("cat\ndog\nemu\n")
    for seed, label in enumerate(("cat", "dog", "emu")):
        images_in(tmp_path / "photos" / label, 10, seed=seed)
    result = run_export(
        "--weights", tmp_path / "best.keras", "--labels", tmp_path / "labels.txt",
        "--calibration", tmp_path / "photos", "--num-calibration", "20", "--output-dir", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "out" / "mobilenet_v1_a0.25_r64" / "manifest.json").read_text())
    assert manifest["classes"] == 3
    assert 0 <= manifest["files"][1]["accuracy"] <= 1  # known from the folders' names


def test_top_1_on_a_part_of_the_class_folders_is_not_shown_and_ends_with_status_1(tmp_path):
    for seed, name in enumerate(("tench", "my dog", "my cat")):
        images_in(tmp_path / "photos" / name, 10, seed=seed)
    photos = ("--calibration", tmp_path / "photos", "--min-agreement", "0.5", "--output-dir", tmp_path / "out")
    result = run_export(*SMALL, *photos)
    assert result.exit_code == 1
    assert "are in folders of" in result.output
    assert re.search(r"no class of the weights: my cat \(\d+\), my dog \(\d+\)\.", result.output)
    assert "top-1" not in result.stdout.splitlines()[0]
    (record,) = json.loads((tmp_path / "out" / NAME / "manifest.json").read_text())["files"]
    assert record["accuracy"] is None
    allowed = run_export(*SMALL, *photos, "--overwrite", "--allow-skipped")
    assert allowed.exit_code == 0, allowed.output
    assert "top-1" in allowed.stdout.splitlines()[0]


def test_an_earlier_export_stays_without_overwrite(exported):
    before = contents_of(exported[0])
    result = run_export("--alpha", "0.25", "--res", "96", "--output-dir", exported[0].parent)
    assert result.exit_code == 2
    assert "exists already" in result.output
    assert "--overwrite" in result.output
    assert contents_of(exported[0]) == before


def test_a_failed_check_ends_with_status_1_and_leaves_the_earlier_export(exported, tmp_path):
    shutil.copytree(exported[0], tmp_path / NAME)
    before = contents_of(tmp_path / NAME)
    result = run_export(*SMALL, "--min-agreement", "1", "--overwrite", "--output-dir", tmp_path)
    assert result.exit_code == 1
    assert "int8 agrees with the float model on" in result.output
    assert contents_of(tmp_path / NAME) == before
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def bad_input(tmp_path, case):
    """The arguments of each kind of bad input, and what the message must say."""
    empty, few, copies, black = (tmp_path / name for name in ("empty", "few", "copies", "black"))
    for folder in (empty, few, copies, black):
        folder.mkdir()
    images_in(few, 4)
    images_in(copies, 1)
    for index in range(20):
        shutil.copy(copies / "photo_000.jpg", copies / f"{index}.jpg")
    for level in range(12):
        Image.new("RGB", (40, 40), (level, level, level)).save(black / f"{level}.png")
    (tmp_path / "labels.txt").write_text("background\n" + "\n".join(imagenet_labels()))
    (tmp_path / "page.h5").write_text("<html>")
    (tmp_path / "file").write_text("")
    return {
        "alpha": (["--alpha", "1.5"], r"\(0, 1\]; got 1\.5"),
        "alpha text": (["--alpha", "wide"], "expected one or more numbers"),
        "res": (["--res", "100"], "multiple of 32"),
        "not bundled": (
            ["--alpha", "0.3"],
            r"bundled for --alpha 0\.25, 0\.5, 0\.75, 1 of mobilenet_v1; none for 0\.3",
        ),
        "classes": (["--classes", "10"], "has 1000 classes"),
        "not weights": (["--weights", tmp_path / "page.h5"], "is a web page"),
        "no weights": (["--weights", tmp_path / "none.h5"], "does not exist"),
        "no folder": (["--calibration", tmp_path / "none"], "does not exist"),
        "empty folder": (["--calibration", empty], "is empty"),
        "few photos": (["--calibration", few], "found 4"),
        "copies": (["--calibration", copies], "20 of the 21 photos are copies"),
        "black photos": (["--calibration", black], "all of one colour"),
        "labels": (["--labels", tmp_path / "labels.txt"], r"expected 1000 labels[\s\S]*1001[\s\S]*background row"),
        "recipe": (["--quant", "int4"], "got int4"),
        "arch": (["--arch", "resnet"], "mobilenet_v1"),
        "per-tensor": (["--per-tensor", "--quant", "dynamic_int8,int16x8"], "converts dynamic_int8 and int16x8 with"),
        "report of floats": (["--quant-report", "--quant", "float32"], "--quant names none"),
        "output": (["--output-dir", tmp_path / "file"], "not a folder"),
    }[case]


@pytest.mark.parametrize(
    "case",
    [
        "alpha", "alpha text", "res", "not bundled", "classes", "not weights", "no weights", "no folder",
        "empty folder", "few photos", "copies", "black photos", "labels", "recipe", "arch", "per-tensor",
        "report of floats", "output",
    ],
)  # fmt: skip
def test_bad_input_is_a_short_error_with_status_2_and_nothing_written(tmp_path, case):
    arguments, message = bad_input(tmp_path, case)
    before = contents_of(tmp_path)
    result = run_export("--alpha", "0.25", "--output-dir", tmp_path / "out", *arguments)
    assert result.exit_code == 2, result.output
    assert re.search(message, result.output)
    assert "Traceback" not in result.output
    assert len(result.output[result.output.index("Error:") :].splitlines()) <= 3
    assert contents_of(tmp_path) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_hosted_model_is_reproduced(shared, tmp_path):
    from mobilenet_tf.contract.preprocessing import load_rgb
    from mobilenet_tf.data.photos import find_photos

    hosted = shared / "weights" / "mobilenet_v1_1.0_224.tflite"
    photos = shared / "imagenet_sample" / "images"
    result = run_export(
        "--alpha", "1.0", "--res", "224", "--weights", hosted, "--calibration", photos, "--quant", "float32",
        "--output-dir", tmp_path,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    ours = ImageModel(tmp_path / "mobilenet_v1_a1.00_r224" / "mobilenet_v1_a1.00_r224_float32.tflite", threads=2)
    theirs = ImageModel(hosted, threads=2)
    images = np.stack([preprocess(load_rgb(photo), 224) for photo in find_photos(photos).paths[::5]])
    one, other = ours.predict(images), theirs.predict(images)
    assert (one.argmax(1) == other.argmax(1)).all()
    assert np.abs(one - other).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["shufflenet_v1", "effnet"])
def test_other_networks_are_exported_alike(arch, tmp_path):
    """Random weights: ops and shapes are what is looked at, and that verification finds Keras's outputs."""
    result = run_export(
        "--arch", arch, "--alpha", "0.5", "--res", "64", "--weights", "random", "--output-dir", tmp_path, "--json"
    )
    assert result.exit_code == 0, result.output
    float32, int8 = json.loads(result.stdout)
    assert float32["agreement"] == 1.0
    assert not {"SHAPE", "STRIDED_SLICE", "PACK", "QUANTIZE", "DEQUANTIZE"} & (
        float32["ops"].keys() | int8["ops"].keys()
    )
    if arch == "shufflenet_v1":
        assert (float32["ops"]["TRANSPOSE"], float32["ops"]["RESHAPE"]) == (15, 30)
    assert not {"TRANSPOSE", "RESHAPE", "RELU"} & int8["ops"].keys()
    assert (tmp_path / f"{arch}_a0.50_r64" / "manifest.json").is_file()
