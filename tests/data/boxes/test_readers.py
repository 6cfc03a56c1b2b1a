"""Each form of annotations gives the same boxes, found by looking."""

import json

import numpy as np
import pytest

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.errors import DataError
from tests.support.boxes import CLASSES, coco_json, shares, voc_xml, write_coco, write_photos, write_voc, write_yolo

COUNT = 8


def as_voc(folder, photos):
    write_voc(folder, photos)


def as_coco(folder, photos):
    write_coco(folder / "annotations" / "all.json", photos)


def as_coco_that_skips_ids(folder, photos):
    write_coco(folder / "_annotations.coco.json", photos, first=3, step=40)


def as_yolo_with_yaml(folder, photos):
    write_yolo(folder, photos)
    (folder / "data.yaml").write_text(f"names: [{', '.join(CLASSES)}]\nnc: 2\n")


def as_yolo_with_numbered_yaml(folder, photos):
    write_yolo(folder, photos)
    (folder / "data.yaml").write_text("names:\n  1: square\n  0: disc\n")


def as_yolo_with_names(folder, photos):
    write_yolo(folder, photos)
    (folder / "classes.txt").write_text("disc\nsquare\n")


def lines_of(photos, order, header=""):
    rows = [
        order.format(file=name, label=label, x1=x1, y1=y1, x2=x2, y2=y2, w=size[0], h=size[1])
        for name, size, boxes in photos
        for label, x1, y1, x2, y2 in boxes
    ]
    return "\n".join([*([header] if header else []), *rows])


def as_csv(folder, photos):
    (folder / "boxes.csv").write_text(lines_of(photos, "{file},{label},{x1},{y1},{x2},{y2}"))


def as_retinanet_csv(folder, photos):
    (folder / "boxes.csv").write_text(lines_of(photos, "{file},{x1},{y1},{x2},{y2},{label}"))


def as_tensorflow_csv(folder, photos):
    header = "filename,width,height,class,xmin,ymin,xmax,ymax"
    (folder / "boxes.csv").write_text(lines_of(photos, "{file},{w},{h},{label},{x1},{y1},{x2},{y2}", header))


FORMS = (
    as_voc, as_coco, as_coco_that_skips_ids, as_yolo_with_yaml, as_yolo_with_numbered_yaml, as_yolo_with_names, as_csv,
    as_retinanet_csv, as_tensorflow_csv,
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_boxes(form, tmp_path):
    photos = write_photos(tmp_path, COUNT)
    assert not has_boxes(tmp_path)
    form(tmp_path, photos)
    assert has_boxes(tmp_path)
    data = load_boxes(tmp_path)
    assert data.classes == CLASSES
    assert (data.used, data.left_out, data.skipped) == (COUNT, 0, ())
    found = {}
    for side in (data.train, data.validation):
        for index in range(len(side)):
            assert side.read(index, 1000).shape[:2] == tuple(side.sizes[index])
            found[side.name(index).rpartition("/")[2]] = (side.boxes[index], side.classes[index])
    assert sorted(found) == [name for name, *_ in photos]
    for name, size, boxes in photos:
        np.testing.assert_allclose(found[name][0], [shares(size, box) for box in boxes], atol=1e-6)
        assert [CLASSES[label] for label in found[name][1]] == [label for label, *_ in boxes]


def test_the_lists_of_image_sets_say_which_photos_train(tmp_path):
    photos = write_photos(tmp_path / "JPEGImages", COUNT)
    (tmp_path / "Annotations").mkdir()
    for name, size, boxes in photos:
        (tmp_path / "Annotations" / name).with_suffix(".xml").write_text(voc_xml(name, size, boxes))
    sets = tmp_path / "ImageSets" / "Main"
    sets.mkdir(parents=True)
    (sets / "train.txt").write_text("p0\np1\np2\np3\n")
    (sets / "val.txt").write_text("p4\np5\n")
    (sets / "test.txt").write_text("p6\n")
    (sets / "disc_train.txt").write_text("p0  1\np7 -1\n")  # of one class: not of a side
    data = load_boxes(tmp_path)
    names = [sorted(side.name(index)[-6:] for index in range(len(side))) for side in (data.train, data.validation)]
    assert names == [["p0.png", "p1.png", "p2.png", "p3.png"], ["p4.png", "p5.png"]]
    assert "not used: test 1" in data.notes[0]
    assert data.skipped[0].startswith("1 annotated photo(s) that no list of ImageSets names: ")
    assert data.left_out == 1


def test_the_sides_of_coco_files_and_of_folders(tmp_path):
    train, other = write_photos(tmp_path / "train2017", 6), write_photos(tmp_path / "val2017", 3, seed=1)
    write_coco(tmp_path / "annotations" / "instances_train2017.json", train)
    write_coco(tmp_path / "annotations" / "instances_val2017.json", other)
    data = load_boxes(tmp_path)  # the photos of both sides have the same names
    assert {data.train.name(index).split("/")[-2] for index in range(len(data.train))} == {"train2017"}
    assert {data.validation.name(index).split("/")[-2] for index in range(len(data.validation))} == {"val2017"}
    assert (len(data.train), len(data.validation)) == (6, 3)


def test_the_sides_that_a_data_yaml_names(tmp_path):
    for side, count in (("train", 6), ("valid", 2)):
        folder = tmp_path / side / "images"
        photos = write_photos(folder, count, seed=count)
        write_yolo(tmp_path / side / "labels", photos)
    (tmp_path / "data.yaml").write_text("train: ../train/images\nval: ../valid/images\nnames: ['disc', 'square']\n")
    data = load_boxes(tmp_path)
    assert (len(data.train), len(data.validation)) == (6, 2)
    assert data.skipped == ()


def test_a_photo_without_boxes_is_background_if_its_annotation_says_so(tmp_path):
    photos = write_photos(tmp_path, COUNT)
    write_voc(tmp_path, photos)
    (tmp_path / "p0.xml").write_text(voc_xml("p0.png", photos[0][1], []))
    (tmp_path / "p1.xml").unlink()  # it may show anything
    data = load_boxes(tmp_path)
    assert data.examined().background == 1
    assert data.used == COUNT - 1
    assert data.skipped == (f"1 photo(s) without an annotation, which may show anything: {tmp_path / 'p1.png'}",)


def test_a_polygon_of_yolo_is_the_box_that_it_fills(tmp_path):
    photos = write_photos(tmp_path, COUNT)
    write_yolo(tmp_path, photos)
    (tmp_path / "classes.txt").write_text("disc\nsquare\n")
    (tmp_path / "p0.txt").write_text("1 0.25 0.5 0.75 0.25 0.5 0.875\n")
    of_photo = next(photo for photo in find_boxes(tmp_path).photos if photo.path.endswith("p0.png"))
    assert of_photo.boxes[0].label == "square"
    assert of_photo.boxes[0].corners == (0.25, 0.25, 0.875, 0.75)


def test_corners_of_a_csv_that_are_shares_are_told_from_pixels(tmp_path):
    photos = write_photos(tmp_path, COUNT)
    rows = [f"{name},{boxes[0][0]},0.25,0.125,0.75,1" for name, _, boxes in photos]
    (tmp_path / "boxes.csv").write_text("file,label,x1,y1,x2,y2\n" + "\n".join(rows) + "\n")
    data = load_boxes(tmp_path)
    np.testing.assert_allclose(data.train.boxes[0], [[0.125, 0.25, 1, 0.75]])
    assert any("are taken as shares of the photo" in note for note in data.notes)


def test_of_several_forms_one_is_read_and_said(tmp_path):
    photos = write_photos(tmp_path, COUNT)
    as_voc(tmp_path, photos)
    as_csv(tmp_path, photos)
    data = load_boxes(tmp_path)
    assert data.examined().kind == "Pascal VOC XML"
    assert f"{tmp_path} has Pascal VOC XML, which is read, and CSV of boxes, which is not." in data.notes


def test_what_has_no_boxes_is_no_detection(tmp_path):
    for name in CLASSES:
        write_photos(tmp_path / name, 2)
    (tmp_path / "labels.csv").write_text("disc/p0.png,disc\nsquare/p1.png,square\n")
    (tmp_path / "notes.json").write_text(json.dumps({"images": 4}))
    (tmp_path / "notes.xml").write_text("<notes/>")
    (tmp_path / "readme.txt").write_text("1 2 3 4 5")
    assert not has_boxes(tmp_path)
    with pytest.raises(DataError, match="expected boxes of photos in"):
        load_boxes(tmp_path)


def test_yolo_needs_the_names_of_its_classes(tmp_path):
    write_yolo(tmp_path, write_photos(tmp_path, 2))
    with pytest.raises(DataError, match=r"there is neither data\.yaml nor classes\.txt"):
        load_boxes(tmp_path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text[: len(text) // 2], "it is not whole JSON"),
        (lambda text: text.replace('"annotations"', '"boxes"'), "annotations is not there"),
        (lambda text: text.replace('"name": "disc"', '"title": "disc"'), "category 1 has no id or no name"),
    ],
)
def test_a_coco_file_that_is_not_whole_is_refused(tmp_path, change, expected):
    text = json.dumps(coco_json(write_photos(tmp_path, COUNT)))
    (tmp_path / "all.json").write_text(change(text))
    with pytest.raises(DataError, match=expected):
        load_boxes(tmp_path)


def test_a_labels_file_fixes_the_order_of_the_classes(tmp_path):
    photos = write_photos(tmp_path / "photos", COUNT)
    write_voc(tmp_path / "photos", photos)
    (tmp_path / "order.txt").write_text("Square\nDISC\n")
    data = load_boxes(tmp_path / "photos", labels=tmp_path / "order.txt")
    plain = load_boxes(tmp_path / "photos")
    assert data.classes == ("Square", "DISC")
    assert [one.tolist() for one in data.train.classes] == [(1 - one).tolist() for one in plain.train.classes]


def test_a_file_of_annotations_beside_the_folder_of_its_photos_is_enough(tmp_path):
    photos = write_photos(tmp_path / "images", COUNT)
    write_coco(tmp_path / "annotations" / "all.json", photos)
    assert load_boxes(tmp_path / "annotations" / "all.json").used == COUNT


def test_annotations_without_their_photos_are_refused(tmp_path):
    photos = write_photos(tmp_path / "images", COUNT)
    (tmp_path / "Annotations").mkdir()
    for name, size, boxes in photos:
        (tmp_path / "Annotations" / name).with_suffix(".xml").write_text(voc_xml(name, size, boxes))
    with pytest.raises(DataError, match=r"expected photos that the annotations in .* name \(Pascal VOC XML\); none"):
        load_boxes(tmp_path / "Annotations")
    assert load_boxes(tmp_path).used == COUNT
