"""Places as a task of the training loop: classification, with the distances of the answers from the true places."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mobilenet_tf.data.places.dataset import PlaceDataset
from mobilenet_tf.results.places_record import PlacesRecord
from mobilenet_tf.tasks.places import distances_km, distances_score
from mobilenet_tf.training.classification_task import ClassificationTask
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.state import Epoch, PlaceEpoch
from mobilenet_tf.training.task import RunInput

from .summary import score_of

__all__ = ["PlacesTask"]


class PlacesTask(ClassificationTask):
    """See Task. The best epoch is that with the highest top-1, the share of photos whose cell is found."""

    epoch_type = PlaceEpoch

    def __init__(self, run: RunInput, config: SizedConfig, res: int, strategy: Any) -> None:
        super().__init__(run, config, res, strategy)
        data: PlaceDataset = run.data
        assert data.positions is not None
        self._cells, self._positions = data.cells, data.positions
        self._places = np.array([(cell.latitude, cell.longitude) for cell in data.cells])

    def validate(
        self, model: Any, epoch: int, res: int, on_photos: Callable[[int], None]
    ) -> Mapping[str, float | None]:
        """See Task."""
        found = super().validate(model, epoch, res, on_photos)
        distances = distances_km(self._places[self.predicted], self._positions)
        return {**found, **distances_score(distances)}

    def line(self, epoch: Epoch) -> str:
        """See Task."""
        assert isinstance(epoch, PlaceEpoch)
        return f"{super().line(epoch)} within 25 km {epoch.within_25_km:.1%}"

    def write_record(self, history: Sequence[Epoch], kept: KeptEpoch) -> None:
        """See Task."""
        places = PlacesRecord([*self._cells], self._positions.tolist(), **score_of(history[kept.epoch - 1]))
        self._write_record(history, kept, places)
