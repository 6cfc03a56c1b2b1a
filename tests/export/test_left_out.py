from pathlib import Path

import pytest

from export.left_out import left_out_of_accuracy

FOLDER = Path("photos")


def reason(*folders):
    """What is said of 20 photos in each of these folders, of which `cat` and `dog` are classes."""
    photos = [FOLDER / folder / f"{index}.jpg" for folder in folders for index in range(20)]
    known = {"cat": 0, "dog": 1}
    return left_out_of_accuracy(photos, [known.get(photo.parent.name) for photo in photos], FOLDER)


def test_folders_that_are_no_class_beside_others_that_are_leave_no_top_1():
    said = reason("cat", "dog", "emu", "gnu")
    assert "40 of the 80 photos that verify" in said
    assert "no class of the weights: emu (20), gnu (20)." in said
    assert len(said.splitlines()) == 3


@pytest.mark.parametrize("folders", [("cat", "dog"), ("emu", "gnu"), (".",), ("cat",), ("cat", "dog", ".")])
def test_photos_that_need_no_class_or_all_have_one_are_fine(folders):
    assert reason(*folders) is None


def test_a_tenth_may_be_left_out():
    photos = [FOLDER / "cat" / f"{index}.jpg" for index in range(9)] + [FOLDER / "emu" / "0.jpg"]
    assert left_out_of_accuracy(photos, [0] * 9 + [None], FOLDER) is None


def test_bundled_photos_have_no_folder():
    assert left_out_of_accuracy([Path("a/1.jpg"), Path("b/1.jpg")], [0, None], None) is None
