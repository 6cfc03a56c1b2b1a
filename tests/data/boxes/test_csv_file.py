"""CSV files of boxes with lines that are not as the others."""

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from tests.support.boxes import CLASSES, write_photos

LINES = "".join(f"p{number}.png,disc,1,2,30,40\n" for number in range(3))
LONG = "x" * 200_000


def boxes_in(folder, text):
    """Name of a photo -> the corners of its boxes."""
    (folder / "boxes.csv").write_text(text)
    found = find_boxes(folder)
    return {photo.path[-6:]: [box.corners for box in photo.boxes] for photo in found.photos}, found


def test_a_file_alone_is_a_photo_without_boxes(tmp_path):
    write_photos(tmp_path, 4)
    boxes, _ = boxes_in(tmp_path, f"p3.png\n{LINES}")
    assert boxes == {"p3.png": [], **{f"p{number}.png": [(2, 1, 40, 30)] for number in range(3)}}


def test_half_a_line_costs_its_own_box(tmp_path):
    write_photos(tmp_path, 4)
    boxes, _ = boxes_in(tmp_path, f"{LINES}p3.png,disc,1,2\n")
    assert boxes["p3.png"] == [None]
    assert boxes["p0.png"] == [(2, 1, 40, 30)]


def test_a_field_that_is_too_long_costs_its_own_line(tmp_path):
    write_photos(tmp_path, 4)
    boxes, found = boxes_in(tmp_path, f"file,label,x1,y1,x2,y2\n{LINES}p3.png,{LONG},1,2,3,4\n")
    assert len(boxes) == 3
    assert found.skipped == (
        f"1 line(s) that cannot be read, such as fields of over 131,072 characters: {tmp_path / 'boxes.csv'}, line 5",
    )


def test_tables_of_other_things_are_no_boxes(tmp_path):
    for name in CLASSES:
        write_photos(tmp_path / name, 2)
    (tmp_path / "masks.csv").write_text(f"id,rle\n1,{LONG}\n")
    (tmp_path / "flowers.csv").write_text("image,species,petal,sepal,width,weight\n" + "p0.png,disc,1.5,2,30,40\n" * 9)
    assert not has_boxes(tmp_path)
