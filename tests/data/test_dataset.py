import numpy as np
import pytest

from mobilenet_tf.data.cifar10 import ArrayPhotos
from mobilenet_tf.data.dataset import Dataset, Subset, evenly_spaced, split_photos, untrained_classes_note
from mobilenet_tf.errors import DataError


def labelled(*counts):
    """Photos of 1 x 1 pixel, `counts[label]` of each label in turn; each one's pixel is its index."""
    labels = np.concatenate([np.full(count, label) for label, count in enumerate(counts)]).astype(np.int64)
    pixels = np.arange(len(labels), dtype=np.uint8).repeat(3).reshape(-1, 1, 1, 3)
    return ArrayPhotos(pixels, labels)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.99])
def test_a_split_has_every_photo_once_and_every_class_on_both_sides(share):
    photos = labelled(2, 3, 10, 101)
    train, validation = split_photos(photos, share, seed=0)
    assert sorted([*train.indices, *validation.indices]) == list(range(116))
    assert set(train.labels) == set(validation.labels) == {0, 1, 2, 3}
    held_out = round(share * 101)
    assert np.bincount(validation.labels)[3] == held_out
    assert all(np.diff(train.indices) > 0)


def test_a_single_photo_stays_with_training_and_a_class_without_photos_is_passed_over():
    train, validation = split_photos(labelled(1, 0, 4), 0.5, seed=0)
    assert np.bincount(train.labels).tolist() == [1, 0, 2]
    assert np.bincount(validation.labels).tolist() == [0, 0, 2]


def copies(*groups):
    """Photos of 1 x 1 pixel: of (label, pixel) each, copies of one photo have the same pixel."""
    labels, pixels = np.array(groups).T
    return ArrayPhotos(pixels.astype(np.uint8).repeat(3).reshape(-1, 1, 1, 3), labels.astype(np.int64))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_copies_of_a_photo_are_on_one_side(share):
    photos = copies(*[(label, 20 * label + number) for _ in range(3) for label in (0, 1) for number in range(10)])
    for seed in range(5):
        train, validation = split_photos(photos, share, seed)
        assert len(train) + len(validation) == 60
        assert not np.isin(validation.digests, train.digests).any()
        assert np.bincount(validation.labels).tolist() == [3 * round(share * 10)] * 2


def test_copies_in_several_classes_are_on_one_side():
    photos = copies(*[(0, number) for number in range(10)], *[(1, number) for number in range(6)], (1, 20), (1, 21))
    for seed in range(10):
        train, validation = split_photos(photos, 0.5, seed)
        assert not np.isin(validation.digests, train.digests).any()
        assert np.bincount(validation.labels).tolist() == [5, 4]
    train, validation = split_photos(copies((0, 1), (0, 1), (1, 2), (1, 3)), 0.5, 0)
    assert (np.bincount(train.labels).tolist(), validation.labels.tolist()) == ([2, 1], [1])


def test_the_same_seed_splits_alike_and_another_does_not():
    one, same, other = (split_photos(labelled(50, 50), 0.2, seed)[1].indices.tolist() for seed in (0, 0, 1))
    assert one == same != other


def test_classes_of_one_size_are_not_split_alike():
    held_out = split_photos(labelled(50, 50), 0.2, seed=0)[1].indices
    assert held_out[:10].tolist() != (held_out[10:] - 50).tolist()


def test_a_subset_reads_its_own_photos():
    photos = labelled(3, 3)
    subset = Subset(photos, np.array([5, 1]))
    assert len(subset) == 2
    assert subset.labels.tolist() == [1, 0]
    assert [subset.read(index, 1)[0, 0, 0] for index in range(2)] == [5, 1]
    assert [subset.name(index) for index in range(2)] == [photos.name(5), photos.name(1)]


def test_evenly_spaced_photos_are_from_the_first_to_the_last():
    photos = labelled(5, 5)
    assert evenly_spaced(photos, 4).indices.tolist() == [0, 3, 6, 9]
    assert evenly_spaced(photos, 100).indices.tolist() == list(range(10))


def test_a_dataset_of_one_class_or_without_validation_is_refused():
    with pytest.raises(DataError, match="at least two classes to train on; found 1"):
        Dataset(("a", "b"), labelled(2), labelled(2, 2), ())
    with pytest.raises(DataError, match="to validate with; found none"):
        Dataset(("a", "b"), labelled(1, 1), Subset(labelled(1), np.arange(0)), ())


def test_classes_that_only_validate_are_named():
    assert untrained_classes_note(("a", "b"), labelled(1, 1), labelled(2, 2)) == ()
    lines = untrained_classes_note(tuple("abcdefgh"), labelled(1), labelled(*[1] * 8))
    assert lines == ("validation: classes without a photo to train on: b, c, d, e, f and 2 more",)


@pytest.mark.parametrize("name", ["cat\nold", "cat\x0c", "cat\u2028old", " ", "cat ", "\ufeffcat"])
def test_a_class_that_would_not_survive_its_labels_file_is_refused_whatever_the_source(name):
    with pytest.raises(DataError, match="it cannot name a class"):
        Dataset((name, "b"), labelled(2, 2), labelled(2, 2), ())
