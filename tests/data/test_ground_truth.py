import unicodedata
from pathlib import Path

import pytest

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes

IMAGENET = ClassMatcher(imagenet_labels(), imagenet=True)


def test_a_folder_named_like_a_label_tells_the_class():
    photos = [Path("x/dog/1.jpg"), Path("x/cat/2.jpg"), Path("x/cow/3.jpg")]
    found = true_classes(photos, ClassMatcher(["cat", "dog"]), Path("x"))
    assert found.classes == (1, 0, None)
    assert (found.loose, found.unmatched) == ({}, {"cow": 1})


def test_a_wnid_tells_the_class_of_imagenet_models_only():
    photos = [Path("x/n01440764_tench.JPEG"), Path("n02124075/5.jpg"), Path("n0144076_short.jpg"), Path("cat.jpg")]
    assert true_classes(photos, IMAGENET).classes == (0, 285, None, None)
    with_background = ClassMatcher(["background", *imagenet_labels()], imagenet=True, background=True)
    assert true_classes(photos, with_background).classes == (1, 286, None, None)
    assert true_classes(photos, ClassMatcher(["a"] * 1000)).classes == (None,) * 4


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("TRUCK", "truck"),
        (" truck ", "truck"),
        ("fire_truck", "fire truck"),
        ("Fire-Truck", "fire truck"),
        (unicodedata.normalize("NFD", "CAFÉ"), "café"),
        ("STRASSE", "Straße"),
        ("cote_d_or", "cote d'or"),
        ("cup_mug", "cup/mug"),
        ("0 cat", "cat"),
        ("01_cat", "cat"),
    ],
)
def test_a_folder_of_a_similar_name_is_taken_for_the_class_and_said(folder, label):
    found = true_classes([Path("x", folder, "1.jpg")], ClassMatcher(["other", label]), Path("x"))
    assert found.classes == (1,)
    assert found.notes == (f"Folders were taken for the classes of similar names: '{folder}' for '{label}'.",)


def test_a_name_that_is_similar_to_two_classes_is_taken_for_neither():
    labels = ClassMatcher(["Truck", "truck ", "dog"])
    photos = [Path("x/TRUCK/1.jpg"), Path("x/Truck/2.jpg"), Path("x/TRUCK/3.jpg")]
    found = true_classes(photos, labels, Path("x"))
    assert found.classes == (None, 0, None)
    assert found.notes == ("Folders that are no class, with their photos: TRUCK (2).",)


def test_a_folder_above_tells_the_class_and_the_very_name_goes_before_a_similar_one():
    labels = ClassMatcher(["truck", "red"])
    photos = [Path("x/truck/Red/1.jpg"), Path("x/truck/deep/er/2.jpg"), Path("x/truck/red/3.jpg"), Path("x/4.jpg")]
    assert true_classes(photos, labels, Path("x")).classes == (0, 0, 1, None)
    assert true_classes([Path("red/x/1.jpg")], labels, Path("red/x")).classes == (None,)


def test_the_folder_itself_may_be_named_like_a_class(tmp_path):
    assert true_classes([tmp_path / "red" / "1.jpg"], ClassMatcher(["red"]), tmp_path / "red").classes == (0,)


def test_a_folder_that_is_no_class_is_not_taken_for_the_class_that_the_whole_folder_is_named_after(tmp_path):
    """Photos of trucks, and beside them folders of other things."""
    root = tmp_path / "truck"
    photos = [root / "car" / "1.jpg", root / "wolf" / "2.jpg", root / "wolf" / "deep" / "3.jpg", root / "4.jpg"]
    found = true_classes(photos, ClassMatcher(["car", "truck"]), root)
    assert found.classes == (0, None, None, 1)
    assert found.notes == ("Folders that are no class, with their photos: wolf (2).",)


def test_any_of_imagenets_synonyms_tells_the_class_if_only_one_class_has_it():
    photos = [Path("x/Tinca_tinca/1.jpg"), Path("x/egyptian cat/2.jpg"), Path("x/Crane/3.jpg")]
    assert true_classes(photos, IMAGENET, Path("x")).classes == (0, 285, None)


def test_signs_and_vowels_that_tell_classes_apart_are_kept():
    matcher = ClassMatcher(["C", "c++", "बिल्ली", "+"])
    assert [matcher.loose(name) for name in ("C#", "c", "C++", "बल्ल", "*", "")] == [None, 0, 1, None, None, None]


def test_what_the_name_of_a_photo_has_before_its_number_tells_the_class():
    photos = [Path("x", name) for name in ("cat.0.jpg", "Dog.1.jpg", "bird.2.jpg", "test/1.jpg", "test/2.jpg")]
    found = true_classes(photos, ClassMatcher(["cat", "dog"]), Path("x"))
    assert found.classes == (0, 1, None, None, None)
    assert found.notes[0] == "2 photos are of the class that their names begin with."
    mixed = [*photos[:3], Path("x/IMG_1.jpg"), Path("x/cover.jpg")]
    assert true_classes(mixed, ClassMatcher(["cat", "dog", "img"]), Path("x")).classes == (0, 1, None, None, None)
    assert true_classes([photos[0]], ClassMatcher(["cat", "dog"]), Path("x")).classes == (0,)
    inside = [Path("x/dog", photo.name) for photo in photos[:3]]
    assert true_classes(inside, ClassMatcher(["cat", "dog"]), Path("x")).classes == (1, 1, 1)
