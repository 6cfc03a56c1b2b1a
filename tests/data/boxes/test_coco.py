"""COCO's JSON as tools and people write it: each box is on its own photo, or is counted as lost."""

import json

import pytest

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.errors import DataError
from tests.support.boxes import CLASSES, coco_json, write_coco, write_photos

COUNT = 4


@pytest.fixture
def photos(tmp_path):
    return write_photos(tmp_path, COUNT)


def found_in(folder, content, name="all.json"):
    """(the number of boxes of each photo, what is said). content: of the JSON file there."""
    (folder / name).write_text(json.dumps(content))
    found = find_boxes(folder)
    return {photo.path.rpartition("/")[2]: len(photo.boxes) for photo in found.photos}, found


@pytest.mark.parametrize("field", ["iscrowd", "ignore"])
def test_boxes_of_a_crowd_and_those_to_ignore_do_not_count(tmp_path, photos, field):
    content = coco_json(photos)
    content["annotations"][1][field] = 1
    _, found = found_in(tmp_path, content)
    assert [photo.boxes[0].ignored for photo in found.photos] == [False, True, False, False]


def test_ids_that_a_tool_for_tables_wrote_are_the_same_numbers(tmp_path, photos):
    content = coco_json(photos)
    for item in content["annotations"]:
        item |= {"image_id": float(item["image_id"]), "category_id": float(item["category_id"])}
    for item in content["images"][2:]:
        item |= {"id": float(item["id"]), "height": float(item["height"]), "width": float(item["width"])}
    counts, found = found_in(tmp_path, content)
    assert counts == dict.fromkeys(("p0.png", "p1.png", "p2.png", "p3.png"), 1)
    assert found.skipped == ()
    assert [photo.size for photo in found.photos] == [size[::-1] for _, size, _ in photos]
    assert {box.label for photo in found.photos for box in photo.boxes} == {*CLASSES}


def test_photos_without_an_id_or_with_one_of_two_have_no_strange_boxes(tmp_path, photos):
    content = coco_json(photos)
    del content["images"][0]["id"]
    content["images"][2]["id"] = 3
    counts, found = found_in(tmp_path, content)
    assert counts == {"p1.png": 1}
    assert found.left_out == 5
    file = tmp_path / "all.json"
    assert found.skipped == (
        f"1 photo(s) that are listed without an id, left out: {file}, p0.png",
        f"2 photo(s) that are listed with the id of another one, left out: {file}, p2.png and 1 more",
        f"2 box(es) of photos that are not listed: {file}, annotation 1 and 1 more",
    )


def test_boxes_of_ids_that_do_not_fit_count_as_photos_that_are_lost(tmp_path, photos):
    content = coco_json(photos)
    content["annotations"][1]["image_id"] = "one"
    counts, found = found_in(tmp_path, content)
    assert (counts["p1.png"], found.left_out) == (0, 1)
    assert found.skipped == (f"1 box(es) of photos that are not listed: {tmp_path / 'all.json'}, annotation 2",)


def test_a_photo_that_is_listed_twice_has_the_boxes_of_both(tmp_path, photos):
    content = coco_json(photos)
    content["images"].append(content["images"][0] | {"id": 9})
    content["annotations"].append(content["annotations"][0] | {"image_id": 9, "bbox": [1, 1, 9, 9]})
    counts, found = found_in(tmp_path, content)
    assert (counts["p0.png"], len(counts)) == (2, COUNT)
    assert found.skipped[0].startswith("1 photo(s) that are listed twice; they have the boxes of both: ")


def test_the_files_beside_the_one_with_boxes_are_named(tmp_path, photos):
    content = coco_json(photos)
    folder = tmp_path / "annotations"
    write_coco(folder / "instances_all.json", photos)
    write_coco(folder / "person_keypoints_all.json", photos)
    (folder / "captions_all.json").write_text(
        json.dumps(content | {"annotations": [{"image_id": 0, "caption": "a disc"}]})
    )
    segments = [{"image_id": 0, "segments_info": [{"category_id": 0, "bbox": [1, 2, 3, 4]}]}]
    (folder / "panoptic_all.json").write_text(json.dumps(content | {"annotations": segments}))
    found = find_boxes(tmp_path)
    assert [len(photo.boxes) for photo in found.photos] == [1] * COUNT
    names = ", ".join(str(folder / f"{name}_all.json") for name in ("captions", "panoptic", "person_keypoints"))
    assert found.notes == (f"JSON files without boxes of their own, not read: {names}.",)


def test_a_list_of_classes_in_cocos_form_is_no_detection(tmp_path):
    for name in CLASSES:
        write_photos(tmp_path / name, 2)
    listed = {"images": [{"id": 1, "file_name": "disc/p0.png"}], "annotations": [{"image_id": 1, "category_id": 0}]}
    (tmp_path / "train.json").write_text(json.dumps(listed | {"categories": [{"id": 0, "name": "disc"}]}))
    assert not has_boxes(tmp_path)


def test_a_photo_of_one_side_is_not_taken_for_a_lost_one_of_the_other(tmp_path):
    train, other = write_photos(tmp_path / "train", 3), write_photos(tmp_path / "val", 2, seed=1)
    write_coco(tmp_path / "instances_train.json", train)
    write_coco(tmp_path / "instances_val.json", [*other, train[2]])  # val/p2.png is lost
    found = find_boxes(tmp_path)
    sides = {photo.path.removeprefix(f"{tmp_path}/"): photo.side for photo in found.photos}
    assert [path for path, side in sides.items() if side == "validation"] == ["val/p0.png", "val/p1.png"]
    assert [path for path, side in sides.items() if side == "train"] == ["train/p0.png", "train/p1.png", "train/p2.png"]
    assert found.skipped[0].startswith("1 photo(s) that are listed and not there: ")


def test_the_sides_of_files_whose_photos_are_all_in_one_folder(tmp_path):
    photos = write_photos(tmp_path / "train", 5)
    write_coco(tmp_path / "annotations" / "train.json", photos[:3])
    write_coco(tmp_path / "annotations" / "val.json", photos[3:])
    assert [photo.side for photo in find_boxes(tmp_path).photos] == ["train"] * 3 + ["validation"] * 2


@pytest.mark.parametrize("number", [10**400, float("nan"), 1e300])
def test_numbers_that_are_no_place_in_a_photo_are_refused(tmp_path, photos, number):
    content = coco_json(photos)
    content["annotations"][0]["bbox"][0] = number
    content["images"][1]["width"] = number
    (tmp_path / "all.json").write_text(json.dumps(content))
    data = load_boxes(tmp_path)
    assert (data.boxes_seen, data.boxes_lost, data.used) == (COUNT, 1, COUNT - 1)


def test_no_photo_outside_of_the_folder_is_read(tmp_path):
    outside = write_photos(tmp_path, 2, prefix="outside")
    folder = tmp_path / "set"
    photos = write_photos(folder, COUNT)
    content = coco_json([*photos, *outside])
    content["images"][0]["file_name"] = str(folder / "p0.png")
    content["images"][1]["file_name"] = f"/photos/of/another/computer/{photos[1][0]}"
    content["images"][-2]["file_name"] = "../outside0.png"
    content["images"][-1]["file_name"] = str(tmp_path / "outside1.png")
    counts, found = found_in(folder, content)
    assert counts == dict.fromkeys(("p0.png", "p1.png", "p2.png", "p3.png"), 1)
    assert {photo.path.rpartition("/")[0] for photo in found.photos} == {str(folder)}
    assert found.left_out == 2


def test_a_file_of_which_no_photo_is_there_says_so(tmp_path):
    photos = write_photos(tmp_path / "set", 2, prefix="other")
    write_coco(tmp_path / "set" / "all.json", [(f"lost{name}", size, boxes) for name, size, boxes in photos])
    with pytest.raises(DataError, match=r"(?s)none of them is there\..*2 photo\(s\) that are listed"):
        load_boxes(tmp_path / "set")
