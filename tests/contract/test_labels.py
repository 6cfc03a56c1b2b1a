import contextlib

import pytest

from mobilenet_tf.contract.labels import (
    class_folder_problem,
    class_name_problem,
    imagenet_labels,
    imagenet_wnids,
    parse_labels,
    read_labels,
    without_numbers,
)
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.terminal import printable

# Each character of one byte or of Unicode's separators, at the beginning, inside and at the end of a name.
SEPARATORS = "\x7f\u1680\u2003\u2028\u2029\u200b\u3000\ufeff\ud800"
CHARACTERS = [*map(chr, range(0x21)), *map(chr, range(0x80, 0xA1)), *SEPARATORS]
NAMES = ["", *(text.format(character) for character in CHARACTERS for text in ("{}a", "a{}b", "a{}", "{}"))]


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
    (tmp_path / "latin_1.txt").write_bytes("café".encode("latin-1"))
    with pytest.raises(LabelsError, match="neither UTF-8 nor UTF-16 text"):
        read_labels(tmp_path / "latin_1.txt")


def test_utf_16_and_the_line_ends_of_any_system_are_understood(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_bytes("café\r\ndog\r\n".encode("utf-16"))
    assert read_labels(path) == ["café", "dog"]
    path.write_bytes(b"cat\rdog\r")
    assert read_labels(path) == ["cat", "dog"]


@pytest.mark.parametrize(
    "text",
    [
        "0 cat\n1 dog, brown",
        "0: cat\n1: dog, brown",
        "1. cat\n2. dog, brown",
        "0,cat\n1,dog, brown",
        "00\tcat\n01\tdog, brown",
    ],
)
def test_numbers_before_the_labels_are_left_out_and_it_is_said(text):
    listed = parse_labels(text, "labels.txt")
    assert len(listed) == 2
    labels, note = without_numbers(listed, "labels.txt")
    assert labels == ["cat", "dog, brown"]
    assert note.startswith("labels.txt: the numbers that count its lines are left out of the labels: '")
    assert note.endswith("' is 'cat'.")


@pytest.mark.parametrize(
    "text", ["0 cat\n2 dog", "5 cat\n6 dog", "0\n1\n2", "0 cat\ndog", "1 euro", "2 euro\n1 euro", "001.cat\n002.dog"]
)
def test_numbers_that_do_not_count_the_lines_are_part_of_the_labels(text):
    assert parse_labels(text, "labels") == text.split("\n")
    assert without_numbers(text.split("\n"), "labels") == (text.split("\n"), None)


def test_a_blank_line_among_the_labels_is_named():
    with pytest.raises(LabelsError, match=r"expected a label on each line of my\.txt; line 2 is blank"):
        parse_labels("cat\n \ndog\n", "my.txt")
    with pytest.raises(LabelsError, match="line 1 is blank"):
        parse_labels("\ncat\n", "my.txt")
    assert parse_labels("\n\n", "my.txt") == []


def test_a_control_character_in_a_label_is_named():
    with pytest.raises(LabelsError, match=r"line 2 of my\.txt, 'd.*og', holds .* control character"):
        parse_labels("cat\nd\x07og\n", "my.txt")


def test_names_that_cannot_be_a_class_and_how_they_are_printed():
    assert class_name_problem("Käse, alt 🧀") is None
    assert class_name_problem("caf\udce9") == "is not UTF-8"
    for name in ("a\nb", "a\x85b", "a\u2028b", "a\x1bb"):
        assert class_name_problem(name) == "holds a line break or another control character"
    assert printable("caf\udce9 a\nb é") == "caf\\xe9 a\\nb é"


def test_the_names_that_may_be_classes_are_those_that_survive_a_labels_file(tmp_path):
    for name in NAMES:
        is_read_back = False
        with contextlib.suppress(LabelsError, UnicodeEncodeError):
            (tmp_path / "labels.txt").write_text(f"{name}\nother\n", encoding="utf-8", newline="")
            is_read_back = read_labels(tmp_path / "labels.txt") == [name, "other"]
        if "\t" not in name:  # which others' lists may have, and no class of ours
            assert (class_folder_problem(name) is None) == is_read_back, repr(name)
