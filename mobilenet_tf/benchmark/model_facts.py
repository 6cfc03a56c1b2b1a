"""What the file of a model contains, read without an inference: its network, its input, and the error of its layers."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import ResultError, SpecError, reason_of
from mobilenet_tf.json_records import parse_json, parse_record
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.spec import ModelSpec, parse_foreign
from mobilenet_tf.results.records import LayerError, Model
from mobilenet_tf.terminal import printable
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.embedding_model import EmbeddingModel
from mobilenet_tf.tflite.image_model import ImageModel

from .result import ModelFacts

__all__ = ["Opened", "layer_errors", "model_facts", "model_record"]

Opened = ImageModel | EmbeddingModel | DetectorModel
CUT = "_embedding_"  # in the name of an export that ends before the layer of its classes, whose cost is not known here

MOST_REPORT_BYTES = 50 * 10**6  # of quantization.json


def model_facts(model: Opened) -> ModelFacts:
    """The facts of a model that is open."""
    quantization, note = layer_errors(model.path)
    return ModelFacts(
        name=model.path.stem,
        path=str(model.path),
        size_bytes=model.size_bytes,
        sha256=model.sha256,
        model=model_record(model),
        quantization=quantization,
        notes=[] if note is None else [note],
    )


def model_record(model: Opened) -> Model:
    """The network and its input, as far as the file and its name show."""
    tensor, classes = model.session.input, _classes(model)
    named = _parsed_name(model.path.stem, detects=isinstance(model, DetectorModel))
    if named.res != model.res:
        named = _Named()
    spec = None if named.spec is None or CUT in model.path.stem else replace(named.spec, classes=classes)
    mult_adds, parameters = totals(spec) if spec else (None, None)
    return Model(
        arch=named.arch,
        alpha=named.spec.alpha if named.spec else None,
        res=model.res,
        recipe=named.recipe,
        classes=classes,
        dtype=tensor.dtype.name,
        scale=tensor.scale,
        zero_point=tensor.zero_point,
        mult_adds=mult_adds,
        parameters=parameters,
    )


def layer_errors(path: Path) -> tuple[list[LayerError], str | None]:
    """(The layers of `path`'s recipe in the export's quantization.json beside it, a note if that cannot be read).

    No layers if there is no such file, or if it does not speak of this recipe.
    """
    report = path.with_name("quantization.json")
    if not report.exists():
        return [], None
    try:
        if not report.is_file() or report.stat().st_size > MOST_REPORT_BYTES:
            raise ValueError("it is no file of text")
        recipes = parse_json(report.read_text(encoding="utf-8"))["recipes"]
        named = [r for r in recipes if path.stem.endswith(f"_{r['recipe']}")]
        if not named:
            return [], None
        recipe = max(named, key=lambda r: len(r["recipe"]))  # dynamic_int8 ends as int8 does
        last = recipe["steps"][-1]
        return [_layer_error(layer, last) for layer in recipe["layers"]], None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ResultError) as error:
        reason = printable(reason_of(error, 80))
        return [], f"{report} cannot be read, so the errors of its layers are not in the result: {reason}."


def _layer_error(layer: Any, step: str) -> LayerError:
    fields = {"name": layer["name"], "error_steps": layer["error_steps"][step], "sqnr_db": layer["sqnr_db"]}
    found: LayerError = parse_record(LayerError, fields, "a layer", ResultError)
    return found


@dataclass(frozen=True)
class _Named:
    """What a file's name tells. spec: the network, if it is one of ours."""

    arch: str | None = None
    res: int | None = None
    recipe: str | None = None
    spec: ModelSpec | DetectorSpec | None = None


def _classes(model: Opened) -> int:
    """How many it has; of a detector that does not say it, how many labels there are, at least one."""
    return (model.classes or max(1, len(model.labels))) if isinstance(model, DetectorModel) else model.classes


def _parsed_name(stem: str, *, detects: bool) -> _Named:
    try:
        spec, recipe = DetectorSpec.parse(stem) if detects else ModelSpec.parse(stem)
    except SpecError:
        foreign = parse_foreign(stem)
        return _Named(*foreign) if foreign else _Named()
    return _Named(spec.arch, spec.res, recipe, spec)
