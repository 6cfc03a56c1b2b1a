"""Every error this project raises on purpose.

    MobilenetError                every command prints its message without a traceback
    ├── InputError                wrong usage or input: exit status 2, nothing was written
    │   ├── SpecError             no network has this width multiplier, resolution or class count
    │   ├── WeightsError          weights missing, unreadable, or of another network
    │   ├── ImagesError           photos that are missing, too few or unreadable
    │   ├── DataError             labelled data that cannot be trained on
    │   │   └── ClassesError      a folder of photos that shows no two classes
    │   ├── LabelsError           a labels file that does not fit the classes
    │   ├── ModelError            a .tflite file that cannot be read or is not an image classifier
    │   ├── ManifestError         a manifest that cannot be read, or of another version
    │   ├── ResultError           a result of the benchmark that cannot be read, or of another version
    │   ├── DeviceError           an Android device that cannot be reached, or cannot run the model
    │   ├── OutputError           the result cannot be written where it should go
    │   └── MissingPackageError   a Python package that an extra of this project installs
    └── CheckError                a result failed its verification: exit status 1

A message says what was expected, what came, and what to do, in one to three lines.
"""

from importlib.util import find_spec

__all__ = [
    "INSTALLED_BY",
    "CheckError",
    "ClassesError",
    "DataError",
    "DeviceError",
    "ImagesError",
    "InputError",
    "LabelsError",
    "ManifestError",
    "MissingPackageError",
    "MobilenetError",
    "ModelError",
    "OutputError",
    "ResultError",
    "SpecError",
    "WeightsError",
    "missing_package",
    "reason_of",
    "require",
]

# Top-level module -> what to install for it, if it is not there.
INSTALLED_BY = {
    "ai_edge_litert": "'mobilenet-tf'",
    "tensorflow": "'mobilenet-tf[train]'",
    "keras": "'mobilenet-tf[train]'",
    "h5py": "'mobilenet-tf[train]'",
    "matplotlib": "'mobilenet-tf[train]'",
    "tensorboard": "'mobilenet-tf[train]'",
    "plotly": "'mobilenet-tf[report]'",
    "pycocotools": "'mobilenet-tf[detection]'",
    "yaml": "'mobilenet-tf[detection]'",
    "s2cell": "'mobilenet-tf[places]'",
    "tflite_runtime": "'mobilenet-tf[tflite-runtime]' (on Linux with Python 3.11)",
}


class MobilenetError(Exception):
    """The root of the tree. `exit_status` is the exit status of a command that ends with this error."""

    exit_status = 1


class InputError(MobilenetError):
    """Wrong usage or input."""

    exit_status = 2


class SpecError(InputError):
    """A ModelSpec that describes no network."""


class WeightsError(InputError):
    """Weights that are missing, unreadable, or of another network."""


class ImagesError(InputError):
    """Photos that are missing, too few or unreadable."""


class DataError(InputError):
    """Labelled data that cannot be trained on."""


class ClassesError(DataError):
    """A folder of photos that shows no two classes: what needs none may say so in place of how to sort them."""


class LabelsError(InputError):
    """A labels file that does not fit the classes."""


class ModelError(InputError):
    """A .tflite file that cannot be read, or that is not an image classifier."""


class ManifestError(InputError):
    """A manifest that cannot be read, or of another version."""


class ResultError(InputError):
    """A result of the benchmark that cannot be read, or of another version."""


class DeviceError(InputError):
    """An Android device that cannot be reached, or that cannot run the model."""


class OutputError(InputError):
    """The result cannot be written where it should go."""


class MissingPackageError(InputError):
    """A Python package that is not installed, and that an extra of this project installs."""


class CheckError(MobilenetError):
    """A result failed its verification."""


def reason_of(error: Exception, most: int | None = None) -> str:
    """Why another package, or something that nobody has thought of, failed: the first line of an error's text, cut
    after `most` characters; the error's kind if it has no text.
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0][:most]


def require(module: str) -> None:
    """Raise MissingPackageError, which names the extra to install, if a module of INSTALLED_BY cannot be imported."""
    if find_spec(module) is None:
        raise missing_package(module)


def missing_package(module: str) -> MissingPackageError:
    """The error that says what to install for a top-level module, which INSTALLED_BY must name."""
    return MissingPackageError(
        f"this needs the Python package {module}, which cannot be imported.\n"
        f"Install it: pip install {INSTALLED_BY[module]}"
    )
