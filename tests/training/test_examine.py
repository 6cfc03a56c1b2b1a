"""mobilenet-train --examine, as a person runs it."""

import json
import os
import shutil

import numpy as np
import pytest
from PIL import ExifTags, Image

from mobilenet_tf.data.photos import photo_suffixes
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


def test_photos_that_are_no_plain_jpeg_are_read_or_named(pets):
    """Of each kind one, in the folder of cats; those that cannot be read are named with the reason."""
    rng = np.random.default_rng(5)
    photos = [Image.fromarray(rng.integers(0, 255, (70, 80, 3), dtype=np.uint8)) for _ in range(8)]
    cat = pets / "cat"
    photos[0].convert("RGBA").save(cat / "alpha.png")
    Image.fromarray(rng.integers(0, 2**16, (70, 80), dtype=np.uint16)).save(cat / "grey_16_bits.png")
    photos[1].convert("CMYK").save(cat / "cmyk.jpg")
    photos[2].save(cat / "animated.webp", save_all=True, append_images=[photos[3]])
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    photos[4].save(cat / "rotated.jpg", exif=exif)
    photos[5].save(cat / "animated.gif", save_all=True, append_images=[photos[6]])
    photos[7].save(cat / "cut.jpg")
    (cat / "cut.jpg").write_bytes((cat / "cut.jpg").read_bytes()[:-300])
    (cat / "page.jpg").write_text("<html>404</html>")
    (cat / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    result = run_train(pets, "--examine")
    assert result.exit_code == 0, result.output
    # The 21 of the fixture and 5 more can be read; the fixture's broken.jpg, cut, page and phone cannot.
    content = json.loads(run_train(pets, "--examine", "--json").stdout)
    assert (content["photos"], content["broken"], content["classes"][0]["rotated"]) == (26, 4, 1)
    for reason in (
        "cut.jpg: image file is truncated",
        "page.jpg: no image of a kind that is read",
        "1 .gif file, not read",
    ):
        assert reason in result.stdout
    if ".heic" not in photo_suffixes():
        assert "phone.jpg: a HEIC photo in spite of its name; pip install pillow-heif reads it." in result.stdout


def test_what_the_names_of_the_files_say_is_told(pets, capfd):
    for name in ("cat", "dog"):
        for number, path in enumerate(sorted((pets / name).iterdir())):
            path.rename(pets / f"{name}.{number}{path.suffix}")
        (pets / name).rmdir()
    result = run_train(pets, "--examine")
    assert result.exit_code == 0, result.output
    assert (
        "the class of a photo is what its name has before its last number or numbers: cat (cat.0.jpg), dog"
        in capfd.readouterr().err
    )
