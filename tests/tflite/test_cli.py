"""mobilenet-classify on an export, on other people's files, and on folders as people have them."""

import json
import os
import socket

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.tflite.cli import classify
from tests.support.commands import run_process
from tests.support.tflite_files import classifier, classifier_file, converted, photo


@pytest.fixture(scope="module")
def model(exported):
    return exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(photo(number)).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def own(tmp_path):
    """A float file of another's: logits of four classes, no labels, no metadata."""
    (tmp_path / "own.tflite").write_bytes(classifier_file())
    (tmp_path / "names.txt").write_text("cat\ndog, brown\ndog, black\ntruck\n")
    return [tmp_path / "own.tflite", "--labels", tmp_path / "names.txt"]


def run(*arguments):
    return CliRunner().invoke(classify, [*map(str, arguments)])


def test_the_command_prints_a_line_a_photo(model):
    result = run(model, bundled_photos() / "cat.jpg")
    assert result.exit_code == 0, result.output
    head, line = result.stdout.splitlines()
    assert head.startswith(f"{model.name} on ai-edge-litert 2.3")
    assert line.startswith("cat.jpg")
    assert "Egyptian cat" in line


def test_json_is_one_document(model):
    result = run(model, bundled_photos(), "--json", "--top", 1)
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == len(list(bundled_photos().glob("*.jpg")))


def test_an_unreadable_photo_is_named_and_the_others_go_on(model, photos):
    (photos / "1.png").write_bytes(b"no photo")
    result = run(model, photos)
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ["0.png", "2.png"]
    assert f"Error: cannot read {photos / '1.png'}" in result.stderr
    assert "Classified 2 of 3 photos." in result.stderr


def test_in_json_the_error_stands_in_the_document(model, photos):
    (photos / "0.png").write_bytes(b"no photo")
    result = run(model, photos, "--json")
    first, *others = json.loads(result.stdout)
    assert result.exit_code == 1
    assert first["path"] == str(photos / "0.png")
    assert first["error"].startswith(f"cannot read {photos / '0.png'}")
    assert all(len(entry["classes"]) == 3 and "error" not in entry for entry in others)


def test_no_photo_that_can_be_read_is_no_crash(model, photos):
    for path in photos.iterdir():
        path.write_bytes(b"no photo")
    result = run(model, photos)
    assert result.exit_code == 1
    assert "Classified 0 of 3 photos." in result.stderr


def test_kinds_that_are_not_read_are_named(model, photos):
    Image.fromarray(photo()).save(photos / "clip.gif")
    (photos / "._0.png").write_bytes(b"of a Mac")
    done = run_process("mobilenet-classify", model, photos)
    assert done.returncode == 1
    assert "1 .gif file, not read: save it as PNG" in done.stderr
    assert "Classified 3 of 4 photos." in done.stderr
    assert "._0" not in done.stdout + done.stderr


def test_a_path_without_photos_is_named_and_the_others_go_on(model, photos, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    wrong = [tmp_path / name for name in ("empty", "none.jpg", "loop", "gone", "x" * 300)]
    result = run(model, photos / "0.png", *wrong, photos / "1.png")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ["0.png", "1.png"]
    said = " ".join(result.stderr.split())
    for ending in ("empty; it is empty", "none.jpg does not exist", "loop is a loop of symbolic links",
                   "gone is a symbolic link to nowhere, which is not there", "File name too long"):  # fmt: skip
        assert f"{ending}." in said
    assert "Classified 2 of 7 photos." in result.stderr
    in_json = json.loads(run(model, wrong[1], photos / "0.png", "--json").stdout)
    assert [entry["path"] for entry in in_json if "error" in entry] == [str(wrong[1])]


def test_without_any_photo_it_is_wrong_usage(model, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run(model, tmp_path / "none.jpg", tmp_path / "empty")
    assert result.exit_code == 2
    assert f"expected photos or folders of photos; {tmp_path / 'none.jpg'} does not exist" in result.stderr
    assert "empty; it is empty." in result.stderr
    assert result.stdout == ""


def test_names_that_are_no_text_and_lines_are_escaped(model, photos):
    content = (photos / "0.png").read_bytes()
    for name in (b"caf\xe9.png", b"two\nlines.png", b"bad\xff.png"):
        with open(os.path.join(os.fsencode(photos), name), "wb") as file:
            file.write(content if name != b"bad\xff.png" else b"no photo")
    done = run_process("mobilenet-classify", model, photos)
    assert done.returncode == 1
    assert "caf\\xe9.png" in done.stdout
    assert "two\\nlines.png" in done.stdout
    assert "bad\\xff.png" in done.stderr
    paths = [entry["path"] for entry in json.loads(run_process("mobilenet-classify", model, photos, "--json").stdout)]
    assert os.fsencode(f"{photos}/") + b"caf\xe9.png" in map(os.fsencode, paths)


def test_logits_are_printed_as_probabilities_with_a_note(own, photos):
    done = run_process("mobilenet-classify", *own, photos, *["--mean", "0", "--std", "255", "--top", "4", "--json"])
    for entry in json.loads(done.stdout):
        assert sum(each["score"] for each in entry["classes"]) == pytest.approx(1)
    assert "own.tflite does not end in a softmax" in done.stderr
    assert "normalized" not in done.stderr


def test_the_note_on_an_assumed_normalization_names_the_remedy(own, photos):
    done = run_process("mobilenet-classify", *own, photos)
    assert done.returncode == 0
    assert "(byte - 127.5) / 127.5, values from -1 to 1, is assumed" in done.stderr
    assert "--mean 0 --std 255" in done.stderr
    assert (
        json.loads(run(*own, photos, "--mean", "127.5", "--std", "127.5", "--json").stdout)[0]["classes"]
        == (json.loads(run(*own, photos, "--json").stdout)[0]["classes"])
    )


def test_labels_with_commas_are_printed_whole(own, photos):
    result = run(*own, photos / "0.png", "--top", 4)
    assert '"dog, brown" ' in result.stdout
    assert '"dog, black" ' in result.stdout


def test_a_file_of_any_resolution_needs_res(own, photos):
    own[0].write_bytes(classifier_file(shape=(None, None, 3)))
    result = run(*own, photos)
    assert result.exit_code == 2
    assert "give --res N" in result.stderr
    assert run(*own, photos, "--res", 48).exit_code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--threads", "100000"], f"got 100000. This computer has {os.cpu_count()} cores."),
        (["--mean", "0"], "--mean needs --std too"),
        (["--res", "64"], "takes images of 96x96; got --res 64"),
        (["--labels", "none.txt"], "cannot read the labels in none.txt"),
    ],
)
def test_options_that_cannot_be_are_refused(model, photos, options, message):
    result = run(model, photos, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_pipe_a_socket_and_a_device_among_photos_are_not_waited_for(model, photos):
    os.mkfifo(photos / "pipe.jpg")
    (photos / "zero.jpg").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(photos / "socket.jpg"))
        assert run(model, photos).exit_code == 0
        assert [line.endswith(": it is no regular file") for line in find_photos(photos).unread] == [True] * 3
        for name in ("pipe.jpg", "zero.jpg", "socket.jpg"):
            done = run(model, photos / "0.png", photos / name)
            assert done.exit_code == 1
            assert f"cannot read {photos / name}: " in done.stderr


def test_many_broken_photos_are_ten_lines_and_a_count(model, photos):
    for number in range(25):
        (photos / f"broken{number:02d}.jpg").write_text("no photo")
    done = run(model, photos)
    assert done.exit_code == 1
    assert done.stderr.count("Error: cannot read") == 10
    assert "15 more photos are left out." in done.stderr
    assert "Classified 3 of 28 photos." in done.stderr


def test_a_model_that_gives_nan_is_an_error_and_no_json_that_others_cannot_read(tmp_path, photos):
    made = classifier("softmax")
    made.layers[-1].set_weights([weights * np.float32("nan") for weights in made.layers[-1].get_weights()])
    (tmp_path / "nan.tflite").write_bytes(converted(made))
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    done = run(tmp_path / "nan.tflite", photos, "--labels", tmp_path / "names.txt", "--json")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "expected finite scores" in done.stderr
