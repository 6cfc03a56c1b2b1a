import unicodedata

import pytest

from mobilenet_tf.data.ground_truth_file import read_ground_truth
from mobilenet_tf.errors import DataError


@pytest.fixture
def photos(tmp_path):
    for name in ("a.jpg", "my cat.jpg", "cat, asleep.png", "deep/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def read(photos, text, encoding="utf-8"):
    file = photos / "list.csv"
    file.write_bytes(text.encode(encoding))
    return [(found.path.relative_to(photos).as_posix(), found.label) for found in read_ground_truth(file, photos)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", ", "])
@pytest.mark.parametrize("header", ["", "filename{0}label\n", "Image{0}Class\n"])
@pytest.mark.parametrize("quoted", [True, False])
def test_a_list_of_any_delimiter_with_and_without_header_and_quotation_marks(photos, delimiter, header, quoted):
    rows = [("a.jpg", "cat"), ("my cat.jpg", "dog, brown"), ("cat, asleep.png", "cat"), ("deep/b.jpg", 'the "dog"')]
    quote = (lambda text: '"' + text.replace('"', '""') + '"') if quoted else str
    text = header.format(delimiter) + "\r\n".join(delimiter.join(map(quote, row)) for row in rows) + "\r\n"
    assert read(photos, text) == rows


def test_a_space_may_stand_between_file_and_label(photos):
    assert read(photos, "a.jpg tiger cat\nmy cat.jpg   dog\n") == [("a.jpg", "tiger cat"), ("my cat.jpg", "dog")]


def test_named_columns_may_stand_anywhere(photos):
    text = "id,width,label,file_name\n1,640,cat,a.jpg\n2,480,dog,deep/b.jpg\n"
    assert read(photos, text) == [("a.jpg", "cat"), ("deep/b.jpg", "dog")]
    assert read(photos, "label;id;width\ncat;a;640\n") == [("a.jpg", "cat")]
    assert read(photos, "path,class_id,class_name\na.jpg,0,cat\n") == [("a.jpg", "cat")]


@pytest.mark.parametrize(
    "name",
    ["deep/b", "deep\\b.jpg", "./deep/b.jpg", "Deep/B.JPG", "{folder}/deep/b.jpg"],
)
def test_a_photo_may_be_listed_by_a_name_that_differs_as_systems_do(photos, name):
    assert read(photos, f"a.jpg,cat\n{name.format(folder=photos.name)},dog\n")[1] == ("deep/b.jpg", "dog")


def test_accents_may_have_another_form_than_in_the_files_name(photos):
    (photos / unicodedata.normalize("NFD", "café.png")).write_bytes(b"")
    ((path, label),) = read(photos, "café.png,cat\n")
    assert (unicodedata.normalize("NFC", path), label) == ("café.png", "cat")


def test_a_name_that_two_photos_may_be_meant_by_is_neither(photos):
    (photos / "A.png").write_bytes(b"")
    assert read(photos, "a,cat\n./A.PNG,dog\n") == [("a", "cat"), ("A.png", "dog")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_texts_of_other_systems_are_understood(photos, encoding):
    assert read(photos, "a.jpg,café\r\n\r\n", encoding) == [("a.jpg", "café")]


def test_a_line_that_is_no_name_of_a_file_is_listed_as_one_that_does_not_exist(photos):
    words = "word " * 100
    assert read(photos, f"a.jpg,cat\n{words},dog\n")[1] == (words.strip(), "dog")


def test_photos_that_do_not_exist_are_listed_too(photos):
    assert read(photos, "gone.jpg,cat\na.jpg,dog\n") == [("gone.jpg", "cat"), ("a.jpg", "dog")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.jpg,cat\na.jpg\n", "line 2: expected `file,label`; got 'a.jpg'"),
        ("file,label,x\na.jpg\n", "line 2: expected a file and a label"),
        ("a.jpg,\n", "line 1: expected `file,label`"),
    ],
)
def test_a_line_that_does_not_fit_is_named(photos, text, message):
    with pytest.raises(DataError, match=message):
        read(photos, text)


def test_what_is_no_text_is_refused(photos):
    with pytest.raises(DataError, match="neither UTF-8 nor UTF-16"):
        read(photos, "a.jpg,café\n", "latin-1")
    with pytest.raises(DataError, match="No such file"):
        read_ground_truth(photos / "none.csv", photos)
