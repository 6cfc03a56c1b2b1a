import os

import pytest

from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.job import prepare_training
from mobilenet_tf.training.options import TrainOptions
from tests.support.commands import images_in


def prepared(folder, photos="photos", out="out", **options):
    config, network = TrainConfig(transfer=False), {"alpha": 0.25, "res": 32, "weights": "random"}
    return prepare_training(
        TrainOptions(str(folder / photos), config, output_dir=folder / out, **network, **options),
    )


@pytest.fixture
def photos(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "photos" / name, 9, seed=seed)
    return tmp_path


def test_it_says_how_many_of_the_photos_are_used(photos):
    (photos / "photos" / "dog" / "broken.jpg").write_bytes(b"")
    (photos / "photos" / "dog" / "moving.gif").write_bytes(b"")
    assert prepared(photos).notes[-1] == "18 of the 20 photos are used, 14 to train on and 4 to validate with."


def test_more_than_a_tenth_of_the_photos_is_left_out_only_if_that_is_allowed(photos):
    for index in range(3):
        (photos / "photos" / "dog" / f"{index}.heif").write_bytes(b"")
        (photos / "photos" / "dog" / f"{index}.gif").write_bytes(b"")
    with pytest.raises(CheckError, match=r"18 of 2\d can be used.\nLeft out: .*3 \.gif files.*\n.*--allow-skipped"):
        prepared(photos)
    assert not (photos / "out").exists()
    assert prepared(photos, allow_skipped=True).data.used == 18


def test_photos_in_a_folder_that_is_not_utf_8_have_a_run_whose_name_is(photos):
    odd = os.fsdecode(b"caf\xe9: 1")
    (photos / "photos").rename(photos / odd)
    assert prepared(photos, odd).folder.name == "mobilenet_v1_a0.25_r32_caf__ 1"


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\nb"])
def test_a_folder_for_runs_that_tensorflow_cannot_write_to_is_refused(photos, name):
    with pytest.raises(OutputError, match=r"caf\\xe9|a\\nb"):
        prepared(photos, out=os.fsdecode(name))
