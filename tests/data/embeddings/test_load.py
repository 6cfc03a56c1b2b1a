"""Photos to train embeddings on, with classes and without."""

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.embeddings.load import load_embedding_photos
from mobilenet_tf.data.examination_text import examination_page
from mobilenet_tf.errors import DataError, ImagesError


def save(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(pixels).resize((64, 64)).save(path)


@pytest.fixture
def plain(tmp_path):
    """Ten photos in folders by date, a copy, and a file that is no photo."""
    for number in range(10):
        save(tmp_path / "roll" / "2024" / f"{number}.png", number)
    save(tmp_path / "roll" / "2024" / "again.png", 3)
    (tmp_path / "roll" / "2024" / "broken.jpg").write_text("no photo")
    return tmp_path / "roll"


def test_photos_without_classes_are_split_with_their_copies_together(plain):
    data = load_embedding_photos(str(plain), 16, classes="unneeded")
    assert (data.classes, data.output_names, data.outputs) == ((), (), 16)
    assert (len(data.train) + len(data.validation), data.seen, data.left_out) == (11, 12, 1)
    sides = [{side.name(index).split("/")[-1] for index in range(len(side))} for side in (data.train, data.validation)]
    assert not sides[0] & sides[1]
    assert any({"3.png", "again.png"} <= side for side in sides)
    assert "broken.jpg" in data.skipped[0]
    assert data.notes[0].startswith("The classes of the photos are not known, so that recall@1 is not measured: ")
    page = examination_page(data.examined(), plain, data.skipped)
    assert "all photos" in page
    assert "Copies: 2 photos show only 1 picture" in page


def test_a_validation_folder_validates(plain, tmp_path):
    for number in range(4):
        save(tmp_path / "others" / f"{number}.png", 100 + number)
    data = load_embedding_photos(str(plain), 16, classes="unneeded", validation=tmp_path / "others")
    assert (len(data.train), len(data.validation)) == (11, 4)


def test_a_split_of_photos_without_classes_is_not_undone(tmp_path):
    for number in range(12):
        save(tmp_path / "set" / ("train", "val")[number % 2] / f"{number}.png", number)
    with pytest.raises(DataError, match=r"train and val hold photos alone\.\nGive .*train --validation .*val\."):
        load_embedding_photos(str(tmp_path / "set"), 8, classes="unneeded")


def test_photos_of_classes_have_them_with_a_teacher_and_without(tmp_path):
    for number in range(12):
        save(tmp_path / "set" / ("cat", "dog")[number % 2] / f"{number}.png", number)
    some, others = (
        load_embedding_photos(str(tmp_path / "set"), 4, classes=needed, validation_share=0.4)
        for needed in ("needed", "unneeded")
    )
    assert some.classes == others.classes == ("cat", "dog")
    assert some.labels_sha256 == others.labels_sha256
    five = load_embedding_photos(str(tmp_path / "set"), 5, classes="needed", validation_share=0.4)
    assert five.labels_sha256 != some.labels_sha256  # a run with other dimensions is another run
    with pytest.raises(DataError, match="expected a class with two photos to validate with"):
        load_embedding_photos(str(tmp_path / "set"), 4, classes="needed", validation_share=0.1)


def test_bad_input_is_named(plain, tmp_path):
    with pytest.raises(DataError, match="roll"):
        load_embedding_photos(str(plain), 16, classes="needed")
    with pytest.raises(DataError, match="does not exist"):
        load_embedding_photos(str(tmp_path / "nothing"), 16, classes="unneeded")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImagesError, match="empty"):
        load_embedding_photos(str(tmp_path / "empty"), 16, classes="unneeded")
    save(tmp_path / "one" / "0.png", 0)
    save(tmp_path / "one" / "1.png", 1)
    with pytest.raises(DataError, match="at least two to validate with"):
        load_embedding_photos(str(tmp_path / "one"), 16, classes="unneeded")
