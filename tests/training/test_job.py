import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.split import split_of
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.job import prepare_training
from mobilenet_tf.training.kept_models import save_model
from mobilenet_tf.training.options import TrainOptions
from tests.support.commands import images_in
from tests.support.networks import lively_model


@pytest.fixture
def pets(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "pets" / "train" / name, 10, seed=seed)
    return tmp_path / "pets" / "train"


def job_of(photos, weights="random", *, seed=0, **config):
    options = {"weights": str(weights), "alpha": 0.25, "res": 32, "output_dir": photos / "out"}
    return prepare_training(TrainOptions(str(photos), TrainConfig(seed=seed, **config), **options))


def about_split(job):
    return [note for note in job.notes if "were trained on too" in note]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("pets/train", "pets_train"),
        ("pets/Training", "pets_Training"),
        ("pets/photos", "photos"),
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
    assert note.startswith(f"{len(lost)} of the 4 validation photos were trained on too,")
    assert f"--weights {file}" in note
