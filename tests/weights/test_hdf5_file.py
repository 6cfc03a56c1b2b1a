"""HDF5 files of anybody's: nothing is read that lies outside them, and nothing that is larger than they can be."""

import re
import resource
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from export.owner import read_owner, read_weights_alone
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.hdf5_file import MAX_DEPTH, open_hdf5
from mobilenet_tf.weights.load import load_weights
from tests.support.commands import ROOT
from tests.support.hostile_hdf5 import WAYS, poison_archive, poison_file
from tests.support.keras2_files import save_as_keras2, save_weights_as_keras2
from tests.weights.test_keras2 import nested

REFUSED = r"from another file of this computer|they are not in it"
READERS = (load_weights, lambda file: read_owner(Path(file)))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Files of each kind, each with what reads it."""
    folder = tmp_path_factory.mktemp("kinds")
    ours = build_model(ModelSpec("mobilenet_v1", 0.25, 96, 7))
    for name in ("whole.h5", "model.keras", "alone.weights.h5"):
        (ours.save_weights if "weights" in name else ours.save)(folder / name)
    save_weights_as_keras2(ours, folder / "old.weights.h5")
    save_as_keras2(*nested(), folder / "old.h5")
    application = keras.applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3), classes=5)
    application.save_weights(folder / "application.weights.h5")
    return folder


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["whole.h5", "model.keras", "alone.weights.h5", "old.weights.h5", "old.h5"])
def test_weights_that_lie_outside_a_file_or_exceed_it_are_not_read(kinds, name, way, tmp_path):
    poisoned = tmp_path / name
    (poison_archive if name.endswith(".keras") else poison_file)(kinds / name, poisoned, way, tmp_path)
    readers = READERS[:1] if "weights" in name else READERS
    for read in readers:
        with pytest.raises(WeightsError, match=REFUSED):
            read(str(poisoned))


@pytest.mark.parametrize("way", WAYS)
def test_weights_alone_that_are_exported_lie_in_the_file(kinds, way, tmp_path):
    poison_file(kinds / "application.weights.h5", tmp_path / "it.weights.h5", way, tmp_path)
    with pytest.raises(WeightsError, match=REFUSED):
        read_weights_alone(tmp_path / "it.weights.h5")


def test_a_file_of_the_older_format_that_lists_its_weights_again_and_again_takes_no_memory(tmp_path):
    """One array of 4 MB, listed 4000 times: 16 GB if all were read."""
    file = tmp_path / "it.h5"
    with h5py.File(file, "w") as made:
        group = made.create_group("dense")
        group["kernel"] = np.zeros(2**20, np.float32)
        group.attrs["weight_names"] = [b"kernel"] * 4000
        made.attrs["layer_names"] = [b"dense"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WeightsError, match="they are not in it"):
        load_weights(str(file))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**18  # kB


def test_a_chunk_that_is_larger_than_its_array_counts(tmp_path):
    with h5py.File(tmp_path / "it.h5", "w") as made:
        made.create_dataset("d", (4,), np.float32, maxshape=(None,), chunks=(2**29,))
    with pytest.raises(WeightsError, match="they are not in it"), open_hdf5(tmp_path / "it.h5"):
        pass


@pytest.mark.parametrize("signature", [b"TREE", b"HEAP", b"SNOD"])
def test_a_damaged_table_of_groups_is_an_error_of_reading(tmp_path, signature):
    """Fault: h5py says of one by RuntimeError, in the middle of a loop, that it is damaged."""
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file.create_group("layers").create_dataset("kernel", data=np.zeros(3, np.float32))
    path.write_bytes(path.read_bytes().replace(signature, b"????"))
    with pytest.raises((OSError, KeyError)), open_hdf5(path):
        pytest.fail("the groups cannot be listed")


def test_groups_in_groups_without_end_are_refused(tmp_path):
    with h5py.File(tmp_path / "deep.h5", "w") as made:
        group = made
        for _ in range(MAX_DEPTH + 2):
            group = group.create_group("g")
    with h5py.File(tmp_path / "loop.h5", "w") as made:
        made.create_group("g")["again"] = made["/"]
    with pytest.raises(WeightsError, match="levels"), open_hdf5(tmp_path / "deep.h5"):
        pass
    with open_hdf5(tmp_path / "loop.h5") as file:
        assert "g" in file


def test_files_as_keras_writes_them_are_read(kinds, tmp_path):
    for name in ("whole.h5", "model.keras", "alone.weights.h5", "old.weights.h5"):
        assert load_weights(str(kinds / name)).spec.classes == 7
    with h5py.File(tmp_path / "compressed.h5", "w") as made:  # 64 MB of zeros in 64 kB
        made.create_dataset("d", (2**24,), np.float32, compression="gzip", data=np.zeros(2**24, np.float32))
    with open_hdf5(tmp_path / "compressed.h5") as file:
        assert file["d"].shape == (2**24,)


def test_no_other_file_of_the_project_opens_hdf5():
    opening = re.compile(r"h5py\.File\(")
    found = [
        path.name
        for top in ("mobilenet_tf", "export")
        for path in (ROOT / top).rglob("*.py")
        if opening.search(path.read_text())
    ]
    assert found == ["hdf5_file.py"]
