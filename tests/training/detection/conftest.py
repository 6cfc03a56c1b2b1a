"""One run of a tiny detector on squares and discs, from ImageNet's weights, that all tests here look at."""

import pytest

from mobilenet_tf.training.job import prepare_training, run
from mobilenet_tf.training.options import options_from
from tests.support.boxes import voc_set

OPTIONS = {
    "weights": "imagenet", "arch": None, "alpha": 0.25, "res": 96, "recipe": None, "epochs": 40, "freeze": None,
    "batch_size": 8, "optimizer": None, "schedule": "cosine", "learning_rate": 2e-3, "warmup": None,
    "weight_decay": None,
    "ema": 0.95, "min_crop": 0.5, "flip": True, "color_jitter": 0.1, "multi_res": [], "start_res": None,
    "teacher": None, "temperature": 4.0, "teacher_weight": 0.7, "class_weights": "auto", "quantize": False,
    "validation": None, "validation_share": 0.25, "ground_truth": None, "labels": None, "allow_skipped": False,
    "seed": 0, "deterministic": False, "resume": False, "name": "shapes", "overwrite": False, "task": None,
    "class_loss": None, "expand": 1.0, "validate_every": 20,
}  # fmt: skip


def job_of(photos, output, **options):
    return prepare_training(options_from(**OPTIONS | {"photos": str(photos), "output_dir": output} | options))


@pytest.fixture(scope="session")
def shapes(tmp_path_factory):
    """A folder of 32 photos with boxes."""
    return voc_set(tmp_path_factory.mktemp("shapes"), 32)


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def stopped(shapes, runs):
    """The result of the run when it was stopped in its second epoch."""
    steps = iter(range(100))
    return run(job_of(shapes, runs), stop=lambda: next(steps) >= 3)


@pytest.fixture(scope="session")
def trained(shapes, runs, stopped):
    """(the job, the result) of the run, resumed."""
    assert not stopped.finished
    job = job_of(shapes, runs, resume=True)
    return job, run(job)
