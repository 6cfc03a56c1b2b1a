import gzip
import json
import os
import pickle
import re
import zipfile

import numpy as np
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.class_names import labels_beside
from mobilenet_tf.weights.file_kinds import weights_file
from mobilenet_tf.weights.load import load_weights
from tests.support.networks import lively_model


@pytest.fixture(scope="module")
def model():
    return lively_model(np.random.default_rng(0), res=32, classes=2)


@pytest.fixture
def run(model, tmp_path):
    """The folder of a run, as far as a reader of weights looks at it."""
    folder = tmp_path / "train" / "my_run"
    folder.mkdir(parents=True)
    model.save(folder / "best.keras")
    (folder / "labels.txt").write_text("cat\ndog\n")
    return folder


def archive_with(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)


def message_for(path):
    with pytest.raises(WeightsError) as caught:
        load_weights(str(path))
    message = str(caught.value)
    assert len(message.splitlines()) <= 3
    assert str(path) in message
    return message


@pytest.mark.parametrize("ending", ["", "/"])
def test_the_folder_of_a_run_stands_for_its_best_model(run, ending):
    weights = load_weights(f"{run}{ending}")
    assert weights.notes == (f"{run}{ending} is the folder of a run: {run / 'best.keras'} is taken.",)
    assert (weights.source, weights.origin["file"]) == ("file", "best.keras")
    assert labels_beside(weights, f"{run}{ending}") == run / "labels.txt"
    for one, other in zip(weights.arrays, load_weights(str(run / "best.keras")).arrays, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_graph_of_a_saved_model_stands_for_its_folder(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    assert weights_file(str(tmp_path / "saved_model.pb")) == weights_file(str(tmp_path)) == tmp_path
    with pytest.raises(WeightsError, match="the folder of a TensorFlow SavedModel, whose weights mobilenet-train"):
        load_weights(str(tmp_path / "saved_model.pb"))


def test_of_a_run_and_a_saved_model_in_one_folder_the_run_is_taken_which_is_said(model, run):
    model.export(run, verbose=False)
    assert (run / "saved_model.pb").is_file()
    (note,) = load_weights(str(run)).notes
    assert note.endswith("best.keras is taken, and not the SavedModel in it.")
    assert weights_file(str(run / "saved_model.pb")) == run  # who names the graph itself


def test_a_link_to_a_run_is_a_run(run, tmp_path):
    (tmp_path / "latest").symlink_to(run)
    assert load_weights(str(tmp_path / "latest")).spec.classes == 2


@pytest.mark.parametrize(
    ("names", "what", "advice"),
    [
        (["saved_model.pb", "variables/variables.index"], "the folder of a TensorFlow SavedModel", "mobilenet-export"),
        (["checkpoint", "model-9.index"], "a folder with a TensorFlow checkpoint", "model.save"),
        (["ckpt.index", "ckpt.data-00000-of-00001"], "a folder with a TensorFlow checkpoint", "model.save"),
        (["state.npz", "labels.txt"], "a run that has no model yet", "--resume"),
        (["manifest.json", "x.tflite"], "the folder of an export", "exported from"),
        (["config.json", "metadata.json", "model.weights.h5"], "an unpacked .keras file", "zip -0 -r"),
        (["pytorch_model.bin", "config.json"], "the folder of a PyTorch model", "litert_torch.convert"),
        (["one/best.keras", "two/best.keras"], "a folder", "one, .*two"),
        (["a.keras", "b.h5"], "a folder", "a.keras, .*b.h5"),
        (["run/best.keras", "saved/saved_model.pb", "other/x"], "a folder", "run, .*saved"),
        (["readme.md"], "a folder without a best.keras", "Give the file itself"),
        ([], "an empty folder", "Give the file itself"),
    ],
)  # fmt: skip
def test_another_folder_is_named(tmp_path, names, what, advice):
    folder = tmp_path / "given"
    folder.mkdir()
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    message = message_for(folder)
    assert re.search(rf"is {re.escape(what)}[\s\S]*\n.*{advice}", message.replace("(", "")), message


def with_content(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def pytorch_file(folder):
    archive_with(folder / "model.pth", archive__data_dot_pkl=b"", archive__version=b"3")


def checkpoint(folder):
    (folder / "model.index").write_bytes(b"x")
    (folder / "model.data-00000-of-00001").write_bytes(b"x")


@pytest.mark.parametrize(
    ("make", "name", "what"),
    [
        (checkpoint, "model", "a TensorFlow checkpoint"),
        (checkpoint, "model.index", "a TensorFlow checkpoint"),
        (checkpoint, "model.data-00000-of-00001", "a TensorFlow checkpoint"),
        (pytorch_file, "model.pth", "a file of PyTorch"),
        (with_content("old.pt", pickle.dumps({"w": 1}, 2)), "old.pt", "a Python pickle"),
        (with_content("m.pkl", pickle.dumps([1])), "m.pkl", "a Python pickle"),
        (with_content("m.onnx", b"\x08\x08\x12\x07pytorch"), "m.onnx", "an ONNX model"),
        (with_content("frozen.pb", b"\x0a\x2e\x0a\x05input"), "frozen.pb", "a frozen graph of TensorFlow 1"),
        (with_content("m.safetensors", b"\x40\0\0\0\0\0\0\0{\"a\":1}"), "m.safetensors", "a safetensors file"),
        (with_content("m.keras", b"<!DOCTYPE html>"), "m.keras", "a web page"),
        (with_content("m.h5", b"version https://git-lfs.github.com/spec/v1\n"), "m.h5", "a pointer of Git LFS"),
        (with_content("m.keras", b""), "m.keras", "an empty file"),
        (with_content("m.tgz", gzip.compress(b"x")), "m.tgz", "a compressed archive"),
        (with_content("model.json", json.dumps({"class_name": "Functional"}).encode()), "model.json", "JSON"),
        (lambda folder: archive_with(folder / "m.zip", run__best_dot_keras=b""), "m.zip", "an archive"),
        (lambda folder: np.savez(folder / "m.npz", w=np.zeros(3)), "m.npz", "an archive of NumPy arrays"),
        (with_content("m.keras", b"PK\x03\x04 cut"), "m.keras", None),
        (with_content("notes.txt", b"hello"), "notes.txt", "no file of weights that is known here"),
    ],
)  # fmt: skip
def test_another_file_is_named(tmp_path, make, name, what):
    make(tmp_path)
    message = message_for(tmp_path / name)
    assert "does not exist" not in message
    if what is not None:
        assert message.startswith(f"{tmp_path / name} is {what}")
        assert len(message.splitlines()) == 2


def test_a_pickle_is_never_opened(tmp_path):
    class Harmful:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    (tmp_path / "m.pth").write_bytes(pickle.dumps(Harmful()))
    message_for(tmp_path / "m.pth")
    assert not (tmp_path / "harm").exists()


def test_a_broken_link_is_named_with_its_target(tmp_path):
    (tmp_path / "best.keras").symlink_to("gone.keras")
    assert "is a symbolic link to gone.keras, which is not there" in message_for(tmp_path / "best.keras")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "there").symlink_to("back")
    (tmp_path / "back").symlink_to("there")
    for name in ("loop", "there", "back/model.keras"):
        assert "is a loop of symbolic links." in message_for(tmp_path / name)


@pytest.mark.parametrize("source", ["", " "])
def test_an_empty_word_is_named(source):
    with pytest.raises(WeightsError, match=r"expected --weights to be imagenet, .* or a file; got nothing\."):
        load_weights(source)


def test_a_pipe_is_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is no regular file" in message_for(tmp_path / "pipe")


def test_a_misspelled_name_is_suggested(run):
    assert message_for(run / "bset.keras").endswith(f"Did you mean {run / 'best.keras'}?")
    assert message_for("imagent").endswith("Did you mean imagenet?")
    assert "Did you mean" not in message_for("/nowhere/at/all.keras")


def test_a_name_that_is_too_long_is_an_error_of_ours(tmp_path):
    assert "File name too long" in message_for(tmp_path / ("x" * 300))
