from dataclasses import replace

import numpy as np
import pytest

from export.calibration import load_images
from export.forgotten_weights import forgotten_weights
from export.own_network import own_network, own_weights
from export.settings import ExportSettings
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
    settings = ExportSettings(weights=weights, alpha=0.25)
    return forgotten_weights(weights, own_network(settings, own_weights(settings)), images, tmp_path / "train")


def test_the_run_with_these_classes_is_named(tmp_path):
    said = warning(tmp_path, ["Cat", "zebu"])
    assert f"the folders of {tmp_path}/photos (Cat, zebu) are no classes of --weights imagenet" in said
    assert said.endswith(f"--weights '{tmp_path}/train/my run/best.keras'")


def test_without_such_a_run_it_says_what_to_give(tmp_path):
    assert "give its best.keras by --weights" in warning(tmp_path, ["okapi", "zebu", "yak", "emu", "gnu"])


@pytest.mark.parametrize("folders", [["."], ["holiday"], ["tench", "zebu"], ["n01440764", "n01443537"]])
def test_photos_that_may_be_for_these_weights_are_not_spoken_of(folders, tmp_path):
    assert warning(tmp_path, folders) is None


@pytest.mark.parametrize("folders", [["2024-01", "2024-02"], ["1", "2", "3"], ["tench/2024-01", "zebu/2024-02"]])
def test_dates_and_numbers_are_not_taken_for_classes(folders, tmp_path):
    assert warning(tmp_path, folders) is None


def test_folders_below_those_of_the_classes_hide_nothing(tmp_path):
    said = warning(tmp_path, ["cat/2024-01", "cat/2024-02", "zebu/2024-01"])
    assert said.endswith(f"--weights '{tmp_path}/train/my run/best.keras'")


def of_file(tmp_path, folders, run="my run"):
    """What is said if the weights are the best.keras of this run, whose classes are cow and pig."""
    from tests.support.networks import lively_model

    model = tmp_path / "train" / run / "best.keras"
    model.parent.mkdir(parents=True, exist_ok=True)
    lively_model(np.random.default_rng(1), res=32, classes=2).save(model)
    for seed, name in enumerate(folders):
        images_in(tmp_path / "photos" / name, 12, seed=seed)
    images = load_images(tmp_path / "photos", res=32, count=10)
    settings = ExportSettings(weights=str(model))
    network = replace(own_network(settings, own_weights(settings)), labels=["cow", "pig"])
    return forgotten_weights(str(model), network, images, tmp_path / "train")


@pytest.mark.parametrize("folders", [["2024-01", "2024-02"], ["okapi", "yak"], ["cow/2024-01", "pig/2024-01"]])
def test_who_gives_a_file_has_not_forgotten_it(folders, tmp_path):
    assert of_file(tmp_path, folders) is None


def test_the_classes_of_another_run_are_named_even_if_a_file_was_given(tmp_path):
    other = tmp_path / "train" / "other" / "best.keras"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"")
    other.with_name("labels.txt").write_text("okapi\nyak\n")
    assert of_file(tmp_path, ["okapi", "yak"]).endswith(f"--weights {other}")


def test_the_run_itself_is_not_named_if_other_labels_were_given(tmp_path):
    (tmp_path / "train" / "mine").mkdir(parents=True)
    (tmp_path / "train" / "mine" / "labels.txt").write_text("vaca\ncerdo\n")
    assert of_file(tmp_path, ["vaca", "cerdo"], run="mine") is None


def test_random_weights_have_no_classes(tmp_path):
    assert warning(tmp_path, ["cat", "zebu"], "random") is None
