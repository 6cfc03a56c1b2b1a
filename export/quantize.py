"""One recipe's file from a folded graph: convert, correct, and check that the correction makes it better."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import CheckError, ModelError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata

from .calibration import ImageSet
from .convert import uncorrected, written
from .float_ops import float_ops
from .harm import harm
from .recipes import Recipe
from .settings import DEFAULT_SETTINGS, ExportSettings

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["QuantizationStep", "QuantizedFile", "quantize"]

ROUNDS = 10  # of fine-tuning, at most
FAST = 0.05  # share of the time of `best`

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class QuantizationStep:
    """The quantized network after one step of the correction."""

    name: str
    quantized: "Quantized"


@dataclass(frozen=True)
class QuantizedFile:
    """A .tflite, and how it was corrected.

    parsed:     the same file as a ModelT.
    model:      the file in one interpreter, on one thread.
    correction: none, fast or best; none also for a correction that was not applied.
    notes:      what the person should know about the correction.
    steps:      the network after each step of the correction, if settings.quant_report is true.
    float_ops:  how often each op of an integer file computes in float.
    """

    content: bytes
    parsed: Any
    model: ImageModel | DetectorModel
    correction: str
    notes: tuple[str, ...] = ()
    steps: tuple[QuantizationStep, ...] = ()
    float_ops: Mapping[str, int] = field(default_factory=dict)


def quantize(
    graph: "Graph",
    recipe: Recipe,
    calibration: ImageSet,
    settings: ExportSettings = DEFAULT_SETTINGS,
    *,
    metadata: Metadata | None = None,
    choosing: ImageSet | None = None,
    checkpoint: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> QuantizedFile:
    """Write `graph` by `recipe` and correct the file as settings.correction says.

    metadata:   what the file says about itself, beside its recipe, which is put first; nothing if None.
    choosing:   the images by which settings.max_drop chooses the ops of int8 that stay float; None without it.
    checkpoint: the file in which fine-tuning keeps its state; see finetuning_state.py.
    A correction that takes the file further from float on the calibration images is not applied; the notes say so.
    """
    on_progress("quantize", 0.0)
    plain = uncorrected(graph, recipe, calibration.images, settings)
    correction, made = "none", _Corrected(plain)
    if settings.correction != "none" and plain is not None:
        on_progress("correct", 0.1)
        corrected = _corrected(graph, recipe, calibration, settings, checkpoint, part_of(on_progress, 0.1, 0.9))
        note = harm(graph, recipe, settings, calibration, (plain, corrected.quantized))
        if note is None:
            correction, made = settings.correction, corrected
        else:
            made = replace(corrected, quantized=plain, notes=(*corrected.notes, note))
    if settings.max_drop is not None and choosing is not None and recipe.name == "int8":
        made = _within(made, graph, choosing.images, settings, part_of(on_progress, 0.9, 1.0))
    return _finished(graph, recipe, settings, correction, made, metadata)


@dataclass(frozen=True)
class _Corrected:
    """A network to be written, which is None if nothing is quantized, and what QuantizedFile says of it."""

    quantized: "Quantized | None"
    notes: tuple[str, ...] = ()
    steps: tuple[QuantizationStep, ...] = ()


def _corrected(
    graph: "Graph",
    recipe: Recipe,
    calibration: ImageSet,
    settings: ExportSettings,
    checkpoint: Path | None,
    on_progress: OnProgress,
) -> _Corrected:
    """The corrected network, notes on what was skipped, and the steps if there is to be a report."""
    from mobilenet_tf.quantization.correction import correct
    from mobilenet_tf.quantization.equalization import equalize

    images, per_tensor = calibration.images, settings.per_tensor
    notes: list[str] = []
    target, skipped = equalize(graph, images) if per_tensor else (graph, [])
    if skipped:
        notes.append(f"{recipe.name}: not equalized, as no single layer takes their output: {', '.join(skipped)}.")
    best = settings.correction == "best"
    correcting, improving = part_of(on_progress, 0.0, FAST if best else 1.0), part_of(on_progress, FAST, 1.0)
    quantized = correct(
        target, images, activations=recipe.activations_dtype, per_tensor=per_tensor, on_progress=correcting
    )
    steps = _steps(graph, quantized, images) if settings.quant_report else []
    if best:
        quantized, said = _improved(quantized, graph, calibration, recipe, settings.seed, checkpoint, improving)
        notes += [f"{recipe.name}: {sentence}" for sentence in said]
        steps += [QuantizationStep("fine-tuning", quantized)] if settings.quant_report else []
    return _Corrected(quantized, tuple(notes), tuple(steps))


def _improved(
    start: "Quantized",
    graph: "Graph",
    calibration: ImageSet,
    recipe: Recipe,
    seed: int,
    checkpoint: Path | None,
    on_progress: OnProgress,
) -> tuple["Quantized", tuple[str, ...]]:
    """The network that `--correction best` makes of a corrected one, and sentences on what it gained."""
    from mobilenet_tf.quantization.best_correction import improve

    if recipe.name != "int8" or graph.compared is None:
        return start, ("fine-tuning is skipped: it works on int8 networks that end in a softmax or an embedding.",)
    return improve(
        start,
        graph,
        calibration.images,
        calibration.photos,
        rounds=ROUNDS,
        seed=seed,
        checkpoint=checkpoint,
        on_progress=on_progress,
    )


def _within(
    made: _Corrected, graph: "Graph", images: UInt8, settings: ExportSettings, on_progress: OnProgress
) -> _Corrected:
    """The network with those ops in float that keep it within settings.max_drop of the float graph."""
    from mobilenet_tf.quantization.mixed_precision import with_mixed_precision

    assert made.quantized is not None
    assert settings.max_drop is not None
    kept, note = with_mixed_precision(made.quantized, graph, images, settings.max_drop, on_progress)
    steps = (*made.steps, QuantizationStep("mixed precision", kept)) if settings.quant_report else ()
    return _Corrected(kept, (*made.notes, f"int8 with --max-drop {settings.max_drop:g}: {note}"), steps)


def _steps(graph: "Graph", corrected: "Quantized", images: UInt8) -> list[QuantizationStep]:
    """The network after each step that made `corrected` out of `graph`."""
    from mobilenet_tf.quantization.correction import quantize_uncorrected
    from mobilenet_tf.quantization.rounding import gptq_helps

    def rounded(graph: "Graph") -> "Quantized":
        return quantize_uncorrected(graph, images, activations=corrected.activations, per_tensor=corrected.per_tensor)

    start = rounded(graph)
    steps = [QuantizationStep("nearest rounding", start)]
    if corrected.per_tensor:
        start = rounded(corrected.graph)
        steps.append(QuantizationStep("equalization", start))
    if corrected.activations == "int8":
        start = replace(rounded(corrected.graph), ranges=corrected.ranges)
        steps.append(QuantizationStep("ranges", start))
    if gptq_helps(corrected.activations, corrected.per_tensor):
        pairs = zip(corrected.layers, start.layers, strict=True)
        uncorrected = tuple(replace(layer, bias=old.bias) for layer, old in pairs)
        steps.append(QuantizationStep("GPTQ rounding", replace(corrected, layers=uncorrected)))
    return [*steps, QuantizationStep("bias correction", corrected)]


def _finished(
    graph: "Graph",
    recipe: Recipe,
    settings: ExportSettings,
    correction: str,
    made: _Corrected,
    metadata: Metadata | None,
) -> QuantizedFile:
    """Write a network, with its metadata, and open the file. Raises CheckError if the interpreter does not take it."""
    parsed = written(graph, recipe, settings, made.quantized)
    content = pack(parsed) if metadata is None else pack_with_metadata(parsed, _with_recipe(metadata, parsed))
    try:
        model = _opened(Path(f"{metadata.name if metadata else recipe.name}.tflite"), content, metadata)
    except ModelError as error:
        raise CheckError(
            f"{str(error).splitlines()[0][:150]}\nThese weights do not fit this recipe: try another (--quant)."
        ) from error
    in_float = float_ops(made.quantized)
    return QuantizedFile(content, parsed, model, correction, made.notes, made.steps, in_float)


def _opened(path: Path, content: bytes, metadata: Metadata | None) -> ImageModel | DetectorModel:
    """A file in an interpreter. Raises ModelError."""
    if metadata is not None and metadata.detects is not None:
        return DetectorModel(path, content)
    return ImageModel(path, content, min_classes=1)


def _with_recipe(metadata: Metadata, parsed: Any) -> Metadata:
    """Metadata whose description begins with that of the file itself: its recipe."""
    return replace(metadata, description="; ".join(filter(None, (parsed.description, metadata.description))))
