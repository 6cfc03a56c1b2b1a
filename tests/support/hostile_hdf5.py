"""HDF5 files whose weights lie elsewhere, or are far larger than the file: what no model of anybody's may have."""

import shutil
import zipfile

import h5py

WAYS = ("external storage", "virtual dataset", "external link", "soft link", "huge")


def poison(file, name, way, folder):
    """Replace the array `name` in an open HDF5 file by one that is stored in the given way.

    folder: where other files are written, each of which holds the numbers of the array.
    """
    array = file[name][()]
    del file[name]
    other = folder / "other.h5"
    with h5py.File(other, "w") as made:
        made["d"] = array
    if way == "external storage":
        secret = folder / "secret.bin"
        secret.write_bytes(array.tobytes())
        file.create_dataset(name, array.shape, array.dtype, external=[(str(secret), 0, array.nbytes)])
    elif way == "virtual dataset":
        layout = h5py.VirtualLayout(array.shape, array.dtype)
        layout[...] = h5py.VirtualSource(str(other), "d", array.shape)
        file.create_virtual_dataset(name, layout)
    elif way == "external link":
        file[name] = h5py.ExternalLink(str(other), "/d")
    elif way == "soft link":
        file["elsewhere"] = h5py.ExternalLink(str(other), "/")
        file[name] = h5py.SoftLink("/elsewhere/d")
    elif way == "huge":
        file.create_dataset(name, (60_000, 60_000), array.dtype)


def poison_archive(path, poisoned, way, folder):
    """Write a copy of the `.keras` file `path` whose last kernel is stored in the given way."""
    weights = folder / "model.weights.h5"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(poisoned, "w") as made:
        for name in archive.namelist():
            made.writestr(name, archive.read(name)) if name != weights.name else archive.extract(name, folder)
        with h5py.File(weights, "a") as file:
            poison(file, kernel_in(file), way, folder)
        made.write(weights, weights.name)


def poison_file(path, poisoned, way, folder):
    """Write a copy of the HDF5 file `path` whose last kernel is stored in the given way."""
    shutil.copy(path, poisoned)
    with h5py.File(poisoned, "a") as file:
        poison(file, kernel_in(file), way, folder)


def kernel_in(file):
    """The name of the last array of two axes."""
    found = []
    file.visititems(
        lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) and item.ndim == 2 else None
    )
    return found[-1]
