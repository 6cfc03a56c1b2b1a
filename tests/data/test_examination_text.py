from pathlib import Path

import pytest

from mobilenet_tf.data.examination import ClassCounts, Copies, Examination, Side
from mobilenet_tf.data.examination_text import examination_lines, examination_page

FOLDER = Path("pets")
CAT, DOG = ClassCounts("cat", 20, 5, 0, 1, 8, 0), ClassCounts("dog", 3, 1, 1, 0, 1, 2)
ACROSS = Copies(("pets/cat/a.jpg", "elsewhere/b.jpg"), ("cat", "dog"), (Side.LEFT_OUT, Side.VALIDATION), exact=True)
WITHIN = Copies(("pets/dog/a.jpg", "pets/dog/b.jpg"), ("dog", "dog"), (Side.TRAIN, Side.TRAIN), exact=False)


def test_the_short_form():
    found = Examination((CAT, DOG), (ACROSS, WITHIN), broken=2)
    assert examination_lines(found, FOLDER) == [
        "30 photos of 2 classes: cat 25 (83.3%), dog 5 (16.7%).",
        "Broken 2, tiny 1 (short side under 64 pixels), grey 9 (8 of cat), rotated by EXIF 2 (2 of dog).",
        "Imbalance: cat has 6.7 times the photos of dog. Less than a fifth of the largest: dog.",
        "Copies: 4 photos show only 2 pictures (1 byte for byte); each stays on one side.",
        "1 picture is in several classes: cat/a.jpg (left out) = elsewhere/b.jpg.",
        "1 photo to train on is left out, because a copy validates.",
    ]


def test_photos_with_nothing_odd():
    found = Examination((ClassCounts("cat", 4, 1, 0, 0, 0, 0), ClassCounts("dog", 3, 1, 0, 0, 0, 0)), ())
    assert examination_lines(found, FOLDER)[1:] == [
        "Broken 0, tiny 0 (short side under 64 pixels), grey 0, rotated by EXIF 0.",
        "No two photos show the same picture.",
    ]


def test_what_is_not_known_is_not_claimed():
    found = Examination((ClassCounts("cat", 4, 1), ClassCounts("dog", 3, 1)), (), broken=1, only_exact=True)
    assert examination_lines(found, FOLDER)[1:] == ["Broken 1.", "Only copies byte for byte were searched for."]
    assert "grey" not in examination_page(found, FOLDER, ())


def test_of_many_classes_the_largest_and_the_smallest_are_named():
    found = Examination(tuple(ClassCounts(f"c{number}", 10 + number, 0) for number in range(10)), ())
    assert examination_lines(found, FOLDER)[0] == (
        "145 photos of 10 classes. Largest: c9 19 (13.1%), c8 18 (12.4%), c7 17 (11.7%); "
        "smallest: c2 12 (8.3%), c1 11 (7.6%), c0 10 (6.9%)."
    )


def test_many_classes_of_one_size_are_not_named():
    found = Examination(tuple(ClassCounts(f"c{number}", 50, 0) for number in range(10)), ())
    assert examination_lines(found, FOLDER)[0] == "500 photos of 10 classes, 50 of each."


def test_the_page_fits_80_columns_but_for_long_names(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    long = Copies(
        (f"pets/cat/{'a' * 50}.jpg", f"pets/cat/{'b' * 50}.jpg"), ("cat", "cat"), (Side.TRAIN,) * 2, exact=True
    )
    page = examination_page(Examination((CAT, DOG), (long, ACROSS)), FOLDER, ["pets/x.gif: not read\n"])
    lines = page.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == [
        "class",
        "photos",
        "share",
        "to",
        "train",
        "on",
        "to",
        "validate",
        "tiny",
        "grey",
        "rotated",
    ]
    assert lines[2].split() == ["cat", "25", "83.3%", "20", "5", "1", "8", "0"]
    assert "  pets/x.gif: not read\\n" in lines
    assert lines[-1] == "  cat/a.jpg (left out) = elsewhere/b.jpg"


def test_of_many_copies_of_one_picture_the_first_are_named():
    group = Copies(tuple(f"pets/cat/{n}.jpg" for n in range(7)), ("cat",) * 7, (Side.TRAIN,) * 7, exact=True)
    page = examination_page(Examination((CAT, DOG), (group,)), FOLDER, ())
    assert page.endswith("  cat/0.jpg = cat/1.jpg = cat/2.jpg = cat/3.jpg = cat/4.jpg and 2 more")


@pytest.mark.parametrize("name", ["caf\udce9.jpg", "a\nb.jpg"])
def test_names_that_are_no_text_are_escaped(name):
    group = Copies((f"pets/cat/{name}", "pets/dog/b.jpg"), ("cat", "dog"), (Side.TRAIN,) * 2, exact=True)
    text = examination_page(Examination((CAT, DOG), (group,)), FOLDER, ())
    text.encode()
    assert "\\" in text.splitlines()[-1]
