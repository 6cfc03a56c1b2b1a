import gzip
import io
import re

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError


def level(index):
    """The grey level of photo `index`: no two of a test's photos are alike."""
    return 3 * index + 2


def photo(index, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (20, 16), (level(index),) * 3).save(file, kind)
    return file.getvalue()


def example(label, encoded, **names):
    """A serialized tf.train.Example as the ImageNet scripts write it; without label or photo if that is None."""
    from tensorflow.core.example import example_pb2

    features = example_pb2.Example()
    if label is not None:
        features.features.feature["image/class/label"].int64_list.value.append(label)
    if encoded is not None:
        features.features.feature["image/encoded"].bytes_list.value.append(encoded)
    for name, value in names.items():
        features.features.feature[f"image/class/{name}"].bytes_list.value.append(value.encode())
    features.features.feature["image/filename"].bytes_list.value.append(b"some.JPEG")
    return features.SerializeToString()


def write(path, records):
    import tensorflow as tf

    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)


def shards(folder, labels, side="train", count=2, first=0, **naming):
    """Write photos with these labels in turn into `count` shards; `naming` maps a kind of name to label -> name."""
    records = [
        example(label, photo(first + index), **{kind: names[label] for kind, names in naming.items()})
        for index, label in enumerate(labels)
    ]
    for number in range(count):
        write(folder / f"{side}-{number:05d}-of-{count:05d}", records[number::count])


def contents(photos):
    """{grey level of each photo: its label}."""
    return {int(photos.read(index, 8)[0, 0, 0]): int(photos.labels[index]) for index in range(len(photos))}


def test_labels_from_1_and_from_0_both_count_from_0(tmp_path):
    shards(tmp_path / "from_1", [1, 2, 3, 1, 2, 3])
    shards(tmp_path / "from_0", [0, 1, 2, 0, 1, 2])
    for folder in ("from_1", "from_0"):
        data = load_dataset(str(tmp_path / folder))
        assert data.classes == ("class 0", "class 1", "class 2")
        assert data.skipped == ()
        assert contents(data.train) | contents(data.validation) == {level(i): i % 3 for i in range(6)}
        assert data.train.labels.dtype == np.int64
        assert set(data.validation.labels) == {0, 1, 2}
        names = {photos.name(index) for photos in (data.train, data.validation) for index in range(len(photos))}
        assert len(names) == 6
        assert all(re.fullmatch(r"train-\S+, byte \d+", name) for name in names)


def test_one_label_0_in_any_shard_of_either_side_settles_it(tmp_path):
    shards(tmp_path, [1, 2, 1, 2], text={1: "one", 2: "two"})
    shards(tmp_path, [1, 2, 0], side="validation", first=10, text={0: "zero", 1: "one", 2: "two"})
    data = load_dataset(str(tmp_path))
    assert data.train.labels.tolist() == [1, 1, 2, 2]
    assert contents(data.validation) == {level(10): 1, level(11): 2, level(12): 0}
    assert data.skipped == ()
    assert data.notes == ("validation: classes without a photo to train on: zero",)
    assert data.classes == ("zero", "one", "two")


def test_validation_shards_validate_and_come_from_another_folder_where_one_is_given(tmp_path):
    shards(tmp_path / "all", [1, 2, 1, 2])
    shards(tmp_path / "all", [2, 1], side="validation", first=10)
    shards(tmp_path / "other", [1, 2, 2], side="validation", first=20, count=1)
    assert contents(load_dataset(str(tmp_path / "all")).validation) == {level(10): 1, level(11): 0}
    other = load_dataset(str(tmp_path / "all"), validation=tmp_path / "other")
    assert contents(other.validation) == {level(20): 0, level(21): 1, level(22): 1}
    assert len(other.train) == 4


def test_a_validation_folder_without_shards_is_refused(tmp_path):
    shards(tmp_path / "all", [1, 2, 1, 2])
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match=r"shards named validation-\* in .*none.*found none"):
        load_dataset(str(tmp_path / "all"), validation=tmp_path / "none")


def test_the_records_texts_name_the_classes(tmp_path):
    shards(tmp_path, [1, 2, 1, 2], text={1: "tench", 2: "goldfisch, größer"}, synset={1: "n01", 2: "n02"})
    assert load_dataset(str(tmp_path)).classes == ("tench", "goldfisch, größer")


def test_synsets_name_them_where_two_texts_are_alike(tmp_path):
    shards(tmp_path, [1, 2, 1, 2], text={1: "crane", 2: "crane"}, synset={1: "n01", 2: "n02"})
    assert load_dataset(str(tmp_path)).classes == ("n01", "n02")


def test_a_class_without_photos_is_numbered_among_named_ones(tmp_path):
    shards(tmp_path, [1, 3, 1, 3], text={1: "tench", 3: "shark"})
    data = load_dataset(str(tmp_path))
    assert data.classes == ("tench", "class 1", "shark")
    assert set(data.train.labels) == {0, 2}


@pytest.mark.parametrize("lines", ["a\nb\nc\n", "background\na\nb\nc\n"])
def test_a_labels_file_goes_before_the_records_names(tmp_path, lines):
    shards(tmp_path, [1, 2, 3] * 2, text={1: "x", 2: "y", 3: "z"})
    (tmp_path / "labels.txt").write_text(lines)
    data = load_dataset(str(tmp_path))
    assert data.classes == ("a", "b", "c")
    assert contents(data.train) | contents(data.validation) == {level(i): i % 3 for i in range(6)}


def test_numbers_before_the_lines_of_a_labels_file_are_left_out_and_it_is_said(tmp_path):
    shards(tmp_path, [0, 1, 2] * 2)
    (tmp_path / "labels.txt").write_text("0 a\n1 b\n2 c\n")
    data = load_dataset(str(tmp_path))
    assert data.classes == ("a", "b", "c")
    assert data.notes == (
        f"{tmp_path}/labels.txt: the numbers that count its lines are left out of the labels: '0 a' is 'a'.",
    )


def test_a_background_class_with_photos_stays(tmp_path):
    shards(tmp_path, [0, 1, 2] * 2)
    (tmp_path / "labels.txt").write_text("background\na\nb\n")
    assert load_dataset(str(tmp_path)).classes == ("background", "a", "b")


def test_a_labels_file_may_name_classes_beyond_those_with_photos(tmp_path):
    shards(tmp_path, [1, 2] * 2)
    (tmp_path / "labels.txt").write_text("background\na\nb\nc\n")
    assert load_dataset(str(tmp_path)).classes == ("a", "b", "c")


def test_a_labels_file_that_leaves_the_first_label_open_is_refused(tmp_path):
    shards(tmp_path, [1, 2] * 2)
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    with pytest.raises(DataError, match=r"run from 1 to 2, and .*labels.txt has 3 lines[\s\S]*a line `background`"):
        load_dataset(str(tmp_path))


@pytest.mark.parametrize(("labels", "lines"), [([0, 1, 2], 2), ([1, 2, 3], 2), ([0, 1], 0)])
def test_a_labels_file_that_is_too_short_is_refused(tmp_path, labels, lines):
    shards(tmp_path, labels * 2)
    (tmp_path / "labels.txt").write_text("name\n" * lines)
    with pytest.raises(DataError, match=rf"labels {labels[0]} to {labels[-1]} in .*it has {lines}"):
        load_dataset(str(tmp_path))


@pytest.mark.parametrize("missing", [1, 4, 5, 20])
def test_a_truncated_shard_serves_up_to_the_cut_and_is_named(tmp_path, missing):
    shards(tmp_path, [1, 2] * 4)
    path = tmp_path / "train-00001-of-00002"
    path.write_bytes(path.read_bytes()[:-missing])
    data = load_dataset(str(tmp_path), validation_share=0.3)
    assert len(data.train) + len(data.validation) == 7
    size = path.stat().st_size
    assert data.skipped == (f"{path}: truncated at byte {size}, inside a record; 3 photo(s) before that were read",)


def test_a_shard_cut_inside_a_header_is_named(tmp_path):
    shards(tmp_path, [1, 2] * 4)
    path = tmp_path / "train-00000-of-00002"
    path.write_bytes(path.read_bytes() + b"12345")
    data = load_dataset(str(tmp_path))
    assert len(data.train) + len(data.validation) == 8
    assert "inside a record; 4 photo(s)" in data.skipped[0]


def test_a_shard_damaged_in_a_length_serves_up_to_there_and_is_named(tmp_path):
    shards(tmp_path, [1, 2] * 4)
    path = tmp_path / "train-00000-of-00002"
    whole = bytearray(path.read_bytes())
    second = 12 + int.from_bytes(whole[:8], "little") + 4
    whole[second] ^= 1
    path.write_bytes(whole)
    data = load_dataset(str(tmp_path))
    assert len(data.train) + len(data.validation) == 5
    assert f"at byte {second}: no TFRecord header; 1 photo(s) before" in data.skipped[0]


def test_broken_records_are_named_and_the_others_served(tmp_path):
    broken = [
        example(1, photo(0)[:-30]),
        example(1, b"no photo"),
        example(None, photo(0)),
        example(1, None),
        example(-1, photo(0)),
        example(10**15, photo(0)),
        b"\xff\xff\xff no protobuf",
    ]
    write(tmp_path / "train-00000-of-00001", [*broken, *(example(1 + i % 2, photo(i)) for i in range(4))])
    data = load_dataset(str(tmp_path))
    assert len(data.train) + len(data.validation) == 4
    assert len(data.skipped) == len(broken)
    for number, (line, why) in enumerate(
        zip(data.skipped, ["", "no image", "1 and 0", "0 and 1", "got -1", "got 10", ""], strict=True)
    ):
        assert line.startswith(f"{tmp_path / 'train-00000-of-00001'}, record {number}: ")
        assert why in line
    assert data.classes == ("class 0", "class 1")


def test_shards_with_nothing_to_read_are_refused(tmp_path):
    write(tmp_path / "train-00000-of-00001", [example(1, b"no photo")])
    with pytest.raises(DataError, match=r"expected photos in 1 shard.*\nSkipped 1, first .*record 0: no image"):
        load_dataset(str(tmp_path))


def test_compressed_shards_are_refused_by_name(tmp_path):
    shards(tmp_path, [1, 2] * 2, count=1)
    path = tmp_path / "train-00000-of-00001"
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=r"Skipped 1, first .*damaged, or compressed, at byte 0"):
        load_dataset(str(tmp_path))


def test_a_stray_file_named_train_does_not_make_a_folder_of_classes_one_of_shards(tmp_path):
    from tests.support.commands import images_in

    for name in "ab":
        images_in(tmp_path / name, 2)
    (tmp_path / "train-list.txt").write_text("a/photo_000.jpg 0\n" * 10)
    assert load_dataset(str(tmp_path)).classes == ("a", "b")


def test_a_big_photo_in_a_shard_is_decoded_at_a_smaller_scale(tmp_path):
    files = [io.BytesIO() for _ in range(4)]
    for index, file in enumerate(files):
        Image.new("RGB", (960, 640), (60 * index, 20, 30)).save(file, "JPEG")
    write(tmp_path / "train-00000-of-00001", [example(index % 2, file.getvalue()) for index, file in enumerate(files)])
    assert load_dataset(str(tmp_path)).train.read(0, 224).shape == (320, 480, 3)


def test_a_shard_that_changes_after_the_scan_is_named(tmp_path):
    shards(tmp_path, [1, 2] * 2, count=1)
    data = load_dataset(str(tmp_path))
    (tmp_path / "train-00000-of-00001").write_bytes(b"")
    with pytest.raises(DataError, match=r"cannot read the photo at byte \d+ of .*train-00000-of-00001"):
        data.train.read(0, 8)


def scene(index, *, mirror=False, kind="PNG"):
    """A photo that is like no other one, as a file."""
    pixels = np.random.default_rng(index).integers(0, 256, (5, 6, 3), np.uint8).repeat(16, 0).repeat(16, 1)
    file = io.BytesIO()
    Image.fromarray(pixels[:, ::-1] if mirror else pixels).save(file, kind)
    return file.getvalue()


def test_photos_that_show_one_picture_are_on_one_side(tmp_path):
    """Of ten pictures in two shards, each has a copy that is mirrored and saved as JPEG in the other shard."""
    write(tmp_path / "train-00000-of-00002", [example(1 + index % 2, scene(index)) for index in range(10)])
    copies = [example(1 + index % 2, scene(index, mirror=True, kind="JPEG")) for index in range(10)]
    write(tmp_path / "train-00001-of-00002", copies)
    data = load_dataset(str(tmp_path))
    assert (len(data.train), len(data.validation)) == (16, 4)
    assert not data.examination.only_exact
    assert len(data.examination.copies) == 10
    assert all(len(set(group.sides)) == 1 and not group.exact for group in data.examination.copies)
    assert [(one.tiny, one.grey, one.rotated) for one in data.examination.classes] == [(0, 0, 0)] * 2
    assert len(set(data.train_groups)) == 8


def test_a_photo_that_shows_what_one_of_the_validation_shards_shows_is_not_trained_on(tmp_path):
    write(tmp_path / "train-00000-of-00001", [example(1 + index % 2, scene(index)) for index in range(10)])
    held_out = [example(1 + index % 2, scene(index, mirror=True)) for index in range(9, 13)]
    write(tmp_path / "validation-00000-of-00001", [*held_out, example(1, b"broken")])
    data = load_dataset(str(tmp_path))
    assert (len(data.train), len(data.validation), data.left_out) == (9, 4, 1)
    assert (data.examination.broken, [one.left_out for one in data.examination.classes]) == (1, [0, 1])
    (copy,) = data.examination.copies
    assert [name.partition(",")[0] for name in copy.names] == ["train-00000-of-00001", "validation-00000-of-00001"]
