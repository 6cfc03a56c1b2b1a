"""Which names of files say classes, and which are names of any photos."""

from pathlib import Path

import pytest

from mobilenet_tf.data.class_in_name import LEAST_PHOTOS, classes_in_names, possible_classes

COUNT = 4


def numbered(*patterns):
    return [pattern.format(number) for pattern in patterns for number in range(8, 8 + COUNT)]


@pytest.mark.parametrize(
    ("patterns", "classes"),
    [
        (("cat.{}.jpg", "dog.{}.jpg"), ("cat", "dog")),
        (("cat_{:03}.jpg", "dog_{:03}.png"), ("cat", "dog")),
        (("glass{}.jpg", "paper{}.jpg"), ("glass", "paper")),
        (("cat ({}).jpg", "Dog-{}.JPG"), ("cat", "Dog")),
        (("n01440764_{}.JPEG", "n01443537_{}.JPEG"), ("n01440764", "n01443537")),
        (("Abyssinian_{}.jpg", "american_bulldog_{}.jpg"), ("Abyssinian", "american_bulldog")),
        (("Black_Albatross_00{0}_7{0}.jpg", "Cardinal_00{0}_9{0}.jpg"), ("Black_Albatross", "Cardinal")),
        (("red car-2024-05-{}.webp", "Zug-2024-06-{}.webp"), ("red car", "Zug")),
        (("type1_{}.png", "type2_{}.png"), ("type1", "type2")),
        (("train_{}.jpg", "bus_{}.jpg"), ("train", "bus")),
        (("boeing_737_{}.jpg", "boeing_747_{}.jpg"), ("boeing_737", "boeing_747")),
        (("cat_20240501_{}.jpg", "dog_20240502_{}.jpg"), ("cat", "dog")),
        (("C_{}.jpg", "R_{}.jpg"), ("C", "R")),
        (("кошка.{}.jpg", "собака.{}.jpg"), ("кошка", "собака")),
    ],
)
def test_the_class_is_what_stands_before_the_number(patterns, classes):
    expected = [name for name in classes for _ in range(COUNT)]
    assert classes_in_names(numbered(*patterns), LEAST_PHOTOS) == expected


@pytest.mark.parametrize(
    "patterns",
    [
        ("IMG_{:04}.jpg", "DSC{:05}.JPG"),
        ("IMG-20240501-WA{:04}.jpg", "IMG-20240502-WA{:04}.jpg"),
        ("video1_{:04}.jpg", "video2_{:04}.jpg"),
        ("cat.{}.jpg", "IMG_{}.jpg"),
        ("train_{}.jpg", "test_{}.jpg"),
        ("train_cat_{}.jpg", "test_cat_{}.jpg"),
        ("train_cat_{}.jpg", "test_cat_{}.jpg", "dog_{}.jpg"),
        ("COCO_train2014_{:012}.jpg", "COCO_val2014_{:012}.jpg"),
        ("ILSVRC2012_val_{:08}.JPEG", "ILSVRC2012_test_{:08}.JPEG"),
        ("P10000{:02}.JPG", "IMGP00{:02}.JPG"),
        ("P10000{:02}.JPG", "R00000{:02}.JPG"),
        ("MVIMG_{}.jpg", "IMG_{}_BURST001.jpg"),
        ("HPIM{:04}.JPG", "OI{:06}.jpg"),
        ("Bild{}.jpg", "Foto - Kopie ({}).jpg"),
        ("20240501_{}.jpg", "20240502_{}.jpg"),
        ("{}.jpg", "{}.png"),
        ("cat_{}.jpg",),
        ("cat_{}_small.jpg", "dog_{}_small.jpg"),
    ],
)
def test_names_that_any_photos_have_say_no_classes(patterns):
    assert classes_in_names(numbered(*patterns), LEAST_PHOTOS) is None


@pytest.mark.parametrize("other", ["cover.jpg", "bird.1.jpg", "caf\udce9.1.jpg"])
def test_one_file_that_differs_makes_it_unclear(other):
    names = numbered("cat.{}.jpg", "dog.{}.jpg")
    assert classes_in_names([*names, other], LEAST_PHOTOS) is None


def test_names_that_are_not_utf_8_name_no_class():
    assert classes_in_names(numbered("cat.{}.jpg", "caf\udce9.{}.jpg"), LEAST_PHOTOS) is None


def test_fewer_photos_may_be_asked_for():
    assert classes_in_names(["cat_1.jpg", "dog_1.jpg"], 1) == ["cat", "dog"]
    assert classes_in_names(["b_737_1.jpg", "b_747_1.jpg"], 1) == ["b_737", "b_747"]
    assert classes_in_names(["cat_1.jpg", "dog_1.jpg"], LEAST_PHOTOS) is None


def test_each_photo_alone_may_be_of_what_its_name_has_before_the_number():
    photos = [Path("x", name) for name in ("boeing_737_1.jpg", "cover.jpg", "IMG_1.jpg")]
    assert possible_classes(photos) == {photos[0]: ("boeing_737", "boeing"), photos[1]: (), photos[2]: ()}
    assert possible_classes([Path("train_1.jpg"), Path("train_2.jpg")]) == {}
