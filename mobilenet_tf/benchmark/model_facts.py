"""What the file of a model contains, read without an inference: its network, its input, and the error of its layers."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from mobilenet_tf.errors import SpecError
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.spec import ModelSpec, parse_foreign
from mobilenet_tf.results.records import LayerError, Model
from mobilenet_tf.tflite.image_model import ImageModel

from .result import ModelFacts

__all__ = ["layer_errors", "model_facts", "model_record"]


def model_facts(model: ImageModel) -> ModelFacts:
    """The facts of a model that is open."""
    return ModelFacts(
        name=model.path.stem,
        path=str(model.path),
        size_bytes=model.size_bytes,
        sha256=model.sha256,
        model=model_record(model),
        quantization=layer_errors(model.path),
    )


def model_record(model: ImageModel) -> Model:
    """The network and its input, as far as the file and its name show."""
    tensor, named = model.session.input, _parsed_name(model.path.stem)
    if named.res != model.res:
        named = _Named()
    mult_adds, parameters = totals(replace(named.spec, classes=model.classes)) if named.spec else (None, None)
    return Model(
        arch=named.arch,
        alpha=named.spec.alpha if named.spec else None,
        res=model.res,
        recipe=named.recipe,
        classes=model.classes,
        dtype=tensor.dtype.name,
        scale=tensor.scale,
        zero_point=tensor.zero_point,
        mult_adds=mult_adds,
        parameters=parameters,
    )


def layer_errors(path: Path) -> list[LayerError]:
    """The layers of `path`'s recipe in the export's quantization.json beside it; none if it is not there."""
    report = path.with_name("quantization.json")
    try:
        recipes = json.loads(report.read_text(encoding="utf-8"))["recipes"]
        # The longest name that fits: dynamic_int8 ends as int8 does.
        recipe = max((r for r in recipes if path.stem.endswith(f"_{r['recipe']}")), key=lambda r: len(r["recipe"]))
        last = recipe["steps"][-1]
        return [
            LayerError(str(layer["name"]), float(layer["error_steps"][last]), layer["sqnr_db"])
            for layer in recipe["layers"]
        ]
    except (OSError, ValueError, LookupError, TypeError):
        return []


@dataclass(frozen=True)
class _Named:
    """What a file's name tells. spec: the network, if it is one of ours."""

    arch: str | None = None
    res: int | None = None
    recipe: str | None = None
    spec: ModelSpec | None = None


def _parsed_name(stem: str) -> _Named:
    try:
        spec, recipe = ModelSpec.parse(stem)
    except SpecError:
        foreign = parse_foreign(stem)
        return _Named(*foreign) if foreign else _Named()
    return _Named(spec.arch, spec.res, recipe, spec)
