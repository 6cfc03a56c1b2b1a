"""--max-drop through the whole command: ops stay float until the int8 file is near enough."""

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.tflite.flatbuffer import parse
from tests.support.commands import images_in, run_export

SMALL = ("--alpha", "0.25", "--res", "96", "--quant", "int8", "--correction", "none")


def test_ops_stay_float_until_the_bound_holds_and_all_of_it_is_said(tmp_path):
    done = run_export(*SMALL, "--max-drop", "8", "--min-agreement", "0.8", "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    folder = tmp_path / "mobilenet_v1_a0.25_r96"
    manifest = Manifest.read(folder / "manifest.json")
    (record,) = manifest.files
    assert record.agreement >= 0.88  # half of the photos, on which 92 % hold, are among these
    assert record.ops["DEQUANTIZE"] >= 1
    assert "int8 stays float: " in done.stdout
    (note,) = (note for note in manifest.notes if "--max-drop 8" in note)
    assert "ops compute in float: " in note
    assert "latency here from " in note
    assert any("the photos that choose the ops also verify the files" in note for note in manifest.notes)
    assert "every op integer but " in parse((folder / record.path).read_bytes()).description.decode()


def test_photos_that_neither_calibrate_nor_verify_choose_if_there_are_enough(tmp_path):
    images_in(tmp_path / "photos", 720, size=(8, 8))
    done = run_export(
        *SMALL,
        "--min-agreement",
        "0",
        "--max-drop",
        "100",
        "--calibration",
        tmp_path / "photos",
        "--output-dir",
        tmp_path,
    )
    assert done.exit_code == 0, done.output
    (note,) = (n for n in Manifest.read(tmp_path / "mobilenet_v1_a0.25_r96/manifest.json").notes if "--max-drop" in n)
    assert "of 110 images agree with float: no op needs to stay float" in note  # half of 720 - 100 - 400


def test_a_bound_without_an_int8_file_is_refused(tmp_path):
    done = run_export(
        "--alpha", "0.25", "--res", "96", "--quant", "float32", "--max-drop", "1", "--output-dir", tmp_path
    )
    assert done.exit_code == 2
    assert "--max-drop is about the int8 file" in done.output
