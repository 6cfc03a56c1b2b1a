"""What must hold in an output folder whenever a command is killed: sentences on what does not."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from mobilenet_tf.contract.manifest import MANIFEST_FILE, Manifest
from mobilenet_tf.errors import MobilenetError
from mobilenet_tf.results.records import RESULT_SUFFIX, Result

__all__ = ["broken_files", "left_over", "mixed_runs", "same_state", "without_model"]

END_OF_PAGE = "</html>"


def broken_files(folder: Path) -> list[str]:
    """The files under `folder` that are not whole, but for hidden ones, which are being written."""
    return [f"{path.name} is broken: {problem}" for path in _visible(folder) if (problem := _problem(path))]


def mixed_runs(parent: Path) -> list[str]:
    """The runs in `parent`, set aside or not, whose model is of other photos or classes than the files beside it."""
    found = []
    for model in parent.glob("*/best.keras"):
        folder = model.parent
        with zipfile.ZipFile(model) as archive:
            split = json.loads(archive.read("split.json"))
        beside = json.loads((folder / "split.json").read_text())
        classes = json.loads((folder / "run.json").read_text())["classes"]
        if any(split[side] != beside[side] for side in ("train", "validation")):
            found.append(f"{folder.name}: best.keras and split.json are of different photos")
        if len((folder / "labels.txt").read_text().splitlines()) != classes:
            found.append(f"{folder.name}: labels.txt and run.json are of different classes")
    return found


def without_model(parent: Path) -> list[str]:
    """Whether the run that stood in `parent` is lost: no run there, set aside or not, has a model."""
    return [] if [*parent.glob("*/best.keras")] else [f"no run in {parent.name} has a model any more"]


def left_over(parent: Path) -> list[str]:
    """What hidden files and folders there are, when no command runs."""
    return [f"left over: {path.relative_to(parent)}" for path in parent.rglob("*") if path.name.startswith(".")]


def same_state(folder: Path, expected: Path) -> list[str]:
    """Whether a run ended with other weights, bit for bit, than one that nothing stopped."""
    if not (folder / "state.npz").exists():
        return ["the run has no state"]
    with np.load(folder / "state.npz") as one, np.load(expected / "state.npz") as other:
        names = [name for name in other if name.startswith("v")]
        same = set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in names)
    return [] if same else ["the weights differ from those of a run that nothing stopped"]


def _visible(folder: Path) -> Iterator[Path]:
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder] if folder.is_file() else []
    for path in paths:
        hidden = any(part.startswith(".") for part in path.relative_to(folder.parent).parts)
        if path.is_file() and not hidden:
            yield path


def _problem(path: Path) -> str | None:
    """Why a file is not whole; None if it is."""
    try:
        if path.name.endswith(RESULT_SUFFIX):
            Result.read(path)
        elif path.name == MANIFEST_FILE:
            return _problem_of_export(path.parent)
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                return archive.testzip()
        elif path.suffix == ".npz":
            with path.open("rb") as file, np.load(file) as arrays:
                for name in arrays:
                    arrays[name]
        elif path.suffix == ".png":
            Image.open(path).load()
        elif path.suffix == ".html" and not path.read_text().rstrip().endswith(END_OF_PAGE):
            return "it has no end"
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, MobilenetError) as error:
        return str(error) or type(error).__name__
    return None


def _problem_of_export(folder: Path) -> str | None:
    manifest = Manifest.read(folder / MANIFEST_FILE)
    sizes = {file.path: file.size_bytes for file in manifest.files}
    wrong = [name for name, size in sizes.items() if (folder / name).stat().st_size != size]
    return f"of other files: {', '.join(wrong)}" if wrong else None
