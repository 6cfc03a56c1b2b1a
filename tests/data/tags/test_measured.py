import numpy as np
import pytest

from mobilenet_tf.data.tags.measured import files_to_measure
from mobilenet_tf.errors import DataError
from mobilenet_tf.tasks.tags import UNKNOWN
from tests.support.commands import images_in


def columns(folder, header, rows, seed):
    """A folder with a list of columns, and a photo for each row."""
    images_in(folder, len(rows), seed=seed)
    lines = [f"filename, {header}", *(f"photo_{number:03d}.jpg, {row}" for number, row in enumerate(rows))]
    (folder / "_classes.csv").write_text("\n".join(lines))


def test_both_sides_of_a_folder_are_measured_with_the_tags_in_the_models_order(tmp_path):
    columns(tmp_path / "train", "vest, Hard Hat, mask", ["1, 0, 1", "0, 1, 0"], seed=0)
    columns(tmp_path / "valid", "vest, Hard Hat, mask", ["1, 1, 0"], seed=1)
    files = files_to_measure(tmp_path, None, ["hard-hat", "glove", "vest"])
    assert [path.split("/")[-2] for path in files.paths] == ["train", "train", "valid"]
    np.testing.assert_array_equal(files.marks, [[0, UNKNOWN, 1], [1, UNKNOWN, 0], [1, UNKNOWN, 1]])
    assert files.skipped == (
        f"{tmp_path}: the model does not know the tags mask",
        f"{tmp_path}: nothing says of the photos whether they have glove",
    )


def test_photos_with_none_of_the_models_tags_are_refused(tmp_path):
    columns(tmp_path, "vest, mask", ["1, 1"], seed=0)
    with pytest.raises(DataError, match=r"expected photos with tags that the model knows in .*; its tags are cat, dog"):
        files_to_measure(tmp_path, None, ["cat", "dog"])
