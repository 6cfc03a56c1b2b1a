"""Photos with tags as training gets them: which tags, which sides, what is said."""

import shutil

import numpy as np
import pytest

from mobilenet_tf.data.tags.examination import examination_lines, examination_page
from mobilenet_tf.data.tags.find import has_tags
from mobilenet_tf.data.tags.load import TeacherTags, load_tags
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in

COLUMNS = "filename, helmet, person, vest\n"


def roboflow(folder, numbers):
    """Every photo shows a person, every second one a helmet, every fourth one a vest."""
    rows = [f"photo_{n:03}.jpg, {1 - n % 2}, 1, {int(n % 4 == 0)}\n" for n in numbers]
    (folder / "_classes.csv").write_text(COLUMNS + "".join(rows))


@pytest.fixture
def sides(tmp_path):
    for seed, side in enumerate(("train", "valid")):
        images_in(tmp_path / "set" / side, 12, seed=seed)
        roboflow(tmp_path / "set" / side, range(12))
    return tmp_path / "set"


@pytest.fixture
def in_folders(tmp_path):
    """Photos 0 to 7 in cat, and 4 to 11 in dog too."""
    images_in(tmp_path / "all", 12)
    for name, numbers in (("cat", range(8)), ("dog", range(4, 12))):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in numbers:
            shutil.copy(tmp_path / "all" / f"photo_{number:03}.jpg", tmp_path / "pets" / name / f"{number}.jpg")
    return tmp_path / "pets"


def test_the_sides_of_roboflow(sides):
    data = load_tags(sides)
    assert data.classes == ("helmet", "person", "vest")
    assert (len(data.train), len(data.validation), data.seen, data.left_out) == (12, 12, 24, 0)
    assert data.train.counts().tolist() == [6, 12, 3]
    assert data.notes[0] == (
        f"{sides}/train/_classes.csv gives the tags of the photos, and {sides}/valid/_classes.csv those of the photos "
        "that validate."
    )
    assert data.notes[1] == "Of the photos to train on, all or none have these tags: person."
    assert examination_lines(data.examined(), sides)[:2] == [
        "24 photos with 3 tags: person 24 (100.0%), helmet 12 (50.0%), vest 6 (25.0%).",
        "Broken 0. Several tags are true of 12 photos, none of 0.",
    ]
    table = examination_page(data.examined(), sides, data.skipped).splitlines()
    assert table[0].split("  ")[0] == "tag"
    assert table[2].split() == ["helmet", "12", "50.0%", "6", "6", "0"]


def test_a_part_of_each_tag_is_held_out_if_there_are_no_sides(photos):
    roboflow(photos, range(12))
    data = load_tags(photos, validation_share=0.34)
    assert sorted((*data.train.paths, *data.validation.paths)) == sorted(map(str, photos.glob("*.jpg")))
    assert data.validation.counts().tolist() == [2, 4, 1]
    again = load_tags(photos, validation_share=0.34)
    assert again.validation.paths == data.validation.paths
    assert again.labels_sha256 == data.labels_sha256


def test_a_photo_that_stands_in_several_folders_has_all_their_tags(in_folders):
    assert has_tags(in_folders)
    data = load_tags(in_folders)
    by_name = {}
    for side in (data.train, data.validation):
        by_name |= {
            int(path.rpartition("/")[2][:-4]): marks
            for path, marks in zip(side.paths, side.labels.tolist(), strict=True)
        }
    assert by_name == {n: [int(n < 8), int(n >= 4)] for n in range(12)}
    assert data.examined().merged == 4
    assert "4 files are copies in several folders" in " ".join(examination_lines(data.examined(), in_folders))


def test_folders_with_one_copy_among_many_photos_are_classes(in_folders):
    for number in range(5, 8):
        (in_folders / "dog" / f"{number}.jpg").unlink()
    assert not has_tags(in_folders)
    (in_folders / "dog" / "5.jpg").write_bytes((in_folders / "cat" / "5.jpg").read_bytes())
    assert has_tags(in_folders)


def test_folders_that_all_hold_the_same_say_nothing(tmp_path):
    for name in ("cat", "dog"):
        images_in(tmp_path / "pets" / name, 3)
    assert not has_tags(tmp_path / "pets")


def test_what_cannot_be_read_has_no_tags(tmp_path):
    assert not has_tags(tmp_path / "nowhere")
    assert not has_tags(tmp_path)


def test_broken_photos_are_named(sides):
    (sides / "train" / "photo_003.jpg").write_bytes(b"\xff\xd8 broken")
    data = load_tags(sides)
    assert data.left_out == data.examined().broken == 1
    assert "photo_003.jpg" in data.skipped[0]


def test_tags_that_no_photo_has_are_left_out_and_validation_may_not_have_others(sides):
    text = (sides / "train" / "_classes.csv").read_text().replace(" vest\n", " vest, unicorn\n", 1)
    lines = [line + (", 0" if number else "") for number, line in enumerate(text.splitlines())]
    (sides / "train" / "_classes.csv").write_text("\n".join(lines))
    data = load_tags(sides)
    assert data.classes == ("helmet", "person", "vest")
    assert "No photo to train on has these tags, which are left out: unicorn." in data.notes
    valid = sides / "valid" / "_classes.csv"
    valid.write_text(valid.read_text().replace("vest", "gloves"))
    with pytest.raises(DataError, match=r"expected training's tags in .*_classes.csv: .*; it also has gloves"):
        load_tags(sides)


def test_the_order_of_a_labels_file(sides, tmp_path):
    (tmp_path / "labels.txt").write_text("vest\nhelmet\nperson\n")
    data = load_tags(sides, labels=tmp_path / "labels.txt")
    assert data.classes == ("vest", "helmet", "person")
    assert data.train.counts().tolist() == [3, 6, 12]


def test_a_teacher_gives_the_tags_of_photos_without_labels(photos, sides):
    teacher = TeacherTags(("vest", "person", "helmet", "boots"))
    with pytest.raises(DataError):
        load_tags(photos)
    data = load_tags(photos, teacher=teacher)
    assert data.classes == teacher.tags
    assert (data.train.labels == -1).all()
    assert (data.validation.labels == -1).all()
    assert "Nothing says the tags" in data.notes[0]
    validated = load_tags(photos, validation=sides / "valid", teacher=teacher)
    assert (validated.train.labels == -1).all()
    assert validated.validation.counts().tolist() == [3, 12, 6, 0]
    assert (validated.validation.labels[:, 3] == -1).all()


def test_labels_are_not_read_if_the_teacher_alone_is_learned_from(sides, in_folders):
    tags = ("helmet", "person", "vest")
    data = load_tags(sides, teacher=TeacherTags(tags, alone=True))
    assert (data.train.labels == -1).all()
    assert data.validation.counts().tolist() == [6, 12, 3]
    with pytest.raises(DataError, match="--teacher-weight 1"):
        load_tags(in_folders, teacher=TeacherTags(tags))
    assert np.unique(load_tags(in_folders, teacher=TeacherTags(tags, alone=True)).train.labels).tolist() == [-1]


def test_one_tag_is_not_enough(photos):
    (photos / "list.csv").write_text("".join(f"photo_{n:03}.jpg,{'cat' * (n % 2)}\n" for n in range(12)))
    with pytest.raises(DataError, match="at least two tags; found only cat"):
        load_tags(photos)
