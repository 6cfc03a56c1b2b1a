"""The parts of a training job that are of places: classification, but for where the photos come from."""

from typing import Any

from mobilenet_tf.data.places.dataset import PlaceDataset
from mobilenet_tf.data.places.load import load_places
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.training.classification_job import ClassificationJob
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.options import TrainOptions

from .summary import place_sentences, places_as_json

__all__ = ["PlacesJob"]


class PlacesJob(ClassificationJob):
    """See TaskJob."""

    def load_photos(self, options: TrainOptions, on_progress: OnProgress) -> PlaceDataset:
        """See TaskJob."""
        return load_places(
            options.photos,
            validation=options.validation,
            validation_share=options.validation_share,
            seed=options.config.seed,
            photos_of_a_cell=options.cell_photos,
            on_progress=on_progress,
        )

    def notes(self, data: PlaceDataset, config: SizedConfig) -> tuple[str, ...]:  # type: ignore[override]
        """See TaskJob."""
        radii = sorted(cell.radius_km for cell in data.cells)
        note = (
            f"The classes are {len(radii)} cells of the earth. Half of them have nine of ten photos within "
            f"{radii[len(radii) // 2]:.1f} km of their middle."
        )
        return (note, *super().notes(data, config))

    def scores_as_json(self, job: Any, result: Any) -> dict[str, Any]:
        """See TaskJob."""
        return super().scores_as_json(job, result) | places_as_json(result.history[result.kept.epoch - 1])

    def sentences(self, job: Any, result: Any) -> list[str]:
        """See ClassificationJob."""
        return super().sentences(job, result) + place_sentences(result.history[result.kept.epoch - 1])
