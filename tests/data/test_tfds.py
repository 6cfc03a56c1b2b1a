import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.tfds import SourcePhotos, load_tfds
from mobilenet_tf.errors import DataError

CLASSES = ("circle", "square", "star")


@pytest.fixture(scope="module")
def tfds():
    return pytest.importorskip("tensorflow_datasets", reason="tensorflow-datasets is not installed: it is optional")


def level(index):
    """The grey level of photo `index`: no two of a test's photos are alike."""
    return 5 * index + 3


def prepare(tfds, folder, *, file_format="tfrecord", splits=None, features=None, unlabelled=(), **options):
    """Write a set `shapes` of grey 20 x 16 photos to `folder`: split name -> photos, the splits one after the other."""
    splits = splits or {"train": 9, "test": 3}
    features = features or {"image": tfds.features.Image(), "label": tfds.features.ClassLabel(names=CLASSES)}

    class Shapes(tfds.core.GeneratorBasedBuilder, skip_registration=True):  # it is found by its files
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features), **options)

        def _split_generators(self, _):
            ends = np.cumsum(list(splits.values()))
            return {
                name: self._generate_examples(range(end - count, end))
                for (name, count), end in zip(splits.items(), ends, strict=True)
            }

        def _generate_examples(self, indices):
            for index in indices:
                image = np.full((16, 20, 3), level(index), np.uint8)
                values = {
                    "image": image,
                    "other": image,
                    "label": -1 if index in unlabelled else index % 3,
                    "id": str(index),
                }
                yield index, {name: values[name] for name in features}

    Shapes(data_dir=folder, file_format=file_format).download_and_prepare()
    return folder


def contents(photos):
    """{grey level of each photo: its label}."""
    return {int(photos.read(index, 8)[0, 0, 0]): int(photos.labels[index]) for index in range(len(photos))}


def photos(*indices):
    return {level(index): index % 3 for index in indices}


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_a_set_gives_its_photos_labels_and_splits(tfds, tmp_path, file_format):
    data = load_tfds("shapes", 0.2, 0, prepare(tfds, tmp_path, file_format=file_format))
    assert data.classes == CLASSES
    assert data.skipped == ()
    assert contents(data.train) == photos(*range(9))
    assert contents(data.validation) == photos(*range(9, 12))
    assert (data.examination.photos, data.examination.only_exact, data.examination.copies) == (12, False, ())
    assert data.train.labels.dtype == data.validation.labels.dtype == np.int64


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_photos_are_the_same_from_many_threads(tfds, tmp_path, file_format):
    train = load_tfds("shapes", 0.2, 0, prepare(tfds, tmp_path, file_format=file_format)).train
    alone = [train.read(index, 8)[0, 0, 0] for index in range(9)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda index: train.read(index % 9, 8)[0, 0, 0], range(180)))
    assert together == alone * 20


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_photos_without_a_label_are_named_and_skipped(tfds, tmp_path, file_format):
    prepare(tfds, tmp_path, file_format=file_format, unlabelled=(3, 10))
    data = load_tfds("shapes", 0.2, 0, tmp_path)
    assert contents(data.train) == photos(0, 1, 2, 4, 5, 6, 7, 8)
    assert contents(data.validation) == photos(9, 11)
    assert len(data.skipped) == 2
    assert "label" in data.skipped[0]


def test_a_photo_that_cannot_be_read_later_is_named(tfds, tmp_path):
    data = load_tfds("shapes", 0.2, 0, prepare(tfds, tmp_path, file_format="array_record"))
    source = data.train.photos.source
    with pytest.raises(DataError, match=r"cannot read photo 99 of .*shapes"):
        SourcePhotos(source, "image", np.zeros(100, np.int64), np.zeros(100, np.uint64)).read(99, 8)


def test_the_split_validation_goes_before_test(tfds, tmp_path):
    prepare(tfds, tmp_path, splits={"train": 6, "test": 3, "validation": 3})
    assert contents(load_tfds("shapes", 0.2, 0, tmp_path).validation) == photos(9, 10, 11)


def test_the_only_split_of_a_set_is_split(tfds, tmp_path):
    prepare(tfds, tmp_path, splits={"everything": 9})
    data = load_tfds("shapes", 0.3, 0, tmp_path)
    assert sorted(data.validation.labels) == [0, 1, 2]
    assert contents(data.train) | contents(data.validation) == photos(*range(9))


def test_a_set_without_a_training_split_is_refused(tfds, tmp_path):
    prepare(tfds, tmp_path, splits={"one": 3, "two": 3})
    with pytest.raises(DataError, match="expected a split `train` in tfds:shapes; it has one, two"):
        load_tfds("shapes", 0.2, 0, tmp_path)


def test_further_features_do_not_matter_and_the_sets_own_choice_of_image_counts(tfds, tmp_path):
    features = {
        "other": tfds.features.Image(),
        "image": tfds.features.Image(),
        "label": tfds.features.ClassLabel(num_classes=3),
        "id": tfds.features.Text(),
    }
    prepare(tfds, tmp_path / "two", features=features)
    with pytest.raises(DataError, match=r"expected one image .*it has images \['image', 'other'\] and"):
        load_tfds("shapes", 0.2, 0, tmp_path / "two")
    prepare(tfds, tmp_path / "own", features=features, supervised_keys=("image", "label"))
    data = load_tfds("shapes", 0.2, 0, tmp_path / "own")
    assert data.classes == ("0", "1", "2")
    assert contents(data.train) == photos(*range(9))


def test_a_set_without_class_labels_is_refused(tfds, tmp_path):
    prepare(tfds, tmp_path, features={"image": tfds.features.Image(), "id": tfds.features.Text()})
    with pytest.raises(DataError, match=r"class labels \[\]"):
        load_tfds("shapes", 0.2, 0, tmp_path)


def test_a_name_that_is_none_is_refused(tfds, tmp_path):  # noqa: ARG001
    with pytest.raises(DataError, match=r"tfds:no_such_set is not prepared, and cannot be \(DatasetNotFoundError"):
        load_tfds("no_such_set", 0.2, 0, tmp_path)


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(DataError, match=r"tfds:cifar10 needs the package[\s\S]*pip install tensorflow-datasets"):
        load_dataset("tfds:cifar10")
