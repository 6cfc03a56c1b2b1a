import pytest

from mobilenet_tf.contract.labels import embedded_labels, imagenet_labels, imagenet_wnids, read_labels
from mobilenet_tf.errors import LabelsError, ModelError
from mobilenet_tf.weights.class_names import labels_for
from mobilenet_tf.weights.load import load_weights


@pytest.fixture(scope="module")
def imagenet():
    return load_weights("imagenet", alpha=0.25)


def written(tmp_path, count):
    path = tmp_path / "labels.txt"
    path.write_text("".join(f"thing {i}\n" for i in range(count)))
    return path


def test_imagenet_has_1000_names_and_wnids_in_order():
    labels, wnids = imagenet_labels(), imagenet_wnids()
    assert len(labels) == len(wnids) == 1000
    assert labels[0] == "tench, Tinca tinca"
    assert labels[285] == "Egyptian cat"
    assert wnids == sorted(wnids)


def test_bundled_weights_have_imagenet_names(imagenet):
    assert labels_for(imagenet, None) == (imagenet_labels(), None)


@pytest.mark.parametrize(
    ("count", "hint"),
    [(1001, "begin with the background row"), (999, "put `background` first"), (10, "trained with")],
)
def test_a_file_of_the_wrong_length_says_both_numbers(imagenet, tmp_path, count, hint):
    with pytest.raises(LabelsError, match=rf"expected 1000 labels[\s\S]*has {count}[\s\S]*{hint}"):
        labels_for(imagenet, written(tmp_path, count))


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


def test_other_classes_without_a_file_are_numbered_and_it_is_said():
    labels, note = labels_for(load_weights("random", alpha=0.25, res=32, classes=3), None)
    assert labels == ["class 0", "class 1", "class 2"]
    assert "--labels" in note


def test_the_background_row_comes_first(shared):
    weights = load_weights(str(shared / "weights" / "mobilenet_v1_0.25_128_quant.tflite"))
    labels, _ = labels_for(weights, None)
    assert labels == ["background", *imagenet_labels()]


def test_a_model_without_labels_is_refused():
    with pytest.raises(ModelError, match="carries no labels"):
        embedded_labels(b"no zip archive here")
