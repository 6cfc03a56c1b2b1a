"""What mobilenet-classify and mobilenet-benchmark say about a path that is no .tflite file."""

import io
import zipfile

import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf import Classifier
from mobilenet_tf.benchmark.cli import benchmark
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.cli import classify
from mobilenet_tf.tflite.model_file import read_model
from tests.support.tflite_files import classifier, classifier_file, photo


def of_archive(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return content.getvalue()


def picture():
    content = io.BytesIO()
    Image.fromarray(photo()).save(content, "JPEG")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "what", "advice"),
    [
        ("best.keras", of_archive("config.json", "model.weights.h5"), "a Keras file", "mobilenet-export --weights"),
        ("noext", of_archive("config.json", "model.weights.h5"), "a Keras file", "mobilenet-export --weights"),
        ("my model.h5", b"\x89HDF\r\n\x1a\n", "a Keras file", r"mobilenet-export --weights '\S+/my model.h5'$"),
        ("x.tflite", b"", "an empty file", "Copy or download it again"),
        ("x.tflite", b"<html>", "a web page", "Download it again"),
        ("x.tflite", b"version https://git-lfs", "a pointer of Git LFS", "git lfs pull"),
        ("m.onnx", b"\x08\x08\x12\x07pytorch", "an ONNX model", "Convert it to a .tflite file"),
        ("m.pt", of_archive("m/data.pkl"), "a file of PyTorch", "Convert it to a .tflite file"),
        ("saved_model.pb", b"\x08\x01", "a TensorFlow SavedModel", "from_saved_model"),
        ("manifest.json", b'{"version": 4}', "JSON", "Give the .tflite file"),
        ("cat.jpg", picture(), "a photo", "The .tflite file comes first"),
    ],
)
def test_a_file_of_another_kind_is_named_by_both_commands(tmp_path, name, content, what, advice):
    path = tmp_path / name
    path.write_bytes(content)
    pattern = rf"^{path} is {what}.*; expected a \.tflite file\.\n.*{advice}"
    for read in (Classifier, read_model):
        with pytest.raises(ModelError, match=pattern):
            read(path)
    done = CliRunner().invoke(benchmark, [str(path), "--output-dir", str(tmp_path / "results")])
    assert done.exit_code == 2
    assert f"is {what}" in done.stderr
    assert what in CliRunner().invoke(classify, [str(path)]).stderr


def saved_model(folder):
    classifier().export(folder, verbose=False)


def keras_run(folder):
    folder.mkdir()
    classifier().save(folder / "best.keras")


def lost_export(folder):
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")


@pytest.mark.parametrize(
    ("make", "what", "advice"),
    [
        (saved_model, "the folder of a TensorFlow SavedModel", "from_saved_model"),
        (keras_run, "the folder of a training run", "mobilenet-export --weights"),
        (lost_export, "the folder of an export", "export them again"),
        (lambda folder: folder.mkdir(), "a folder without a .tflite file", "mobilenet-export"),
    ],
)
def test_a_folder_without_tflite_is_named_by_both_commands(tmp_path, make, what, advice):
    make(tmp_path / "given")
    for command in (classify, benchmark):
        done = CliRunner().invoke(command, [str(tmp_path / "given")])
        said = " ".join(done.stderr.split())
        assert done.exit_code == 2
        assert f"given is {what}; expected a .tflite file." in said
        assert advice in said


def test_a_folder_with_one_file_stands_for_it(tmp_path):
    (tmp_path / "export" / "inner").mkdir(parents=True)
    file = tmp_path / "export" / "inner" / "own.tflite"
    file.write_bytes(classifier_file("softmax"))
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    Image.fromarray(photo()).save(tmp_path / "photo.png")
    taken = Classifier(tmp_path / "export", labels=tmp_path / "names.txt")
    assert taken.path == file
    assert f"{tmp_path / 'export'} is a folder: {file} is taken, its only .tflite file." in taken.notes
    options = ["--labels", str(tmp_path / "names.txt")]
    done = CliRunner().invoke(classify, [str(tmp_path / "export"), str(tmp_path / "photo.png"), *options])
    assert done.exit_code == 0
    assert done.stdout.startswith("own.tflite on ")


@pytest.mark.parametrize("count", [2, 10])
def test_a_folder_with_several_files_names_them(tmp_path, count):
    for number in range(count):
        (tmp_path / f"{number}.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match=f"holds {count}. Give one of them:\n  {tmp_path}/0.tflite") as caught:
        Classifier(tmp_path)
    assert ("and 2 more" in str(caught.value)) == (count == 10)


def test_a_path_that_is_not_there_is_named(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone.tflite").symlink_to("nowhere")
    for name, problem in {
        "none.tflite": "does not exist",
        "loop": "is a loop of symbolic links",
        "gone.tflite": "is a symbolic link to nowhere, which is not there",
        "x" * 300: "cannot be read: File name too long",
    }.items():
        with pytest.raises(ModelError, match=f"{name} {problem}\\."):
            Classifier(tmp_path / name)
