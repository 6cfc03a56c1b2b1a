"""Train, export, measure and use small image classifiers and detectors. Importing it loads no TensorFlow and no NumPy.

docs/api.md shows how each public name is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import CheckError, InputError, MobilenetError
from .version import __version__

if TYPE_CHECKING:
    from .benchmark.measure import measure
    from .benchmark.settings import MeasurementSettings
    from .contract.manifest import Manifest
    from .contract.preprocessing import load_rgb, preprocess, to_input
    from .data.dataset import Dataset
    from .data.load import load_dataset
    from .networks.architectures import ARCHITECTURES
    from .networks.cost import LayerCost, layer_costs, totals
    from .networks.spec import ModelSpec
    from .results.groups import read_results
    from .results.records import Result
    from .results.selection import Choice, choose, pareto_front
    from .tasks.classification import build_model
    from .tflite.classifier import Classifier, Prediction
    from .tflite.detector import DetectedObject, Detector
    from .tflite.embedder import Embedder
    from .weights.load import Weights, load_weights, model_with

__all__ = [
    "ARCHITECTURES",
    "CheckError",
    "Choice",
    "Classifier",
    "Dataset",
    "DetectedObject",
    "Detector",
    "Embedder",
    "InputError",
    "LayerCost",
    "Manifest",
    "MeasurementSettings",
    "MobilenetError",
    "ModelSpec",
    "Prediction",
    "Result",
    "Weights",
    "__version__",
    "build_model",
    "choose",
    "layer_costs",
    "load_dataset",
    "load_rgb",
    "load_weights",
    "measure",
    "model_with",
    "pareto_front",
    "preprocess",
    "read_results",
    "to_input",
    "totals",
]

_NAMES_OF_MODULES = {
    "benchmark.measure": ["measure"],
    "benchmark.settings": ["MeasurementSettings"],
    "contract.manifest": ["Manifest"],
    "contract.preprocessing": ["load_rgb", "preprocess", "to_input"],
    "data.dataset": ["Dataset"],
    "data.load": ["load_dataset"],
    "networks.architectures": ["ARCHITECTURES"],
    "networks.cost": ["LayerCost", "layer_costs", "totals"],
    "networks.spec": ["ModelSpec"],
    "results.groups": ["read_results"],
    "results.records": ["Result"],
    "results.selection": ["Choice", "choose", "pareto_front"],
    "tasks.classification": ["build_model"],
    "tflite.classifier": ["Classifier", "Prediction"],
    "tflite.detector": ["DetectedObject", "Detector"],
    "tflite.embedder": ["Embedder"],
    "weights.load": ["Weights", "load_weights", "model_with"],
}
_MODULE_OF_NAME = {name: module for module, names in _NAMES_OF_MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load the module of a public name when the name is first used."""
    if name not in _MODULE_OF_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF_NAME[name]}"), name)


def __dir__() -> list[str]:
    """The public names, for completion: most of them are loaded only when they are used."""
    return sorted({*globals(), *__all__})
