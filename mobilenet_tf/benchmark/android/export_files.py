"""The files of an export that the demo app needs: those of its own folder, and no other of this computer."""

from pathlib import Path

from mobilenet_tf.contract.file_names import is_plain_name, outside_folder
from mobilenet_tf.contract.manifest import MANIFEST_FILE, Manifest
from mobilenet_tf.errors import DeviceError, ManifestError
from mobilenet_tf.terminal import printable

__all__ = ["export_files"]

MAX_GOLDEN = 1000  # files of golden vectors; mobilenet-export writes about 20


def export_files(model: Path) -> dict[str, Path]:
    """Name in the folder of the export -> file: the model, its manifest, its labels if it has any, its golden vectors.

    Raises DeviceError if there is no manifest, by which the app knows a model, or if a file of it lies elsewhere.
    """
    folder = model.parent
    try:
        manifest = Manifest.read(folder / MANIFEST_FILE)
    except ManifestError as error:
        raise DeviceError(
            f"the demo app knows a model by the manifest.json beside it: {error}\n"
            "Measure an export of mobilenet-export, or with --benchmark-binary FILE."
        ) from error
    names = [MANIFEST_FILE, *([] if manifest.labels is None else [manifest.labels])]
    files = [*(folder / name for name in names), *_golden_files(folder / manifest.golden)]
    for file in files:
        _refuse_outside(file, folder)
    return {file.relative_to(folder).as_posix(): file for file in [model, *files]}


def _golden_files(folder: Path) -> list[Path]:
    """The files of golden vectors, sorted; none if there is no such folder."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    odd = next((file.name for file in files if not is_plain_name(file.name)), None)
    if odd is not None or len(files) > MAX_GOLDEN:
        what = f"{len(files)} files" if odd is None else f"'{printable(odd)}'"
        raise DeviceError(
            f"expected at most {MAX_GOLDEN} files of golden vectors in {folder}; it holds {what}.\n"
            "Export the model again."
        )
    return files


def _refuse_outside(file: Path, folder: Path) -> None:
    try:
        problem = outside_folder(file, folder)
    except OSError as error:
        raise DeviceError(f"cannot read {file}: {error.strerror}.\nExport the model again.") from error
    if problem is not None:
        raise DeviceError(
            f"expected the export's own files in {folder}; {file.name} {problem}: it is not copied to the device.\n"
            "Export the model again, or copy the file itself into the folder."
        )
