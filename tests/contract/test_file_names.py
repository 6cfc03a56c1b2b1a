"""The names of files in records of anybody's, and what lies at them."""

import os

import pytest

from mobilenet_tf.contract.file_names import is_plain_name, outside_folder

LEADS_ELSEWHERE = (
    "", ".", "..", "../labels.txt", "/etc/hosts", "a/b", "a\\b", ".hidden", "a\0b", "a\nb", "a\u2028b", "\ud800",
    "a" * 256,
)  # fmt: skip


@pytest.mark.parametrize("name", LEADS_ELSEWHERE)
def test_a_name_that_leads_elsewhere_is_not_plain(name):
    assert not is_plain_name(name)


@pytest.mark.parametrize("name", ["labels.txt", "golden", "mein Hund.tflite", "犬.tflite", "-rf", "~", "a..b"])
def test_any_other_name_is_plain(name):
    assert is_plain_name(name)


def test_a_file_of_the_folder_is_in_it_and_a_link_out_of_it_is_not(tmp_path):
    folder = tmp_path / "export"
    (folder / "golden").mkdir(parents=True)
    for file in (folder / "labels.txt", folder / "golden" / "a.png", tmp_path / "secret"):
        file.write_text("x")
    (folder / "same").symlink_to("labels.txt")
    (folder / "out").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "fifo")
    assert outside_folder(folder / "labels.txt", folder) is None
    assert outside_folder(folder / "golden" / "a.png", folder) is None
    assert outside_folder(folder / "same", folder) is None
    assert outside_folder(folder / "out", folder) == f"is a link to {tmp_path / 'secret'}, outside of the folder"
    assert outside_folder(folder / "fifo", folder) == "is no regular file"
    assert outside_folder(folder / "golden", folder) == "is no regular file"
    with pytest.raises(FileNotFoundError):
        outside_folder(folder / "none", folder)
