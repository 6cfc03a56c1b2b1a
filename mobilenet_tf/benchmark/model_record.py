"""What a result tells of the model that was measured: its network, its input, and the error of its layers."""

import json
from dataclasses import replace
from pathlib import Path

from mobilenet_tf.errors import SpecError
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.results.records import LayerError, Model
from mobilenet_tf.tflite.image_model import ImageModel

__all__ = ["layer_errors", "model_record"]


def model_record(model: ImageModel) -> Model:
    """What stands in a result."""
    tensor, (spec, recipe) = model.session.input, _named(model.path.stem)
    known = spec is not None and spec.res == model.res
    costs = totals(replace(spec, classes=model.classes)) if spec and known else ()
    return Model(
        arch=spec.arch if spec and known else None,
        alpha=spec.alpha if spec and known else None,
        res=model.res,
        recipe=recipe if known else None,
        classes=model.classes,
        dtype=tensor.dtype.name,
        scale=tensor.scale,
        zero_point=tensor.zero_point,
        mult_adds=costs[0] if costs else None,
        parameters=costs[1] if costs else None,
    )


def layer_errors(path: Path) -> list[LayerError]:
    """The layers of `path`'s recipe in the export's quantization.json beside it; none where it has none."""
    report = path.with_name("quantization.json")
    try:
        recipes = json.loads(report.read_text(encoding="utf-8"))["recipes"]
        # The longest that fits: dynamic_int8 ends as int8 does.
        recipe = max((r for r in recipes if path.stem.endswith(f"_{r['recipe']}")), key=lambda r: len(r["recipe"]))
        last = recipe["steps"][-1]
        return [
            LayerError(str(layer["name"]), float(layer["error_steps"][last]), layer["sqnr_db"])
            for layer in recipe["layers"]
        ]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def _named(stem: str) -> tuple[ModelSpec | None, str | None]:
    try:
        return ModelSpec.parse(stem)
    except SpecError:
        return None, None
