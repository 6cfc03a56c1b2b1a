"""What goes to the phone of an export: the files of its own folder, and nothing else of this computer."""

import json
import os
import re
import shutil

import pytest

from mobilenet_tf.benchmark.android.export_files import export_files
from mobilenet_tf.errors import DeviceError

MODEL = "mobilenet_v1_a0.25_r96_int8.tflite"


@pytest.fixture
def folder(exported, tmp_path):
    return shutil.copytree(exported[0], tmp_path / "export")


@pytest.fixture
def secret(tmp_path):
    (tmp_path / "secret.txt").write_text("nobody else's")
    return tmp_path / "secret.txt"


def test_the_model_its_manifest_its_labels_and_its_golden_vectors(folder):
    files = export_files(folder / MODEL)
    assert {*files} >= {MODEL, "manifest.json", "labels.txt", "golden/golden.json"}
    assert all(file == folder / name and file.is_file() for name, file in files.items())


@pytest.mark.parametrize("field", ["labels", "golden"])
@pytest.mark.parametrize("way", ["relative", "absolute"])
def test_a_manifest_that_names_files_of_this_computer_is_refused(folder, secret, field, way):
    place = secret if field == "labels" else secret.parent
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest[field] = str(place) if way == "absolute" else os.path.relpath(place, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DeviceError, match=f"manifest.{field}: expected the name of a file beside the manifest"):
        export_files(folder / MODEL)


@pytest.mark.parametrize("name", ["labels.txt", "manifest.json", "golden/golden.json", "golden"])
def test_links_out_of_the_folder_are_not_followed(folder, secret, name):
    place = folder / name
    outside = secret.parent / "outside"
    (shutil.copytree if place.is_dir() else shutil.copy)(place, outside)
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    place.symlink_to(outside)
    with pytest.raises(DeviceError, match=re.escape(str(outside)) + r".*, outside of the folder: it is not copied"):
        export_files(folder / MODEL)


def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "golden" / "fifo")
    with pytest.raises(DeviceError, match="fifo is no regular file"):
        export_files(folder / MODEL)
