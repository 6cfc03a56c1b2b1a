"""No picture is on both sides of a split, and what the examination says of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from mobilenet_tf.data.examination import Side
from mobilenet_tf.data.load import load_dataset
from tests.support.commands import images_in


def mirrored(path, copy):
    """A copy of a photo that no byte of its file shows."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    ImageOps.mirror(Image.open(path)).save(copy)
    return copy


def names(photos):
    return {photos.name(index) for index in range(len(photos))}


def test_mirrored_copies_are_held_out_together(pets):
    pairs = [(str(path), str(mirrored(path, path.with_name(f"m_{path.name}")))) for path in sorted(pets.rglob("*.jpg"))]
    for seed in range(5):
        data = load_dataset(str(pets), seed=seed)
        held_out = names(data.validation)
        assert all((one in held_out) == (other in held_out) for one, other in pairs)
        assert len(held_out) == 6
        groups = dict(zip((data.train.name(i) for i in range(len(data.train))), data.train_groups, strict=True))
        assert all(groups[one] == groups[other] for one, other in pairs if one in groups)
        assert len(set(groups.values())) == len(groups) / 2
    assert len(data.examination.copies) == len(pairs)
    assert not any(group.exact for group in data.examination.copies)


def test_training_photos_that_show_what_a_validation_photo_shows_are_left_out(pets, tmp_path_factory):
    held = tmp_path_factory.mktemp("held")
    images_in(held / "cat", 2, seed=8)
    copy = mirrored(pets / "cat" / "photo_003.jpg", held / "cat" / "copy.jpg")
    (held / "dog").mkdir()
    exact = shutil.copy(pets / "dog" / "photo_001.jpg", held / "dog")
    data = load_dataset(str(pets), validation=held)
    assert len(data.validation) == 4
    assert len(data.train) == 13
    assert not names(data.train) & {str(pets / "cat/photo_003.jpg"), str(pets / "dog/photo_001.jpg")}
    one, other = data.examination.copies
    assert (one.names, one.exact) == ((str(pets / "cat/photo_003.jpg"), str(copy)), False)
    assert (other.names, other.exact) == ((str(pets / "dog/photo_001.jpg"), str(exact)), True)
    assert one.sides == other.sides == (Side.LEFT_OUT, Side.VALIDATION)
    assert len(set(data.train_groups)) == len(data.train)


@pytest.mark.parametrize("count", [3, 5])
def test_sides_that_hold_the_same_photos_are_put_together_and_split_anew(pets, tmp_path_factory, count):
    """More than half of the dogs validate too; of the cats, if three photos are the same, less."""
    held = tmp_path_factory.mktemp("held")
    for name in ("cat", "dog"):
        for number in range(count):
            mirrored(pets / name / f"photo_{number:03}.jpg", held / name / f"{number}.jpg")
    data = load_dataset(str(pets), validation=held)
    assert len(data.train) + len(data.validation) == 15 + 2 * count
    assert set(data.train.labels) == set(data.validation.labels) == {0, 1}
    assert data.notes == (
        "Most photos to train on of dog are copies of photos to validate with: both sides are put together, and 20% of "
        "each class validates.",
    )
    sides = [set(group.sides) for group in data.examination.copies]
    assert len(sides) == 2 * count
    assert all(len(side) == 1 for side in sides)
    index = len(data.train) - 1
    assert np.array_equal(data.train.read(index, 32).shape, (40, 48, 3))
    assert sum(Path(name).is_relative_to(held) for name in names(data.train) | names(data.validation)) == 2 * count


def test_what_the_examination_counts(pets):
    images_in(pets / "newt", 3, size=(70, 90), seed=9)
    shutil.copy(pets / "cat" / "photo_000.jpg", pets / "newt" / "copy.jpg")
    Image.new("L", (200, 100)).save(pets / "newt" / "grey.png")
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.radial_gradient("L").convert("RGB").save(pets / "newt" / "turned.jpg", exif=exif)
    (pets / "dog" / "broken.jpg").write_bytes(b"")
    data = load_dataset(str(pets), seed=1)
    examination = data.examination
    cat, dog, newt = examination.classes
    assert [one.train + one.validation for one in (cat, dog, newt)] == [10, 5, 6]
    assert np.bincount(data.validation.labels).tolist() == [one.validation for one in (cat, dog, newt)]
    assert (cat.tiny, dog.tiny, newt.tiny) == (10, 5, 1)
    assert (newt.grey, newt.rotated, cat.grey) == (2, 1, 0)
    (copies,) = examination.copies
    assert copies.classes == ("cat", "newt")
    assert copies.in_several_classes
    assert (examination.photos, examination.broken, examination.only_exact) == (21, 1, False)


def test_a_class_is_small_if_it_has_less_than_a_fifth_of_the_largest_ones_photos(tmp_path):
    for seed, (name, count) in enumerate({"ant": 40, "bee": 10, "cow": 8}.items()):
        images_in(tmp_path / name, count, seed=seed)
    train = {one.name: one.train for one in load_dataset(str(tmp_path)).examination.classes}
    assert train == {"ant": 32, "bee": 8, "cow": 6}
    assert load_dataset(str(tmp_path)).examination.small_classes == ("cow",)
