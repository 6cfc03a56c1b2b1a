from pathlib import Path

import pytest

from mobilenet_tf.benchmark.settings import BenchmarkSettings, MeasurementSettings
from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import GivenInput


def test_results_of_earlier_versions_are_found_by_the_same_digest():
    assert MeasurementSettings().digest("cpu", None) == "2d170b"
    photos = MeasurementSettings(threads=4, images=Path("photos"), min_seconds=0.5)
    assert photos.digest("gpu", Path("tool")) == "b78325"


def test_a_class_offset_needs_a_list_of_class_numbers():
    with pytest.raises(InputError, match="--ground-truth FILE"):
        BenchmarkSettings(MeasurementSettings(images=Path("photos"), class_offset=-1))


def test_devices_are_those_that_are_named():
    settings = BenchmarkSettings(targets=("adb", "adb:one", "adb:two:5555"))
    assert (settings.on_host, settings.serials) == (False, ["one", "two:5555"])
    assert BenchmarkSettings().on_host


def test_a_host_and_a_device_are_two_measurements():
    with pytest.raises(InputError, match="run the command twice"):
        BenchmarkSettings(targets=("host", "adb"))


@pytest.mark.parametrize(
    ("given", "option"), [(GivenInput.of(mean=0, std=255), "--mean"), (GivenInput.of(res=224), "--res")]
)
def test_the_input_is_not_said_to_a_device(given, option):
    """The app takes the normalization of the manifest, and benchmark_model the resolution of the file."""
    with pytest.raises(InputError, match=f"{option} is for this host"):
        BenchmarkSettings(MeasurementSettings(given=given), targets=("adb",))


def test_the_input_is_in_the_digest():
    digests = {MeasurementSettings(given=GivenInput.of(mean=m, std=255)).digest("cpu", None) for m in (0, 1)}
    assert len(digests | {MeasurementSettings().digest("cpu", None)}) == 3


def test_too_many_threads_are_refused_before_anything_starts():
    with pytest.raises(InputError, match=r"--threads from 1 to \d+; got 100000"):
        BenchmarkSettings(threads=(1, 100000))
