"""One recipe's file from a folded graph: convert, correct, and see that the correction is worth having."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tflite.image_model import Runner

from .calibration import ImageSet
from .convert import convert, freeze
from .recipes import Recipe

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["ROUNDS", "Outcome", "Stage", "quantize"]

ROUNDS = 8  # of fine-tuning, each of which `progress` is told of

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Stage:
    """The quantized network after a named step."""

    step: str
    quantized: "Quantized"


@dataclass(frozen=True)
class Outcome:
    """The .tflite, the correction it got (none where it was refused), what to tell, and the network step by step."""

    model: bytes
    correction: str
    notes: tuple[str, ...]
    stages: tuple[Stage, ...]


def quantize(
    graph: "Graph",
    frozen: Any,
    recipe: Recipe,
    calibration: ImageSet,
    *,
    correction: str = "fast",
    per_tensor: bool = False,
    io: str = "int8",
    seed: int = 0,
    checkpoint: Path | None = None,
    keep_stages: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Convert `graph` by `recipe` and correct it.

    frozen:      what convert.freeze makes of the graph.
    correction:  none, fast (no training) or best (fast, then label-free fine-tuning).
    checkpoint:  where the fine-tuning leaves its state; see finetuning.py.
    keep_stages: keep the network as it is after each step, for the report.
    progress:    told of each of the fine-tuning's rounds.
    A correction that lowers the agreement with float on the calibration images is not applied; the notes say so.
    """
    images = calibration.images
    plain = convert(frozen=frozen, recipe=recipe, calibration=images, io=io, per_tensor=per_tensor)
    if correction == "none" or not recipe.quantized:
        return Outcome(plain, "none", (), ())
    from mobilenet_tf.quantization.correction import correct
    from mobilenet_tf.quantization.equalization import equalize
    from mobilenet_tf.quantization.tflite_writer import inject

    notes: list[str] = []
    target, skipped = equalize(graph, images) if per_tensor else (graph, [])
    if skipped:
        notes.append(f"{recipe.name}: not equalized, as no single layer takes their output: {', '.join(skipped)}.")
    quantized = correct(target, images, activations=recipe.activations_dtype, per_tensor=per_tensor)
    stages = _stages(graph, quantized, images) if keep_stages else []
    if correction == "best":
        quantized, note = _finetuned(quantized, graph, calibration, recipe, seed, checkpoint, progress)
        notes.append(f"{recipe.name}: {note}")
        stages += [Stage("fine-tuning", quantized)] if keep_stages else []
    base = plain
    if per_tensor:
        base = convert(frozen=freeze(target), recipe=recipe, calibration=images, io=io, per_tensor=True)
    corrected = inject(base, quantized)
    before, after = _agreements([plain, corrected], graph, images)
    if after < before:
        notes.append(
            f"{recipe.name}: the correction would lower the agreement on the calibration images from {before:.1%} "
            f"to {after:.1%}; it is not applied."
        )
        return Outcome(plain, "none", tuple(notes), tuple(stages))
    return Outcome(corrected, correction, tuple(notes), tuple(stages))


def _finetuned(
    start: "Quantized",
    graph: "Graph",
    calibration: ImageSet,
    recipe: Recipe,
    seed: int,
    checkpoint: Path | None,
    progress: Callable[[str], None],
) -> tuple["Quantized", str]:
    """The fine-tuned network, and a sentence on what it gained."""
    from mobilenet_tf.quantization.finetuning import finetune

    if recipe.name != "int8" or graph.logits is None:
        return start, "fine-tuning is skipped: it works on int8 networks that end in a softmax."
    tuned = finetune(
        start,
        graph,
        calibration.images,
        calibration.photos,
        rounds=ROUNDS,
        seed=seed,
        checkpoint=checkpoint,
        progress=progress,
    )
    told = f"divergence from float {tuned.before:.4f} to {tuned.after:.4f} nats an image, on photos held back from it"
    verdict = "" if tuned.gained else "; no more than chance may give, so that the network is left as before"
    return tuned.quantized, f"fine-tuning: {told}{verdict}."


def _stages(graph: "Graph", corrected: "Quantized", images: UInt8) -> list[Stage]:
    from mobilenet_tf.quantization.correction import round_plainly
    from mobilenet_tf.quantization.rounding import second_order_pays

    def rounded(graph: "Graph") -> "Quantized":
        return round_plainly(graph, images, activations=corrected.activations, per_tensor=corrected.per_tensor)

    start = rounded(graph)
    stages = [Stage("nearest rounding", start)]
    if corrected.per_tensor:
        start = rounded(corrected.graph)
        stages.append(Stage("equalization", start))
    if second_order_pays(corrected.activations, corrected.per_tensor):
        pairs = zip(corrected.layers, start.layers, strict=True)
        uncorrected = tuple(replace(layer, bias=old.bias) for layer, old in pairs)
        stages.append(Stage("second-order rounding", replace(corrected, layers=uncorrected)))
    return [*stages, Stage("bias correction", corrected)]


def _agreements(models: Sequence[bytes], graph: "Graph", images: UInt8) -> list[float]:
    """Of each file, the share of images where its top-1 is the float graph's."""
    from mobilenet_tf.quantization.simulation import chunks

    exact = np.concatenate([np.asarray(graph(chunk)).argmax(1) for chunk in chunks(images)])
    runners = [Runner(model, threads=os.cpu_count() or 1) for model in models]
    return [float(np.mean(runner.outputs(images).argmax(1) == exact)) for runner in runners]
