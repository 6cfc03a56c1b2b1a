import numpy as np

from export.accuracy_photos import accuracy_photos
from export.calibration import ImageSet
from mobilenet_tf.data.split import Split, photo_digest
from tests.support.commands import images_in


def set_of(paths, crops=0):
    """Images of these photos, and so many further crops of the first."""
    photos = (*paths, *[paths[0]] * crops)
    return ImageSet(np.zeros((len(photos), 4, 4, 3), np.uint8), photos)


def split_of(train, validation, epochs=7):
    digests = [frozenset(photo_digest(path.read_bytes()) for path in paths) for paths in (train, validation)]
    return Split("photos", epochs, *digests)


def test_only_validation_photos_are_counted_if_there_are_enough(tmp_path):
    paths = sorted(images_in(tmp_path, 12).iterdir())
    chosen = accuracy_photos(set_of(paths), dict.fromkeys(paths, 1), split_of(paths[:6], paths[6:]))
    assert chosen.ground_truth == [None] * 6 + [1] * 6
    assert (chosen.count, chosen.trained, chosen.validation, chosen.epochs) == (6, 0, 6, 7)


def test_too_few_are_counted_with_the_others_and_it_is_said_how_many_were_trained_on(tmp_path):
    paths = sorted(images_in(tmp_path, 12).iterdir())
    chosen = accuracy_photos(set_of(paths), dict.fromkeys(paths, 1), split_of(paths[:8], paths[8:]))
    assert (chosen.count, chosen.trained, chosen.validation, chosen.epochs) == (12, 8, 4, 7)


def test_new_photos_are_as_good_and_chose_nothing(tmp_path):
    paths = sorted(images_in(tmp_path, 4).iterdir())
    chosen = accuracy_photos(set_of(paths), dict(zip(paths, [0, 1, 0, None], strict=True)), split_of([], []))
    assert (chosen.count, chosen.trained, chosen.epochs) == (3, 0, 0)


def test_a_photo_is_counted_once_however_many_crops_there_are(tmp_path):
    paths = sorted(images_in(tmp_path, 3).iterdir())
    chosen = accuracy_photos(set_of(paths, crops=5), dict.fromkeys(paths, 2), None)
    assert chosen.ground_truth == [2] * 3 + [None] * 5
    assert (chosen.count, chosen.trained) == (3, None)


def test_the_only_epoch_was_not_chosen(tmp_path):
    paths = sorted(images_in(tmp_path, 6).iterdir())
    assert accuracy_photos(set_of(paths), dict.fromkeys(paths, 1), split_of([], paths, epochs=1)).epochs == 0
