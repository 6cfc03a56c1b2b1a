"""Photos of one film, or of parts before one camera, can be trained on."""

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.alike import without_films
from mobilenet_tf.data.load import load_dataset


@pytest.fixture
def parts(tmp_path):
    """A part before a camera, 30 times good and 24 times with a small defect: all look nearly the same."""
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1).astype(int)
    for name, count in {"good": 30, "defect": 24}.items():
        (tmp_path / name).mkdir()
        for number in range(count):
            shot = (scene + rng.normal(0, 6, scene.shape)).clip(0, 255).astype(np.uint8)
            if name == "defect":
                shot[40:44, 60:64] = 0
            Image.fromarray(shot).save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_classes_that_look_the_same_are_split_which_is_said(parts):
    data = load_dataset(str(parts))
    assert np.bincount(data.validation.labels).tolist() == [5, 6]
    (note,) = data.notes
    assert note.startswith("More than half of the photos of defect, good look nearly the same")
    assert data.examination.copies == ()


def test_sides_that_are_given_stay(parts, tmp_path_factory):
    held = tmp_path_factory.mktemp("held")
    for name in ("good", "defect"):
        (held / name).mkdir()
        for number in range(4):
            (parts / name / f"{number}.png").rename(held / name / f"{number}.png")
    data = load_dataset(str(parts), validation=held)
    assert (len(data.train), len(data.validation)) == (46, 8)
    assert len(data.notes) == 1


def test_small_groups_and_those_that_are_a_small_part_of_a_class_stay():
    labels, digests = np.array([0] * 20 + [1] * 60), np.arange(80, dtype=np.uint64)
    groups = np.arange(80)
    groups[:20] = 0  # all of a class, but few
    groups[20:50] = 20  # many, and half of a class
    kept, notes = without_films(groups, labels, digests, ("a", "b"))
    assert np.array_equal(kept, groups)
    assert notes == ()
    groups[50] = 20
    digests[30] = digests[20]
    kept, notes = without_films(groups, labels, digests, ("a", "b"))
    assert kept[20:51].tolist() == [*range(20, 30), 20, *range(31, 51)]
    assert "photos of b look" in notes[0]
