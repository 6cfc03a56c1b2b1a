import shutil

import numpy as np
import pytest

from mobilenet_tf.data.dataset import Dataset, Subset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.split import split_of
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.job import notes_on_split, prepare_training
from mobilenet_tf.training.kept_models import save_model
from mobilenet_tf.training.options import TrainOptions
from tests.support.commands import images_in
from tests.support.datasets import Pictures
from tests.support.networks import lively_model


@pytest.fixture
def pets(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "pets" / "train" / name, 10, seed=seed)
    return tmp_path / "pets" / "train"


def job_of(photos, weights="random", *, seed=0, validation=None, **config):
    options = {"weights": str(weights), "alpha": 0.25, "res": 32, "output_dir": photos / "out"}
    options["validation"] = validation
    return prepare_training(TrainOptions(str(photos), TrainConfig(seed=seed, **config), **options))


def about_split(job):
    return [note for note in job.notes if "were trained on too" in note]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("pets/train", "pets_train"),
        ("pets/Training", "pets_Training"),
        ("pets/photos", "photos"),
        ("pets/train_set", "pets_train_set"),
        ("pets/trn", "pets_trn"),
        ("pets/images", "pets_images"),
        ("pets/trains", "trains"),
        ("a:b", "a_b"),
    ],
)
def test_a_run_is_named_after_its_data_set(pets, tmp_path, folder, name):
    target = tmp_path / folder
    if target != pets:
        pets.rename(target)
    job = job_of(target)
    assert (job.split.dataset, job.folder.name) == (name, f"mobilenet_v1_a0.25_r32_{name}")
    assert job.split.validation_photos == len(job.data.validation) == 4


def test_validation_photos_that_an_earlier_run_trained_on_are_said(pets, tmp_path):
    """The weights are of a run with another seed, and so with another split of the same photos."""
    first = split_of(load_dataset(str(pets), seed=0), "pets")
    file = tmp_path / "best.keras"
    save_model(lively_model(np.random.default_rng(0), res=32, classes=2), file, first)
    same, other = (job_of(pets, file, seed=seed, transfer=True) for seed in (0, 1))
    assert about_split(same) == []
    assert same.split.train == first.train
    lost = first.train & other.split.validation
    assert len(lost) > 0
    assert other.split.trained_validation == lost
    (note,) = about_split(other)
    assert note == (
        f"{len(lost)} of the 4 validation photos were trained on too, by the run of --weights {file}: "
        "top-1 will be too high.\nGive the same photos and --seed as that run."
    )


@pytest.mark.parametrize("weights", ["random", "imagenet"])
def test_training_photos_that_are_copies_of_validation_photos_are_left_out(pets, tmp_path, weights):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "held" / name, 2, seed=7 + seed)
        for copy in ("one.jpg", "same.jpg"):
            shutil.copy(pets / name / "photo_000.jpg", tmp_path / "held" / name / copy)
    job = job_of(pets, weights, validation=tmp_path / "held", transfer=weights == "imagenet")
    assert about_split(job) == []
    assert (len(job.data.train), len(job.data.validation)) == (18, 8)
    assert [one.left_out for one in job.data.examination.classes] == [1, 1]


def test_validation_photos_of_shards_that_are_copies_of_training_photos_are_counted_and_said():
    """Each copy counts, as it does in the result. The photos of shards are compared with no others."""
    photos = Pictures([*np.random.default_rng(0).integers(0, 255, (4, 8, 8, 3))], (0, 1, 0, 1))
    (note,) = notes_on_split(Dataset(("a", "b"), photos, Subset(photos, np.array([1, 2])), ()), None, "imagenet")
    assert note == (
        "2 of the 2 validation photos were trained on too, as copies of training photos: top-1 will be too high.\n"
        "Remove the copies."
    )


def test_copies_in_the_photos_that_are_split_are_on_one_side(pets):
    for path in sorted(pets.rglob("*.jpg")):
        shutil.copy(path, path.with_name(f"copy_of_{path.name}"))
    job = job_of(pets)
    assert (len(job.data.validation), len(job.split.validation)) == (8, 4)
    assert about_split(job) == []
