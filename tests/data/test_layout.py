import re

import pytest

from mobilenet_tf.data.layout import find_layout, find_validation
from mobilenet_tf.errors import DataError


def photos_in(root, *folders):
    """A file with the name of a photo in each folder; find_layout opens none."""
    for folder in folders:
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "a.jpg").write_bytes(b"")


@pytest.mark.parametrize(
    ("train", "held_out"),
    [
        ("train", "val"),
        ("Training", "Testing"),
        ("TRAIN", "Valid"),
        ("trn", "tst"),
        ("train", "dev"),
        ("train", "eval"),
        ("training_set", "test_set"),
        ("TrainImages", "TestImages"),
        ("train2017", "val2017"),
        ("seg_train", "seg_test"),
        ("Flowers-training", "flowers_validation"),
        ("1_train", "2_validation"),
    ],
)
def test_sides_of_a_split_are_recognized_as_people_write_them(tmp_path, train, held_out):
    photos_in(tmp_path, *(f"{side}/{name}" for side in (train, held_out) for name in ("cat", "truck")))
    layout = find_layout(tmp_path)
    assert (layout.train, layout.validation) == (tmp_path / train, tmp_path / held_out)
    assert layout.notes == (f"{tmp_path}: {train} is trained on, and {held_out} validates.",)


def test_validation_goes_before_test_and_what_is_not_used_is_said(tmp_path):
    photos_in(tmp_path, *(f"{side}/{name}" for side in ("train", "test", "valid") for name in ("cat", "dog")))
    layout = find_layout(tmp_path)
    assert layout.validation == tmp_path / "valid"
    assert layout.notes[0].endswith("train is trained on, and valid validates; not used: test.")


def test_folders_that_hold_but_one_folder_are_looked_through(tmp_path):
    photos_in(
        tmp_path, "seg_train/seg_train/cat", "seg_train/seg_train/dog", "seg_test/seg_test/cat", "seg_pred/seg_pred"
    )
    layout = find_layout(tmp_path)
    assert (layout.train, layout.validation) == (tmp_path / "seg_train/seg_train", tmp_path / "seg_test/seg_test")
    assert layout.notes[0].endswith("; not used: seg_pred.")


@pytest.mark.parametrize("test", ["test", "test/unknown", "test/test", "unlabeled"])
def test_a_side_without_classes_is_not_used_which_is_said(tmp_path, test):
    photos_in(tmp_path, "train/cat", "train/dog", test)
    layout = find_layout(tmp_path)
    assert (layout.train, layout.validation) == (tmp_path / "train", None)
    name = test.partition("/")[0]
    expected = f"{tmp_path}: train is trained on, no other side has the classes inside; not used: {name}."
    assert layout.notes == (expected,)


def test_a_folder_to_validate_with_stands_for_a_side_without_classes(tmp_path):
    photos_in(tmp_path, "train/cat", "train/dog", "test", "own")
    layout = find_layout(tmp_path, tmp_path / "own")
    assert (layout.train, layout.validation) == (tmp_path / "train", tmp_path / "own")


def test_sides_of_other_classes_are_refused_with_the_command_to_give(tmp_path):
    root = tmp_path / "my photos"
    photos_in(root, "train/cat", "train/dog", "test/car", "test/van")
    command = f"Give the folder of the classes: mobilenet-train '{root}/train' --validation '{root}/test'"
    expected = f"test and train are the sides of a split, not classes.\n{command}"
    with pytest.raises(DataError, match=re.escape(expected) + "$"):
        find_layout(root)


def test_two_folders_to_validate_with_are_refused_with_the_command_to_give(tmp_path):
    photos_in(tmp_path, *(f"{side}/{name}" for side in ("train", "val1", "val2") for name in ("cat", "dog")))
    with pytest.raises(DataError, match=f"mobilenet-train {tmp_path}/train --validation {tmp_path}/val1$"):
        find_layout(tmp_path)


def test_several_folders_of_one_side_that_hold_the_classes_are_refused(tmp_path):
    photos_in(tmp_path, *(f"{side}/{name}" for side in ("test1", "test2") for name in ("cat", "dog")))
    with pytest.raises(DataError, match="test1 and test2 are the sides of a split, not classes"):
        find_layout(tmp_path)


def test_the_folder_that_is_given_to_validate_with_is_named(tmp_path):
    photos_in(tmp_path / "ds", *(f"{side}/{name}" for side in ("train", "test") for name in ("cat", "dog")))
    (tmp_path / "own").mkdir()
    train = tmp_path / "ds" / "train"
    expected = f"{tmp_path}/ds: train is trained on, and {tmp_path}/own validates; not used: test."
    layout = find_layout(tmp_path / "ds", tmp_path / "own")
    assert (layout.train, layout.notes) == (train, (expected,))
    inside = find_layout(tmp_path / "ds", tmp_path / "ds" / "test")
    assert inside.notes == (f"{tmp_path}/ds: train is trained on, and test validates.",)


def test_sides_without_any_classes_are_refused(tmp_path):
    photos_in(tmp_path, "train", "test1")
    with pytest.raises(
        DataError, match=r"test1 and train are the sides.*\nSort the photos of .*/train into sub-folders"
    ):
        find_layout(tmp_path)


def test_sides_with_photos_beside_their_annotations_hold_no_classes(tmp_path):
    photos_in(tmp_path, "train/images", "val/images")
    for side in ("train", "val"):
        (tmp_path / side / "labels").mkdir()
    with pytest.raises(DataError, match=r"train and val are the sides.*\nSort the photos of .*/train into"):
        find_layout(tmp_path)


@pytest.mark.parametrize("wrapper", ["PetImages", "dataset", "archive/data", "train", "a/b/c"])
def test_a_folder_around_the_classes_is_looked_through(tmp_path, wrapper):
    photos_in(tmp_path, f"{wrapper}/Cat", f"{wrapper}/Dog")
    (tmp_path / "licence").mkdir()
    layout = find_layout(tmp_path)
    root = tmp_path / wrapper
    assert (layout.train, layout.validation) == (root, None)
    assert layout.notes == (f"The classes are the sub-folders of {root}.",)
    assert find_validation(tmp_path) == root


@pytest.mark.parametrize("wrapper", ["dataset", "archive/dataset"])
def test_a_folder_around_the_sides_of_a_split_is_looked_through(tmp_path, wrapper):
    photos_in(tmp_path, *(f"{wrapper}/{side}/{name}" for side in ("train", "val") for name in ("Cat", "Dog")))
    layout = find_layout(tmp_path)
    root = tmp_path / wrapper
    assert (layout.train, layout.validation) == (root / "train", root / "val")
    assert layout.notes == (f"{root}: train is trained on, and val validates.",)


def test_a_copy_of_the_split_beside_its_sides_is_not_used(tmp_path):
    """As some archives are: chest_xray/train, chest_xray/val, and chest_xray/chest_xray with both again."""
    sides = [f"{side}/{name}" for side in ("train", "val") for name in ("Cat", "Dog")]
    photos_in(tmp_path, *sides, *(f"chest_xray/{side}" for side in sides))
    layout = find_layout(tmp_path)
    assert (layout.train, layout.validation) == (tmp_path / "train", tmp_path / "val")
    assert layout.notes[0].endswith("; not used: chest_xray.")


def test_a_folder_with_photos_of_its_own_is_no_wrapper(tmp_path):
    photos_in(tmp_path, "", "pets/Cat", "pets/Dog")
    with pytest.raises(DataError, match=f"only pets has some.*\nIf .*: mobilenet-train {tmp_path}/pets$"):
        find_layout(tmp_path)


@pytest.mark.parametrize(
    "folders",
    [
        ("plane", "train", "test"),
        ("valid", "invalid"),
        ("bullet train", "steam train"),
        ("test tube", "beaker"),
        ("train/steam", "train/electric", "car"),
        ("cat/deep/er", "dog"),
        ("test1", "test2"),
        ("train_1", "train_2", "train_3"),
    ],
)
def test_classes_that_are_named_like_sides_are_classes(tmp_path, folders):
    photos_in(tmp_path, *folders)
    layout = find_layout(tmp_path)
    assert (layout.train, layout.validation, layout.notes) == (tmp_path, None, ())


def test_classes_that_hold_the_same_sub_folders_are_noted(tmp_path):
    photos_in(tmp_path, "site_a/cat", "site_a/dog", "site_b/cat", "site_b/dog")
    assert find_layout(tmp_path).notes == (
        f"{tmp_path}: its sub-folders are the classes, though each has the sub-folders cat and dog.",
    )


def test_a_split_to_validate_with_is_refused(tmp_path):
    photos_in(tmp_path, "train/cat", "train/dog", "val/cat", "val/dog")
    with pytest.raises(DataError, match=f"train and val are the sides.*not classes.\n.*: --validation {tmp_path}/val$"):
        find_validation(tmp_path)
    find_validation(tmp_path / "val")


def test_linked_folders_are_looked_into_and_loops_end(tmp_path):
    photos_in(tmp_path, *(f"store/{side}/{name}" for side in ("a", "b") for name in ("cat", "dog")))
    photos = tmp_path / "photos"
    for side, target in (("train", "a"), ("val", "b")):
        for name in ("cat", "dog"):
            (photos / side).mkdir(parents=True, exist_ok=True)
            (photos / side / name).symlink_to(tmp_path / "store" / target / name)
    (photos / "empty").mkdir()
    (photos / "empty" / "up").symlink_to("..")
    (photos / "gone").symlink_to("nowhere")
    layout = find_layout(photos)
    assert (layout.train, layout.validation) == (photos / "train", photos / "val")
    assert "not used" not in layout.notes[0]
