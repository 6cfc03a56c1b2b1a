import base64
import io

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.results.answers import (
    Answers,
    ConfidenceBin,
    balanced_accuracy,
    class_figures,
    confidence_bins,
    confusion_counts,
    expected_calibration_error,
    most_confident_wrong,
    most_confused,
)
from mobilenet_tf.results.thumbnails import thumbnail_text

# Of 4 cats 3 are right; of 2 dogs one; no fox has a photo; nothing is called a dog but the one dog.
TRUE = np.array([0, 0, 0, 0, 1, 1])
GIVEN = np.array([0, 0, 0, 2, 1, 0])


@pytest.fixture
def answers():
    return Answers(["cat", "dog", "fox"], confusion_counts(TRUE, GIVEN), [], [])


def test_precision_and_recall_are_those_of_their_definition(answers):
    cat, dog, fox = class_figures(answers)
    assert (cat.photos, cat.given, cat.recall, cat.precision) == (4, 4, 3 / 4, 3 / 4)
    assert (dog.photos, dog.given, dog.recall, dog.precision) == (2, 1, 1 / 2, 1)
    assert (fox.photos, fox.given, fox.recall, fox.precision) == (0, 1, None, 0)


def test_balanced_accuracy_counts_each_class_that_has_photos_once(answers):
    assert balanced_accuracy(answers.confusion) == (3 / 4 + 1 / 2) / 2
    labels, predicted = np.array([0] * 8 + [1] * 2 + [3]), np.array([0] * 8 + [1, 0] + [0])
    assert balanced_accuracy(confusion_counts(labels, predicted)) == (1 + 0.5 + 0) / 3
    assert balanced_accuracy(confusion_counts(labels, labels)) == 1
    assert balanced_accuracy([]) is None


def test_the_most_frequent_confusions_come_first(answers):
    assert (answers.photos, answers.wrong_photos) == (6, 2)
    assert most_confused(answers, 5) == [(0, 2, 1), (1, 0, 1)]
    assert most_confused(Answers([], [[0, 1, 1], [1, 0, 7], [1, 1, 90]], [], []), 1) == [(1, 0, 7)]


def test_the_bins_hold_every_photo_and_the_calibration_error_is_that_of_the_paper():
    confidence = np.array([0.0, 0.55, 0.59, 0.95, 1.0])
    right = np.array([False, True, False, True, True])
    bins = confidence_bins(confidence, right)
    filled = {one.low: (one.right, one.wrong, one.mean) for one in bins if one.right + one.wrong}
    assert filled == {0.0: (0, 1, 0.0), 0.5: (1, 1, 0.57), 0.9: (2, 0, 0.975)}
    # 2/5 * |1/2 - 0.57| + 2/5 * |1 - 0.975|
    assert expected_calibration_error(bins) == pytest.approx(0.4 * 0.07 + 0.4 * 0.025)


def test_without_photos_or_without_means_no_calibration_error_is_known():
    assert expected_calibration_error(confidence_bins(np.array([]), np.array([], bool))) is None
    assert expected_calibration_error([ConfidenceBin(0.9, 1, 1)]) is None


def test_the_wrong_photos_of_highest_confidence_come_first():
    confidence, right = np.array([0.9, 0.4, 0.8, 0.8]), np.array([True, False, False, False])
    assert most_confident_wrong(confidence, right) == [2, 3, 1]
    assert most_confident_wrong(confidence, right, 1) == [2]


@pytest.mark.parametrize(("side", "shown"), [(32, 32), (300, 128)])
def test_a_thumbnail_is_a_small_jpeg_of_the_photo(side, shown):
    pixels = np.full((side, side, 3), (200, 30, 30), np.uint8)
    with Image.open(io.BytesIO(base64.b64decode(thumbnail_text(pixels), validate=True))) as image:
        assert (image.format, image.size) == ("JPEG", (shown, shown))
        # A plain colour loses no more than the rounding of JPEG's colour space, some levels.
        assert np.abs(np.asarray(image).astype(int) - (200, 30, 30)).max() < 8
