import numpy as np

from export.accuracy_photos import accuracy_photos
from export.calibration import ImageSet
from mobilenet_tf.data.split import SortedPhotos
from tests.support.commands import images_in


def set_of(paths, crops=0):
    """Images of these photos, and so many further crops of the first."""
    photos = (*paths, *[paths[0]] * crops)
    return ImageSet(np.zeros((len(photos), 4, 4, 3), np.uint8), photos)


def chosen_of(validation, trained, others, epochs=7, unknown=0):
    """What is chosen of these photos, of which the class of the last few is unknown."""
    paths = [*validation, *trained, *others]
    classes = dict.fromkeys(paths, 1) | dict.fromkeys(paths[len(paths) - unknown :])
    return accuracy_photos(set_of(paths), classes, SortedPhotos(validation, trained, others), epochs)


def test_only_photos_that_were_not_trained_on_are_counted_if_there_are_enough(tmp_path):
    paths = sorted(images_in(tmp_path, 12).iterdir())
    chosen = chosen_of(paths[:3], paths[3:9], paths[9:])
    assert chosen.ground_truth == [1] * 3 + [None] * 6 + [1] * 3
    assert (chosen.count, chosen.trained, chosen.validation, chosen.epochs) == (6, 0, 3, 7)


def test_too_few_are_counted_with_the_others_and_it_is_said_how_many_were_trained_on(tmp_path):
    paths = sorted(images_in(tmp_path, 12).iterdir())
    chosen = chosen_of(paths[:2], paths[2:9], paths[9:], unknown=1)
    assert (chosen.count, chosen.trained, chosen.validation, chosen.epochs) == (11, 7, 2, 7)


def test_new_photos_are_as_good_and_chose_nothing(tmp_path):
    paths = sorted(images_in(tmp_path, 4).iterdir())
    chosen = chosen_of([], [], paths, unknown=1)
    assert (chosen.count, chosen.trained, chosen.epochs) == (3, 0, 0)


def test_a_photo_is_counted_once_however_many_crops_there_are(tmp_path):
    paths = sorted(images_in(tmp_path, 3).iterdir())
    chosen = accuracy_photos(set_of(paths, crops=5), dict.fromkeys(paths, 2), None)
    assert chosen.ground_truth == [2] * 3 + [None] * 5
    assert (chosen.count, chosen.trained) == (3, None)


def test_the_only_epoch_was_not_chosen(tmp_path):
    paths = sorted(images_in(tmp_path, 6).iterdir())
    assert chosen_of(paths, [], [], epochs=1).epochs == 0
