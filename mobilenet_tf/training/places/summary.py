"""What a finished run says of the distances between its answers and the true places."""

from typing import Any

from mobilenet_tf.results.places_record import distance_sentences
from mobilenet_tf.tasks.places import DISTANCES_KM
from mobilenet_tf.training.state import Epoch, PlaceEpoch

from .settings import PLACES

__all__ = ["place_sentences", "places_as_json", "score_of"]


def score_of(epoch: Epoch) -> dict[str, Any]:
    """What an epoch reached: the share of validation photos within each of DISTANCES_KM, and the median distance."""
    assert isinstance(epoch, PlaceEpoch)
    shares = {str(limit): getattr(epoch, f"within_{limit}_km") for limit in DISTANCES_KM}
    return {"within_km": shares, "median_km": epoch.median_km}


def place_sentences(epoch: Epoch) -> list[str]:
    """For people. epoch: that of best.keras."""
    return distance_sentences(**score_of(epoch))


def places_as_json(epoch: Epoch) -> dict[str, Any]:
    """For machines. epoch: that of best.keras."""
    return {"task": PLACES, **score_of(epoch)}
