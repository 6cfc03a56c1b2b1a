import pytest

from mobilenet_tf.errors import CheckError
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.job import prepare_training
from mobilenet_tf.training.options import TrainOptions
from tests.support.commands import images_in


def prepared(folder, **options):
    return prepare_training(
        TrainOptions(
            str(folder / "photos"),
            TrainConfig(transfer=False),
            alpha=0.25,
            res=32,
            weights="random",
            output_dir=folder / "out",
            **options,
        )
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
