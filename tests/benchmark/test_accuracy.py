import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.benchmark.accuracy import evaluate, score_photos
from mobilenet_tf.benchmark.class_names import ClassNames
from mobilenet_tf.benchmark.labelled_photos import LabelledPhotos, labelled_photos
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.tflite_files import classifier_file


@pytest.fixture(scope="module")
def path(exported):
    return exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"


@pytest.fixture(scope="module")
def photos():
    return find_photos(bundled_photos()).paths[:12]


@pytest.fixture(scope="module")
def outputs(path, photos):
    """The same photos one after the other."""
    images = np.stack([preprocess(load_rgb(photo), 96) for photo in photos])
    return ImageModel(path).predict(images)


def test_the_scores_are_those_of_a_plain_loop(path, photos, outputs):
    np.testing.assert_array_equal(np.stack(score_photos([ImageModel(path), ImageModel(path)], photos)), outputs)


def test_the_scores_of_a_network_without_a_softmax_are_probabilities(tmp_path, photos):
    (tmp_path / "logits.tflite").write_bytes(classifier_file())
    scores = np.stack(score_photos([ImageModel(tmp_path / "logits.tflite")], photos))
    np.testing.assert_allclose(scores.sum(1), 1, rtol=1e-5)


def test_the_statistics_count_what_a_loop_counts(path, photos, outputs):
    ranks = np.argsort(-outputs, axis=1, kind="stable")
    ground_truth = [
        int(ranks[index, (0, 0, 3, 7)[index % 4]]) for index in range(len(photos))
    ]  # right, right, top-5, wrong
    names = ClassNames(ImageModel(path).labels)
    labelled = LabelledPhotos(bundled_photos(), photos, ground_truth, ["one: skipped"], names, seen=13)
    found = evaluate([ImageModel(path), ImageModel(path)], labelled)
    assert (found.images, found.top1, found.top5) == (12, 6 / 12, 9 / 12)
    assert sum(count for _, _, count in found.confusion) == 12
    assert sum(count for true, taken, count in found.confusion if true == taken) == 6
    assert [sum(pair) for pair in zip(*found.per_class.values(), strict=True)] == [6, 12]
    assert sum(part.right for part in found.confidence) == sum(part.wrong for part in found.confidence) == 6
    sure = next(part for part in found.confidence if part.low == 0.5)
    inside = (outputs.max(1) >= 0.5) & (outputs.max(1) < 0.6)
    assert sure.right + sure.wrong == inside.sum()
    assert found.left_out == ["one: skipped"]
    by_path = sorted(zip(photos, ranks[:, 0] == ground_truth, strict=True))
    assert found.answers == "".join("1" if right else "0" for _, right in by_path)
    backwards = LabelledPhotos(bundled_photos(), photos[::-1], ground_truth[::-1], [], names, seen=12)
    assert evaluate([ImageModel(path)], backwards).answers == found.answers
    assert found.images_per_s > 0
    assert found.classes == ImageModel(path).labels
    given = {photo.as_posix(): place for place, photo in enumerate(photos)}
    places = [given[(bundled_photos() / one.name).as_posix()] for one in found.wrong]
    scores = outputs.max(1)
    wrong = np.flatnonzero(ranks[:, 0] != ground_truth)
    assert places == sorted(wrong, key=lambda place: -scores[place])
    for place, one in zip(places, found.wrong, strict=True):
        assert (one.true, one.predicted) == (ground_truth[place], ranks[place, 0])
        assert one.confidence == pytest.approx(scores[place], abs=1e-6)
        with Image.open(io.BytesIO(base64.b64decode(one.thumbnail))) as image:
            assert image.size == (128, 128)


def test_what_cannot_be_read_is_named_and_left_out(path, photos, tmp_path):
    bad, good = tmp_path / "bad.jpg", Path(shutil.copy(photos[1], tmp_path))
    bad.write_bytes(good.read_bytes()[:200])
    models, names = [ImageModel(path), ImageModel(path)], ClassNames(["x"] * 1000)
    found = evaluate(models, LabelledPhotos(tmp_path, [bad, good], [0, 0], [], names, seen=2))
    assert found.images == 1
    assert found.answers == "0"
    assert found.left_out[0].startswith(f"cannot read {bad}: ")
    with pytest.raises(ImagesError, match=r"none of the 1 photos can be read; the first: .*bad\.jpg"):
        evaluate(models, LabelledPhotos(tmp_path, [bad], [0], [], names, seen=1))


def test_the_hosted_uint8_file_is_as_accurate_as_a_plain_loop_finds_it(shared):
    """On a tenth of the photos; make bench-accuracy takes all of them."""
    file = shared / "weights" / "mobilenet_v1_0.25_128_quant.tflite"
    names = ClassNames(["background", *(f"class {index}" for index in range(1000))], background=1)
    photos = labelled_photos(shared / "imagenet_sample" / "images", names)
    photos = LabelledPhotos(photos.folder, photos.paths[::10], photos.classes[::10], [], names, seen=0)
    found = evaluate([ImageModel(file), ImageModel(file)], photos)
    images = np.stack([preprocess(load_rgb(path), 128) for path in photos.paths])
    plain = ImageModel(file).predict(images).argmax(1)
    assert found.top1 == np.mean(plain == photos.classes) > 0.3
