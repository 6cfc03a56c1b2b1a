"""A labels.txt fixes the order of the classes."""

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in


def test_the_lines_of_a_labels_file_are_the_order(pets):
    before = load_dataset(str(pets))
    (pets / "labels.txt").write_text("dog\ncat\n")
    data = load_dataset(str(pets))
    assert data.classes == ("dog", "cat")
    assert np.array_equal(data.train.labels, 1 - before.train.labels)
    assert np.array_equal(data.validation.labels, 1 - before.validation.labels)
    assert [(one.name, one.photos) for one in data.examination.classes] == [("dog", 5), ("cat", 10)]
    assert data.notes == (f"{pets}/labels.txt gives the order of the classes.",)


def test_a_file_elsewhere_may_be_given(pets, tmp_path_factory):
    file = tmp_path_factory.mktemp("elsewhere") / "names.txt"
    file.write_text("0 Dog\n1 cat\n")
    data = load_dataset(str(pets), labels=file)
    assert data.classes == ("Dog", "cat")
    assert "the numbers that count its lines are left out" in data.notes[0]


@pytest.mark.parametrize("side", ["", "train"])
def test_it_holds_for_both_sides_of_a_split(tmp_path, side):
    for seed, name in enumerate(("train/cat", "train/dog", "val/dog")):
        images_in(tmp_path / name, 2, seed=seed)
    (tmp_path / side / "labels.txt").write_text("dog\ncat\n")
    data = load_dataset(str(tmp_path))
    assert (data.train.labels.tolist(), data.validation.labels.tolist()) == ([1, 1, 0, 0], [0, 0])


def test_numbers_in_a_list_are_those_of_the_lines(tmp_path):
    images_in(tmp_path, 10)
    (tmp_path / "list.csv").write_text("".join(f"photo_{n:03}.jpg,{n % 2}\n" for n in range(10)))
    (tmp_path / "labels.txt").write_text("zebra\nant\n")
    data = load_dataset(str(tmp_path))
    assert data.classes == ("zebra", "ant")
    name = data.validation.name(0)
    assert data.validation.labels[0] == int(name[-5]) % 2


def test_a_labels_file_that_lists_photos_is_no_order(pets):
    (pets / "labels.txt").write_text("cat/photo_000.jpg 0\ndog/photo_000.jpg 1\n")
    assert load_dataset(str(pets)).classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dog\n", "it has no line for cat[.]"),
        ("dog\nnewt\n", "it has no line for cat and there are no photos of newt[.]"),
        ("dog\ncat\nnewt\n", "there are no photos of newt"),
        ("dog\nCat\ncat \ncat\n", "no photos of Cat, cat"),
    ],
)
def test_a_labels_file_of_other_classes_is_refused(pets, text, message):
    (pets / "labels.txt").write_text(text)
    with pytest.raises(DataError, match=message):
        load_dataset(str(pets))
