import zipfile

import pytest

from mobilenet_tf.weights.tag_thresholds import THRESHOLDS_FILE, read_thresholds, thresholds_json


def archive_with(path, text):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        if text is not None:
            archive.writestr(THRESHOLDS_FILE, text)
    return path


def test_they_are_read_as_they_were_written(tmp_path):
    assert read_thresholds(archive_with(tmp_path / "a", thresholds_json([0, 0.123456, 1]))) == (0, 0.123456, 1)


@pytest.mark.parametrize("text", [None, "", "[0.5", "[1.5]", "[NaN]", '["0.5"]', "[true]", '{"a": 1}', "\xff"])
def test_a_file_without_any_that_can_be_read_has_none(tmp_path, text):
    assert read_thresholds(archive_with(tmp_path / "a", text)) is None
    (tmp_path / "b").write_bytes(b"PK no archive")
    assert read_thresholds(tmp_path / "b") is None
