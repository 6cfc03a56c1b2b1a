"""Identities that validate and are not trained on: other ones in --validation, or some that are held out whole."""

import pytest

from mobilenet_tf.data.embeddings.load import load_embedding_photos
from mobilenet_tf.data.examination_text import examination_lines
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError

from .test_load import save

PEOPLE = ("ann", "bob", "cid", "dan", "eve")


@pytest.fixture
def people(tmp_path):
    """Four photos of each of five people."""
    for number, name in enumerate(PEOPLE):
        for photo in range(4):
            save(tmp_path / "people" / name / f"{photo}.png", 10 * number + photo)
    return tmp_path / "people"


def classes_of(photos):
    """The class of each photo by the folder that it is in."""
    return [photos.name(index).split("/")[-2] for index in range(len(photos))]


def named(data, photos):
    return [data.classes[label] for label in photos.labels]


@pytest.mark.parametrize(("share", "count"), [(0.2, 2), (0.6, 3), (0.9, 3)])
def test_whole_classes_are_held_out_by_the_seed(people, share, count):
    """At least two on each side: among photos of one class the nearest other one is always of it."""
    data = load_embedding_photos(str(people), 8, classes="held out", validation_share=share)
    trained, new = {*classes_of(data.train)}, {*classes_of(data.validation)}
    assert (trained & new, trained | new) == (set(), {*PEOPLE})
    assert (len(new), data.trained_classes) == (count, 5 - count)
    assert {*data.classes[: 5 - count]} == trained  # the classes that ArcFace has centres of
    for photos in (data.train, data.validation):
        assert named(data, photos) == classes_of(photos)
    again = load_embedding_photos(str(people), 8, classes="held out", validation_share=share)
    assert again.photos_sha256 == data.photos_sha256
    others = {
        frozenset(classes_of(load_embedding_photos(str(people), 8, classes="held out", seed=seed).validation))
        for seed in range(8)
    }
    assert len(others) > 1


def test_a_labels_file_is_not_said_to_give_the_order_of_classes_that_are_held_out(people):
    (people / "labels.txt").write_text("\n".join(f"{number} {name}" for number, name in enumerate(PEOPLE)))
    usual, data = (
        load_embedding_photos(str(people), 8, classes=classes, validation_share=0.5)
        for classes in ("needed", "held out")
    )
    assert usual.classes == PEOPLE != data.classes
    assert usual.notes[-1] == f"{people}/labels.txt gives the order of the classes."
    assert data.notes == usual.notes[:-1]  # that the numbers of the lines are no part of the names


def test_no_trained_photo_is_a_copy_of_one_of_a_held_out_class(people):
    held_out = load_embedding_photos(str(people), 8, classes="held out").validation
    trained = next(name for name in PEOPLE if name not in classes_of(held_out))
    (people / trained / "copy.png").write_bytes((people / classes_of(held_out)[0] / "0.png").read_bytes())
    data = load_embedding_photos(str(people), 8, classes="held out")
    assert "copy.png" not in " ".join(data.train.name(index) for index in range(len(data.train)))
    said = " ".join(examination_lines(data.examined(), people))
    assert "1 photo to train on is left out, because a copy validates." in said
    assert "Imbalance" not in said  # classes that are not trained on have no photo to train on


def test_photos_to_validate_with_may_be_of_other_people(people, tmp_path):
    for name in ("eve", "fay", "gus"):
        for photo in range(3):
            save(tmp_path / "others" / name / f"{photo}.png", 100 + 10 * ord(name[0]) + photo)
    data = load_embedding_photos(str(people), 8, classes="needed", validation=tmp_path / "others")
    assert data.classes == (*PEOPLE, "fay", "gus")
    assert data.trained_classes == 5
    assert named(data, data.validation) == classes_of(data.validation)
    assert {*named(data, data.validation)} == {"eve", "fay", "gus"}
    with pytest.raises(DataError, match="training has no fay, gus"):  # a classifier cannot know them
        load_dataset(str(people), validation=tmp_path / "others")


@pytest.mark.usefixtures("people")
def test_what_cannot_be_held_out_is_named(tmp_path):
    for name in ("ann", "bob", "cid"):
        for photo in range(3):
            save(tmp_path / "few" / name / f"{photo}.png", 10 * ord(name[0]) + photo)
            save(tmp_path / "split" / "train" / name / f"{photo}.png", 10 * ord(name[0]) + photo)
            save(tmp_path / "split" / "val" / name / f"{photo}.png", 500 + 10 * ord(name[0]) + photo)
            save(tmp_path / "one" / "fay" / f"{photo}.png", 900 + photo)
    for source, options, message in (
        ("few", {}, r"--hold-out-classes: expected at least 4 classes, .*; found 3\."),
        ("split", {}, r"--hold-out-classes chooses the classes that validate; .*val has photos for that"),
        ("cifar10", {}, r"--hold-out-classes is for photos in files; cifar10 holds them in another way"),
        (
            "people",
            {"classes": "needed", "validation": tmp_path / "one"},
            "expected photos of two classes to validate with; all are of one",
        ),
    ):
        place = source if source == "cifar10" else str(tmp_path / source)
        with pytest.raises(DataError, match=message):
            load_embedding_photos(place, 8, **{"classes": "held out", **options})
