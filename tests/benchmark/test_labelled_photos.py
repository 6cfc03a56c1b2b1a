import pytest

from mobilenet_tf.benchmark.class_names import ClassNames, class_names
from mobilenet_tf.benchmark.labelled_photos import labelled_photos
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.errors import DataError, LabelsError
from tests.support.commands import images_in

CAT_DOG = ClassNames(["cat", "dog"])


def test_labels_that_fit_are_the_names():
    assert class_names(["cat", "dog"], 2, None, "m") == ClassNames(["cat", "dog"])
    assert class_names(["background", "cat"], 2, None, "m") == ClassNames(["background", "cat"])
    imagenet = ["background", *imagenet_labels()]
    assert class_names(imagenet, 1001, None, "m") == ClassNames(imagenet, 1)


def test_a_background_is_given_and_never_guessed():
    with pytest.raises(LabelsError, match="--background-offset 1"):
        class_names(["cat", "dog"], 3, None, "m")
    assert class_names(["cat", "dog"], 3, 1, "m") == ClassNames(["background", "cat", "dog"], 1)
    with pytest.raises(LabelsError, match=r"the first is 'cat'"):
        class_names(["cat", "dog"], 2, 1, "m")


@pytest.mark.parametrize(
    ("first", "offset", "taken_for", "other"),
    [
        ("__background__", None, 1, "--background-offset 0"),
        ("???", None, 1, "--background-offset 0"),
        ("???", 0, 0, "--background-offset 1"),
        ("background", None, 0, "--background-offset 1"),
        ("Dummy", None, 0, "--background-offset 1"),
        ("background", 1, 1, "--background-offset 0"),
    ],
)
def test_a_class_that_may_be_the_background_is_told_with_class_numbers(tmp_path, first, offset, taken_for, other):
    """Which class number 0 is, and the option that undoes what was assumed; names leave no doubt."""
    images_in(tmp_path / "photos", 1)
    names = class_names([first, "cat", "dog"], 3, offset, "m")
    (tmp_path / "list.txt").write_text("photo_000.jpg,0")
    found = labelled_photos(tmp_path / "photos", names, tmp_path / "list.txt")
    assert (found.classes, len(found.class_names.notes)) == ([taken_for], 1)
    assert found.class_names.notes[0].endswith(f"give {other}.")
    (tmp_path / "list.txt").write_text("photo_000.jpg,cat")
    found = labelled_photos(tmp_path / "photos", names, tmp_path / "list.txt")
    assert (found.classes, found.class_names.notes) == ([1], ())


def test_class_numbers_of_a_model_of_imagenet_need_no_note(tmp_path):
    images_in(tmp_path / "photos", 1)
    names = class_names(["background", *imagenet_labels()], 1001, None, "m")
    (tmp_path / "list.txt").write_text("photo_000.jpg,0")
    found = labelled_photos(tmp_path / "photos", names, tmp_path / "list.txt")
    assert (found.classes, found.class_names.notes) == ([1], ())


def test_1001_classes_without_labels_are_imagenet_only_with_a_background_offset():
    with pytest.raises(LabelsError, match="--background-offset 1"):
        class_names(None, 1001, None, "m")
    note = "m.tflite carries no labels: its 1001 classes were taken for ImageNet's."
    expected = ClassNames(["background", *imagenet_labels()], 1, notes=(note,))
    assert class_names(None, 1001, 1, "m.tflite") == expected


def test_other_classes_without_labels_need_some():
    with pytest.raises(LabelsError, match="--labels FILE"):
        class_names(None, 7, None, "m")
    assert class_names(None, 7, None, "m", by_number=True).names[6] == "class 6"


def test_folders_bear_the_classes_names(tmp_path):
    for name in ("cat", "dog"):
        images_in(tmp_path / name, 2)
    found = labelled_photos(tmp_path, ClassNames(["background", "cat", "dog"], 1))
    assert found.classes == [1, 1, 2, 2]


def test_a_photo_of_no_class_is_skipped_by_name(tmp_path):
    images_in(tmp_path / "cat", 1)
    images_in(tmp_path / "cow", 1)
    found = labelled_photos(tmp_path, CAT_DOG)
    assert (found.classes, found.skipped) == ([0], [f"{tmp_path / 'cow' / 'photo_000.jpg'}: its class is not known"])


@pytest.mark.parametrize("separator", [",", "\t", " "])
def test_a_list_gives_names_or_numbers(tmp_path, separator):
    images_in(tmp_path / "photos", 3)
    rows = ("photo_000.jpg", "tiger cat"), ("photo_001.jpg", "1"), ("missing.jpg", "0")
    (tmp_path / "ground_truth.txt").write_text("\n".join(separator.join(row) for row in rows) + "\n\n")
    names = ClassNames(["background", "tiger cat", "dog"], 1)
    found = labelled_photos(tmp_path / "photos", names, tmp_path / "ground_truth.txt")
    assert found.classes == [1, 2]
    assert found.skipped == [f"{tmp_path / 'photos' / 'missing.jpg'}: does not exist"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("photo_000.jpg", "line 1: expected `file,label`"),
        ("photo_000.jpg,cow", "got 'cow'"),
        ("missing.jpg,1", "no photo"),
    ],
)
def test_a_list_that_does_not_fit_is_named(tmp_path, text, message):
    images_in(tmp_path, 1)
    (tmp_path / "ground_truth.txt").write_text(text)
    with pytest.raises(DataError, match=message):
        labelled_photos(tmp_path, CAT_DOG, tmp_path / "ground_truth.txt")


def test_photos_of_no_known_class_are_refused(tmp_path):
    images_in(tmp_path, 1)
    with pytest.raises(DataError, match="--ground-truth"):
        labelled_photos(tmp_path, CAT_DOG)


def test_the_hash_is_of_the_measured_photos_and_not_of_the_models_own_numbers(tmp_path):
    for name in ("cat", "dog"):
        images_in(tmp_path / name, 2)
    plain = labelled_photos(tmp_path, CAT_DOG).sha256([True] * 4)
    with_background = labelled_photos(tmp_path, ClassNames(["background", "cat", "dog"], 1))
    assert with_background.sha256([True] * 4) == plain
    images_in(tmp_path / "dog", 3)
    more = labelled_photos(tmp_path, CAT_DOG)
    assert more.sha256([True] * 5) != plain
    assert more.sha256([True] * 4 + [False]) == plain


def test_folders_of_no_class_and_kinds_that_are_not_read_are_counted(tmp_path):
    for name in ("cat", "TRUCK", " spaced "):
        images_in(tmp_path / name, 2)
    (tmp_path / "cat" / "photo.gif").write_bytes(b"GIF89a")
    found = labelled_photos(tmp_path, CAT_DOG)
    assert (len(found.paths), found.seen) == (2, 7)
    assert set(found.unmatched_folders) == {"TRUCK", " spaced "}
    assert any("1 .gif file" in line for line in found.skipped)


def test_an_offset_is_added_to_class_numbers_and_not_to_names(tmp_path):
    images_in(tmp_path / "photos", 3)
    file = tmp_path / "ground_truth.txt"
    file.write_text("photo_000.jpg,1\nphoto_001.jpg,2\nphoto_002.jpg,cat\n")
    with pytest.raises(DataError, match=r"line 2: .*got '2'\.\n.* are 0 to 1: .*--class-offset N.*-1"):
        labelled_photos(tmp_path / "photos", CAT_DOG, file)
    found = labelled_photos(tmp_path / "photos", CAT_DOG, file, class_offset=-1)
    assert (found.classes, found.by_number) == ([0, 1, 0], True)


def test_a_list_may_name_photos_elsewhere(tmp_path):
    images_in(tmp_path / "photos", 1)
    images_in(tmp_path / "elsewhere", 1)
    (tmp_path / "list.txt").write_text(f"photo_000.jpg,0\n{tmp_path / 'elsewhere' / 'photo_000.jpg'},1\n")
    found = labelled_photos(tmp_path / "photos", CAT_DOG, tmp_path / "list.txt")
    assert found.classes == [0, 1]
    assert found.sha256([True, True]) != found.sha256([True, False])


IMAGENET = ClassNames(imagenet_labels())


@pytest.mark.parametrize(
    ("synonym", "label"),
    [("crayfish", "crayfish, crawfish, crawdad, crawdaddy"), ("Polecat", "polecat, fitch, foulmart, foumart, Mustela")],
)
def test_a_synonym_of_two_classes_means_that_which_begins_with_it(tmp_path, synonym, label):
    images_in(tmp_path / "photos", 1)
    (tmp_path / "list.txt").write_text(f"photo_000.jpg,{synonym}\n")
    (index,) = labelled_photos(tmp_path / "photos", IMAGENET, tmp_path / "list.txt").classes
    assert imagenet_labels()[index].startswith(label)


def test_a_synonym_that_begins_no_label_is_ambiguous_and_both_are_named(tmp_path):
    images_in(tmp_path / "photos", 1)
    (tmp_path / "list.txt").write_text("photo_000.jpg,panther\n")
    message = r"'panther' may mean 'cougar, puma, .*' or 'jaguar, panther, .*': write the whole label"
    with pytest.raises(DataError, match=message):
        labelled_photos(tmp_path / "photos", IMAGENET, tmp_path / "list.txt")
