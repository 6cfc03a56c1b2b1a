import pytest

from export.calibration import load_images
from export.forgotten_weights import forgotten_weights
from mobilenet_tf.weights.class_names import labels_for
from mobilenet_tf.weights.load import load_weights
from tests.support.commands import images_in


def warning(tmp_path, folders, weights="imagenet"):
    """What is said of photos in folders of these names, with a run `my run` of the classes cat and zebu."""
    run = tmp_path / "train" / "my run"
    run.mkdir(parents=True)
    (run / "labels.txt").write_text("cat\nzebu\n")
    (run / "best.keras").write_bytes(b"")
    for seed, name in enumerate(folders):
        images_in(tmp_path / "photos" / name, 12, seed=seed)
    images = load_images(tmp_path / "photos", res=32, count=10)
    read = load_weights(weights, alpha=0.25)
    return forgotten_weights(weights, read, labels_for(read, None)[0], images, tmp_path / "train")


def test_the_run_with_these_classes_is_named(tmp_path):
    said = warning(tmp_path, ["Cat", "zebu"])
    assert f"the folders of {tmp_path}/photos (Cat, zebu) are no classes of --weights imagenet" in said
    assert said.endswith(f"--weights '{tmp_path}/train/my run/best.keras'")


def test_without_such_a_run_it_says_what_to_give(tmp_path):
    assert "give its best.keras by --weights" in warning(tmp_path, ["okapi", "zebu", "yak", "emu", "gnu"])


@pytest.mark.parametrize("folders", [["."], ["holiday"], ["tench", "zebu"], ["n01440764", "n01443537"]])
def test_photos_that_may_be_for_these_weights_are_not_spoken_of(folders, tmp_path):
    assert warning(tmp_path, folders) is None


def test_random_weights_have_no_classes(tmp_path):
    assert warning(tmp_path, ["cat", "zebu"], "random") is None
