import pytest

from mobilenet_tf.contract.labels import imagenet_labels, imagenet_wnids, read_labels
from mobilenet_tf.errors import LabelsError


def test_imagenet_has_1000_names_and_wnids_in_order():
    labels, wnids = imagenet_labels(), imagenet_wnids()
    assert len(labels) == len(wnids) == 1000
    assert labels[0] == "tench, Tinca tinca"
    assert labels[285] == "Egyptian cat"
    assert wnids == sorted(wnids)


def test_blank_lines_at_the_end_and_a_byte_order_mark_do_not_count(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_bytes(b"\xef\xbb\xbfcat\r\ndog\r\n\r\n\n")
    assert read_labels(path) == ["cat", "dog"]


def test_an_unreadable_file_is_refused(tmp_path):
    with pytest.raises(LabelsError, match="No such file"):
        read_labels(tmp_path / "none.txt")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(LabelsError, match="UTF-8"):
        read_labels(tmp_path / "binary.txt")
