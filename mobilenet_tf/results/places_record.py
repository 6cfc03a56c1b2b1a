"""What the record of a training run holds beside that of a classification if its classes are cells of the earth."""

from collections.abc import Mapping
from dataclasses import dataclass

from mobilenet_tf.contract.places import PlaceCell, cells_problem
from mobilenet_tf.tasks.places import DISTANCES_KM

__all__ = ["Distances", "PlacesRecord", "distance_sentences", "places_problem"]


@dataclass(frozen=True)
class PlacesRecord:
    """Cells, and how far the answers of best.keras are from where the validation photos were taken.

    cells:     of the classes, in their order.
    positions: of the validation photos, in their order: latitude and longitude in degrees.
    within_km: distance in km -> the share of the validation photos whose answer is within it.
    median_km: half of the answers are nearer than this.
    """

    cells: list[PlaceCell]
    positions: list[list[float]]
    within_km: dict[str, float]
    median_km: float


@dataclass(frozen=True)
class Distances:
    """How far the answers are from where photos were taken; the fields are as those of PlacesRecord."""

    within_km: dict[str, float]
    median_km: float


def distance_sentences(within_km: Mapping[str, float], median_km: float) -> list[str]:
    """The distances in words, for people."""
    shares = ", ".join(f"{int(limit):,} km {share:.1%}" for limit, share in within_km.items())
    return [f"Distance of the answers from where the photos were taken: within {shares}; median {_km(median_km)}."]


def places_problem(record: PlacesRecord, classes: int, photos: int | None) -> str | None:
    """Why a record cannot be that of so many classes and validation photos, None if these are not known; None if
    nothing is wrong.
    """
    if problem := cells_problem(record.cells, classes):
        return f"cells: {problem}"
    if photos not in (None, len(record.positions)) or any(len(place) != 2 for place in record.positions):
        return "positions: expected latitude and longitude of each validation photo"
    if [*record.within_km] != [str(limit) for limit in DISTANCES_KM]:
        return f"within_km: expected a share for each of {', '.join(map(str, DISTANCES_KM))}"
    if not all(0 <= share <= 1 for share in record.within_km.values()) or record.median_km < 0:
        return "within_km: expected shares from 0 to 1, and a median of 0 or more"
    return None


def _km(distance: float) -> str:
    return f"{distance:.1f} km" if distance < 100 else f"{distance:,.0f} km"
