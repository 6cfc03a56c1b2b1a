"""Places: distances on the earth, and how far the answers of a network are from where photos were taken."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["DISTANCES_KM", "distances_km", "distances_score", "middle_of", "radius_km"]

EARTH_RADIUS_KM = 6371.0088  # the mean one (IUGG)
# Street, city, region, country and continent (Weyand et al. 2016, section 4 and table 1).
DISTANCES_KM = (1, 25, 200, 750, 2500)

NEAREST = 1e-8  # of the earth's radius: 6 cm
MOST_STEPS = 200
MOST_OF_THEM = 0.9

Float64 = NDArray[np.float64]


def distances_km(some: Float64, others: Float64) -> Float64:
    """The great-circle distances of places (..., 2) in degrees, (latitude, longitude), from others of the same shape.

    By the haversine formula, which is exact for near places too; the earth counts as a sphere, which makes an error of
    at most 0.6 %.
    """
    (lat_1, lon_1), (lat_2, lon_2) = np.moveaxis(np.radians(some), -1, 0), np.moveaxis(np.radians(others), -1, 0)
    half = np.sin((lat_2 - lat_1) / 2) ** 2 + np.cos(lat_1) * np.cos(lat_2) * np.sin((lon_2 - lon_1) / 2) ** 2
    distances: Float64 = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half.clip(0, 1)))
    return distances


def middle_of(places: Float64) -> Float64:
    """The place (2,) from which the sum of the distances to places (n, 2) is least: their geometric median.

    A few photos far away hardly move it, as they would the mean. By Weiszfeld's iteration (1937) on the directions from
    the earth's centre, so that neither the poles nor the date line need care.
    """
    lat, lon = np.radians(places).T
    directions = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    middle = directions.mean(0)
    for _ in range(MOST_STEPS):
        weights = 1 / np.linalg.norm(directions - middle, axis=1).clip(NEAREST)
        before, middle = middle, weights @ directions / weights.sum()
        if np.linalg.norm(middle - before) < NEAREST:
            break
    x, y, z = middle
    return np.degrees(np.array([np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x)]))


def radius_km(middle: Float64, places: Float64) -> float:
    """The distance from `middle` (2,) within which nine of ten of places (n, 2) are, or all of less than ten."""
    return float(np.quantile(distances_km(places, middle[None]), MOST_OF_THEM, method="higher"))


def distances_score(distances: Float64) -> Mapping[str, float]:
    """The shares of distances (n,) in km that are within each of DISTANCES_KM, `within_1_km` and so on; `median_km`."""
    shares = {f"within_{limit}_km": float((distances <= limit).mean()) for limit in DISTANCES_KM}
    return {**shares, "median_km": float(np.median(distances))}
