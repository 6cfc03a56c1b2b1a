"""The photos that tags or vectors are measured on: each once, and none that the model is known to be trained on."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.training_text import best_epoch_notes
from mobilenet_tf.progress import OnProgress

from .measured_photos import split_known
from .model_facts import Opened

__all__ = ["MeasuredFiles", "measured_files"]


@dataclass(frozen=True)
class MeasuredFiles:
    """The files of photos.

    digests: of the content of each, None if it cannot be read.
    notes:   why the model may have been trained on some of them, or was chosen by them, a sentence each.
    left_out, trained_left_out, trained_measured: as those of TagAccuracy and EmbeddingAccuracy.
    """

    folder: Path
    paths: list[Path]
    digests: list[str | None]
    left_out: tuple[str, ...]
    trained_left_out: int
    trained_measured: int | None
    notes: tuple[str, ...]

    def sha256(self, read: Iterable[int], truth: Sequence[object]) -> str:
        """Hash of the photos that were read and of what is true of each, in whatever order they were."""
        lines = sorted(f"{self.digests[index]} {truth[index]}" for index in read)
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def measured_files(
    model: Opened,
    folder: Path,
    paths: Sequence[Path],
    digests: PhotoDigests,
    *,
    copies: int,
    left_out: tuple[str, ...],
    on_progress: OnProgress,
) -> MeasuredFiles:
    """The files at `paths`, no two of which are copies, without those that the model was trained on, if enough others
    are there.

    copies: how many copies of them there were besides. left_out: what else was left out.
    """
    left_out = (*left_out, *([f"{folder}: {copies} copies of other photos"] if copies else []))
    split, doubt = split_known(model)
    if split is None:
        doubts = (doubt,) if doubt else ()
        return MeasuredFiles(folder, [*paths], digests.of(paths), left_out, 0, None, doubts)
    measured = split.sort_out(paths, digests, on_progress).to_measure()
    kept = [path for path in paths if path in measured.paths]
    notes = best_epoch_notes(split.epochs, measured.validation, len(kept))
    return MeasuredFiles(folder, kept, digests.of(kept), left_out, measured.left_out, measured.trained, notes)
