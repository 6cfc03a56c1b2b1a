"""Pascal VOC's XML in the folders that people keep it in."""

import pytest

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from mobilenet_tf.data.boxes.load import load_boxes
from tests.support.boxes import CLASSES, voc_set, voc_xml, write_photos

COUNT = 4


def write_apart(photos, annotations, count=COUNT, prefix="p"):
    """Photos in one folder, and their XML files in another."""
    annotations.mkdir(parents=True, exist_ok=True)
    for name, size, boxes in write_photos(photos, count, prefix=prefix):
        (annotations / name).with_suffix(".xml").write_text(voc_xml(name, size, boxes))


@pytest.mark.parametrize(("photos", "annotations"), [("{}/images", "{}/annotations"), ("images/{}", "annotations/{}")])
def test_photos_of_the_same_names_on_both_sides_have_their_own_boxes(tmp_path, photos, annotations):
    for side in ("train", "val"):
        write_apart(tmp_path / photos.format(side), tmp_path / annotations.format(side))
    found = find_boxes(tmp_path)
    assert (found.left_out, len(found.photos)) == (0, 2 * COUNT)
    assert {(photo.side[:3], "/val/" in photo.path, "/val/" in photo.place) for photo in found.photos} == {
        ("tra", False, False),
        ("val", True, True),
    }


def test_the_lists_of_two_years_are_both_read(tmp_path):
    for year in ("VOC2007", "VOC2012"):
        folder = tmp_path / year
        write_apart(folder / "JPEGImages", folder / "Annotations", prefix="a photo ")
        (folder / "ImageSets" / "Main").mkdir(parents=True)
        (folder / "ImageSets" / "Main" / "train.txt").write_text("a photo 0\na photo 1\n")
        (folder / "ImageSets" / "Main" / "val.txt").write_text("a photo 2\n")
    found = find_boxes(tmp_path)
    assert [photo.side for photo in found.photos] == ["train", "train", "validation"] * 2
    assert found.left_out == 2


@pytest.mark.parametrize("number", ["inf", "nan", "1e300"])
def test_a_size_that_is_none_is_not_taken(tmp_path, number):
    folder = voc_set(tmp_path)
    file = folder / "p0.xml"
    file.write_text(file.read_text().replace("<width>96<", f"<width>{number}<"))
    assert find_boxes(folder).photos[0].size is None
    assert load_boxes(folder).used == 8


def test_the_xml_of_another_tool_is_no_detection(tmp_path):
    for name in CLASSES:
        write_photos(tmp_path / name, 2)
    (tmp_path / "annotations.xml").write_text('<?xml version="1.0"?><annotations><version>1.1</version></annotations>')
    assert not has_boxes(tmp_path)


def test_the_folder_that_one_is_in_has_its_annotations(tmp_path, monkeypatch):
    write_apart(tmp_path / "JPEGImages", tmp_path / "Annotations")
    monkeypatch.chdir(tmp_path)
    found = find_boxes(".")
    assert (len(found.photos), found.skipped) == (COUNT, ())
