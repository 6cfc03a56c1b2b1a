import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in, run_process


def test_importing_every_source_loads_neither_tensorflow_nor_tfds():
    script = (
        "import sys, mobilenet_tf.data.load; print({'tensorflow', 'keras', 'tensorflow_datasets'} & set(sys.modules))"
    )
    assert run_process(sys.executable, "-c", script).stdout == "set()\n"


def test_photos_are_the_same_from_many_threads(tmp_path):
    for seed, name in enumerate("ab"):
        images_in(tmp_path / name, 8, seed=seed)
    train = load_dataset(str(tmp_path)).train
    alone = [train.read(index, 32) for index in range(len(train))]
    order = list(range(len(train))) * 8
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda index: train.read(index, 32), order))
    assert all(np.array_equal(alone[index], pixels) for index, pixels in zip(order, together, strict=True))


def test_a_source_that_is_none_says_what_it_could_be(tmp_path):
    with pytest.raises(DataError, match=r"expected cifar10, tfds:NAME or a folder .*none does not exist"):
        load_dataset(str(tmp_path / "none"))
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match="file is a file"):
        load_dataset(str(tmp_path / "file"))
    for name in "ab":
        images_in(tmp_path / "photos" / name, 2)
    with pytest.raises(DataError, match=r"--validation to be a folder .*held_out does not exist"):
        load_dataset(str(tmp_path / "photos"), validation=tmp_path / "held_out")


def test_what_the_system_refuses_is_named():
    with pytest.raises(DataError, match=r"cannot read x+: File name too long"):
        load_dataset("x" * 300)


@pytest.mark.parametrize("source", ["cifar10", "tfds:flowers"])
def test_a_validation_folder_is_refused_where_the_source_has_its_own(tmp_path, source):
    with pytest.raises(DataError, match=f"no validation folder with {source}"):
        load_dataset(source, validation=tmp_path)


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_a_share_that_leaves_one_side_empty_is_refused(tmp_path, share):
    with pytest.raises(DataError, match="between 0 and 1"):
        load_dataset(str(tmp_path), validation_share=share)


def test_the_scans_of_both_folders_are_one_progress(tmp_path):
    for seed, name in enumerate(("train/cat", "train/dog", "val/cat", "val/dog")):
        images_in(tmp_path / name, 3, size=(8, 8), seed=seed)
    reports = []
    load_dataset(str(tmp_path), on_progress=lambda *report: reports.append(report))
    scanning, comparing = "scanning photos", "comparing photos"
    assert reports == [(scanning, 0.8 * 0.95), (scanning, 0.95), (comparing, 0.95), (comparing, 1)]
    reports.clear()
    load_dataset(str(tmp_path / "train"), on_progress=lambda *report: reports.append(report))
    assert reports == [(scanning, 0.95), (comparing, 0.95), (comparing, 1)]
