import importlib.util

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf import Classifier
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import ImagesError, ModelError
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session
from tests.support.archives import with_archive
from tests.support.commands import run_export, run_process
from tests.support.tflite_files import classifier_file, photo


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    root = tmp_path_factory.mktemp("classifier")
    result = run_export("--alpha", "0.5", "--res", "160", "--quant", "int8", "--output-dir", root)
    assert result.exit_code == 0, result.output
    return root / "mobilenet_v1_a0.50_r160" / "mobilenet_v1_a0.50_r160_int8.tflite"


def test_it_names_the_cat_and_the_coffee(model):
    classifier = Classifier(model)
    for name, label in (("cat", "cat"), ("coffee", "espresso")):
        prediction = classifier.classify(bundled_photos() / f"{name}.jpg", top=3)
        (found, score), *rest = prediction.classes
        assert label in found
        assert score > 0.5 > rest[0][1] >= rest[1][1]
        assert prediction.inference_ms > 0


def test_tflite_runtime_names_them_too(model):
    """In a process of its own, as people run it: with TensorFlow in the same process tflite-runtime fails to load."""
    if importlib.util.find_spec("tflite_runtime") is None:
        pytest.skip("tflite-runtime is not installed: it has wheels for some versions of Python only")
    coffee = bundled_photos() / "coffee.jpg"
    done = run_process("mobilenet-classify", "--backend", "tflite-runtime", model, coffee)
    assert done.returncode == 0, done.stderr
    assert "on tflite-runtime 2.14.0" in done.stdout
    assert "espresso" in done.stdout


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"\x1c\0\0\0TFL3 and nothing else")
    for path in (tmp_path / "none.tflite", tmp_path / "x.tflite"):
        with pytest.raises(ModelError):
            Classifier(path)


def test_a_picture_that_cannot_be_read_is_refused(model, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"")
    with pytest.raises(ImagesError, match="cannot read"):
        Classifier(model).classify(tmp_path / "x.jpg")


def test_a_model_without_labels_is_refused(shared):
    with pytest.raises(ModelError, match=r"carries no labels .*\nGive those of its 1001 classes with --labels FILE"):
        Classifier(shared / "weights" / "mobilenet_v1_1.0_224.tflite")


def test_a_path_an_image_and_an_array_are_the_same_photo(model):
    classifier, path = Classifier(model), bundled_photos() / "cat.jpg"
    expected = classifier.classify(path).classes
    with Image.open(path) as image:
        assert classifier.classify(image).classes == expected
        assert classifier.classify(np.asarray(image)).classes == expected
    assert classifier.classify(str(path)).classes == expected


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "I;16"])
def test_images_of_any_mode_are_read(model, mode):
    with Image.open(bundled_photos() / "cat.jpg") as image:
        other = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
    assert len(Classifier(model).classify(other).classes) == 3


def test_an_image_is_turned_upright(model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    with Image.open(bundled_photos() / "cat.jpg") as image:
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "x.png", exif=exif)
        expected = Classifier(model).classify(image).classes
    with Image.open(tmp_path / "x.png") as turned:
        assert Classifier(model).classify(turned).classes == expected


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (np.zeros((8, 8, 3), np.float32), r"an array of float32 \(8, 8, 3\)"),
        (np.zeros((1, 8, 8, 3), np.uint8), r"an array of uint8 \(1, 8, 8, 3\)"),
        (np.zeros((8, 8), np.uint8), r"an array of uint8 \(8, 8\)"),
        (np.zeros((8, 8, 4), np.uint8), r"an array of uint8 \(8, 8, 4\)"),
        (np.zeros((0, 8, 3), np.uint8), r"an array of uint8 \(0, 8, 3\)"),
        ([[[0, 0, 0]]], "got list"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_photo_is_refused_with_what_it_is(model, given, found):
    with pytest.raises(ImagesError, match=rf"expected a photo as a path, a PIL image, or .*{found}"):
        Classifier(model).classify(given)


def test_a_cut_off_image_is_refused(model, tmp_path):
    (tmp_path / "x.jpg").write_bytes((bundled_photos() / "cat.jpg").read_bytes()[:2000])
    with Image.open(tmp_path / "x.jpg") as image, pytest.raises(ImagesError, match="cannot read the PIL image"):
        Classifier(model).classify(image)


@pytest.fixture
def own(tmp_path):
    """A float file of another's, of four classes, without labels or metadata, and its labels."""
    (tmp_path / "own.tflite").write_bytes(classifier_file())
    (tmp_path / "names.txt").write_text("cat\ndog, brown\ndog, black\ntruck\n")
    return tmp_path / "own.tflite", tmp_path / "names.txt"


def test_other_peoples_files_take_what_is_given(own):
    model, labels = own
    classifier = Classifier(model, labels=labels, mean=0, std=255)
    pixels = photo()
    prediction = classifier.classify(pixels, top=4)
    logits = Session(model.read_bytes()).run((preprocess(pixels, 32) / np.float32(255))[None])[0]
    probabilities = np.exp(logits) / np.exp(logits).sum()
    assert sum(score for _, score in prediction.classes) == pytest.approx(1)
    assert dict(prediction.classes) == pytest.approx(dict(zip(classifier.labels, probabilities, strict=True)), rel=1e-4)
    (note,) = classifier.notes
    assert "softmax is applied" in note


def test_labels_of_another_number_are_refused(own):
    model, labels = own
    labels.write_text("cat\ndog\ntruck\n")
    with pytest.raises(ModelError, match=r"expected 4 labels, .*names\.txt has 3\.\n.* begin with a line `background`"):
        Classifier(model, labels=labels)
    labels.write_text("cat\n")
    with pytest.raises(ModelError, match=r"has 1\.\nGive as many with --labels FILE"):
        Classifier(model, labels=labels)


def test_labels_that_are_carried_and_bad_are_named_and_can_be_replaced(own):
    model, labels = own
    model.write_bytes(with_archive(model.read_bytes(), {"labels.txt": b"cat\n\ndog\ntruck\n"}))
    with pytest.raises(
        ModelError, match=r"are not used: .* line 2 is blank\.\nGive those of its 4 classes with --labels"
    ):
        Classifier(model)
    assert Classifier(model, labels=labels).labels[1] == "dog, brown"
    (note,) = [note for note in ImageModel(model).notes if "are not used" in note]
    assert "own.tflite carries are not used" in note


def test_a_resolution_is_taken_by_a_file_of_any(tmp_path, own):
    (tmp_path / "any.tflite").write_bytes(classifier_file(shape=(None, None, 3)))
    assert Classifier(tmp_path / "any.tflite", labels=own[1], res=48).res == 48


def test_one_sigmoid_shows_both_classes(tmp_path):
    (tmp_path / "one.tflite").write_bytes(classifier_file("sigmoid", classes=1))
    with pytest.raises(
        ModelError, match=r"Give those of its 2 classes .*: first the class of scores near 0, then that"
    ):
        Classifier(tmp_path / "one.tflite")
    (tmp_path / "two.txt").write_text("cat\ndog\n")
    classifier = Classifier(tmp_path / "one.tflite", labels=tmp_path / "two.txt")
    found = dict(classifier.classify(photo()).classes)
    (dog,) = ImageModel(tmp_path / "one.tflite").predict(preprocess(photo(), 32)[None])[0]
    assert found == {"cat": pytest.approx(1 - dog), "dog": pytest.approx(dog)}
    assert any("by a sigmoid: it is that of dog, and cat has the rest of 100 %" in note for note in classifier.notes)


def test_labels_of_two_classes_in_the_file_do_too(tmp_path):
    content = with_archive(classifier_file("sigmoid", classes=1), {"labels.txt": b"cat\ndog\n"})
    (tmp_path / "one.tflite").write_bytes(content)
    assert len(Classifier(tmp_path / "one.tflite").classify(photo()).classes) == 2


def test_of_one_sigmoid_one_label_is_too_few(tmp_path):
    (tmp_path / "one.tflite").write_bytes(classifier_file("sigmoid", classes=1))
    (tmp_path / "one.txt").write_text("dog\n")
    with pytest.raises(
        ModelError, match=r"has 1\.\nGive as many with --labels FILE, one a line: first the class of sc"
    ):
        Classifier(tmp_path / "one.tflite", labels=tmp_path / "one.txt")


def test_all_true_tags_are_shown(tmp_path):
    (tmp_path / "tags.tflite").write_bytes(classifier_file("sigmoid", classes=12))
    (tmp_path / "names.txt").write_text("".join(f"tag {number}\n" for number in range(12)))
    classifier = Classifier(tmp_path / "tags.tflite", labels=tmp_path / "names.txt")
    scores = ImageModel(tmp_path / "tags.tflite").predict(preprocess(photo(), 32)[None])[0]
    true = {f"tag {number}" for number in np.flatnonzero(scores > 0.5)}
    assert len(true) > 1
    found = classifier.classify(photo(), top=1).classes
    assert {label for label, _ in found} == true
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert len(classifier.classify(photo(), top=12).classes) == 12


def test_tags_above_the_thresholds_in_the_file_are_shown_and_no_others(tmp_path):
    content, labels = classifier_file("sigmoid", classes=3), b"helmet\nboots\nvest\n"
    scores = ImageModel.from_bytes(content).predict(preprocess(photo(), 32)[None])[0]
    for above in ([True, False, True], [False, False, False]):
        lines = "".join(f"{value:.6g}\n" for value in np.clip(scores + np.where(above, -0.01, 0.01), 0, 1))
        file = tmp_path / "tags.tflite"
        file.write_bytes(with_archive(content, {"labels.txt": labels, "thresholds.txt": lines.encode()}))
        classifier = Classifier(file)
        assert classifier.thresholds == pytest.approx(tuple(map(float, lines.split())))
        found = {label for label, _ in classifier.classify(photo(), top=1).classes}
        assert found == {name for name, is_above in zip(classifier.labels, above, strict=True) if is_above}


@pytest.mark.parametrize(
    "lines", [b"0.5\n0.5\n", b"0.5\n0.5\n1.5\n", b"0.5\n0.5\nnan\n", b"a\nb\nc\n", b"\xff\xfe\xff"]
)
def test_thresholds_that_are_none_are_not_used(tmp_path, lines):
    content = classifier_file("sigmoid", classes=3)
    file = tmp_path / "tags.tflite"
    file.write_bytes(with_archive(content, {"labels.txt": b"a\nb\nc\n", "thresholds.txt": lines}))
    classifier = Classifier(file)
    assert classifier.thresholds is None
    assert len(classifier.classify(photo(), top=3).classes) == 3
