"""The classes of photos that vectors are measured on, by the folders that they are in."""

import pytest

from mobilenet_tf.data.embeddings.measured import photos_of_classes
from mobilenet_tf.errors import DataError


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (["car", "bus", "train"], {"car", "bus", "train"}),
        (["test/car", "test/train", "val/car", "val/train"], {"car", "train"}),
        (["ann/train", "ann/test", "bob/train"], {"ann", "bob"}),
        (["train/ann/portraits", "test/ann/portraits"], {"ann/portraits"}),
    ],
)
def test_a_folder_called_as_a_side_is_a_class_beside_folders_of_other_names(tmp_path, folders, classes):
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
        for number in range(2):
            (tmp_path / folder / f"{number}.png").write_text("read later")
    found = photos_of_classes(tmp_path, None)
    assert {*found.classes} == classes
    assert len(found.paths) == 2 * len(folders)


@pytest.mark.parametrize("side", ["", "train"])
def test_names_of_files_say_the_classes_if_no_folder_does(tmp_path, side):
    (tmp_path / side).mkdir(exist_ok=True)
    for name in ("ann", "bob"):
        for number in range(3):
            (tmp_path / side / f"{name}.{number}.png").write_text("read later")
    assert photos_of_classes(tmp_path, None).classes == ["ann"] * 3 + ["bob"] * 3


def test_photos_without_classes_are_refused_with_every_way_to_say_these(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_text("not read")
    with pytest.raises(DataError, match=r"sub-folder for each class(.|\n)*\(ann\.0\.jpg, .*or --ground-truth FILE"):
        photos_of_classes(tmp_path, None)
