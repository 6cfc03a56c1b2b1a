"""mobilenet-classify --similar: the photos of a folder that are most like others."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.tasks.embeddings import nearest
from mobilenet_tf.tflite import similar
from mobilenet_tf.tflite.cli import classify
from mobilenet_tf.tflite.embedder import Embedder
from mobilenet_tf.tflite.similar import similar_photos
from tests.support.tflite_files import classifier_file, extractor_file, photo

RANGE = ("--mean", "127.5", "--std", "127.5")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "net.tflite"
    path.write_bytes(extractor_file())
    return path


@pytest.fixture
def folder(tmp_path):
    """Six photos, two of them in a folder inside."""
    (tmp_path / "photos" / "inside").mkdir(parents=True)
    for number in range(6):
        place = tmp_path / "photos" / ("inside" if number > 3 else "")
        Image.fromarray(photo(number)).save(place / f"{number}.png")
    return tmp_path / "photos"


def run(*arguments):
    return CliRunner().invoke(classify, [*map(str, arguments), *RANGE])


def test_the_nearest_photos_are_told_with_their_cosines_and_never_the_photo_itself(model, folder):
    done = run(model, folder / "0.png", folder / "inside", "--similar", folder, "--top", 2, "--json")
    assert done.exit_code == 0, done.output
    embedder = Embedder(model, mean=127.5, std=127.5)
    paths = sorted(folder.rglob("*.png"))
    vectors = np.stack([embedder.embed(path) for path in paths])
    for found in json.loads(done.stdout):
        place = [str(path) for path in paths].index(found["path"])
        places, cosines = nearest(vectors[[place]], np.delete(vectors, place, 0), 2)
        others = [path for path in paths if str(path) != found["path"]]
        assert [one["path"] for one in found["similar"]] == [str(others[index]) for index in places[0]]
        # Products of float32 vectors against those in float64.
        np.testing.assert_allclose([one["cosine"] for one in found["similar"]], cosines[0], atol=1e-6)
        assert found["inference_ms"] > 0


def test_few_photos_are_in_memory_at_a_time(model, folder, monkeypatch):
    embedder = Embedder(model, mean=127.5, std=127.5)
    paths = sorted(folder.rglob("*.png"))
    whole, _ = similar_photos(embedder, paths, paths, 3, ignore_progress)
    monkeypatch.setattr(similar, "CHUNK", 2)
    monkeypatch.setattr(similar, "BLOCK_BYTES", 4 * (4 * 6 + 32 * 3))  # four photos
    parts, _ = similar_photos(embedder, paths, paths, 3, ignore_progress)
    assert [one.answer.photos for one in parts] == [one.answer.photos for one in whole]


def test_lines_name_photos_below_the_folder_and_copies_are_told(model, folder):
    shutil.copy(folder / "0.png", folder / "inside" / "copy.png")
    done = run(model, folder / "0.png", "--similar", folder, "--top", 1)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].endswith("ms  inside/copy.png 1.000")


def test_photos_of_one_name_in_two_folders_are_told_apart(model, folder):
    (folder / "other").mkdir()
    Image.fromarray(photo(7)).save(folder / "other" / "4.png")
    done = run(model, folder / "inside", folder / "other", "--similar", folder, "--top", 6)
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert lines.keys() == {"inside/4.png", "inside/5.png", "other/4.png"}
    assert " other/4.png 0." in lines["inside/4.png"]
    assert " inside/4.png 0." in lines["other/4.png"]


def test_a_photo_of_the_folder_that_cannot_be_read_is_not_counted_as_one_to_look_up(model, folder):
    (folder / "broken.png").write_text("no photo")
    done = run(model, folder / "0.png", "--similar", folder, "--json")
    assert done.exit_code == 1
    assert done.stderr.count("broken.png") == 1
    assert "Compared 1" not in done.stderr  # all photos that were looked up have an answer
    assert f"Compared with 6 of the 7 photos in {folder}." in done.stderr.replace("\n", " ")
    assert [one["path"] for one in json.loads(done.stdout)] == [str(folder / "0.png")]


def test_in_a_folder_compared_with_itself_each_photo_counts_once(model, folder, capfd):
    (folder / "broken.png").write_text("no photo")
    (folder / "drawing.svg").write_text("<svg/>")
    done = run(model, folder, "--similar", folder)
    assert done.exit_code == 1
    assert done.stderr.count("broken.png") == 1
    assert capfd.readouterr().err.count("1 .svg file") == 1  # notes go past the runner
    assert "Compared 6 of 8 photos." in done.stderr
    assert f"Compared with 6 of the 8 photos in {folder}." in done.stderr.replace("\n", " ")


def test_a_folder_with_the_photo_alone_has_no_other(model, tmp_path):
    Image.fromarray(photo(0)).save(tmp_path / "alone.png")
    done = run(model, tmp_path / "alone.png", "--similar", tmp_path)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].endswith("no other photo")


def test_wrong_models_folders_and_labels_are_refused(model, folder, tmp_path):
    (tmp_path / "classes.tflite").write_bytes(classifier_file("softmax"))
    for arguments, reason in [
        ((tmp_path / "classes.tflite", "--similar", folder), "it is a classifier"),
        ((model, "--similar", tmp_path / "none"), "does not exist"),
        ((model, "--similar", folder / "0.png"), "expected --similar to be a folder of photos"),
        ((model, "--similar", folder, "--labels", model), "--labels names classes; --similar compares photos"),
    ]:
        done = run(*arguments)
        assert done.exit_code == 2
        assert reason in done.stderr
