"""`--correction best` after `fast`: GPTQ rounding and gains of channels, then fine-tuning; kept is what views gain by.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .adapted_checkpoint import Adapted, key_of, read_adapted, write_adapted
from .channel_gains import rescaled
from .correction import correct
from .divergence import Divergence, is_gain
from .finetuning import FineTuned, finetune
from .graph import Graph
from .ranges import observed_ranges
from .rounding import gptq_helps
from .sensitivity import measured
from .simulation import Quantized

__all__ = ["adapt", "improve"]

ADAPTING = 0.15  # share of the time


def improve(
    start: Quantized,
    teacher: Graph,
    images: NDArray[np.uint8],
    photos: Sequence[Any],
    *,
    rounds: int,
    seed: int = 0,
    checkpoint: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Quantized, tuple[str, ...]]:
    """An int8 network brought nearer to the float one, and sentences on what was gained.

    images, photos: (n, res, res, 3), and the photo that each is from.
    rounds:         of fine-tuning, at most.
    checkpoint:     a file from which an interrupted run continues; another, <checkpoint>.start, is beside it. Both are
                    removed at the end.
    Raises OutputError for a checkpoint that cannot be read.
    """
    found = None if checkpoint is None else checkpoint.with_name(f"{checkpoint.stem}.start{checkpoint.suffix}")
    adapting, tuning = part_of(on_progress, 0.0, ADAPTING), part_of(on_progress, ADAPTING, 1.0)
    adapted = adapt(start, teacher, images, photos, seed=seed, checkpoint=found, on_progress=adapting)
    tuned = finetune(
        adapted.quantized,
        teacher,
        images,
        photos,
        rounds=rounds,
        seed=seed,
        checkpoint=checkpoint,
        on_progress=lambda task, share: tuning(f"fine-tune, {task}", share),
    )
    if found is not None:
        found.unlink(missing_ok=True)
    return tuned.quantized, (_about_adaptation(adapted), _about_tuning(tuned))


def adapt(
    start: Quantized,
    teacher: Graph,
    images: NDArray[np.uint8],
    photos: Sequence[Any],
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Adapted:
    """The nearest to float of an int8 network, the same with GPTQ rounding, and that with gains of channels too.

    The arguments are those of `improve`.

    checkpoint: a file that keeps what was found; if it is there, nothing is done again.
    Raises OutputError for a checkpoint that cannot be read.
    """
    key = key_of(teacher, images, seed)
    adapted = read_adapted(checkpoint, key, start)
    if adapted is None:
        adapted = _adapted(start, Divergence(teacher, images, photos, seed), images, seed, on_progress)
        write_adapted(checkpoint, key, adapted)
    return adapted


def _adapted(
    start: Quantized, divergence: Divergence, images: NDArray[np.uint8], seed: int, on_progress: OnProgress
) -> Adapted:
    # The shares are those of the time that was measured.
    first, agreement = divergence.compare(start, _named(on_progress, "measuring the int8 network", 0.0, 0.1))
    chosen, kept, smallest = start, "", first

    def judge(name: str, graph: Graph, begin: float, end: float) -> None:
        nonlocal chosen, kept, smallest, agreement
        middle = (begin + end) / 2
        candidate = correct(
            graph,
            images,
            activations=start.activations,
            per_tensor=start.per_tensor,
            gptq=True,
            on_progress=_named(on_progress, name, begin, middle),
        )
        found, agreeing = divergence.compare(candidate, _named(on_progress, name, middle, end))
        if is_gain(smallest, found) and agreeing >= agreement:
            chosen, kept, smallest, agreement = candidate, name, found, agreeing

    if not gptq_helps(start.activations, start.per_tensor):  # else `start` has it already
        judge("GPTQ rounding", start.graph, 0.1, 0.35)
    observed = observed_ranges(start.graph, images)
    sensitivities = _named(on_progress, "measuring sensitivities", 0.35, 0.7)
    statistics = measured(start.graph, images, observed, seed, on_progress=sensitivities)
    on_progress("gains of channels", 0.7)
    judge("GPTQ rounding and gains of channels", rescaled(start.graph, statistics), 0.75, 1.0)
    return Adapted(chosen, float(first.mean()), float(smallest.mean()), kept)


def _named(on_progress: OnProgress, task: str, start: float, end: float) -> OnProgress:
    """The `on_progress` for a part of the work that says nothing of itself but its share."""
    return lambda _, share: part_of(on_progress, start, end)(task, share)


def _about_adaptation(adapted: Adapted) -> str:
    if not adapted.kept:
        return "GPTQ rounding and gains of channels brought it no nearer to the float network; they are not used."
    return f"{adapted.kept}: nearer to the float network, divergence {adapted.before:.4f} to {adapted.after:.4f}."


def _about_tuning(tuned: FineTuned) -> str:
    change = f"divergence {tuned.before:.4f} to {tuned.after:.4f} on photos held back"
    if tuned.gained:
        return f"fine-tuning brought it nearer: {change}."
    return f"fine-tuning gained nothing that chance does not explain ({change}); it is not used."
