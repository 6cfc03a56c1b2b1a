"""Several models in one command, of which some cannot be measured."""

from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.commands import images_in, run_process
from tests.support.tflite_files import classifier_file

QUICK = ("--runs", "5", "--min-seconds", "0", "--warmup", "1")


def test_what_cannot_be_measured_is_named_and_the_rest_is(exported, tmp_path):
    """A folder without models, and a model of other classes than the photos', among several."""
    images_in(tmp_path / "photos" / "tench, Tinca tinca", 3)
    (tmp_path / "empty").mkdir()
    other = pack_with_metadata(parse(classifier_file(classes=2)), Metadata("x", "y", ["paper", "glass"]))
    (tmp_path / "trash.tflite").write_bytes(other)
    whole = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    arguments = (tmp_path / "empty", tmp_path / "trash.tflite", whole, "--images", tmp_path / "photos")
    done = run_process("mobilenet-benchmark", *arguments, *QUICK, "--output-dir", tmp_path / "out")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()[2:3]] == [whole.stem]
    assert f"Error: {tmp_path / 'empty'} is a folder without a .tflite file" in done.stderr
    assert f"Error: {tmp_path / 'trash.tflite'}: expected photos of known class in {tmp_path / 'photos'}" in done.stderr
    assert "XNNPACK" not in done.stderr
