"""Hostile `.keras` and `.h5` files: valid archives and HDF5 files of two small classifiers, with wrong contents."""

import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.data.photos import bundled_photos

from .fuzz_case import Call, Hostile
from .fuzz_descriptions import DESCRIPTIONS
from .fuzz_hdf5 import ARRAYS, ATTRIBUTES

__all__ = ["WARM", "inputs"]

WARM = ("export.job", "export.pipeline", "export.owner", "mobilenet_tf.training.job", "tensorflow", "keras")
WEIGHTS = "model.weights.h5"  # in a `.keras` file
Change = Callable[[Path], None]  # of an HDF5 file
Members = dict[str, bytes]


def inputs(rng: np.random.Generator) -> Iterator[Hostile]:
    """Each change of a description, of the arrays and of the attributes, in the kinds of files that have them."""
    del rng  # the changes are what they are; which are taken is the frame's choice
    for name, change in DESCRIPTIONS:
        for suffix in (".keras", ".h5"):
            yield Hostile(f"{suffix}, {name}", partial(_write, suffix, partial(_described, suffix, change)))
    for name, poison in ARRAYS:
        for suffix in (".keras", ".h5", ".weights.h5"):
            yield Hostile(f"{suffix}, {name}", partial(_write, suffix, partial(_with_arrays, suffix, poison)))
    for name, poison in ATTRIBUTES:
        yield Hostile(f".h5, {name}", partial(_write, ".h5", partial(_with_arrays, ".h5", poison)))
    for name, pack in ARCHIVES:
        yield Hostile(f".keras, {name}", partial(_write, ".keras", partial(_archived, pack)))


@cache
def _saved(suffix: str) -> bytes:
    """A small classifier as Keras saves it, made in a process of its own: this one must not start TensorFlow's threads,
    which no fork has.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"model{suffix}"
        subprocess.run([sys.executable, "-m", "experiments.fuzz_keras", str(file)], check=True, capture_output=True)
        return file.read_bytes()


def _save(file: Path) -> None:
    """A small classifier; of weights alone, those of one of our own networks."""
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks.spec import ModelSpec
    from mobilenet_tf.tasks.classification import build_model

    keras.utils.set_random_seed(0)
    if file.name.endswith(".weights.h5"):
        build_model(ModelSpec("mobilenet_v1", 0.25, 32, 4)).save_weights(file)
        return
    image = keras.Input((32, 32, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(image)
    x = keras.layers.Conv2D(4, 3, 2, activation="relu", name="conv")(x)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    keras.Model(image, keras.layers.Dense(4, activation="softmax", name="scores")(x), name="small").save(file)


def _archived(pack: Callable[[Members], bytes]) -> bytes:
    return pack(_members(_saved(".keras")))


def _members(archive: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def _packed(members: Members, method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _described(suffix: str, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A file with a changed description: `change` gets the description, and gives the new one, or its text."""

    def text_of(text: str | bytes) -> str:
        made = change(json.loads(text))
        return made if isinstance(made, str) else json.dumps(made)

    if suffix == ".keras":
        members = _members(_saved(".keras"))
        return _packed(members | {"config.json": text_of(members["config.json"]).encode()})

    def of_file(path: Path) -> None:
        import h5py

        with h5py.File(path, "a") as file:
            text = text_of(file.attrs["model_config"])
            del file.attrs["model_config"]
            file.attrs["model_config"] = text

    return _changed(_saved(".h5"), of_file)


def _with_arrays(suffix: str, poison: Change) -> bytes:
    """A file whose HDF5 part is changed."""
    if suffix != ".keras":
        return _changed(_saved(suffix), poison)
    members = _members(_saved(".keras"))
    return _packed(members | {WEIGHTS: _changed(members[WEIGHTS], poison)})


def _changed(content: bytes, change: Change) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file.h5"
        file.write_bytes(content)
        change(file)
        return file.read_bytes()


def _cut(members: Members) -> bytes:
    return _packed(members)[:-100]


def _without(name: str, members: Members) -> bytes:
    return _packed({member: content for member, content in members.items() if member != name})


def _with(name: str, content: bytes, members: Members) -> bytes:
    return _packed(members | {name: content})


def _bomb(name: str, members: Members) -> bytes:
    """A member of 2 GB of zeros, packed into 2 MB."""
    file = io.BytesIO(_without(name, members))
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as entry,
    ):
        for _ in range(200):
            entry.write(bytes(10_000_000))
    return file.getvalue()


ARCHIVES: tuple[tuple[str, Callable[[Members], bytes]], ...] = (
    ("cut short", _cut),
    ("without weights", partial(_without, WEIGHTS)),
    ("without a description", partial(_without, "config.json")),
    ("without metadata", partial(_without, "metadata.json")),
    ("with weights of 2 GB, packed", partial(_bomb, WEIGHTS)),
    ("with a description of 2 GB, packed", partial(_bomb, "config.json")),
    ("with metadata of 2 GB, packed", partial(_bomb, "metadata.json")),
    ("with a split of 2 GB, packed", partial(_bomb, "split.json")),
    ("with weights that are no HDF5", partial(_with, WEIGHTS, bytes(1000))),
    ("with metadata that are a list", partial(_with, "metadata.json", b"[[1]]")),
    ("with a version of Keras that is a list", partial(_with, "metadata.json", b'{"keras_version": [3]}')),
    ("with a split of deep levels", partial(_with, "split.json", b"[" * 100_000)),
    ("with a member outside", partial(_with, "../../../../../tmp/outside.txt", b"x")),
)  # fmt: skip


def _write(suffix: str, content: Callable[[], bytes], folder: Path) -> Sequence[Call]:
    """Write the file into `folder` -> the calls that read it."""
    file, out = folder / f"model{suffix}", str(folder.parent / "out")
    file.write_bytes(content())
    shutil.copy(bundled_photos() / "cat.jpg", folder / "cat.jpg")
    weights = ("--weights", str(file))
    return [
        Call(("mobilenet-export", *weights, "--correction", "none", "--output-dir", f"{out}/export", "--json")),
        Call(
            (
                "mobilenet-train",
                str(bundled_photos("cifar10")),
                *weights,
                "--res",
                "32",
                "--epochs",
                "1",
                "--output-dir",
                f"{out}/t",
            )
        ),
        Call(("mobilenet-classify", str(file), str(folder / "cat.jpg"), "--json")),
    ]


if __name__ == "__main__":
    _save(Path(sys.argv[1]))
