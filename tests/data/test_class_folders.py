"""Folders of classes: links to them, and their names."""

import os
import unicodedata

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in


def test_linked_class_folders_and_photos_are_read(pets, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    images_in(elsewhere / "store", 4)
    (pets / "newt").symlink_to(elsewhere / "store")
    (pets / "dog" / "linked.jpg").symlink_to(elsewhere / "store" / "photo_000.jpg")
    (pets / "dog" / "up").symlink_to("..")
    data = load_dataset(str(pets))
    assert data.classes == ("cat", "dog", "newt")
    assert np.bincount(np.concatenate([data.train.labels, data.validation.labels])).tolist() == [10, 6, 4]


def test_a_link_to_another_class_is_no_class_of_its_own(pets):
    (pets / "alias").symlink_to("cat")
    (pets / "gone").symlink_to("nowhere")
    with pytest.raises(DataError, match=r"too few in alias \(0\)[.]\nLeft out: .*gone: a link to what does not exist"):
        load_dataset(str(pets))


def test_names_of_classes_have_one_form_of_accents(tmp_path):
    for name in ("spaced out", unicodedata.normalize("NFD", "café")):
        images_in(tmp_path / name, 2)
    assert load_dataset(str(tmp_path)).classes == ("café", "spaced out")


@pytest.mark.parametrize("names", [("0 ant", "1 cat", "2 dog"), ("1 person", "2 people"), ("1 cent", "2 euro")])
def test_numbers_before_the_names_of_folders_are_part_of_the_classes_names(tmp_path, names):
    for seed, name in enumerate(names):
        images_in(tmp_path / "train" / name, 2, seed=seed)
    images_in(tmp_path / "val" / names[1], 1)
    data = load_dataset(str(tmp_path))
    assert (data.classes, data.validation.labels.tolist()) == (names, [1])


def test_classes_of_similar_names_are_noted(pets):
    images_in(pets / "Cat", 2)
    data = load_dataset(str(pets))
    assert data.classes == ("Cat", "cat", "dog")
    assert data.notes == ("Folders of similar names are classes of their own: 'Cat' and 'cat'.",)


def test_a_photo_whose_name_is_not_utf_8_is_read(pets):
    os.rename(pets / "cat" / "photo_000.jpg", os.fsencode(pets / "cat") + b"/caf\xe9.jpg")
    assert load_dataset(str(pets)).used == 15


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (b"caf\xe9", r"the folder 'caf\\xe9' in .* is not UTF-8: it cannot name a class"),
        (b"cat\nold", r"the folder 'cat\\nold' in .* holds a line break or another control character"),
        (b"cat\x0cold", r"the folder 'cat\\x0cold' in .* holds a line break or another control character"),
        ("cat\u2028old".encode(), r"the folder 'cat\\u2028old' in .* holds a line break or another control character"),
        ("cat\x85".encode(), r"the folder 'cat\\x85' in .* begins or ends with a space"),
        (b"  ", r"the folder '  ' in .* is blank: it cannot name a class"),
        ("\xa0".encode(), r"the folder '\\xa0' in .* is blank"),
        (b"dog ", r"the folder 'dog ' in .* begins or ends with a space, which no labels file keeps"),
        ("\u3000dog".encode(), r"the folder '\\u3000dog' in .* begins or ends with a space"),
        ("\ufeffdog".encode(), r"the folder '\\ufeffdog' in .* begins with a byte order mark"),
    ],
)
def test_a_folder_that_cannot_name_a_class_is_refused_by_name(pets, name, message):
    os.mkdir(os.fsencode(pets) + b"/" + name)
    with pytest.raises(DataError, match=message):
        load_dataset(str(pets))


def test_an_empty_folder_is_refused_as_such(tmp_path):
    with pytest.raises(DataError, match=r"expected one sub-folder per class in .*; it is empty[.]$"):
        load_dataset(str(tmp_path))
