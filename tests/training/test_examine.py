"""mobilenet-train --examine, as a person runs it."""

import json
import os
import shutil

import pytest

from tests.support.commands import images_in, run_train
from tests.support.datasets import package_in


@pytest.fixture
def pets(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "pets" / name, 10, seed=seed)
    shutil.copy(tmp_path / "pets" / "cat" / "photo_000.jpg", tmp_path / "pets" / "dog" / "copy.jpg")
    (tmp_path / "pets" / "cat" / "broken.jpg").write_bytes(b"")
    return tmp_path / "pets"


def test_it_prints_the_examination_and_trains_nothing(pets, tmp_path):
    result = run_train(pets, "--examine", "--output-dir", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Broken 1, tiny 21 (short side under 64 pixels)" in result.stdout
    assert "1 picture is in several classes: cat/photo_000.jpg = dog/copy.jpg." in result.stdout
    assert f"cannot read {pets}/cat/broken.jpg" in result.stdout
    assert not (tmp_path / "out").exists()


def test_as_json(pets):
    content = json.loads(run_train(pets, "--examine", "--json").stdout)
    assert [one["name"] for one in content["classes"]] == ["cat", "dog"]
    assert (content["photos"], content["broken"]) == (21, 1)
    (group,) = content["copies"]
    assert (group["classes"], group["exact"], group["left_out"]) == (["cat", "dog"], True, [])


def test_photos_of_other_sources_are_counted(tmp_path):
    folder, *_ = package_in(tmp_path / "package")
    result = run_train(folder, "--examine")
    assert result.exit_code == 0, result.output
    assert "Broken 0, tiny 72 (short side under 64 pixels), grey 0, rotated by EXIF 0." in result.stdout
    assert "No two photos show the same picture." in result.stdout


def test_a_folder_that_cannot_be_trained_on_is_refused(pets):
    shutil.rmtree(pets / "dog")
    result = run_train(pets, "--examine")
    assert result.exit_code == 2
    assert "expected at least two classes" in result.stderr


def test_names_that_are_not_utf_8_are_escaped(pets):
    os.rename(pets / "dog" / "copy.jpg", os.fsencode(pets / "dog") + b"/caf\xe9.jpg")
    result = run_train(pets, "--examine")
    assert result.exit_code == 0, result.output
    assert "dog/caf\\xe9.jpg" in result.stdout
    assert json.loads(run_train(pets, "--examine", "--json").stdout)["photos"] == 21
