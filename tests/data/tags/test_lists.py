"""Lists that give the tags of photos: in columns, in one field, in lines of their own."""

import pytest

from mobilenet_tf.data.layout import PhotoList
from mobilenet_tf.data.tags.lists import files_in_list, list_has_tags
from mobilenet_tf.data.tags.tag_text import separator, tags_in
from mobilenet_tf.errors import DataError

ROBOFLOW = "filename, helmet, no-vest, vest\n"


def listed(photos, text, name="list.csv"):
    (photos / name).write_text(text, encoding="utf-8")
    return PhotoList(photos / name, photos)


def tags_of(files):
    """Number in the name of each photo -> its tags."""
    return {
        int(path[-7:-4]): {tag for tag, mark in zip(files.tags, marks, strict=True) if mark == 1}
        for path, marks in zip(files.paths, files.marks.tolist(), strict=True)
    }


def test_columns_with_spaces_after_the_commas_are_tags(photos):
    rows = "photo_000.jpg, 1, 0, 1\r\nphoto_001.jpg, 0, 0, 0\r\nphoto_002.jpg, 0, 1, 0\r\n"
    files = files_in_list(listed(photos, ROBOFLOW + rows))
    assert files.tags == ("helmet", "no-vest", "vest")
    assert tags_of(files) == {0: {"helmet", "vest"}, 1: set(), 2: {"no-vest"}}
    assert files.skipped == (f"{photos}: 9 photo(s) that list.csv does not list",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROBOFLOW + "photo_000.jpg, 1, 0, 1\nphoto_001.jpg, 1, 0, 0\n", True),
        (ROBOFLOW + "photo_000.jpg, 1, 0, 0\nphoto_001.jpg, 0, 0, 1\n", False),
        ("photo_000.jpg,cat;dog\nphoto_001.jpg,dog\n", True),
        ("photo_000.jpg,cat|dog\nphoto_001.jpg,dog\n", True),
        ('photo_000.jpg,"cat,dog"\nphoto_001.jpg,dog\nphoto_002.jpg,cat\n', True),
        ("photo_000.jpg,\"['cat', 'dog']\"\nphoto_001.jpg,['dog']\n", True),
        ("image_name,tags\nphoto_000,clear primary\nphoto_001,cloudy primary\nphoto_002,clear\n", True),
        ("image_name,breed\nphoto_000,golden retriever\nphoto_001,labrador retriever\nphoto_002,pug\n", False),
        ('photo_000.jpg,"tench, Tinca tinca"\nphoto_001.jpg,"goldfish, Carassius auratus"\n', False),
        ("photo_000.jpg,cat\nphoto_000.jpg,dog\nphoto_001.jpg,dog\n", True),
        ("".join(f"photo_{number:03}.jpg,cat\n" for number in range(12)) + "photo_000.jpg,dog\n", False),
    ],
)
def test_a_list_is_of_tags_if_several_are_true_of_a_photo(photos, text, expected):
    assert list_has_tags(listed(photos, text)) == expected


@pytest.mark.parametrize(
    "rows",
    [
        "file,label\nphoto_000.jpg,cat;dog\nphoto_001.jpg,\nphoto_002.jpg,dog\n",
        "photo_000.jpg;cat;dog\nphoto_001.jpg\nphoto_002.jpg;dog\n",
        "photo_000.jpg,cat\nphoto_002.jpg,dog\nphoto_000.jpg,dog\nphoto_001.jpg,\n",
        "file\tlabels\nphoto_000.jpg\tcat, dog\nphoto_001.jpg\t\nphoto_002.jpg\tdog\nphoto_002.jpg\tdog\n",
    ],
)
def test_tags_in_one_field_and_photos_without_any(photos, rows):
    files = files_in_list(listed(photos, rows))
    assert files.tags == ("cat", "dog")
    assert tags_of(files) == {0: {"cat", "dog"}, 1: set(), 2: {"dog"}}
    assert files.left_out == 0


def test_a_cell_that_is_empty_or_minus_one_is_not_known(photos):
    files = files_in_list(listed(photos, "file,a,b\nphoto_000.jpg,1,\nphoto_001.jpg,-1,True\nphoto_002.jpg,0,no\n"))
    assert files.marks.tolist() == [[1, -1], [-1, 1], [0, 0]]


def test_minus_one_is_no_if_nothing_else_says_no(photos):
    files = files_in_list(listed(photos, "image_id,a,b\nphoto_000.jpg,1,-1\nphoto_001.jpg,-1,\n"))
    assert files.marks.tolist() == [[1, 0], [0, -1]]


def test_columns_without_marks_are_not_read_which_is_said(photos):
    text = "id,filename,width,a,split,b\n7,photo_000.jpg,640,1,train,0\n8,photo_001.jpg,480,0,val,1\n"
    files = files_in_list(listed(photos, text))
    assert (files.tags, files.marks.tolist()) == (("a", "b"), [[1, 0], [0, 1]])
    assert files.notes == (f"{photos}/list.csv: these columns hold no tags, and are not read: id, width, split.",)


def test_a_column_that_is_called_a_label_makes_a_list_one_of_labels(photos):
    text = "filename,label,fold\nphoto_000.jpg,1,0\nphoto_001.jpg,0,1\nphoto_002.jpg,1,1\n"
    assert not list_has_tags(listed(photos, text))


def test_wrong_lines_are_named_and_counted(photos):
    rows = "photo_000.jpg,1,0,1\nphoto_001.jpg,1,0\nphoto_002.jpg,1,x,0\ngone.jpg,1,0,0\nnotes.txt,1,0,0\n"
    (photos / "notes.txt").write_text("no photo")
    files = files_in_list(listed(photos, ROBOFLOW + rows))
    assert tags_of(files) == {0: {"helmet", "vest"}}
    assert files.left_out == 4
    assert files.skipped[:3] == (
        f"{photos}/list.csv: 2 line(s) cannot be read: line 3 has 3 values for 4 columns and 1 more",
        f"{photos}/list.csv: 1 photo(s) listed and not there: {photos}/gone.jpg",
        f"{photos}/list.csv: 1 photo(s) of a kind that is not read: {photos}/notes.txt",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,a,a\nphoto_000.jpg,1,1\n", "line 1: the tag 'a' comes twice"),
        ("gone.jpg,cat;dog\nlost.jpg,dog\n", "it gives none.\n.*2 photo.s. listed and not there"),
        ("photo_000.jpg,cat;con\x01\n", "cannot name a tag"),
    ],
)
def test_lists_that_cannot_be_trained_on_are_refused(photos, text, message):
    with pytest.raises(DataError, match=message):
        files_in_list(listed(photos, text))


def test_parts_of_one_field():
    assert tags_in("vest; helmet;;vest ", ";") == ["vest", "helmet"]
    assert tags_in("['a b', \"c\"]", ",") == ["a b", "c"]
    assert tags_in("a;b", None) == ["a;b"]
    assert separator(["red apple", "green apple", "red pear"], "file,class") is None
