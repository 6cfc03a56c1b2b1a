"""training.json in the folder of a run that trains tags, written after each epoch; and the thresholds in its models."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.tags.dataset import TagDataset
from mobilenet_tf.data.tags.tagged_photos import TaggedPhotos
from mobilenet_tf.errors import ResultError
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.run_record_file import TRAINING_FILE, Examined
from mobilenet_tf.results.tag_record import TAGS_VERSION, TagAnswers, TagEpoch, TagRecord
from mobilenet_tf.terminal import printable
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch, replace_member
from mobilenet_tf.training.page import remove_page
from mobilenet_tf.training.run_folder import BEST_FILE, LAST_FILE
from mobilenet_tf.training.state import Epoch, TaggedEpoch
from mobilenet_tf.weights.tag_thresholds import THRESHOLDS_FILE, thresholds_json

__all__ = ["TagRunRecord"]


class TagRunRecord:
    """The record of one run in `folder`. res: of the network; dataset: the name of its photos; examined: what was found
    out about them.
    """

    def __init__(
        self,
        folder: Path,
        data: TagDataset,
        config: SizedConfig,
        res: int,
        dataset: str,
        examined: Examined | None,
    ) -> None:
        self._folder, self._data, self._config, self._res = folder, data, config, res
        self._dataset, self._examined = dataset, examined
        self._answers: TagAnswers | None = None

    def write(self, history: Sequence[Epoch], kept: KeptEpoch, answers: TagAnswers) -> None:
        """Write the record after the last epoch of `history`, whose answers are given; those of an earlier epoch stay
        if best.keras is of that one. A page of before, which shows less, is removed. The models of this epoch get its
        thresholds. Raises OSError.
        """
        is_best = kept.epoch == answers.epoch
        if is_best:
            self._answers = answers
        elif self._answers is None or self._answers.epoch != kept.epoch:
            self._answers = self._answers_before(kept.epoch)
        thresholds = thresholds_json([one.threshold for one in answers.tags])
        for name in (LAST_FILE, *([BEST_FILE] if is_best else [])):
            replace_member(self._folder / name, THRESHOLDS_FILE, thresholds)
        data, config = self._data, self._config
        record = TagRecord(
            schema_version=TAGS_VERSION,
            task="tags",
            name=printable(self._folder.name),
            dataset=printable(self._dataset),
            classes=list(data.classes),
            train_photos=len(data.train),
            train_tags=data.train.counts().tolist(),
            epochs=config.epochs,
            averaged=config.ema > 0,
            settings=config.as_json(),
            history=[self._epoch(epoch) for epoch in history],
            kept_epoch=kept.epoch,
            chosen_from=kept.among,
            validation_sha256=_sha256(data.validation, data.classes),
            answers=self._answers,
            examined=self._examined,
        )
        remove_page(self._folder)
        with replace_file(self._folder / TRAINING_FILE) as partial:
            partial.write_text(record.to_json(), encoding="utf-8")

    def _epoch(self, epoch: Epoch) -> TagEpoch:
        assert isinstance(epoch, TaggedEpoch)
        loss = epoch.validation_loss
        return TagEpoch(
            epoch=epoch.epoch,
            res=min(self._config.resolutions(self._res, epoch.epoch - 1)[-1], self._res),
            frozen=epoch.epoch <= self._config.freeze,
            loss=epoch.loss,
            mean_ap=epoch.mean_ap or 0.0,
            validation_loss=None if loss is None or not math.isfinite(loss) else loss,
        )

    def _answers_before(self, epoch: int) -> TagAnswers | None:
        """The answers of an epoch before the run was resumed; None if the record that is there has none of it."""
        try:
            answers = TagRecord.read(self._folder / TRAINING_FILE).answers
        except ResultError:
            return None
        return answers if answers is not None and answers.epoch == epoch else None


def _sha256(photos: TaggedPhotos, tags: Sequence[str]) -> str:
    content = photos.labels.tobytes() + photos.digests.tobytes() + "\n".join(tags).encode("utf-8")
    return hashlib.sha256(content).hexdigest()
