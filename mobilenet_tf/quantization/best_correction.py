"""`--correction best` after `fast`: ranges and gains by sensitivity, then fine-tuning, each kept only if it gains.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .adapted_checkpoint import Adapted
from .finetuning import FineTuned, finetune
from .graph import Graph
from .sensitive_ranges import adapt
from .simulation import Quantized

__all__ = ["improve"]

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


def _about_adaptation(adapted: Adapted) -> str:
    if not adapted.kept:
        return "other ranges and channel gains brought it no nearer to the float network; they are not used."
    names = {"ranges": "ranges", "gains": "channel gains"}
    what = " and ".join(names[name] for name in adapted.kept)
    return f"new {what} brought it nearer to the float network: divergence {adapted.before:.4f} to {adapted.after:.4f}."


def _about_tuning(tuned: FineTuned) -> str:
    change = f"divergence {tuned.before:.4f} to {tuned.after:.4f} on photos held back"
    if tuned.gained:
        return f"fine-tuning brought it nearer: {change}."
    return f"fine-tuning gained nothing that chance does not explain ({change}); it is not used."
