"""Wrong and half annotations: each has a sentence of its own."""

import struct

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.boxes.annotations import AnnotatedPhoto, WrittenBox
from mobilenet_tf.data.boxes.check import BoxProblems, PhotoSize, checked_boxes, upright_box
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.errors import CheckError, DataError
from tests.support.boxes import voc_set, voc_xml, write_coco, write_photos, write_voc

NUMBERS = {"disc": 0, "square": 1}
SIZE = PhotoSize(100, 200)  # high, wide


def check(*boxes, size=None, photo_size=SIZE):
    """(what is left of the boxes of one photo, what is wrong). size: that its annotation states."""
    problems = BoxProblems()
    written = tuple(WrittenBox(label, corners, f"box {n}") for n, (label, corners) in enumerate(boxes, 1))
    return checked_boxes(AnnotatedPhoto("p.png", written, "p.xml", size), photo_size, NUMBERS, problems), problems


GOOD = ("disc", (10.0, 20.0, 60.0, 120.0))


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (("disc", (10, 20, 10, 80)), "1 box(es) without area, left out: box 2"),
        (("disc", (30, 20, 10, 80)), "1 box(es) without area, left out: box 2"),
        (("disc", (110, 20, 130, 80)), "1 box(es) that lie outside of their photo, left out: box 2"),
        (("disc", None), "1 box(es) whose corners are not four numbers, left out: box 2"),
        ((None, (10, 20, 40, 80)), "1 box(es) of an unknown class, left out: box 2"),
        (("cube", (10, 20, 40, 80)), "1 box(es) of an unknown class, left out: box 2, cube"),
    ],
)
def test_a_box_that_cannot_be_used_is_named_and_counted(box, expected):
    checked, problems = check(GOOD, box)
    assert problems.lines() == [expected]
    assert (problems.seen, problems.lost) == (2, 1)
    np.testing.assert_allclose(checked.boxes, [[0.1, 0.1, 0.6, 0.6]], rtol=1e-6)


@pytest.mark.parametrize(
    ("box", "expected", "left"),
    [
        (
            ("disc", (-20, 150, 50, 230)),
            "1 box(es) that reach over the edge of their photo, cut there",
            [0, 0.75, 0.5, 1],
        ),
        (("disc", (10, 20, 11, 80)), "1 tiny box(es), a side under 2% of the photo's, kept", [0.1, 0.1, 0.11, 0.4]),
    ],
)
def test_a_box_that_is_changed_or_odd_is_said_and_kept(box, expected, left):
    checked, problems = check(box)
    assert problems.lines() == [f"{expected}: box 1"]
    assert problems.lost == 0
    np.testing.assert_allclose(checked.boxes, [left], rtol=1e-6)


def test_a_box_that_is_written_twice_is_kept_once():
    checked, problems = check(GOOD, GOOD)
    assert problems.lines() == ["1 box(es) written twice in one photo, kept once: box 2"]
    assert len(checked.boxes) == 1
    assert problems.lost == 0


def test_a_photo_of_whose_boxes_none_is_left_is_no_background():
    checked, problems = check(("disc", (10, 20, 10, 80)))
    assert checked is None
    assert problems.lines()[0] == "1 photo(s) of whose boxes none can be used, left out: p.xml"


def test_boxes_of_a_photo_that_was_resized_are_resized():
    checked, problems = check(("disc", (20, 40, 120, 240)), size=(200, 400))
    assert problems.lines() == ["1 photo(s) resized after they were annotated; their boxes are resized too: p.xml"]
    np.testing.assert_allclose(checked.boxes, [[0.1, 0.1, 0.6, 0.6]], rtol=1e-6)


def test_a_photo_of_another_shape_than_its_annotation_says_is_left_out():
    checked, problems = check(GOOD, size=(300, 300))
    assert checked is None
    assert problems.lines() == [
        "1 photo(s) of another size and shape than their annotation says, left out: p.xml (300 x 300 for 200 x 100)"
    ]
    assert problems.lost == 1


def test_boxes_of_the_photo_as_it_is_stored_are_turned_as_exif_says():
    photo = PhotoSize(100, 200, orientation=6)  # stored 200 high and 100 wide
    checked, problems = check(("disc", (20, 10, 120, 60)), size=(200, 100), photo_size=photo)
    assert problems.lines() == [
        "1 photo(s) annotated as they are stored, not upright; their boxes are turned too: p.xml"
    ]
    np.testing.assert_allclose(checked.boxes, [[0.1, 0.4, 0.6, 0.9]], rtol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_stays_around_the_same_pixels_in_every_orientation(tmp_path, orientation):
    from mobilenet_tf.contract.preprocessing import load_rgb

    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[5:15, 50:76] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "p.png", exif=exif)
    upright = load_rgb(tmp_path / "p.png")
    rows, columns = np.nonzero(upright[..., 0])
    height, width = upright.shape[:2]
    expected = (rows.min() / height, columns.min() / width, (rows.max() + 1) / height, (columns.max() + 1) / width)
    np.testing.assert_allclose(upright_box((5 / 40, 50 / 80, 15 / 40, 76 / 80), orientation), expected, atol=1e-9)


def test_half_files_are_named_and_the_rest_is_used(tmp_path):
    folder = voc_set(tmp_path, 12)
    (folder / "p0.xml").write_text((folder / "p0.xml").read_text()[:120])
    (folder / "p1.png").write_bytes((folder / "p1.png").read_bytes()[:500])
    (folder / "lost.xml").write_text(voc_xml("lost.png", (10, 10), []))
    data = load_boxes(folder)
    assert (data.used, data.left_out) == (10, 3)
    assert data.skipped[0].startswith(f"cannot read {folder / 'p1.png'}: ")
    assert set(data.skipped[1:]) == {
        f"1 annotation(s) that are no whole XML: {folder / 'p0.xml'}",
        f"1 annotation(s) of photos that are not there: {folder / 'lost.xml'}",
    }
    assert data.examined().broken == 1


def test_no_picture_is_on_both_sides(tmp_path):
    photos = write_photos(tmp_path, 16)
    for name, *_ in photos[:4]:
        for copy in range(3):
            (tmp_path / f"copy{copy}_{name}").write_bytes((tmp_path / name).read_bytes())
    copies = [(f"copy{copy}_{name}", size, boxes) for name, size, boxes in photos[:4] for copy in range(3)]
    write_voc(tmp_path, [*photos, *copies])
    data = load_boxes(tmp_path, validation_share=0.4)
    assert not set(data.train.digests.tolist()) & set(data.validation.digests.tolist())
    assert len(data.examined().copies) >= 4
    assert {label for one in data.validation.classes for label in one} == {0, 1}


def test_copies_of_photos_that_validate_are_not_trained_on(tmp_path):
    photos = write_photos(tmp_path / "train", 8)
    other = write_photos(tmp_path / "valid", 3, seed=1)
    (tmp_path / "train" / "p0.png").write_bytes((tmp_path / "valid" / "p0.png").read_bytes())
    write_voc(tmp_path / "train", [other[0], *photos[1:]])
    write_voc(tmp_path / "valid", other)
    data = load_boxes(tmp_path)
    assert data.examined().left_out == 1
    assert (len(data.train), len(data.validation)) == (7, 3)


def test_many_lost_boxes_stop_a_run_unless_they_are_allowed(tmp_path):
    photos = write_photos(tmp_path, 8)
    write_voc(tmp_path, [(name, size, [*boxes, ("disc", 9, 9, 9, 30)]) for name, size, boxes in photos])
    data = load_boxes(tmp_path)
    data.check_lost_boxes("photos", allow_skipped=True)
    with pytest.raises(CheckError, match=r"expected to use at least nine of ten boxes in photos; 8 of 16 can be used"):
        data.check_lost_boxes("photos", allow_skipped=False)


def test_photos_without_any_box_cannot_be_trained_on(tmp_path):
    photos = write_photos(tmp_path, 8)
    write_coco(tmp_path / "all.json", [(name, size, []) for name, size, _ in photos])
    with pytest.raises(DataError, match="expected photos with boxes to train on"):
        load_boxes(tmp_path)


def test_a_class_whose_boxes_have_no_corners_is_no_class(tmp_path):
    voc_set(tmp_path, 8)
    corners = voc_xml("p0.png", (96, 64), [("disc", 10, 10, 50, 50), ("cube", "x", "", "y", ""), ("ball", 9, 9, 9, 20)])
    (tmp_path / "p0.xml").write_text(corners)
    data = load_boxes(tmp_path)
    assert data.classes == ("ball", "disc", "square")
    assert "classes without any box, which will not be found: ball" in data.notes


@pytest.mark.parametrize(("form", "count", "stated"), [(2, 2, b"6\0"), (3, 1, b"\x09\0")])  # text; the number 9
def test_an_orientation_that_exif_does_not_have_turns_nothing(tmp_path, form, count, stated):
    photos = write_photos(tmp_path, 8)
    entry = struct.pack("<HHHI", 1, 0x0112, form, count) + stated.ljust(4, b"\0")
    exif = b"Exif\0\0II*\0\x08\0\0\0" + entry + bytes(4)
    Image.open(tmp_path / "p0.png").save(tmp_path / "p0.png", exif=exif)
    name, size, boxes = photos[0]
    write_voc(tmp_path, [(name, size[::-1], boxes), *photos[1:]])  # of the photo on its side, which it is not
    data = load_boxes(tmp_path)
    assert data.used == 7
    assert data.skipped[0].startswith("1 photo(s) of another size and shape than their annotation says, left out: ")
